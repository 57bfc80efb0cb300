#!/usr/bin/env bash
# pydantic-settings 2.16.3 (PyPI): a file of secrets_dir loses all white space at both ends, not only one newline at its
# end as with most readers of /run/secrets. The same value in a variable keeps it.
#
# Expected before: the content of the file without one newline.
# Seen: "  pass phrase " arrives as "pass phrase" from the file, and unchanged from the environment.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install pydantic-settings==2.16.3
mkdir secrets && printf '  pass phrase \n' > secrets/one && printf '  pass phrase ' > secrets/two
cat > try.py <<'PY'
from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(secrets_dir="secrets")
    one: str
    two: str
    three: str
settings = Settings()
print(repr(settings.one), repr(settings.two), repr(settings.three))
PY
seen=$(THREE='  pass phrase ' venv/bin/python try.py)
echo "$seen"
[ "$seen" = "'pass phrase' 'pass phrase' '  pass phrase '" ]
