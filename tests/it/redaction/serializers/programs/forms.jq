# Prints each value in each form that jq has: jq -nrf forms.jq --args NAME…, the values in variables.
$ARGS.positional[] as $name | env[$name] as $v
| {
    "text": $v,
    "json": ($v | tojson),
    "json in json": ($v | tojson | tojson),
    "@json": ($v | @json),
    "@sh": ($v | @sh),
    "@uri": ($v | @uri),
    "@html": ($v | @html),
    "@csv": ([$v, 1] | @csv),
    "@tsv": ([$v, 1] | @tsv),
    "@base64": ($v | @base64),
    "@text of an object": ({key: $v} | @text)
  }
| to_entries[] | "\n@@ \($name) \(.key)\n\(.value)"
