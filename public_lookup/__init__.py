"""What a citizen sees: lookup by code, and reports. May import tenants: queries, scope, permissions."""
