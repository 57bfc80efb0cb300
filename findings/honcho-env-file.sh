#!/usr/bin/env bash
# honcho 2.0.0 (PyPI): `honcho run` reads .env by rules of its own and replaces inherited variables with what it read.
#
# Expected before: the rules of other readers (an `export` in front of a name is skipped, a comment begins with a space and
# `#`), and that an inherited variable wins.
# Seen: a line with `export` is dropped without a message; an unquoted value is cut at a `#` that follows a letter; the
# cut value replaces the inherited one.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install honcho==2.0.0
printf 'export TOKEN=abc\nPASS=pa#ss\nQUOTED="pa#ss"\n' > .env
seen=$(env -u TOKEN PASS=inherited venv/bin/honcho run env | grep -E '^(TOKEN|PASS|QUOTED)=' | sort)
echo "$seen"
[ "$seen" = 'PASS=pa
QUOTED=pa#ss' ]
