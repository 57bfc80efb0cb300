//! The recorded outputs, so that no program needs to be installed: `recorded.jsonl` has a line for each
//! program and form, with the output for each of the values in `values.json`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hushed::redact::{Patterns, RedactionRules};
use hushed::secret::{Name, Value};
use serde::Deserialize;

use super::super::whole;
use super::score;

/// The least share of outputs that must be covered, in thousandths.
const LEAST: usize = 990;

/// What is not covered: the program, the form, the values, and why.
const UNCOVERED: [(&str, &str, &[&str], &str); 13] = [
    ("curl", "wget-url", &["NLTAB"], "wget cuts the value at `#`, which begins a fragment"),
    (
        "deno",
        "bytes",
        &["PEM", "PWGEN", "TOKEN"],
        "each column of numbers is padded to a width of its own",
    ),
    ("java", "Arrays.toString-chars", &["NASTY"], "each character apart, some of them not ASCII"),
    (
        "php",
        "lcfirst/ucfirst",
        &["ASCII", "NASTY", "SPACES", "TOKEN"],
        "the case of a letter is changed",
    ),
    ("php", "parse_url-print_r", &["PWGEN"], "`#` divides the value"),
    ("py", "urlparse-repr", &["PWGEN"], "`#` divides the value"),
    ("py2", "jinja2-truncate", &["DBURL"], "one character of the password is left"),
    ("tools", "column-t", &["NLTAB", "SPACES"], "spaces are added between words"),
    ("tools", "git-clone", &["PWGEN"], "git cuts the value at `#`"),
    ("tools", "make-var", &["ASCII", "NASTY", "PWGEN"], "make takes `$s` for a variable"),
    ("tools", "ssh-err", &["BKEY", "TOKEN"], "ssh changes the case"),
    ("tools", "strace", &["PEM"], "it ends after the first line, which is public"),
    ("tools", "strings", &["NASTY"], "characters that are not ASCII are removed"),
];

#[derive(Deserialize)]
struct Form {
    program: String,
    #[serde(rename = "form")]
    name: String,
    outputs: BTreeMap<String, String>,
    #[serde(default)]
    base64: BTreeMap<String, String>,
}

impl Form {
    /// Each output, with the name of its value.
    fn outputs(&self) -> impl Iterator<Item = (&str, Vec<u8>)> {
        let text = self.outputs.iter().map(|(name, text)| (name.as_str(), text.clone().into()));
        let decode = |text: &String| STANDARD.decode(text).unwrap();
        text.chain(self.base64.iter().map(move |(name, text)| (name.as_str(), decode(text))))
    }
}

#[test]
fn ninety_nine_of_a_hundred_recorded_outputs_are_covered() {
    let values: BTreeMap<String, String> =
        serde_json::from_str(include_str!("values.json")).unwrap();
    let secrets: Vec<(Name, Value)> =
        values.iter().map(|(name, value)| (Name::new(name), Value::from(value.as_str()))).collect();
    let compiled =
        Patterns::compile(secrets.iter().map(|(n, v)| (n, v)), &RedactionRules::default());
    let patterns = compiled.unwrap().into();
    let forms = include_str!("recorded.jsonl").lines();
    let forms: Vec<Form> = forms.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(forms.len(), 370);
    let (mut all, mut covered) = (0, 0);
    let mut missed: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for form in &forms {
        for (name, output) in form.outputs() {
            let shown = whole(&patterns, &[&output]);
            let label = format!("[hushed:{name}]");
            let is_covered = score::is_covered(&shown, &label, &score::runs(&values[name]));
            all += 1;
            covered += usize::from(is_covered);
            if !is_covered {
                missed.entry((&form.program, &form.name)).or_default().push(name);
            }
        }
    }
    let listed: BTreeMap<(&str, &str), Vec<&str>> =
        UNCOVERED.iter().map(|(p, f, names, _)| ((*p, *f), names.to_vec())).collect();
    println!("{covered} of {all} recorded outputs are covered");
    assert!(covered * 1000 >= all * LEAST, "{covered} of {all}: {missed:?}");
    assert_eq!(missed, listed, "what is not covered is listed with the reason");
}
