//! The commonest ways to say `run`, read without clap: to build its sixty flags takes 5 % of a start.
//! Whatever is not plainly one of them is left to clap, which alone knows what is a fault.

use std::ffi::OsString;

use super::Run;

/// Where the value of a flag goes.
enum Slot<'a> {
    /// Said once at most.
    One(&'a mut Option<String>),
    /// Every time counts.
    Many(&'a mut Vec<String>),
}

/// Reads the arguments after `run`, if they are flags known here and then a command.
pub(super) fn read(arguments: &[OsString]) -> Option<Run> {
    let mut run = Run::default();
    let mut rest = arguments;
    loop {
        let (first, after) = rest.split_first()?;
        match first.as_encoded_bytes() {
            b"--" => {
                rest = after;
                break;
            }
            [b'-', ..] => rest = flag(&mut run, first.to_str()?, after)?,
            _ => break,
        }
    }
    run.command = rest.to_vec();
    (!run.command.is_empty()).then_some(run)
}

/// Takes one flag, and gives what comes after it and its value.
fn flag<'a>(run: &mut Run, flag: &str, after: &'a [OsString]) -> Option<&'a [OsString]> {
    let said_before = match flag {
        "--redact" => run.supervising.redact.replace(true).is_some(),
        "--offline" => run.scope.caching.offline.replace(true).is_some(),
        "-v" | "--verbose" => std::mem::replace(&mut run.scope.verbose, true),
        _ => return valued(run, flag, after),
    };
    (!said_before).then_some(after)
}

fn valued<'a>(run: &mut Run, flag: &str, after: &'a [OsString]) -> Option<&'a [OsString]> {
    let slot = match flag {
        "--env-file" => Slot::Many(&mut run.scope.env_file),
        "--path" => Slot::Many(&mut run.scope.path),
        "-e" | "--env" => Slot::One(&mut run.scope.env),
        "--cache" => Slot::One(&mut run.scope.caching.cache),
        "--project" => Slot::One(&mut run.scope.project),
        _ => return None,
    };
    let (value, after) = after.split_first()?;
    let value = value.to_str().filter(|value| !value.is_empty() && !value.starts_with('-'))?;
    match slot {
        Slot::One(Some(_said_before)) => return None,
        Slot::One(one) => *one = Some(value.to_owned()),
        Slot::Many(many) => many.push(value.to_owned()),
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use clap::Parser as _;
    use proptest::prelude::*;

    use super::super::{Cli, Command};
    use super::*;

    /// What clap makes of these arguments after `run`.
    fn by_clap(arguments: &[OsString]) -> Result<Run, clap::Error> {
        let before = ["hushed", "run"].map(OsString::from);
        match Cli::try_parse_from(before.iter().chain(arguments))?.command {
            Command::Run(run) => Ok(*run),
            other => panic!("{other:?}"),
        }
    }

    fn all(arguments: &[&str]) -> Vec<OsString> {
        arguments.iter().map(OsString::from).collect()
    }

    #[test]
    fn common_runs_are_read_here() {
        for arguments in [
            &["true"][..],
            &["--", "true"],
            &["--", "--", "-x"],
            &["--", ""],
            &["", "a"],
            &["echo", "--redact", "-c", "x"],
            &["-e", "prod", "--path", "/a", "--path", "/b", "--", "x"],
            &["--env-file", ".env", "--redact", "-v", "make", "-j"],
            &["--project", "p", "--env", "e", "x"],
            &["--cache", "ttl=5m", "--offline", "x"],
        ] {
            let arguments = all(arguments);
            let (here, by_clap) = (read(&arguments), by_clap(&arguments));
            assert_eq!(format!("{:?}", here.unwrap()), format!("{:?}", by_clap.unwrap()));
        }
    }

    #[test]
    fn whatever_else_is_left_to_clap() {
        for arguments in [
            &[][..],
            &["--"],
            &["-c", "true"],
            &["-", "x"],
            &["--help"],
            &["--redact", "--redact", "x"],
            &["--redact=false", "x"],
            &["--offline", "--offline", "x"],
            &["--cache", "off", "--cache", "off", "x"],
            &["-e", "a", "--env", "b", "x"],
            &["--env", "--", "x"],
            &["--env", "", "x"],
            &["-eprod", "x"],
            &["--path=/a", "x"],
            &["-v"],
        ] {
            assert!(read(&all(arguments)).is_none(), "{arguments:?}");
        }
        let strange = ["--env".into(), OsString::from_vec(vec![0xff]), "x".into()];
        assert!(read(&strange).is_none());
    }

    proptest! {
        /// Nothing is read here in another way than by clap, nor taken that clap refuses.
        #[test]
        fn what_is_read_here_is_what_clap_makes_of_it(
            arguments in prop::collection::vec(
                prop::sample::select(vec![
                    "--", "-", "", "x", "-v", "--verbose", "--redact", "--env-file", "--path", "-e",
                    "--env", "--project", "--cache", "--offline", "--offline=true", "--init", "-c", "--path=/a", "-vv", "-ve", "--redact=true",
                ]),
                0..7,
            ),
        ) {
            let arguments = all(&arguments);
            if let Some(here) = read(&arguments) {
                let by_clap = by_clap(&arguments);
                prop_assert_eq!(format!("{here:?}"), format!("{:?}", by_clap.unwrap()));
            }
        }
    }
}
