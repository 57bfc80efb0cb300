"""Opens an entry of the cache by the descriptions alone: seal/envelope, cache/disk, scope and entry."""

import hashlib
import hmac
import json
import os
import struct
import sys


def words(data):
    return list(struct.unpack("<%dI" % (len(data) // 4), data))


def rounds(state):
    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(10):
        for at in range(4):
            quarter(at, at + 4, at + 8, at + 12)
        for at in range(4):
            quarter(at, (at + 1) % 4 + 4, (at + 2) % 4 + 8, (at + 3) % 4 + 12)
    return state


CONSTANT = words(b"expand 32-byte k")


def block(key, counter, nonce):
    begin = CONSTANT + words(key) + [counter] + words(nonce)
    end = rounds(begin[:])
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(begin, end)))


def padded(data):
    return data + bytes(-len(data) % 16)


def poly1305(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(data), 16):
        piece = int.from_bytes(data[at : at + 16] + b"\1", "little")
        total = (total + piece) * r % (2**130 - 5)
    total = (total + int.from_bytes(key[16:], "little")) % 2**128
    return total.to_bytes(16, "little")


def decrypt(key, nonce, associated, body, tag):
    state = rounds(CONSTANT + words(key) + words(nonce[:16]))
    key = struct.pack("<8I", *(state[:4] + state[12:]))
    nonce = bytes(4) + nonce[16:]
    lengths = struct.pack("<QQ", len(associated), len(body))
    mac = poly1305(block(key, 0, nonce)[:32], padded(associated) + padded(body) + lengths)
    assert hmac.compare_digest(mac, tag), "another tag"
    stream = b"".join(block(key, 1 + at, nonce) for at in range(len(body) // 64 + 1))
    return bytes(a ^ b for a, b in zip(body, stream))


def envelope(sealed, kind, derivation, secret, context):
    magic, version, found, how = struct.unpack(">8sH4sH", sealed[:16])
    assert (magic, version, found, how) == (b"\x8fhushed\n", 1, kind, derivation), sealed[:16]
    salt, nonce, check = sealed[28:60], sealed[60:84], sealed[84:116]
    (length,) = struct.unpack(">Q", sealed[116:124])
    assert len(sealed) == 172 + length
    assert hashlib.blake2b(sealed[:-32], digest_size=32).digest() == sealed[-32:]
    prk = hmac.digest(salt, secret, "sha256")
    expand = lambda info: hmac.digest(prk, info + b"\1", "sha256")
    assert expand(b"hushed envelope 1: check") == check, "another key"
    key = expand(b"hushed envelope 1: seal")
    end = 124 + length
    return decrypt(key, nonce, sealed[:124] + context, sealed[124:end], sealed[end : end + 16])


def field(data):
    return struct.pack(">I", len(data)) + data


directory, scope = sys.argv[1], json.loads(sys.argv[2])
context = b"hushed cache 1\0" + b"".join(
    b"\xff\xff\xff\xff" if part is None else field(part.encode()) for part in scope
)
with open(os.path.join(directory, "names"), "rb") as file:
    name = hmac.digest(file.read(), context, "sha256").hex()
with open(os.path.join(directory, name), "rb") as file:
    sealed = file.read()
secret = os.environ["CLIENT_SECRET"].encode()
data_key = envelope(sealed[:204], b"ckey", 3, secret, context)
plain = envelope(sealed[204:], b"csec", 1, data_key, context)

assert len(plain) >= 4096 and len(plain) & (len(plain) - 1) == 0
version, fetched, uptime, boot, count = struct.unpack(">HQQ16sI", plain[:38])
print("version", version, "secrets", count)
rest = plain[38:]
for _ in range(count):
    parts = []
    for _ in range(3):
        (length,) = struct.unpack(">I", rest[:4])
        parts.append(rest[4 : 4 + length].decode())
        rest = rest[4 + length :]
    print(*parts, struct.unpack(">Q", rest[:8])[0] - 1, sep="|")
    rest = rest[8:]
assert not any(rest)
