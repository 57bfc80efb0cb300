#!/usr/bin/env bash
# django-environ 0.14.0 (PyPI): Env() treats a value of the environment that begins with "$" as the name of another
# variable, with one or with several "$" in front. A password that begins with "$" is either an error that names a
# variable which nobody knows, or another variable's value without any message.
#
# Expected before: os.environ["PASSWORD"] as it is.
# Seen: PASSWORD='$HOME' gives the home directory; PASSWORD='$ecret' raises ImproperlyConfigured.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install django-environ==0.14.0
cat > try.py <<'PY'
import environ
env = environ.Env()
for name in ("A", "B", "C"):
    try:
        print(name, env(name))
    except environ.ImproperlyConfigured as error:
        print(name, error)
PY
seen=$(HOME=/home/example A='$HOME' B='$ecret' C='x$HOME' venv/bin/python try.py)
echo "$seen"
[ "$seen" = 'A /home/example
B Set the ecret environment variable
C x$HOME' ]
