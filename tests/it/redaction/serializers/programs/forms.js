// Prints each value in each form that Node.js has: node forms.js NAME…, the values in variables of these names.
const util = require("util"), querystring = require("querystring");

const forms = {
  "console.log": (v) => v,
  "JSON.stringify": (v) => JSON.stringify({ key: v }),
  "JSON.stringify with indent": (v) => JSON.stringify([{ key: v }], null, 2),
  "JSON in JSON": (v) => JSON.stringify(JSON.stringify({ key: v })),
  "util.inspect": (v) => util.inspect(v),
  "util.inspect of an object": (v) => util.inspect({ PATH: "/usr/bin", key: v }),
  "util.inspect of a Map": (v) => util.inspect(new Map([["key", v]])),
  "util.inspect in color": (v) => util.inspect({ key: [v] }, { colors: true }),
  "util.format": (v) => util.format("%s %j %o", v, v, v),
  encodeURIComponent: encodeURIComponent,
  encodeURI: encodeURI,
  escape: escape,
  "encodeURIComponent twice": (v) => encodeURIComponent(encodeURIComponent(v)),
  "querystring.stringify": (v) => querystring.stringify({ a: v }),
  URLSearchParams: (v) => new URLSearchParams({ a: v }).toString(),
  "URL password": (v) => { const u = new URL("https://h/"); u.username = "u"; u.password = v; return u.href; },
  Buffer: (v) => util.inspect(Buffer.from(v)),
  "Buffer as JSON": (v) => JSON.stringify(Buffer.from(v)),
  base64: (v) => Buffer.from(v).toString("base64"),
  base64url: (v) => Buffer.from(v).toString("base64url"),
  hex: (v) => Buffer.from(v).toString("hex"),
  "base64 of UTF-16": (v) => Buffer.from(v, "utf16le").toString("base64"),
  "hex of UTF-16": (v) => Buffer.from(v, "utf16le").toString("hex"),
  "Error.stack": (v) => new Error(v).stack,
  "template literal": (v) => "`" + v.replace(/[`\\$]/g, "\\$&") + "`",
  "String.raw as regular expression": (v) => String(new RegExp(v.replace(/[.*+?^${}()|[\]\\\/]/g, "\\$&"))),
  "entities": (v) => v.replace(/[&<>"'`=\/]/g, (c) => `&#x${c.charCodeAt(0).toString(16).toUpperCase()};`),
};

for (const [form, write] of Object.entries(forms))
  for (const name of process.argv.slice(2)) process.stdout.write(`\n@@ ${name} ${form}\n${write(process.env[name])}\n`);
