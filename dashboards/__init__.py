"""The authority's Dash pages at /dashboards. May import tenants: queries, rules, permissions.

Read `page.py` first (how a page is declared), then `pages/`. `mount.py` puts the one Dash app behind the portal's guard and into its
frame, `render.py` turns a page into components, `figures.py` turns rows into pictures. `assets/topojson` holds an empty world, so that
the map asks nobody else for one.
"""
