#!/bin/sh
# Stands for your server: it reads the secret from its environment, and logs more than it should.
echo "Hello from process $$: my API_KEY has ${#API_KEY} characters."
echo "debug: API_KEY=$API_KEY"
