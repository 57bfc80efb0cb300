#!/bin/sh
# Stands for your server. It finds the secret in its environment, like any other variable, and logs
# more than it should.
echo "Hello from process $$: my API_KEY has ${#API_KEY} characters."
echo "debug: API_KEY=$API_KEY"
