"""Labels as a camera sees them: `camera.py` takes the picture, two independent readers say what is on it; `campaign.py` counts."""
