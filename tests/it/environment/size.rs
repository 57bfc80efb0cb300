//! The kernel's size limits: hushed reports by name and size what exceeds them, and nothing else.

use std::ffi::OsString;

use super::refused;
use crate::support::sandbox::Sandbox;

/// A dotenv file with so many bytes behind `NAME=`.
fn file(name: &str, length: usize) -> String {
    format!("{name}={}\n", "canary".repeat(length / 6 + 1).split_at(length).0)
}

#[test]
fn one_variable_may_have_the_kernels_maximum_size() {
    // "NAME=" and the value: 131,071 bytes.
    let sandbox = Sandbox::new().file("app.env", file("NAME", 131_066));
    sandbox.run(["run", "--env-file", "app.env", "--", "true"]).success();

    let sandbox = Sandbox::new().file("app.env", file("NAME", 131_067));
    let message = refused(&sandbox, &["--env-file", "app.env"]);
    let want = "hushed: the variable `NAME` takes 131072 bytes; the kernel takes no `NAME=VALUE` over 131071\n  hint: ";
    assert!(message.starts_with(want), "{message}");
}

#[test]
fn one_argument_may_have_the_kernels_maximum_size() {
    let sandbox = Sandbox::new().file("app.env", "A=canary\n");
    let run = |length: usize| {
        let argument = "x".repeat(length);
        sandbox.run(["run", "--env-file", "app.env", "--", "true", &argument])
    };
    run(131_071).success();
    // One byte more cannot be given to hushed either.
}

/// Whether a whole of so many bytes in one variable starts the command.
fn starts(sandbox: &Sandbox, stack: usize, length: usize) -> Result<(), String> {
    let sizes = [100_000, 90_000];
    let rest = length - sizes.iter().sum::<usize>();
    let lines = [file("A", sizes[0]), file("B", sizes[1]), file("C", rest)].concat();
    std::fs::write(sandbox.project().join("app.env"), lines).unwrap();
    let script = format!("ulimit -S -s {}; exec \"$@\"", stack / 1024);
    let hushed = crate::support::sandbox::hushed();
    let line = ["-c", &script, "sh", hushed.to_str().unwrap()].map(OsString::from);
    let rest = ["run", "--env-file", "app.env", "--", "true"].map(OsString::from);
    let output = sandbox.program("/bin/sh", line.into_iter().chain(rest)).run();
    if output.code() == 0 {
        return Ok(());
    }
    assert_eq!(output.code(), 125, "{}", output.stderr);
    Err(output.stderr)
}

#[test]
fn arguments_and_environment_may_have_the_kernels_maximum_size() {
    let sandbox = Sandbox::new().file("app.env", "");
    let stack = 1 << 20;
    // The first length that is refused, and refused by us: the kernel took the one before it, and a
    // check that let too much pass would end in its E2BIG, which is another exit code.
    let (mut good, mut bad) = (200_000, 300_000);
    assert_eq!(starts(&sandbox, stack, good), Ok(()));
    while bad - good > 1 {
        let middle = good.midpoint(bad);
        match starts(&sandbox, stack, middle) {
            Ok(()) => good = middle,
            Err(_) => bad = middle,
        }
    }
    let message = starts(&sandbox, stack, bad).unwrap_err();
    let size = message.split_whitespace().find_map(|word| word.parse::<usize>().ok()).unwrap();
    assert_eq!(size, stack / 4 + 1, "{message}");
    let want = format!(
        "environment and arguments take {size} bytes, and the kernel takes {} here",
        stack / 4
    );
    assert!(message.contains(&want), "{message}");
    assert!(
        message.contains("the largest variables are `A` (100002 bytes), `B` (90002 bytes)"),
        "{message}"
    );
    assert!(message.contains("ulimit -s"), "{message}");
}
