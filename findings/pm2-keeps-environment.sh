#!/usr/bin/env bash
# pm2 7.0.4 (npm): an application keeps the environment of its first start. A restart from a shell with a new value does
# not pass it on, so that a rotated secret does not arrive; and "pm2 save", which is meant for a list of programs, writes
# all variables with their values to dump.pm2.
#
# Expected before: a restart uses the environment of the command that asks for it; save keeps names and paths.
# Seen: the old value after the restart, and the value in the file.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit pm2@7.0.4
export PM2_HOME=$work/pm2
pm2() { node node_modules/pm2/bin/pm2 "$@" --silent; }
echo 'setInterval(() => {}, 1000)' > app.js
SECRET=made-up-old pm2 start app.js >/dev/null
SECRET=made-up-new pm2 restart app >/dev/null
running=$(tr '\0' '\n' < "/proc/$(cat "$PM2_HOME"/pids/app-0.pid)/environ" | grep ^SECRET= || true)
pm2 save >/dev/null
saved=$(grep -o 'made-up-[a-z]*' "$PM2_HOME/dump.pm2" | sort -u)
pm2 kill >/dev/null
seen="running: $running, saved: $saved"
echo "$seen"
[ "$seen" = "running: SECRET=made-up-old, saved: made-up-old" ]
