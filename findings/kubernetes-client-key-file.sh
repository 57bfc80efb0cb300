#!/usr/bin/env bash
# kubernetes 37.0.2 (PyPI): load_kube_config writes client-key-data of a kubeconfig, a private key, to a temporary file,
# since the TLS library wants a path. It is removed at a normal exit only.
#
# Expected before: the key stays in memory.
# Seen: a file of mode 0600 in TMPDIR with the key; it is still there after the process was killed.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install kubernetes==37.0.2
export TMPDIR=$work/tmp && mkdir "$TMPDIR"
cat > try.py <<'PY'
import base64, os, signal, sys
from kubernetes import client, config
data = lambda text: base64.b64encode(text).decode()
config.load_kube_config_from_dict({
    "apiVersion": "v1", "kind": "Config", "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
    "clusters": [{"name": "k", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {
        "client-certificate-data": data(b"made-up certificate"),
        "client-key-data": data(b"made-up private key")}}],
}, client_configuration=client.Configuration())
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
PY
count() { { grep -rl 'made-up private key' "$TMPDIR" || true; } | wc -l; }
venv/bin/python try.py ended; ended=$(count)
venv/bin/python try.py killed || true; killed=$(count)
seen="after a normal exit: $ended, after SIGKILL: $killed"
echo "$seen"
[ "$seen" = "after a normal exit: 0, after SIGKILL: 1" ]
