"""The RFID tag, layout QP1: what the bytes of a tag say, whether each part holds, and how a tag is written so that no tear loses it.

Read `sections.py` first (the fields), then `image.py` (how they lie in one NDEF message), `reading.py` (the verdict; it never raises on any
bytes) and `writing.py` (plans and recovery). `keyring.py` says which key may sign what, `uhf.py` is the 64-byte variant, `profiles.py` the
chips, `simulated.py` a chip that tears, `sun.py` the address that an NTAG 424 DNA makes anew at every tap. `docs/tag-layout-qp1.md` is the
specification, `docs/tag-vectors/` holds what every implementation must reproduce; the handheld's own is in `handheld/static/tags/`. Pure:
no database, no web; imports cryptography.
"""
