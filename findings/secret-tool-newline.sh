#!/usr/bin/env bash
# libsecret-tools 0.20.5 (Debian 12): "secret-tool store" reads standard input to its end and stores the newline that
# echo writes as a part of the secret; at a terminal it does not. "secret-tool lookup" prints what is stored, so that a
# shell's $( ) hides the difference, and a program that reads the keyring gets another password.
#
# Expected before: one line, as at its prompt.
# Seen: 3 bytes for "pw" and a newline. Needs the Debian packages libsecret-tools, gnome-keyring
# and dbus.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
if ! command -v secret-tool >/dev/null || ! command -v gnome-keyring-daemon >/dev/null; then
  echo "needs: apt-get install libsecret-tools gnome-keyring dbus" >&2
  exit 2
fi
export HOME=$work/home && mkdir "$HOME"
seen=$(dbus-run-session -- sh -c '
  echo | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
  echo pw | secret-tool store --label=made-up name one
  printf pw | secret-tool store --label=made-up name two
  secret-tool lookup name one | wc -c; secret-tool lookup name two | wc -c' 2>/dev/null)
echo "$seen"
[ "$seen" = '3
2' ]
