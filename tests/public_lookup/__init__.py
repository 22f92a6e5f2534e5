"""The citizen's page, asked as a citizen asks it."""
