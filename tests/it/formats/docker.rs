//! How docker reads an env file: its rules said again, and its own client, whose request is caught by
//! a daemon that knows two answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use super::reader::{Read, stdout};

/// Lines of at most 64 KiB, left-trimmed, `#` first is a comment, the rest after `=` is the value.
pub(super) fn rules(file: &Path) -> Read {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut read = Read::new();
    for line in text.split_terminator('\n') {
        assert!(line.len() < 64 << 10, "too long a line");
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').expect("docker would look into its environment");
        assert!(!name.is_empty() && !name.contains([' ', '\t']), "docker refuses `{name}`");
        read.insert(name.to_owned(), value.as_bytes().to_vec());
    }
    read
}

/// Lets docker's client create a container, and reads the environment that it asks for.
pub(super) fn client(file: &Path) -> Option<Read> {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || serve(&listener));
    let mut command = Command::new("docker");
    command
        .env("DOCKER_HOST", format!("unix://{}", socket.display()))
        .env("DOCKER_CONFIG", socket.parent().unwrap())
        .args(["create", "--env-file"])
        .arg(file)
        .arg("image");
    // The daemon answers with what it was asked as the container's id, which the client prints.
    let stdout = stdout(&mut command)?;
    let request: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    let pairs = request["Env"].as_array().unwrap().iter().map(|pair| {
        let (name, value) = pair.as_str().unwrap().split_once('=').unwrap();
        (name.to_owned(), value.as_bytes().to_vec())
    });
    Some(pairs.collect())
}

/// Answers one request a connection, until the test's process ends.
fn serve(listener: &UnixListener) {
    for connection in listener.incoming() {
        let mut connection = BufReader::new(connection.unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && connection.read_line(&mut head).unwrap() > 0 {}
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut asked = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        connection.read_exact(&mut asked).unwrap();
        let (status, answer) = if head.starts_with("POST") {
            let id = String::from_utf8(asked).unwrap();
            ("201 Created", serde_json::json!({ "Id": id, "Warnings": [] }).to_string())
        } else {
            ("200 OK", String::new())
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nApi-Version: 1.44\r\nOstype: linux\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        connection.get_mut().write_all((head + &answer).as_bytes()).unwrap();
    }
}
