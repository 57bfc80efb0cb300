#!/usr/bin/env bash
# circus 0.19.0 (PyPI): with `copy_env = True`, circusd expands `$NAME` in every variable that it inherited itself.
#
# Expected before: inherited variables are copied byte for byte; only the [env] section of the file is expanded.
# Seen: an inherited `k$HOME` reaches the watched program with the home directory in it; the same text taken by `PW = $OUTER` in
# the [env] section passes unchanged.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install circus==0.19.0
cat > circus.ini <<INI
[watcher:show]
cmd = /bin/sh -c 'env | grep -E "^(PW|KEPT)=" | sort > $work/seen; kill \$PPID'
copy_env = True
numprocesses = 1
[env:show]
PW = \$OUTER
INI
HOME=/place OUTER='a$HOME' KEPT='k$HOME' timeout 20 venv/bin/circusd circus.ini >/dev/null 2>&1 || true
cat seen
[ "$(cat seen)" = 'KEPT=k/place
PW=a$HOME' ]
