#!/usr/bin/env bash
# supervisor 4.3.0 (PyPI): environment=PASS="%(ENV_PW)s" inserts the value before the line is parsed, so that a double
# quote in it ends the value. The rest is dropped without a message, and the program starts.
#
# Expected before: the value as it is, or an error.
# Seen: PW='a"b' gives PASS=a; percent signs, commas, semicolons and apostrophes pass unchanged.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install supervisor==4.3.0 'setuptools<81'
cat > supervisord.conf <<CONF
[supervisord]
nodaemon=true
logfile=$work/log
pidfile=$work/pid
[program:show]
command=/bin/sh -c 'printenv PASS > $work/seen; kill \$PPID'
environment=PASS="%(ENV_PW)s"
autorestart=false
startsecs=0
CONF
seen=$(for value in 'a"b' 'a%b' 'a,b;c' "a'b"; do
  PW=$value timeout 20 venv/bin/supervisord -n -c supervisord.conf >/dev/null 2>&1 || true
  cat seen
done)
echo "$seen"
[ "$seen" = "a
a%b
a,b;c
a'b" ]
