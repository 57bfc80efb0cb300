#!/usr/bin/env bash
# dynaconf 3.3.5 (PyPI): a value of the environment is parsed as a value of TOML without being asked to. Tokens and PINs
# that look like numbers change; whether they do depends on the random digits.
#
# Expected before: text, unless the setting declares a type.
# Seen: 12_34 is the integer 1234, 1e5 the float 100000.0, 0x1F the integer 31, but 0123 is text; inf and nan are floats.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install dynaconf==3.3.5
cat > try.py <<'PY'
from dynaconf import Dynaconf
settings = Dynaconf(core_loaders=[])
for name in "ABCDE":
    print(name, repr(settings.get(name)))
PY
seen=$(DYNACONF_A=12_34 DYNACONF_B=1e5 DYNACONF_C=0x1F DYNACONF_D=0123 DYNACONF_E=inf venv/bin/python try.py)
echo "$seen"
[ "$seen" = "A 1234
B 100000.0
C 31
D '0123'
E inf" ]
