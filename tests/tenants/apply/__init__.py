"""What a worker makes of uploaded events."""
