"""The rule, without a database."""
