//! Descriptors: open ones stay open, closed ones stay closed, and hushed's own do not leak.

use super::{both, sandbox, sh, through_hushed};

#[test]
fn inherited_descriptors_stay_open_and_husheds_own_do_not_leak() {
    let script = r#"exec 5</dev/null 9>kept; exec "$@""#;
    let (directly, through) = both(script, &["ls", "/proc/self/fd"]);
    assert_eq!(through, directly);
    let numbers: Vec<&str> = through.split_whitespace().collect();
    assert!(numbers.contains(&"5") && numbers.contains(&"9"), "{numbers:?}");

    let sandbox = sandbox();
    sh(&sandbox, script, through_hushed(&sandbox, &["sh", "-c", "echo written >&9"])).success();
    assert_eq!(std::fs::read_to_string(sandbox.project().join("kept")).unwrap(), "written\n");
}

#[test]
fn descriptors_keep_their_positions_and_flags() {
    let script = r#"exec 4<app.env; read -r _ <&4; exec "$@""#;
    let (directly, through) = both(script, &["cat", "/proc/self/fdinfo/4"]);
    assert!(through.starts_with("pos:\t14\n"), "{through}");
    assert_eq!(through, directly);
}

/// Says on descriptor 9 which of the standard streams are open.
const WHICH: &str = r#"open=
for n in 0 1 2; do [ ! -e /proc/self/fd/$n ] || open="$open $n"; done
echo "open:$open" >&9"#;

#[test]
fn closed_streams_stay_closed() {
    for closed in 0..8 {
        let (shut, open): (Vec<_>, Vec<_>) =
            ["0", "1", "2"].iter().enumerate().partition(|(n, _)| closed & (1 << n) != 0);
        let closing = shut.iter().map(|(_, n)| [" ", n, ">&-"].concat()).collect::<String>();
        let open = open.iter().map(|(_, n)| [" ", n].concat()).collect::<String>();
        let script = format!(r#"exec 9>out; exec "$@"{closing}"#);
        let sandbox = sandbox();
        sh(&sandbox, &script, through_hushed(&sandbox, &["sh", "-c", WHICH])).success();
        let said = std::fs::read_to_string(sandbox.project().join("out")).unwrap();
        assert_eq!(said, format!("open:{open}\n"), "closed:{closing}");
    }
}

#[test]
fn an_error_with_all_streams_closed_keeps_its_exit_code() {
    let sandbox = sandbox();
    for (command, code) in [("./none", 127), ("/", 126)] {
        let line = through_hushed(&sandbox, &[command]);
        sh(&sandbox, r#"exec "$@" 0>&- 1>&- 2>&-"#, line).fails_with(code);
    }
    let line = through_hushed(&sandbox, &["true"]);
    let output = sh(&sandbox, r#"rm app.env; exec "$@" 0>&- 1>&-"#, line).fails_with(125);
    assert!(output.stderr.contains("app.env"), "{}", output.stderr);
}
