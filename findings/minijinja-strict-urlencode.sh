#!/usr/bin/env bash
# minijinja 3.1.0 (crates.io): with UndefinedBehavior::Strict, "{{ user.name }}" of an attribute that does not exist is an
# error, and so it is behind upper, trim or length; but behind urlencode, and in a list that join puts together, it is
# empty. A URL is built without the password that it should have.
#
# Expected before: strict mode refuses an undefined value behind every filter.
# Seen: the result of "{{ user.name | urlencode }}" is empty; urlencode leaves "/" as it is.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cargo init -q --name example .
cat >> Cargo.toml <<'TOML'
minijinja = { version = "=3.1.0", features = ["urlencode"] }
TOML
cat > src/main.rs <<'RS'
use minijinja::{Environment, UndefinedBehavior, context};
fn main() {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for template in ["{{ user.name }}", "{{ user.name|upper }}", "{{ user.name|urlencode }}", "{{ [user.name]|join }}", "{{ user|urlencode }}"] {
        match environment.render_str(template, context!(user => "a/b")) {
            Ok(text) => println!("{template} = [{text}]"),
            Err(error) => println!("{template}: {}", error.kind()),
        }
    }
}
RS
seen=$(cargo run -q)
echo "$seen"
[ "$seen" = '{{ user.name }}: undefined value
{{ user.name|upper }}: undefined value
{{ user.name|urlencode }} = []
{{ [user.name]|join }} = []
{{ user|urlencode }} = [a/b]' ]
