#!/usr/bin/env python3
"""What of recorded outputs of real programs other tools would let through.

Usage: peers.py serializers.jsonl serializers-secrets.json

Each tool is a model: the forms of a value for which its documentation or its source says that it looks. The
chunks in which a program writes are left out of account, in favor of the tools. docs/redaction.md has the
figures and the sources. An output is covered when it shows a label, and no more than six characters of the
value's runs of letters and digits remain.
"""
import base64, collections, html, json, re, sys, urllib.parse

LABEL = b"\x01"
STRUCTURE = {"BEGIN", "PRIVATE", "first", "line", "second", "note", "type", "postgres", "internal", "user"}
JUNK = [b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----", b"Qw3e=="]


def whole(value):
    """The value as it is: `op run` (closed source: at best), `fnox exec --redact`."""
    return [value]


def nothing(_):
    """`doppler run` has no masking."""
    return []


def go_quoted(value):
    return json.dumps(value, ensure_ascii=False)[1:-1]


def buildkite(value):
    """The value and Go's `%q` of it; a newline of it matches any white space (below)."""
    return [value, go_quoted(value)] if len(value) >= 6 else []


def github(value):
    """Each line, and of each: base64 at three offsets, quotes, JSON, URL, XML, without outer quotes."""
    forms = []
    for line in [value] + [line for line in re.split("[\r\n]+", value) if line]:
        data = line.encode()
        forms += [line, json.dumps(line)[1:-1], line.replace('"', '\\"'), line.replace("'", "''")]
        forms += [urllib.parse.quote(line, safe=""), html.escape(line), line.strip('"')]
        for shift in range(3):
            text = base64.b64encode(data[shift:]).decode()
            forms.append(text if shift == 0 else text.rstrip("=")[:-1])
    return [form for form in forms if form]


TOOLS = [("op run, at best", whole, False), ("doppler run", nothing, False), ("fnox exec --redact", whole, False), ("Buildkite agent", buildkite, True), ("GitHub masks", github, False)]


def pattern(forms, any_space):
    def part(form):
        text = re.escape(form.encode())
        return re.sub(rb"(?:\\?\n)", rb"\\s+", text) if any_space else text
    forms = sorted(set(forms), key=len, reverse=True)
    return re.compile(b"|".join(map(part, forms))) if forms else None


def main(corpus, secrets):
    secrets = json.load(open(secrets))
    rows = [json.loads(line) for line in open(corpus)]
    runs = {name: {run for run in re.findall(r"[A-Za-z0-9]{4,}", value) if run not in STRUCTURE}
            for name, value in secrets.items()}
    print("| | " + " | ".join(secrets) + " | all |")
    for tool, forms, any_space in TOOLS:
        patterns = {name: pattern(forms(value), any_space) for name, value in secrets.items()}
        covered, total = collections.Counter(), collections.Counter()
        for row in rows:
            name = row["secret"]
            out = row["output"].encode() if "output" in row else base64.b64decode(row["output_b64"])
            if patterns[name]:
                # All secrets of a run are set at once, as with the real tools.
                for found in patterns.values():
                    out = found.sub(LABEL, out)
            for junk in JUNK:
                out = out.replace(junk, b"")
            left = sum(len(run) for run in runs[name] if run.encode() in out)
            total[name] += 1
            covered[name] += LABEL in out and left <= 6
        shares = [100 * covered[name] / total[name] for name in secrets]
        shares.append(100 * sum(covered.values()) / sum(total.values()))
        print(f"| {tool} | " + " | ".join(f"{share:.0f}" for share in shares[:-1]) + f" | {shares[-1]:.1f} % |")


if __name__ == "__main__":
    main(*sys.argv[1:3])
