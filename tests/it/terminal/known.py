"""Differences that are known: (glob of cases, modes, reason). A case that is meant to differ does not name that mode."""
KNOWN = []
