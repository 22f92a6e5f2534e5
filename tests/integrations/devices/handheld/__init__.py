"""The handheld web app in a real Chromium, over a portal whose workers run: what a person at the gun would see."""
