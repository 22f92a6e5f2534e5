"""The device API. May import tenants: services, queries, scope, permissions."""
