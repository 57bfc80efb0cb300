//! The real readers: shells, node and python, each started once for a whole file. A reader that is
//! not on this machine is `None`, which is said aloud.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a reader read.
pub(super) type Read = BTreeMap<String, Vec<u8>>;

/// Says that a reader was not there. Not by `eprintln!`, which a passing test does not show.
pub(super) fn skipped(reader: &str) {
    let text = format!("skipped: {reader} is not on this machine\n");
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

/// Runs a program that is on this machine, and says what it wrote.
pub(super) fn stdout(command: &mut Command) -> Option<Vec<u8>> {
    let Output { status, stdout, stderr } = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{command:?}: {error}"),
    };
    assert!(status.success(), "{command:?}: {status}: {}", String::from_utf8_lossy(&stderr));
    Some(stdout)
}

/// Sources a file with every assignment exported, and reads the environment that a child gets.
pub(super) fn sh(shell: &str, locale: &str, file: &Path) -> Option<Read> {
    let mut command = Command::new(shell);
    if shell == "busybox" {
        command.arg("sh");
    }
    command.args(["-c", "set -a; . \"$1\"; exec env -0", shell]).arg(file).env("LC_ALL", locale);
    Some(from_environment(&stdout(&mut command)?))
}

/// The output of `env -0`.
pub(super) fn from_environment(stdout: &[u8]) -> Read {
    let pairs = stdout.split(|byte| *byte == 0).filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        Some((String::from_utf8_lossy(&pair[..at]).into_owned(), pair[at + 1..].to_vec()))
    });
    pairs.collect()
}

const NODE: &str = r"
const [how, file] = process.argv.slice(1);
const read = how === 'json' ? JSON.parse(require('fs').readFileSync(file, 'utf8')) : process.env;
const hex = (text) => Buffer.from(text).toString('hex');
for (const name of Object.keys(read)) console.log(hex(name) + '=' + hex(read[name]));
";

pub(super) fn node(how: &str, file: &Path) -> Option<Read> {
    let mut command = Command::new("node");
    if how == "--env-file" {
        command.arg(format!("--env-file={}", file.display()));
    }
    stdout(command.args(["-e", NODE, "--", how]).arg(file)).map(|out| from_hex(&out))
}

const PYTHON: &str = r"
import base64, csv, json, sys
how, path = sys.argv[1:]
if how == 'dotenv':
    import dotenv
    read = dotenv.dotenv_values(path)
elif how == 'json':
    read = json.load(open(path, encoding='utf-8'))
elif how == 'csv':
    header, *rows = csv.reader(open(path, encoding='utf-8', newline=''), strict=True)
    assert header == ['name', 'value'], header
    read = dict(rows)
else:
    import yaml
    read = yaml.safe_load(open(path, 'rb'))
if how == 'kubernetes':
    assert (read['apiVersion'], read['kind'], read['type']) == ('v1', 'Secret', 'Opaque'), read
    assert read['metadata'] == {'name': 'hushed'}, read
    read = {name: base64.b64decode(value, validate=True) for name, value in read['data'].items()}
for name, value in read.items():
    value = value if isinstance(value, bytes) else value.encode()
    print(name.encode().hex() + '=' + value.hex())
";

pub(super) fn python(how: &str, file: &Path) -> Option<Read> {
    let python = std::env::var_os("HUSHED_TEST_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python"),
        PathBuf::from,
    );
    stdout(Command::new(python).args(["-c", PYTHON, how]).arg(file)).map(|out| from_hex(&out))
}

const RUBY: &str = r"
YAML.safe_load(File.read(ARGV[0], encoding: 'UTF-8')).each do |name, value|
  puts name.unpack1('H*') + '=' + value.unpack1('H*')
end
";

/// Ruby has libyaml, which is a second YAML 1.1 parser.
pub(super) fn ruby(file: &Path) -> Option<Read> {
    stdout(Command::new("ruby").args(["-ryaml", "-e", RUBY]).arg(file)).map(|out| from_hex(&out))
}

pub(super) fn from_hex(lines: &[u8]) -> Read {
    let bytes = |hex: &str| -> Vec<u8> {
        let digits: Vec<u8> =
            hex.chars().map(|c| c.to_digit(16).unwrap().try_into().unwrap()).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    };
    let lines = std::str::from_utf8(lines).unwrap().lines();
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (String::from_utf8(bytes(name)).unwrap(), bytes(value))).collect()
}
