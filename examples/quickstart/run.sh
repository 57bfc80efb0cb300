#!/bin/sh
# The main job of hushed on its own sealed store: no account, no network. Run it as often as you like.
# HUSHED_BIN names a hushed that is built already; without it, cargo builds one here.
set -eu
cd "$(dirname "$0")"

manifest=../../Cargo.toml
[ -n "${HUSHED_BIN:-}" ] || cargo build --locked --manifest-path "$manifest"

hushed() {
    if [ -n "${HUSHED_BIN:-}" ]; then
        "$HUSHED_BIN" "$@"
    else
        cargo run --locked --quiet --manifest-path "$manifest" -- "$@"
    fi
}

echo '$ head -c 24 /dev/urandom | base64 | hushed secrets set API_KEY'
head -c 24 /dev/urandom | base64 | hushed secrets set API_KEY

echo '$ hushed plan -- ./app.sh'
hushed plan -- ./app.sh

echo '$ hushed run -- ./app.sh'
hushed run -- ./app.sh
