"""The authority's Dash pages. May import tenants: queries, services, scope, permissions."""
