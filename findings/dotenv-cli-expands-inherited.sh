#!/usr/bin/env bash
# dotenv-cli 11.0.0 (npm): the values of inherited variables that are not in the file are expanded, too. A secret that
# a parent process passed on is changed by a file that does not mention it.
#
# Expected before: only the lines of the file are expanded.
# Seen: PASSWORD='a$HOME' becomes a/home/example in the command; 'pa$$word' loses its end.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit dotenv-cli@11.0.0
echo 'OTHER=1' > other.env
show='console.log(process.env.PASSWORD)'
seen=$(for value in 'a$HOME' 'a$unset_b' 'plain'; do
  HOME=/home/example PASSWORD=$value node node_modules/dotenv-cli/cli.js -e other.env -- node -e "$show"
done)
echo "$seen"
[ "$seen" = 'a/home/example
a
plain' ]
