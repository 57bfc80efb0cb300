#!/bin/sh
# Starts the services with the secrets of the store. They win over those of .env; if no server answers, .env is all
# there is. Any other failure, such as a denied login, ends the script: a wrong secret is no reason to use an old one.
set -u
hushed export --dialect compose --output .env.infisical
status=$?
case $status in
0) exec docker compose --env-file .env --env-file .env.infisical up "$@" ;;
69) exec docker compose --env-file .env up "$@" ;;
*) exit "$status" ;;
esac
