"""What the house asks the running system about its own rules: walls, planes, names, imports, words."""
