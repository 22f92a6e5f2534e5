"""Administration commands, run as an administrator runs them."""
