#!/usr/bin/env bash
# pipenv 2026.10.3 (PyPI): `pipenv run` loads the project's .env without being asked, and its values replace inherited
# variables.
#
# Expected before: an inherited variable wins, as with python-dotenv, which pipenv uses.
# Seen: the file wins; the command gets the stale value of the file. PIPENV_DONT_LOAD_ENV=1 keeps the inherited one.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install pipenv==2026.10.3
mkdir project && cd project
echo 'PASS=file' > .env; echo '[packages]' > Pipfile
run() { PASS=inherited VIRTUAL_ENV=$work/venv PATH=$work/venv/bin:$PATH pipenv run printenv PASS 2>/dev/null | tail -n 1; }
seen=$(run; PIPENV_DONT_LOAD_ENV=1 run)
echo "$seen"
[ "$seen" = "file
inherited" ]
