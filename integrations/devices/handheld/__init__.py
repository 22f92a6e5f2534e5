"""The handheld web app at `/handheld/`: installable, works without a network, made of plain JavaScript modules.

Read `shell.py` first: it lists every file of the app with the hash of its content, from which the service worker keeps a copy for offline
use. `views.py` serves them. The app itself is in `static/`; `static/app.js` is its front door, and `docs/handheld.md` says how it works.
The files are the same for everybody and hold no data: all data comes through the device API, signed by the device.
"""
