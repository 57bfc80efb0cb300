//! What a user types and sees: `tests/cmd/*.md`, and the `console` blocks of the README and of `docs/`.
//! Must not be true of a command that nobody can run; `HUSHED_BLESS=1` rewrites what has changed.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    thread,
};

use http_body_util::Full;
use hyper::Request;
use serde_json::json;
use snapbox::{
    Data,
    report::{Palette, write_diff},
};

use crate::support::{
    scenario::{Scenario, Stage},
    transcript::play,
    wire,
};

#[test]
fn transcripts_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = |name: &str| fs::read_dir(root.join(name)).unwrap().map(|e| e.unwrap().path());
    let mut paths: Vec<PathBuf> = folder("tests/cmd").chain(folder("docs")).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.push(root.join("README.md"));
    paths.sort();
    let bless = std::env::var_os("HUSHED_BLESS").is_some_and(|value| value == "1");
    let mut differences = String::new();
    for (path, (text, played)) in paths.iter().zip(played(&paths)) {
        if played == text {
            continue;
        }
        if bless {
            fs::write(path, played).unwrap();
            continue;
        }
        let (old, new) = (Data::text(text), Data::text(played));
        let name = path.strip_prefix(root).unwrap().display();
        let (name, happened): (&dyn Display, &dyn Display) = (&name, &"what happened");
        write_diff(&mut differences, &old, &new, Some(name), Some(happened), Palette::plain())
            .unwrap();
    }
    assert!(differences.is_empty(), "{differences}\nHUSHED_BLESS=1 writes what happened.");
}

/// Plays all files at once, for some of their commands wait; gives the text of each, and what came of it.
fn played(paths: &[PathBuf]) -> Vec<(String, String)> {
    let read_and_play = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let played = play(&text);
        (text, played)
    };
    thread::scope(|scope| {
        let start = |path: &PathBuf| {
            let path = path.clone();
            // A panic tells the name of its thread.
            let thread = thread::Builder::new().name(path.display().to_string());
            thread.spawn_scoped(scope, move || read_and_play(&path)).unwrap()
        };
        let threads: Vec<_> = paths.iter().map(start).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a transcript that can be played"))
            .collect()
    })
}

#[test]
fn a_true_transcript_stays_as_it_is() {
    let text = r#"# Title

```scenario
file a/b.toml
env WORD=seen
```

```toml
key = "value"
```

```console
$ cat a/b.toml
key = "value"
$ echo $WORD; pwd; echo $HOME >&2
seen
.
~
$ for n in 1 2; do
>   echo $n
> done
1
2
$ date
[..]

$ printf 'a\nb\nc\n'
a
...
c
$ exit 3
? 3
```

```console
only to be read
```

```sh
$ not run
```

<!-- scenario
server v4
-->

```console
$ echo $INFISICAL_DOMAIN $WORD; ls
https://infisical.test
```
"#;
    assert_eq!(play(text), text);
}

#[test]
fn a_false_transcript_is_put_right() {
    let given = "```console\n$ echo one; exit 2\ntwo\n? 1\n$ true\nmore\n? 1\n```\n";
    let right = "```console\n$ echo one; exit 2\none\n? 2\n$ true\n```\n";
    assert_eq!(play(given), right);
}

#[test]
fn a_scenario_has_the_server_and_the_trouble_that_it_says() {
    for (lines, want) in [
        ("server v4", Some(200)),
        ("server v4b", Some(200)),
        ("server v3", Some(200)),
        ("server v4 expired", None),
        ("server v4 other-name", None),
        ("server v4\nlogin expired", Some(401)),
        ("server v4\nlogin used-up", Some(401)),
        ("server v4\nlogin locked", Some(401)),
        ("server v4\nlogin elsewhere", Some(403)),
        ("server v4\nfault /api/v1/auth status 503 {}", Some(503)),
        ("server v4\nfault / rate-limited 9", Some(429)),
        ("server v3\nfault / rate-limited 9", Some(500)),
        ("server v4\nfault / redirect https://other.test/", Some(307)),
        ("server v4\nfault / hang", None),
        ("server v4\nfault / reset", None),
    ] {
        assert_eq!(log_in(&stage(lines)), want, "{lines}");
    }
    for (lines, want) in [
        ("server v4\ntoken good", Some(200)),
        ("server v4\ntoken service", Some(200)),
        ("server v4\ntoken expired", Some(403)),
        ("server v4\ntoken revoked", Some(401)),
        ("server v4\nlogin stranger\ntoken good", Some(403)),
    ] {
        assert_eq!(list(&stage(lines)), want, "{lines}");
    }
}

fn stage(lines: &str) -> Stage {
    Scenario::parse(&lines.lines().collect::<Vec<_>>()).build()
}

/// Logs in with what the environment has.
fn log_in(stage: &Stage) -> Option<u16> {
    let client_id = stage.variable("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID");
    let client_secret = stage.variable("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET");
    let body = json!({"clientId": client_id, "clientSecret": client_secret}).to_string();
    let url = stage.variable("INFISICAL_DOMAIN") + "/api/v1/auth/universal-auth/login";
    let request = Request::post(url).header("content-type", "application/json");
    let authority = stage.variable("SSL_CERT_FILE");
    let reply = wire::fetch(Path::new(&authority), request.body(body.into()).unwrap());
    reply.map(|(_, status)| status)
}

/// Lists with the token in the environment.
fn list(stage: &Stage) -> Option<u16> {
    let path = "/api/v3/secrets/raw?environment=dev&workspaceSlug=shop";
    let url = stage.variable("INFISICAL_DOMAIN") + path;
    let bearer = format!("Bearer {}", stage.variable("INFISICAL_TOKEN"));
    let request = Request::get(url).header("authorization", bearer).body(Full::default());
    let authority = stage.variable("SSL_CERT_FILE");
    wire::fetch(Path::new(&authority), request.unwrap()).map(|(_, status)| status)
}

#[test]
#[should_panic(expected = "a secret on stdout")]
fn a_transcript_that_leaks_fails() {
    play("```scenario\nenv A=canary\n```\n```console\n$ echo $A >&2\n```\n");
}
