"""Logs in and reads with Infisical's own Python client, and prints what it saw."""

import os
import sys

from infisical_sdk import InfisicalSDKClient
from infisical_sdk.infisical_requests import APIError

project, folders = sys.argv[1], sys.argv[2] == "folders"
client_id = os.environ["CLIENT_ID"]


def client():
    return InfisicalSDKClient(host=os.environ["HOST"], cache_ttl=None)


try:
    client().auth.universal_auth.login(client_id, "a wrong one")
except APIError as error:
    print("wrong secret:", error.status_code)

infisical = client()
granted = infisical.auth.universal_auth.login(client_id, os.environ["CLIENT_SECRET"])
print("login:", granted.tokenType, granted.expiresIn)

listed = infisical.secrets.list_secrets(
    project_id=project, environment_slug="dev", secret_path="/", recursive=True
)
for secret in sorted(listed.secrets, key=lambda secret: (secret.secretPath, secret.secretKey)):
    tags = ",".join(tag["slug"] for tag in secret.tags)
    print(f"{secret.secretPath} {secret.secretKey}={secret.secretValue} [{tags}]")
for block in listed.imports:
    for secret in block.secrets:
        print(f"import {block.secretPath} {secret['secretKey']}={secret['secretValue']}")

by_slug = infisical.secrets.list_secrets(
    project_slug="shop", environment_slug="dev", secret_path="/app", tag_filters=["web"]
)
print("by slug and tag:", [secret.secretKey for secret in by_slug.secrets])

one = infisical.secrets.get_secret_by_name(
    "SHARED", project_id=project, environment_slug="dev", secret_path="/"
)
print("by name, through an import:", one.secretValue)

try:
    infisical.secrets.list_secrets(project_id=project, environment_slug="prod", secret_path="/")
except APIError as error:
    print("forbidden:", error.status_code, error.response["error"])

if folders:
    seen = infisical.folders.list_folders(project_id=project, environment_slug="dev", path="/")
    print("folders:", sorted(folder.name for folder in seen.folders))
