"""The enterprise's pages, declared: a module says what it is (`module.py`), one set of views does the rest (`views.py`).

Read `module.py` first, then `cylinders.py` as an example. A new module is one file here and one line in `MODULES`.
"""

from __future__ import annotations

from flask import Flask

from portal import frames
from portal.web import (
    cylinder_page,
    cylinders,
    device_page,
    devices,
    finding_pages,
    findings,
    imports,
    label_run_page,
    label_runs,
    labels,
    names,
    report_pages,
    reports,
    staff,
    views,
)

MODULES = (
    cylinders.MODULE,
    labels.MODULE,
    label_runs.MODULE,
    devices.MODULE,
    staff.MODULE,
    imports.MODULE,
    findings.OWN,
    findings.DISTRICT,
    findings.FIELD,
    reports.OWN,
    reports.DISTRICT,
    reports.FIELD,
)


def set_up(app: Flask) -> None:
    """Put every module's pages in, and a line for each into the menu."""
    app.register_blueprint(views.blueprint(MODULES))
    app.register_blueprint(cylinder_page.bp)
    app.register_blueprint(device_page.bp)
    app.register_blueprint(finding_pages.bp)
    app.register_blueprint(report_pages.bp)
    app.register_blueprint(imports.bp)
    app.register_blueprint(label_run_page.bp)
    imports.know(MODULES)
    app.jinja_env.filters.update(
        hazard_name=names.hazard_name,
        standing_name=findings.standing_name,
        cylinder_address=finding_pages.cylinder_address,
        medium_name=names.medium_name,
        kind_name=names.kind_name,
        import_kind=imports.kind_name,
        device_state=devices.state_name,
    )
    frames.extend_menu(
        frames.Entry(f"modules.{module.key}_list", module.title, module.icon, module.read)
        for module in MODULES
    )
    frames.extend_menu(finding_pages.SEEKING)
