#!/bin/sh
# Stores a secret in a sealed file and runs a command with it. It needs no account and no network; run it as often
# as you like. Set HUSHED_BIN to use a hushed that is already built; otherwise cargo builds it.
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
