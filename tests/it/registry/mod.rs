//! What every store has in common, shown by a store that hushed does not know (`toy.rs`), and the
//! settings of a single source: `--set NAME.key=value` and `HUSHED_SOURCE_NAME_KEY`.
//! Must not test what one store alone does.

mod toy;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    thread,
};

use hushed::{
    config::schema::{SourceSchema, sections},
    provider::StoreType as _,
};

use crate::support::sandbox::{Output, Sandbox, hushed};

const TOKEN: &str = "canary-toy-token";

/// Answers some questions, and is away after that.
fn serve(questions: usize) -> (SocketAddr, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let work = move || {
        for _ in 0..questions {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = String::new();
            BufReader::new(&stream).read_line(&mut question).unwrap();
            let answer = match question.trim_end().split_once(' ') {
                Some((TOKEN, shelf)) => format!("TOY=canary-{shelf}\nOTHER=canary-other\n"),
                _ => "no".to_owned(),
            };
            stream.write_all(answer.as_bytes()).unwrap();
        }
    };
    (address, thread::spawn(work))
}

fn program() -> PathBuf {
    hushed().parent().unwrap().join("examples/toy_store")
}

/// A project with a toy source, which the user trusts: the file is named by the user.
fn project(address: SocketAddr) -> Sandbox {
    let config =
        format!("[source.shop]\ntype = \"toy\"\naddress = \"tcp://{address}\"\nshelf = \"top\"\n");
    Sandbox::new()
        .file("hushed.toml", config)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("TOY_TOKEN", TOKEN)
}

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.program(program(), arguments.iter().copied()).reveals().run()
}

#[test]
fn a_new_store_runs_a_command_and_its_credential_stays_out() {
    let (address, server) = serve(1);
    let sandbox = project(address);
    let output =
        run(&sandbox, &["run", "--", "sh", "-c", "echo $TOY $OTHER ${TOY_TOKEN-unset}"]).success();
    assert_eq!(output.stdout, "canary-top canary-other unset\n");
    server.join().unwrap();
}

#[test]
fn a_login_that_other_programs_share_is_withheld_if_the_source_says_so() {
    for (flag, want) in [
        (&[][..], "canary-top canary-toy-token"),
        (&["--set", "shop.withhold=false"], "canary-top canary-toy-token"),
        (&["--set", "shop.withhold=true"], "canary-top unset"),
        (&["--set", "shop.withhold=true", "--pass-credentials"], "canary-top canary-toy-token"),
    ] {
        let (address, server) = serve(2);
        let sandbox = project(address)
            .without("TOY_TOKEN")
            .env("AWS_TOY_TOKEN", TOKEN)
            .env("AWS_REGION", "canary-region");
        let plan = run(&sandbox, &[&["plan"], flag].concat()).success().stdout;
        let is_withheld = want.ends_with("unset");
        let line = "withheld from the command: `AWS_TOY_TOKEN`, ";
        assert_eq!(plan.contains(line), is_withheld, "{flag:?}: {plan}");
        let script = "echo $TOY ${AWS_TOY_TOKEN-unset}; echo $AWS_REGION";
        let arguments = [&["run"], flag, &["--", "sh", "-c", script]].concat();
        let output = run(&sandbox, &arguments).success();
        assert_eq!(output.stdout, format!("{want}\ncanary-region\n"), "{flag:?}");
        server.join().unwrap();
    }
}

#[test]
fn a_file_that_names_a_shared_login_is_withheld_too_and_a_delivered_secret_passes() {
    let (address, server) = serve(2);
    let sandbox = project(address)
        .without("TOY_TOKEN")
        .file("token", TOKEN)
        .env("AWS_TOY_TOKEN_FILE", "token")
        .file("more.env", "AWS_TOY_TOKEN=canary-delivered\n");
    let flags = ["--set", "shop.withhold=true", "--env-file", "more.env"];
    let plan = run(&sandbox, &[&["plan"], &flags[..]].concat()).success().stdout;
    assert!(plan.contains("withheld from the command: `AWS_TOY_TOKEN_FILE`, "), "{plan}");
    let script = "echo $AWS_TOY_TOKEN ${AWS_TOY_TOKEN_FILE-unset}";
    let arguments = [&["run"], &flags[..], &["--", "sh", "-c", script]].concat();
    assert_eq!(run(&sandbox, &arguments).success().stdout, "canary-delivered unset\n");
    server.join().unwrap();
}

#[test]
fn a_new_store_is_in_plan_why_and_doctor() {
    let (address, server) = serve(3);
    let sandbox = project(address);
    assert!(run(&sandbox, &["plan"]).success().stdout.contains("TOY"), "plan");
    let why = run(&sandbox, &["why", "TOY"]).success().stdout;
    assert!(why.contains("shop") && why.contains("top"), "{why}");
    let doctor = run(&sandbox, &["doctor"]).success().stdout;
    assert!(doctor.contains("`shop`: reading") && doctor.contains("2 secrets"), "{doctor}");
    server.join().unwrap();
}

#[test]
fn a_new_store_has_a_cache_and_errors_with_a_meaning() {
    let (address, server) = serve(1);
    let sandbox = project(address);
    let cached = ["run", "--set", "shop.cache=fallback", "--", "sh", "-c", "echo $TOY"];
    assert_eq!(run(&sandbox, &cached).success().stdout, "canary-top\n");
    server.join().unwrap();
    // The server is away: the cache stands in.
    let output = run(&sandbox, &cached).success();
    assert_eq!(output.stdout, "canary-top\n");
    assert!(output.stderr.contains("is from the cache"), "{}", output.stderr);
    let status = run(&sandbox, &["cache", "status", "--set", "shop.cache=fallback"]).success();
    assert!(status.stdout.contains("OTHER, TOY"), "{}", status.stdout);
    let error = run(&sandbox, &["run", "--", "true"]).fails_with(125).stderr;
    assert_eq!(error, "hushed: source `shop`: the toy server is away\n  hint: wind it up\n");
}

#[test]
fn a_new_stores_server_needs_trust_in_a_project() {
    let config = "[source.shop]\ntype = \"toy\"\naddress = \"tcp://127.0.0.1:1\"\n";
    let sandbox = Sandbox::new().file("hushed.toml", config).env("TOY_TOKEN", TOKEN);
    let error = run(&sandbox, &["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("sends the credentials to tcp://127.0.0.1:1"), "{error}");
    run(&sandbox, &["trust"]).success();
}

#[test]
fn a_new_store_is_in_the_manual_of_hushed_toml() {
    let schemas: [&'static SourceSchema; 1] = [toy::ToyType.schema()];
    let sections = sections(&schemas);
    let section = sections.last().unwrap();
    assert_eq!(section.heading, "[source.NAME], type = \"toy\"");
    assert!(section.keys.iter().any(|key| key.doc == "The shelf to read."));
}

#[test]
fn a_setting_of_one_source_is_given_by_flag_and_variable() {
    for (arguments, variable, want) in [
        (&[][..], None, "top"),
        (&[], Some("attic"), "attic"),
        (&["--set", "shop.shelf=cellar"], Some("attic"), "cellar"),
        (&["--set", "shop.shelf=a=b"], None, "a=b"),
    ] {
        let (address, server) = serve(1);
        let mut sandbox = project(address).env("TOY_SHELF", "");
        if let Some(shelf) = variable {
            sandbox = sandbox.env("HUSHED_SOURCE_SHOP_SHELF", shelf);
        }
        let arguments = [&["run"], arguments, &["--", "sh", "-c", "echo $TOY"]].concat();
        assert_eq!(run(&sandbox, &arguments).success().stdout, format!("canary-{want}\n"));
        server.join().unwrap();
    }
}

#[test]
fn two_sources_of_one_type_have_credentials_of_their_own() {
    let (address, server) = serve(2);
    let table = |name: &str| {
        format!(
            "[source.{name}]\ntype = \"toy\"\naddress = \"tcp://{address}\"\nshelf = \"{name}\"\n"
        )
    };
    let sandbox = Sandbox::new()
        .file("hushed.toml", table("one") + &table("my-two"))
        .file("token", TOKEN)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("HUSHED_SOURCE_ONE_TOKEN", TOKEN)
        .env("HUSHED_SOURCE_MY_TWO_TOKEN_FILE", "token");
    let script = "echo $TOY ${HUSHED_SOURCE_ONE_TOKEN-unset}";
    let output = run(&sandbox, &["run", "--", "sh", "-c", script]).success();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("canary-my-two unset\n", ""));
    server.join().unwrap();
}

#[test]
fn a_wrong_setting_of_one_source_is_an_error_with_a_hint() {
    let sandbox = project("127.0.0.1:1".parse().unwrap());
    for (text, want) in [
        (
            "shop.shelv=x",
            "hushed: --set shop.shelv: `shelv` is not a setting of this source; expected one of `address`, \
             `shelf`, `token-file`, `cache`, `cache-key`, `cache-key-file`, `cache-dir`\n  hint: did you \
             mean `shelf`?\n",
        ),
        (
            "shop.token=canary",
            "hushed: --set shop.token would put a secret on the command line, where `ps` shows it\n  \
             hint: put it in a file that only you can read, and set token-file\n",
        ),
        (
            "store.shelf=x",
            "hushed: --set: `store.shelf` is not a setting of a source, NAME.key=value; expected \
             `shop.key=value`\n",
        ),
    ] {
        let arguments = ["run", "--set", text, "--", "true"];
        let output = sandbox.program(program(), arguments).argv_reveals().run().fails_with(125);
        assert!(output.stderr.starts_with(want), "{}", output.stderr);
    }
}

#[test]
fn an_unknown_variable_of_a_source_is_a_warning_and_an_ambiguous_one_an_error() {
    let (address, server) = serve(1);
    let sandbox = project(address).env("HUSHED_SOURCE_SHOP_SHELV", "x");
    let output = run(&sandbox, &["run", "--", "true"]).success();
    assert_eq!(
        output.stderr,
        "hushed: warning: HUSHED_SOURCE_SHOP_SHELV is not a setting of any source that takes part, did \
         you mean HUSHED_SOURCE_SHOP_SHELF?\n"
    );
    server.join().unwrap();
    let twins = "[source.my-a]\ntype = \"dotenv\"\n[source.my_a]\ntype = \"dotenv\"\n";
    let sandbox = Sandbox::new().file("hushed.toml", twins).env("HUSHED_SOURCE_MY_A_FILE", ".env");
    let error = run(&sandbox, &["run", "--", "true"]).fails_with(125).stderr;
    assert_eq!(
        error,
        "hushed: HUSHED_SOURCE_MY_A_FILE could set `my-a.file` or `my_a.file`\n  hint: rename one of the \
         sources\n"
    );
}
