//! Checks a systemd unit that runs hushed for settings that are valid but have unwanted effects. It only
//! reads files.

use std::path::{Path, PathBuf};

use crate::config::systemd::{VALID_IDS, is_valid_credential_id};
use crate::provider::Check;

/// Where the files of system units are, the strongest first (`systemd.unit(5)`).
const UNIT_FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/transient",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
];

/// Checks a unit file.
pub(super) fn file(path: &Path) -> Vec<Check> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let detail = format!("cannot read {}: {error}", path.display());
            return vec![Check::not_ok("systemd unit", detail, "check the path")];
        }
    };
    let settings = service_settings(&text);
    let name = path.display().to_string();
    let ids = invalid_credential_ids(&settings);
    let expansions = expansions(&settings);
    let hidden = hidden_paths(&settings);
    let mut checks: Vec<_> = kill_mode(&name, &settings).into_iter().collect();
    if !hidden.is_empty() {
        let detail = format!("{name}: its sandbox hides {}", hidden.join(", "));
        checks.push(Check::warning("systemd sandbox", detail, HIDDEN_HINT));
    }
    if !ids.is_empty() {
        let detail = format!("{name}: systemd ignores the credentials {}", ids.join(", "));
        checks.push(Check::not_ok("systemd credentials", detail, VALID_IDS));
    }
    if !expansions.is_empty() {
        let detail = format!("{name}: systemd expands {} in ExecStart=", expansions.join(", "));
        let hint = "systemd does not know the secrets and replaces unknown variables with nothing; write $$ \
                    for a literal $, or use ExecStart=:";
        checks.push(Check::warning("systemd command line", detail, hint));
    }
    if checks.is_empty() {
        checks.push(Check::ok("systemd unit", name));
    }
    checks
}

/// Checks the system unit that this process runs in, if it runs in one that has files.
pub(super) fn running() -> Option<Check> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let unit = unit_of(&groups)?;
    let mut files = UNIT_FOLDERS.iter().map(|folder| Path::new(folder).join(unit));
    let mut paths = vec![files.find(|path| path.exists())?];
    paths.extend(drop_ins(unit));
    let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    let settings: Vec<_> = texts.flat_map(|text| service_settings(&text)).collect();
    kill_mode(unit, &settings)
}

/// What to do about [`hidden_paths`].
pub(in crate::command) const HIDDEN_HINT: &str = "install the project elsewhere, for instance in /etc, or set \
     ProtectHome=read-only and PrivateTmp=no (and no DynamicUser=) in [Service]";

/// The paths that a unit's text names but its sandbox hides.
pub(in crate::command) fn hidden_paths_of(text: &str) -> Vec<String> {
    hidden_paths(&service_settings(text))
}

/// The paths of the command lines and the working directory that `ProtectHome=`, `PrivateTmp=` or
/// `DynamicUser=`, which implies the latter, hide from the service (`systemd.exec(5)`).
fn hidden_paths(settings: &[Setting]) -> Vec<String> {
    let value = |name: &str| {
        let found = settings.iter().rev().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let is_on = |name: &str| matches!(value(name), "yes" | "true" | "on" | "1");
    let mut hidden = Vec::new();
    if is_on("ProtectHome") || value("ProtectHome") == "tmpfs" {
        hidden.extend(["/home", "/root", "/run/user"]);
    }
    if is_on("PrivateTmp") || value("PrivateTmp") == "disconnected" || is_on("DynamicUser") {
        hidden.extend(["/tmp", "/var/tmp"]);
    }
    let named = settings.iter().filter(|(key, _)| key == "ExecStart" || key == "WorkingDirectory");
    let words =
        named.flat_map(|(_, value)| words(value.trim_start_matches(['@', '-', '+', '!', ':'])));
    let paths = words.map(|word| match word.split_once('=') {
        Some((option, path)) if option.starts_with('-') => path.to_owned(),
        _ => word,
    });
    let is_hidden = |path: &String| hidden.iter().any(|folder| Path::new(path).starts_with(folder));
    paths.filter(is_hidden).map(|path| format!("`{path}`")).collect()
}

/// The system service of a process, from `/proc/PID/cgroup`.
fn unit_of(groups: &str) -> Option<&str> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let unit = path.rsplit('/').next().filter(|name| name.ends_with(".service"))?;
    (!path.contains("/user@")).then_some(unit)
}

/// The files that change a unit, in the order of their names, in which systemd reads them.
fn drop_ins(unit: &str) -> Vec<PathBuf> {
    let folders = UNIT_FOLDERS.iter().map(|folder| Path::new(folder).join(format!("{unit}.d")));
    let entries = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension() == Some("conf".as_ref())).collect();
    paths.sort_by_key(|path| path.file_name().map(std::ffi::OsStr::to_owned));
    paths
}

/// A setting of `[Service]`: its key and its value.
type Setting = (String, String);

/// The settings of `[Service]`, in their order, with continued lines as one (`systemd.syntax(7)`).
fn service_settings(text: &str) -> Vec<Setting> {
    let (mut settings, mut within, mut continued) = (Vec::new(), false, String::new());
    for line in text.lines() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        continued += line;
        if continued.ends_with('\\') {
            continued.pop();
            continued.push(' ');
            continue;
        }
        let line = std::mem::take(&mut continued);
        let line = line.trim();
        if line.starts_with('[') {
            within = line == "[Service]";
        } else if let Some((key, value)) = line.split_once('=').filter(|_| within) {
            settings.push((key.trim_end().to_owned(), value.trim_start().to_owned()));
        }
    }
    settings
}

fn kill_mode(unit: &str, settings: &[Setting]) -> Option<Check> {
    let found = settings.iter().rev().find(|(key, _)| key == "KillMode").map(|(_, mode)| &**mode);
    if !matches!(found, None | Some("" | "control-group")) {
        return None;
    }
    let detail = format!(
        "{unit}: with KillMode=control-group systemd sends SIGTERM to both hushed and the command, so \
         the command gets it twice under --redact or --init"
    );
    Some(Check::warning("systemd KillMode", detail, "set KillMode=mixed in [Service]"))
}

/// The IDs of credentials that systemd ignores. Those with specifiers are left to systemd.
fn invalid_credential_ids(settings: &[Setting]) -> Vec<String> {
    const KEYS: [&str; 4] =
        ["LoadCredential", "LoadCredentialEncrypted", "SetCredential", "SetCredentialEncrypted"];
    let values = settings.iter().filter(|(key, _)| KEYS.contains(&&**key)).map(|(_, value)| value);
    let ids = values
        .filter(|value| !value.is_empty())
        .map(|value| value.split_once(':').map_or(value.as_str(), |(id, _)| id));
    let invalid = ids.filter(|id| !id.contains('%') && !is_valid_credential_id(id));
    invalid.map(|id| format!("`{id}`")).collect()
}

/// The variables that systemd expands in the command lines of hushed: `${NAME}` anywhere, `$NAME` as a
/// word of its own (`systemd.service(5)`).
fn expansions(settings: &[Setting]) -> Vec<String> {
    let lines = settings.iter().filter(|(key, _)| key == "ExecStart").map(|(_, line)| line);
    let mut found = Vec::new();
    for line in lines {
        let command = line.trim_start_matches(['@', '-', '+', '!', '|', ':']);
        let prefix = line.strip_suffix(command).unwrap_or_default();
        let program = command.split_whitespace().next().unwrap_or_default();
        let is_hushed = program.rsplit('/').next() == Some("hushed");
        if prefix.contains(':') || !is_hushed {
            continue;
        }
        for word in words(command) {
            let word = word.replace("$$", "");
            for (at, _) in word.match_indices("${") {
                let name = word.get(at + 2..).and_then(|rest| rest.split_once('}'));
                found.extend(name.map(|(name, _)| format!("`${{{name}}}`")));
            }
            let alone = word.strip_prefix('$').filter(|name| !name.starts_with('{'));
            found.extend(alone.filter(|name| !name.is_empty()).map(|name| format!("`${name}`")));
        }
    }
    found
}

/// The words of a command line without their quotes (`systemd.syntax(7)`).
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            c if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && quote.is_none() => words.extend(word.take()),
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Setting> {
        service_settings(&format!("[Unit]\nKillMode=none\n[Service]\n{text}\n[Install]\nA=b\n"))
    }

    #[test]
    fn the_default_of_kill_mode_signals_the_command_twice() {
        for (text, warned) in [
            ("", true),
            ("KillMode=control-group", true),
            ("KillMode=mixed", false),
            ("KillMode=mixed\n# KillMode=process\nKillMode=", true),
            ("KillMode=control-group\nKillMode=process", false),
        ] {
            assert_eq!(kill_mode("x", &of(text)).is_some(), warned, "{text}");
        }
    }

    #[test]
    fn paths_that_the_sandbox_hides_are_found() {
        let start =
            "ExecStart=-/usr/bin/hushed run --config=/home/me/hushed.toml -- /tmp/app /srv/x\n";
        let (home, tmp) = ("`/home/me/hushed.toml`", "`/tmp/app`");
        for (text, want) in [
            ("ProtectHome=yes", &[home][..]),
            ("ProtectHome=tmpfs\nPrivateTmp=yes", &[home, tmp]),
            ("ProtectHome=read-only\nDynamicUser=yes", &[tmp]),
            ("ProtectHome=yes\nProtectHome=no", &[]),
            ("WorkingDirectory=/root/app\nProtectHome=true", &[home, "`/root/app`"]),
        ] {
            assert_eq!(hidden_paths_of(&format!("[Service]\n{start}{text}\n")), want, "{text}");
        }
    }

    #[test]
    fn variables_that_systemd_expands_are_found() {
        for (line, want) in [
            ("/usr/bin/hushed run -- sh -c 'echo ${A} $B' $C", &["`${A}`", "`$C`"][..]),
            ("-hushed run -- sh -c 'echo $${A}' $$C", &[]),
            (r#"/usr/bin/hushed run -- app "$A" \'b\' "c \" ${D}""#, &["`$A`", "`${D}`"]),
            (":/usr/bin/hushed run -- sh -c 'echo ${A}'", &[]),
            ("/usr/bin/other ${A}", &[]),
            ("/usr/bin/hushed run \\\n  # a comment\n  -- app ${A}", &["`${A}`"]),
        ] {
            assert_eq!(expansions(&of(&format!("ExecStart={line}"))), want, "{line}");
        }
    }

    #[test]
    fn ids_that_systemd_ignores_are_found() {
        let text = "LoadCredential=a/b:/x\nLoadCredential=good:/x\nSetCredential=\u{fc}:y\n\
                    LoadCredential=%n:/x\nLoadCredential=";
        assert_eq!(invalid_credential_ids(&of(text)), ["`a/b`", "`\u{fc}`"]);
    }

    #[test]
    fn the_unit_of_a_process_is_the_last_service_of_its_path() {
        for (groups, want) in [
            ("0::/system.slice/app.service\n", Some("app.service")),
            ("12:pids:/x\n0::/system.slice/app.service", Some("app.service")),
            ("0::/user.slice/user-0.slice/user@0.service/app.slice/x.service\n", None),
            ("0::/user.slice/user-0.slice/session-1.scope\n", None),
            ("0::/\n", None),
        ] {
            assert_eq!(unit_of(groups), want, "{groups}");
        }
    }
}
