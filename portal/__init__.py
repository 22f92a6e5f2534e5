"""The composition root and the enterprise's pages. May import tenants; `factory.py` alone imports every room. Read `factory.py` first."""
