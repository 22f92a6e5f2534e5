"""The device API, called as a gateway calls it."""
