#!/bin/sh
# Stands for your server. It finds the secret in its environment, like any other variable.
echo "Hello from process $$: my API_KEY has ${#API_KEY} characters."
