"""Differences that are known: (glob of cases, modes, reason). A case that is meant to differ does not name that mode."""
TWICE = "a signal to the whole group arrives twice"
KNOWN = [
    ("jobs/inner-shell/suspend@*", ["init"], "an interactive shell that suspends itself does not continue by `fg`"),
    ("streams/closes-std*-early@*", ["init"], "the supervisor holds the command's stdout and stderr open"),
    ("jobs/background/kill-percent-counted@*", ["init"], TWICE),
    ("scripts/kill/the-whole-group@*", ["init"], TWICE),
    ("scripts/kill/a-stranger-in-the-group@*", ["init"], TWICE),
    ("scripts/timeout/is-terminated@*", ["init"], TWICE),
    ("scripts/kill/by-a-name-of-the-job@*", ["init"], TWICE),
    ("scripts/kill/sibling-in-a-pipeline@*", ["init"], TWICE),
]
