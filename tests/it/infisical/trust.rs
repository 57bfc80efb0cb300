//! Who may name a server: the user, or a project's file that the user vouched for.
//! Must not test where redirects lead: that is `origin`.

use super::fixture::{AT_ROOT, asked, home, identity_id, map, refusal, secrets, start, stranger};
use crate::support::{infisical::Server, proxy::Proxy, sandbox::Sandbox};

/// Makes a home with credentials and a project, and no word about the server.
fn base(server: &Server) -> Sandbox {
    home(server).without("INFISICAL_DOMAIN")
}

fn config(domain: &str) -> String {
    format!("[source.i]\ntype = \"infisical\"\ndomain = \"{domain}\"\n")
}

fn json(domain: &str) -> String {
    format!(r#"{{"workspaceId":"","domain":"{domain}"}}"#)
}

#[test]
fn a_server_that_only_the_project_names_gets_nothing() {
    let server = start();
    let url = server.url();
    let profile =
        format!("[source.i]\ntype = \"infisical\"\n[profile.p.source.i]\ndomain = \"{url}\"\n");
    for (name, path, contents, flags) in [
        ("hushed.toml", "hushed.toml", config(&url), vec![]),
        ("its profile", "hushed.toml", profile, vec!["--profile", "p"]),
        (".infisical.json", ".infisical.json", json(&url), vec![]),
    ] {
        let sandbox = base(&server).file(path, contents);
        let said = refusal(&sandbox, &flags);
        assert!(
            said.contains(&format!(
                "sends the credentials to {url}, and this project file is not trusted"
            )),
            "{said}"
        );
        let hint =
            "run `hushed trust`; otherwise set it yourself: --domain, HUSHED_DOMAIN or --config\n";
        assert!(said.contains(hint), "{said}");
        for arguments in [vec!["plan"], vec!["secrets", "list"], vec!["doctor"], vec!["why", "A"]] {
            let arguments: Vec<&str> = arguments.into_iter().chain(flags.clone()).collect();
            let output = sandbox.run(arguments.clone());
            assert!(!output.status.success(), "{name} {arguments:?}");
        }
        assert_eq!(asked(&server), [""; 0], "{name}");
    }
}

#[test]
fn what_the_user_names_too_counts() {
    let server = start();
    let url = server.url();
    let project = || base(&server).file("hushed.toml", config("https://evil.test"));
    for (name, sandbox, flags) in [
        ("a flag", project(), vec!["--domain", &url]),
        ("a variable", project().env("INFISICAL_DOMAIN", url.as_str()), vec![]),
        (
            "the same, named",
            base(&server).file("hushed.toml", config(&url)),
            vec!["--config", "hushed.toml"],
        ),
        (
            "the same, in a variable",
            base(&server).file("hushed.toml", config(&url)).env("HUSHED_CONFIG", "hushed.toml"),
            vec![],
        ),
        (
            "the user's own file",
            base(&server)
                .file("../.config/hushed/config.toml", config(&url))
                .file("hushed.toml", "[source.i]\ntype = \"infisical\"\n"),
            vec![],
        ),
        (
            "the user's own file alone",
            base(&server).file("../.config/hushed/config.toml", config(&url)),
            vec![],
        ),
    ] {
        assert_eq!(secrets(&sandbox, &flags), map(&AT_ROOT), "{name}");
    }
    // The project's file may not turn the user's own source to another server.
    let sandbox = base(&server)
        .file("../.config/hushed/config.toml", config(&url))
        .file("hushed.toml", config("https://evil.test"));
    assert!(refusal(&sandbox, &[]).contains("sends the credentials to https://evil.test, and"));
}

#[test]
fn trust_is_given_to_a_file_for_a_server_and_taken_back() {
    let server = start();
    let other = start();
    for path in ["hushed.toml", ".infisical.json"] {
        let contents = |url: &str| if path == "hushed.toml" { config(url) } else { json(url) };
        let sandbox = base(&server).file(path, contents(&server.url()));
        let said = sandbox.run(["trust"]).success().stdout;
        assert!(said.starts_with(&format!("now trusts {} in ", server.url())), "{said}");
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{path}");
        assert!(sandbox.run(["trust"]).success().stdout.starts_with("already trusts "));

        // Neither another server in the same file, nor the same server in another file.
        let sandbox = sandbox.file(path, contents(&other.url()));
        assert!(refusal(&sandbox, &[]).contains("this project file is not trusted"), "{path}");
        let sandbox = sandbox.file(path, contents(&server.url()));
        let hushed = crate::support::sandbox::hushed().display().to_string();
        let script =
            format!("mkdir -p copy && cp {path} copy && cd copy && exec {hushed} run -- true");
        let copied = sandbox.program("sh", ["-c", &script]).run().fails_with(125);
        assert!(copied.stderr.contains("this project file is not trusted"), "{}", copied.stderr);

        let said = sandbox.run(["trust", "--revoke"]).success().stdout;
        assert!(said.starts_with("no longer trusts /"), "{said}");
        assert!(refusal(&sandbox, &[]).contains("this project file is not trusted"), "{path}");
    }
    assert_eq!(asked(&other), [""; 0]);
}

#[test]
fn trust_is_void_when_a_guarded_setting_changes_and_holds_when_another_does() {
    let server = start();
    let text = |rest: &str| {
        format!("[run]\nallow-reserved = [\"BASH_ENV\"]\n{}{rest}", config(&server.url()))
    };
    let sandbox = base(&server).file("hushed.toml", text("env = \"dev\"\n"));
    let said = sandbox.run(["trust"]).success().stdout;
    assert!(said.contains("  [run] allow-reserved = [\"BASH_ENV\"]\n"), "{said}");
    assert!(said.contains(&format!("  [source.i] domain = {:?}\n", server.url())), "{said}");
    assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT));
    let sandbox = sandbox.file("hushed.toml", text("recursive = false\n"));
    assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT));
    for changed in [
        text("").replace("BASH_ENV", "LD_PRELOAD"),
        text("[profile.p.run]\npass-credentials = true\n"),
        text("insecure-http = false\n"),
    ] {
        let sandbox = base(&server).file("hushed.toml", text(""));
        sandbox.run(["trust"]).success();
        let sandbox = sandbox.file("hushed.toml", changed);
        assert!(refusal(&sandbox, &[]).contains("this project file is not trusted"));
        sandbox.run(["trust"]).success();
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "trusted again");
    }
}

#[test]
fn trust_is_revoked_when_the_file_is_gone_or_broken() {
    let server = start();
    for broken in [None, Some("[run\n")] {
        let sandbox = base(&server).file("hushed.toml", config(&server.url()));
        sandbox.run(["trust"]).success();
        let path = sandbox.project().join("hushed.toml");
        match broken {
            None => std::fs::remove_file(&path).unwrap(),
            Some(text) => std::fs::write(&path, text).unwrap(),
        }
        let said = sandbox.run(["trust", "--revoke"]).success().stdout;
        assert_eq!(said, format!("no longer trusts {}\n", path.display()));
        sandbox.run(["trust", "--revoke"]).fails_with(1);
        let sandbox = sandbox.file("hushed.toml", config(&server.url()));
        assert!(refusal(&sandbox, &[]).contains("this project file is not trusted"));
    }
}

#[test]
fn a_project_may_not_weaken_the_way_to_the_users_server() {
    let server = start();
    let url = format!("http://0.0.0.0:{}", server.address().port());
    let ca = "ca-file = \"ca.pem\"\n";
    let project = |keys: &str| format!("[source.i]\ntype = \"infisical\"\n{keys}");
    let base_at = |keys: &str| {
        let sandbox = home(&server).env("INFISICAL_DOMAIN", url.as_str());
        sandbox.file("hushed.toml", project(keys)).file("ca.pem", "")
    };
    let sandbox = base_at("insecure-http = true\n");
    assert!(
        refusal(&sandbox, &[])
            .contains(" allows plain http, and this project file is not trusted\n")
    );
    assert_eq!(asked(&server), [""; 0]);
    sandbox.run(["trust"]).success();
    assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT));
    let sandbox = base_at(ca);
    let said = refusal(&sandbox, &["--insecure-http"]);
    assert!(said.contains(" trusts the authorities in `"), "{said}");
    sandbox.run(["trust"]).success();
    assert_eq!(secrets(&sandbox, &["--insecure-http"]), map(&AT_ROOT));
    // Infisical's own cloud is no exception: its certificate is not the project's to choose.
    let cloud = format!("{}{ca}", config("https://app.infisical.com"));
    let sandbox = base(&server).file("hushed.toml", cloud).file("ca.pem", "");
    assert!(refusal(&sandbox, &[]).contains("trusts the authorities in `"));
}

#[test]
fn only_infisicals_cloud_needs_no_trust_and_no_spelling_passes_for_it() {
    let server = start();
    for (domain, host) in [
        ("https://app.infisical.com", "app.infisical.com:443"),
        ("eu.infisical.com/api/", "eu.infisical.com:443"),
        ("HTTPS://US.Infisical.COM:443/", "us.infisical.com:443"),
        // A backslash is a slash to a server's address: this is a path.
        (r"https://app.infisical.com\\@evil.test", "app.infisical.com:443"),
    ] {
        let proxy = Proxy::start(&[]);
        let sandbox = base(&server)
            .env("HTTPS_PROXY", format!("http://{}", proxy.address()))
            .file("hushed.toml", config(domain));
        let said = refusal(&sandbox, &[]);
        assert!(said.contains(" refuses to connect to `https://"), "{said}");
        let asked = proxy.asked();
        assert!(asked.iter().all(|it| it.what == format!("CONNECT {host}")), "{asked:?}");
        assert!(!asked.is_empty());
    }
    let proxy = Proxy::start(&[]);
    for domain in [
        "http://app.infisical.com",
        "https://app.infisical.com.",
        "https://app.infisical.com:8443",
        "https://app.infisical.com.evil.test",
        "https://evil.test/app.infisical.com",
        "https://evil.test#app.infisical.com",
        "https://evil.test?app.infisical.com",
        "https://app.infisical.com@evil.test",
        "app.infisical.com@evil.test",
        "https://app.infisical.com:canary@evil.test",
        r"https://evil.test\\app.infisical.com",
        r"https://evil.test\t.infisical.com",
        "https:evil.test",
        "//evil.test",
        "https://xapp.infisical.com",
        "https://infisical.com",
        "https://аpp.infisical.com",
        "file:///etc/passwd",
        "file:app.infisical.com",
        "unix:///run/app.infisical.com",
        "data://app.infisical.com",
        "https://",
    ] {
        for name in ["hushed.toml", ".infisical.json"] {
            let contents = if name == "hushed.toml" { config(domain) } else { json(domain) };
            let sandbox = base(&server)
                .env("ALL_PROXY", format!("http://{}", proxy.address()))
                .file(name, contents);
            let said = refusal(&sandbox, &["--timeout", "2s"]);
            let refused = said.contains("and this project file is not trusted")
                || said.contains("is not the address of a server");
            assert!(refused, "{name} {domain}: {said}");
        }
    }
    assert_eq!(proxy.asked(), []);
}

#[test]
fn the_project_file_of_a_neighbour_does_not_gain_trust_by_a_link() {
    let server = start();
    let sandbox = base(&server).file("hushed.toml", config(&server.url()));
    sandbox.run(["trust"]).success();
    // What is trusted is the file that is read, by its real path.
    let hushed = crate::support::sandbox::hushed().display().to_string();
    let script = format!(
        "mkdir evil && cp hushed.toml evil/real.toml && ln -s real.toml evil/hushed.toml && \
         cd evil && exec {hushed} run -- true"
    );
    let output = sandbox.program("sh", ["-c", &script]).run().fails_with(125);
    assert!(output.stderr.contains("this project file is not trusted"), "{}", output.stderr);
}

#[test]
fn a_trusted_file_that_weakens_something_new_is_asked_about_again() {
    let server = start();
    for keys in ["pass-credentials = true", "allow-reserved = [\"LD_PRELOAD\"]"] {
        let sandbox = base(&server).file("hushed.toml", config(&server.url()));
        sandbox.run(["trust"]).success();
        let contents = format!("[run]\n{keys}\n{}", config(&server.url()));
        let sandbox = sandbox.file("hushed.toml", contents);
        assert!(refusal(&sandbox, &[]).contains("and this project file is not trusted"), "{keys}");
        sandbox.run(["trust"]).success();
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{keys}");
    }
}

#[test]
fn a_project_may_not_choose_the_identity_that_a_credential_is_passed_on_for() {
    // Infisical hands a service account's token to the identity's cluster, and a password to its
    // directory: with an identity of its own, a project could have any file sent to itself.
    let server = start();
    for (method, identity, keys) in [
        ("kubernetes", "pod", "service-account-token-path = \"held\""),
        ("ldap-auth", "ada", "ldap-username = \"ada\"\nldap-password-file = \"held\""),
        ("oidc-auth", "build", "jwt-file = \"held\""),
    ] {
        let id = identity_id(&server, identity);
        let held = match identity {
            "pod" => "canary-of-a-pod",
            "ada" => "canary of ada ",
            _ => "canary-of-a-build",
        };
        let config = |identity: &str| {
            format!("[source.i]\ntype = \"infisical\"\nmethod = \"{method}\"\n{keys}\n{identity}")
        };
        let named = config(&format!("identity-id = \"{id}\"\n"));
        let sandbox = stranger(&server).file("held", held).file("hushed.toml", named);
        server.forget();
        if method == "oidc-auth" {
            assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "only the issuer's keys are fetched");
            continue;
        }
        let said = refusal(&sandbox, &[]);
        assert!(said.contains("names the identity, which decides to whom"), "{said}");
        assert!(said.contains("yourself: --machine-identity-id or --config\n"), "{said}");
        assert_eq!(asked(&server), [""; 0]);
        assert_eq!(secrets(&sandbox, &["--machine-identity-id", &id]), map(&AT_ROOT));
        assert_eq!(secrets(&sandbox, &["--config", "hushed.toml"]), map(&AT_ROOT));
        sandbox.run(["trust"]).success();
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{method}");
        let sandbox = stranger(&server).file("held", held).file("hushed.toml", config(""));
        let sandbox = sandbox.env("INFISICAL_MACHINE_IDENTITY_ID", id);
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{method}");
    }
}
