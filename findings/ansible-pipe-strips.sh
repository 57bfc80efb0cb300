#!/usr/bin/env bash
# ansible-core 2.19.14 (PyPI): lookup('pipe', ...) removes all white space at the end of what a command prints, not only
# the newline. A password that ends with a space is another one; "$( )" in a shell keeps it.
#
# Expected before: the output without newlines at its end.
# Seen: "pw  " arrives as "pw".
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install ansible-core==2.19.14
cat > play.yml <<'YML'
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "[{{ lookup('ansible.builtin.pipe', 'printf \"pw  \"') }}]"
YML
seen=$(ANSIBLE_HOME=$work/home venv/bin/ansible-playbook -i localhost, -c local play.yml | grep msg)
echo "$seen"
[ "$seen" = '    "msg": "[pw]"' ]
