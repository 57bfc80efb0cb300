#!/usr/bin/env bash
# google-cloud-secret-manager 2.32.0 (PyPI): access_secret_version does not compare a value with the checksum (CRC32C)
# that the service sends with it.
#
# Expected before: a value that was damaged on the way is an error.
# Seen: the damaged value is returned.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip -q install google-cloud-secret-manager==2.32.0
cat > try.py <<'PY'
import base64, http.server, json, threading
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service import transports

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        payload = {"data": base64.b64encode(b"damaged").decode(), "dataCrc32c": "1"}
        body = json.dumps({"name": "projects/1/secrets/s/versions/1", "payload": payload}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
transport = transports.SecretManagerServiceRestTransport(
    host=f"127.0.0.1:{server.server_port}", url_scheme="http", credentials=AnonymousCredentials())
client = secretmanager.SecretManagerServiceClient(transport=transport)
payload = client.access_secret_version(name="projects/p/secrets/s/versions/latest").payload
print(payload.data.decode(), payload.data_crc32c)
PY
seen=$(venv/bin/python try.py)
echo "$seen"
[ "$seen" = "damaged 1" ]
