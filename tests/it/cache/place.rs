//! Where the cache is, who may see what there, and disks that do not take it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;

use super::{
    FALLBACK, TTL, away, directory, entries, fails, home, run, serves, skipped, soon, start,
};
use crate::support::infisical::Server;
use crate::support::sandbox::{Sandbox, hushed};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// One warning that says why, and the secrets from the server; offline it is an error.
fn useless(sandbox: &Sandbox, server: &Server, why: &str) {
    for flags in [FALLBACK, TTL] {
        server.forget();
        let said = serves(sandbox, &flags);
        assert!(
            said.starts_with("hushed: warning: the cache of source `infisical` is not used: "),
            "{said}"
        );
        assert!(said.contains(why), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(server.requests().len(), 2);
    }
    let said = fails(sandbox, &["--offline"]);
    assert!(said.contains(why) || said.contains("the cache has no entry"), "{said}");
}

#[test]
fn directory_and_files_are_private_and_tell_nothing() {
    let server = start();
    let sandbox = home(&server);
    let token = ["--cache", "fallback", "--cache-token"];
    serves(&sandbox, &token);
    run(&sandbox, &[&token[..], &["--path=/api"]].concat()).run().success();
    assert_eq!(mode(&directory(&sandbox)), 0o700);
    let entries = entries(&sandbox);
    assert_eq!(entries.len(), 3);
    let sizes: Vec<_> = entries.iter().map(|path| fs::metadata(path).unwrap().len()).collect();
    assert_eq!(sizes, [sizes[0]; 3], "one secret, two, and a login have one size");
    for path in &entries {
        assert_eq!(mode(path), 0o600);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        let bytes = fs::read(path).unwrap();
        for word in ["shop", "dev", "127.0.0.1", "NAME", "PORT", "api", "reader", "infisical"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }
    // The same scope in another directory has another name.
    let elsewhere = Sandbox::new();
    let other = sandbox.env("XDG_CACHE_HOME", elsewhere.home().as_os_str());
    serves(&other, &FALLBACK);
    let names = fs::read_dir(elsewhere.home().join("hushed")).unwrap();
    for name in names.map(|entry| entry.unwrap().file_name()) {
        assert!(name == "names" || !directory(&other).join(name).exists());
    }
}

#[test]
fn a_directory_that_is_not_ours_alone_is_not_used() {
    let server = start();
    for open in [0o755, 0o710, 0o701, 0o777] {
        let sandbox = home(&server);
        fs::create_dir(directory(&sandbox)).unwrap();
        set_mode(&directory(&sandbox), open);
        useless(
            &sandbox,
            &server,
            &format!("is accessible to other users: its mode is {open:04o}"),
        );
        assert_eq!(fs::read_dir(directory(&sandbox)).unwrap().count(), 0);
    }
    let sandbox = home(&server);
    fs::create_dir(sandbox.home().join("elsewhere")).unwrap();
    set_mode(&sandbox.home().join("elsewhere"), 0o700);
    symlink("../elsewhere", directory(&sandbox)).unwrap();
    useless(&sandbox, &server, "is a symbolic link");
    assert_eq!(fs::read_dir(sandbox.home().join("elsewhere")).unwrap().count(), 0);

    let sandbox = home(&server);
    fs::write(directory(&sandbox), "").unwrap();
    useless(&sandbox, &server, ".cache/hushed`");

    let sandbox = home(&server);
    fs::create_dir(directory(&sandbox)).unwrap();
    set_mode(&directory(&sandbox), 0o700);
    if chown(directory(&sandbox), Some(12_345), None).is_err() {
        return skipped("only root can give a directory away");
    }
    useless(&sandbox, &server, "is owned by another user (uid 12345)");
}

#[test]
fn a_file_that_is_not_ours_alone_is_not_read() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &TTL);
    let path = entries(&sandbox)[0].clone();
    set_mode(&path, 0o644);
    let said = serves(&sandbox, &TTL);
    assert!(said.contains("is accessible to other users: its mode is 0644"), "{said}");
    // It was replaced.
    assert!(serves(&sandbox, &TTL).contains("is from the cache"));
    let aside = sandbox.home().join("aside");
    fs::rename(&path, &aside).unwrap();
    symlink(&aside, &path).unwrap();
    let said = serves(&sandbox, &TTL);
    assert!(said.contains("is a symbolic link"), "{said}");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink(), "no link is written through");
}

#[test]
fn the_directory_may_be_named_or_be_that_of_a_service() {
    let server = start();
    let sandbox = home(&server).env("CACHE_DIRECTORY", "");
    let service = sandbox.home().join("service");
    fs::create_dir(&service).unwrap();
    let sandbox = sandbox.env("CACHE_DIRECTORY", format!("{}:/other", service.display()));
    serves(&sandbox, &FALLBACK);
    assert_eq!(fs::read_dir(service.join("hushed")).unwrap().count(), 2);
    let sandbox = sandbox.env("HUSHED_CACHE_DIR", "../named/deep");
    serves(&sandbox, &FALLBACK);
    assert_eq!(mode(&sandbox.home().join("named")), 0o700);
    assert_eq!(fs::read_dir(sandbox.home().join("named/deep")).unwrap().count(), 2);
    serves(&sandbox, &["--cache", "fallback", "--cache-dir", "../flag"]);
    assert_eq!(fs::read_dir(sandbox.home().join("flag")).unwrap().count(), 2);
    assert!(entries(&sandbox).is_empty());
}

/// Runs hushed where a disk of this kind is mounted over the cache; or says why that is not permitted.
fn on_disk(sandbox: &Sandbox, mount: &str, flags: &[&str]) -> Result<(String, String), String> {
    fs::create_dir_all(directory(sandbox)).unwrap();
    set_mode(&directory(sandbox), 0o700);
    let (cache, hushed) = (directory(sandbox), hushed());
    let script = format!(
        "mount -t tmpfs {mount} none {0} && chmod 700 {0} && exec {1} run --clean-env {2} -- env -0",
        cache.display(),
        hushed.display(),
        flags.join(" "),
    );
    let line = ["--mount", "--map-root-user", "sh", "-c", &script];
    let output = sandbox.program("unshare", line).reveals().run();
    if output.stderr.contains("unshare") || output.stderr.contains("mount:") {
        return Err(output.stderr);
    }
    let output = output.success();
    Ok((output.stdout, output.stderr))
}

#[test]
fn a_full_disk_and_one_that_cannot_be_written_keep_nobody_from_running() {
    let server = start();
    for (mount, why) in [
        // Room for the names, and for no entry.
        ("-o size=4k", "No space left on device"),
        // Not even for names.
        ("-o nr_inodes=1", "No space left on device"),
    ] {
        let sandbox = home(&server);
        let (out, said) = match on_disk(&sandbox, mount, &FALLBACK) {
            Ok(said) => said,
            Err(why) => return skipped(&format!("no disk can be mounted here: {why}")),
        };
        assert!(out.contains("NAME=canary-one"), "{said}");
        assert!(said.contains("warning: the cache of source `infisical` is not used: "), "{said}");
        assert!(said.contains(why), "{mount}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let sandbox = home(&server);
    let script = format!(
        "{0} run --clean-env --cache fallback -- true && mount --bind {1} {1} && \
         mount -o remount,ro,bind {1} && {0} run --clean-env --cache ttl=1ms -- env -0 && \
         {0} run --clean-env --cache ttl=1h -- env -0",
        hushed().display(),
        directory(&sandbox).display(),
    );
    let output = sandbox.program("unshare", ["--mount", "--map-root-user", "sh", "-c", &script]);
    let output = output.reveals().run();
    if output.stderr.contains("unshare") || output.stderr.contains("mount:") {
        return skipped(&format!("no disk can be mounted here: {}", output.stderr));
    }
    let output = output.success();
    assert_eq!(output.stdout.matches("NAME=canary-one").count(), 2);
    assert!(output.stderr.contains("Read-only file system"), "{}", output.stderr);
    // What is there is used all the same.
    assert!(soon(&output.stderr).ends_with("is from the cache, 0 s old\n"), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 2, "{}", output.stderr);
}

#[test]
fn clear_destroys_what_is_kept_for_these_settings_or_all() {
    let server = start();
    let sandbox = home(&server);
    let token = ["--cache", "fallback", "--cache-token"];
    serves(&sandbox, &token);
    run(&sandbox, &[&token[..], &["--env=prod"]].concat()).run().success();
    assert_eq!(entries(&sandbox).len(), 3);
    let said = sandbox.run(["cache", "clear", "--env=prod"]).success().stdout;
    assert_eq!(said, "`infisical`: deleted its cached secrets and login\n");
    assert_eq!(entries(&sandbox).len(), 1);
    let said = sandbox.run(["cache", "clear", "--env=prod"]).success().stdout;
    assert_eq!(said, "`infisical`: nothing was cached\n");
    serves(&sandbox, &token);
    // All of it needs neither source nor key.
    let bare = sandbox.without("INFISICAL_DOMAIN").without("INFISICAL_PROJECT_ID");
    let said = bare.run(["cache", "clear", "--all"]).success().stdout;
    assert_eq!(said, format!("deleted 2 entries in {}\n", directory(&bare).display()));
    assert_eq!(entries(&bare).len(), 0);
    away(&server);
}

#[test]
fn status_shows_names_ages_and_sizes_and_no_value() {
    let server = start();
    let sandbox = home(&server);
    let said = sandbox.run(["cache", "status"]).success().stdout;
    let place = directory(&sandbox).display().to_string();
    assert_eq!(
        said,
        format!(
            "`infisical`: off, up to 24 h, key: credential, in {place}\n  secrets: nothing is cached\n"
        )
    );
    serves(&sandbox, &TTL);
    let said = sandbox.run(["cache", "status", "--cache", "ttl=5m"]).success().stdout;
    let want = format!(
        "`infisical`: ttl=5m, up to 24 h, key: credential, in {place}\n  \
         secrets: 2 secrets, 0 s old, 4472 bytes sealed\n    NAME, SECOND\n"
    );
    assert_eq!(soon(&said), want);
    let said = sandbox.run(["cache", "verify", "--json", "--cache-token"]).success().stdout;
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json[0]["secrets"]["opens"], true);
    assert_eq!(json[0]["secrets"]["names"][1], "SECOND");
    assert_eq!(json[0]["login"]["kept"], false);
    assert_eq!(json[0]["mode"], "off");

    let path = &entries(&sandbox)[0];
    let mut bytes = fs::read(path).unwrap();
    bytes[1000] ^= 1;
    fs::write(path, bytes).unwrap();
    let output = sandbox.run(["cache", "verify"]).fails_with(1);
    assert!(
        output.stdout.contains("secrets: NOT OK: cannot open the cache entry `"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("    hint: the next successful fetch"), "{}", output.stdout);
    sandbox.run(["cache", "status"]).success();
}

#[test]
fn where_no_server_is_asked_there_is_no_cache_to_speak_of() {
    let sandbox = Sandbox::new().file(".env", "A=canary-a\n").env("HUSHED_ENV_FILE", ".env");
    for action in ["status", "verify", "clear"] {
        let output = sandbox.run(["cache", action]).success();
        assert_eq!(
            output.stdout, "no configured source uses a server, so there is no cache\n",
            "{action}"
        );
    }
    assert_eq!(sandbox.run(["cache", "status", "--json"]).success().stdout, "[]\n");
}
