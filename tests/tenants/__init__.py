"""The heart of the house on a real database: services, queries, the verdict cache."""
