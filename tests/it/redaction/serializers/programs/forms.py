"""Prints each value in each form that Python has: forms.py NAME…, the values in variables of these names."""
import base64, binascii, csv, html, io, json, logging, os, pprint, quopri, shlex, sys, traceback, urllib.parse
import xml.etree.ElementTree as tree
from email.message import EmailMessage
from http.cookies import SimpleCookie
from xml.sax import saxutils


def row(value):
    out = io.StringIO()
    csv.writer(out).writerow(["a", value, 'b"c'])
    return out.getvalue()


def raised(value):
    try:
        raise ValueError(value)
    except ValueError:
        return traceback.format_exc()


def element(value):
    node = tree.Element("a", {"b": value})
    node.text = value
    return tree.tostring(node).decode()


def mail(value):
    message = EmailMessage()
    message.set_content(value, cte="quoted-printable")
    return message.as_string()


def cookie(value):
    jar = SimpleCookie()
    jar["k"] = value
    return jar.output()


def split(data, size, by):
    return by.join(data[at : at + size] for at in range(0, len(data), size))


FORMS = {
    "print": lambda v: v,
    "repr": repr,
    "ascii": ascii,
    "repr of a list": lambda v: repr(["a", v]),
    "repr of a dict": lambda v: repr({"key": v}),
    "repr of bytes": lambda v: repr(v.encode()),
    "repr of repr": lambda v: repr(repr(v)),
    "pprint": lambda v: pprint.pformat({"key": v, "other": [v, 1]}),
    "pprint of environ": lambda v: pprint.pformat({"PATH": "/usr/bin", "KEY": v}, width=60),
    "json": json.dumps,
    "json with indent": lambda v: json.dumps({"a": [v]}, indent=2),
    "json, not ASCII": lambda v: json.dumps(v, ensure_ascii=False),
    "json in json": lambda v: json.dumps(json.dumps(v)),
    "json in json in json": lambda v: json.dumps(json.dumps(json.dumps({"a": v}))),
    "quote": urllib.parse.quote,
    "quote of all": lambda v: urllib.parse.quote(v, safe=""),
    "quote_plus": urllib.parse.quote_plus,
    "urlencode": lambda v: urllib.parse.urlencode({"a": v, "b": "c"}),
    "quote of quote": lambda v: urllib.parse.quote(urllib.parse.quote(v, safe=""), safe=""),
    "html.escape": html.escape,
    "saxutils.escape": saxutils.escape,
    "quoteattr": saxutils.quoteattr,
    "ElementTree": element,
    "xmlcharrefreplace": lambda v: v.encode("ascii", "xmlcharrefreplace").decode(),
    "backslashreplace": lambda v: v.encode("ascii", "backslashreplace").decode(),
    "namereplace, not ASCII": lambda v: v.encode("latin-1", "backslashreplace").decode("latin-1"),
    "unicode_escape": lambda v: v.encode("unicode_escape").decode(),
    "shlex.quote": shlex.quote,
    "shlex.join": lambda v: shlex.join(["echo", v]),
    "csv": row,
    "b64encode": lambda v: base64.b64encode(v.encode()).decode(),
    "urlsafe_b64encode": lambda v: base64.urlsafe_b64encode(v.encode()).decode(),
    "encodebytes": lambda v: base64.encodebytes(v.encode()).decode(),
    "b64encode of user:password": lambda v: "Basic " + base64.b64encode(b"user:" + v.encode()).decode(),
    "b64encode of json": lambda v: base64.b64encode(json.dumps({"password": v}).encode()).decode(),
    "b64encode twice": lambda v: base64.b64encode(base64.b64encode(v.encode())).decode(),
    "b32encode": lambda v: base64.b32encode(v.encode()).decode(),
    "b16encode": lambda v: base64.b16encode(v.encode()).decode(),
    "hexlify": lambda v: binascii.hexlify(v.encode()).decode(),
    "hex with colons": lambda v: v.encode().hex(":"),
    "hex in groups of four": lambda v: v.encode().hex(" ", -4),
    "list of bytes": lambda v: repr(list(v.encode())),
    "hex numbers": lambda v: ", ".join(f"0x{b:02x}" for b in v.encode()),
    "octal escapes": lambda v: "".join(f"\\{b:03o}" for b in v.encode()),
    "hexadecimal escapes": lambda v: "".join(f"\\x{b:02x}" for b in v.encode()),
    "quopri": lambda v: quopri.encodestring(v.encode()).decode(),
    "mail": mail,
    "cookie": cookie,
    "traceback": raised,
    "KeyError": lambda v: str(KeyError(v)),
    "logging": lambda v: logging.Formatter("%(levelname)s %(message)s").format(
        logging.LogRecord("a", 20, "f", 1, "key=%r", (v,), None)
    ),
    "colors": lambda v: f"\x1b[1m{v[:7]}\x1b[0m\x1b[32m{v[7:]}\x1b[0m",
    "wrapped lines": lambda v: split(v, 40, "\n"),
    "upper percent": lambda v: "".join(f"%{b:02X}" for b in v.encode()),
    "lower percent": lambda v: "".join(f"%{b:02x}" for b in v.encode()),
    "decimal entities": lambda v: "".join(f"&#{ord(c)};" for c in v),
    "hexadecimal entities": lambda v: "".join(f"&#x{ord(c):x};" for c in v),
    "doubled quotes": lambda v: "'" + v.replace("'", "''") + "'",
}

sys.stdout.reconfigure(encoding="utf-8", newline="\n", errors="surrogateescape")
for form, write in FORMS.items():
    for name in sys.argv[1:]:
        print(f"\n@@ {name} {form}\n{write(os.environ[name])}")
