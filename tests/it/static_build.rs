//! The static build where nothing else is: an empty root directory, in a network of its own.
//! Must not be silent where it is skipped.

use std::{
    env, fs,
    io::Write as _,
    net::{Ipv4Addr, UdpSocket},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use nix::libc;

use crate::support::infisical::{CLIENT_ID, CLIENT_SECRET, Certificate, Generation, Server, World};

/// The name that [`Certificate::OtherName`] is for; nobody but our own name server knows it.
const HOST: &str = "other.test";
const BINARY: &str = "HUSHED_STATIC_BIN";

/// Returns the static build, or says why there is no test.
fn binary() -> Option<PathBuf> {
    let Some(binary) = env::var_os(BINARY) else {
        return skip("HUSHED_STATIC_BIN names no static build (`.ci/static` makes one)");
    };
    let probe = Command::new("unshare").args(["--map-root-user", "--net", "true"]).output();
    match probe {
        Err(error) => skip(&format!("no `unshare` to make a network with: {error}")),
        Ok(output) if !output.status.success() => {
            skip(&format!("no network of our own: {}", String::from_utf8_lossy(&output.stderr)))
        }
        Ok(_) => Some(binary.into()),
    }
}

fn skip(why: &str) -> Option<PathBuf> {
    // Not `println!`, which the test runner swallows when a test passes.
    std::io::stderr()
        .write_all(format!("skipped: static_build: {}\n", why.trim()).as_bytes())
        .unwrap();
    None
}

#[test]
fn it_resolves_names_and_speaks_tls_in_an_empty_root() {
    if binary().is_none() {
        return;
    }
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "--"])
        .arg(env::current_exe().unwrap())
        .args(["static_build::within_its_own_network", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "started by `it_resolves_names_and_speaks_tls_in_an_empty_root`"]
fn within_its_own_network() {
    raise_loopback();
    let names = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).unwrap();
    std::thread::spawn(move || answer_names(&names));
    let server = Server::builder(Generation::V4C, World::sample(3));
    let server = server.certificate(Certificate::OtherName).start();

    let root = tempfile::tempdir().unwrap();
    fs::copy(env::var_os(BINARY).unwrap(), root.path().join("hushed")).unwrap();
    fs::copy(server.ca_file(), root.path().join("ca.pem")).unwrap();
    let project = server.world(|world| world.edit("sample").id.clone());
    let hushed = |arguments: &[&str]| hushed(root.path(), &server, &project, arguments);

    let output = hushed(&["export", "--format", "json"]);
    let secrets: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |number| format!("canary-value-of-secret-number-0000{number}");
    let want = serde_json::json!({
        "SECRET_00000": number(0), "SECRET_00001": number(1), "SECRET_00002": number(2),
    });
    assert_eq!(secrets, want);

    let output = hushed(&["run", "--", "/hushed", "--version"]);
    let version = concat!("hushed ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), version);
}

/// Runs it with the directory as its root.
fn hushed(root: &Path, server: &Server, project: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("unshare");
    command.arg("--root").arg(root).args(["--wd", "/", "--", "/hushed"]).args(arguments);
    command.env_clear().env("PATH", env::var_os("PATH").unwrap());
    command.env("INFISICAL_DOMAIN", format!("https://{HOST}:{}", server.address().port()));
    command.env("SSL_CERT_FILE", "/ca.pem");
    command.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT_ID);
    command.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET);
    command.env("INFISICAL_PROJECT_ID", project).env("HUSHED_ENV", "dev");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {}\n{said}", output.status);
    assert_eq!(said, "");
    output
}

/// Does what `ip link set lo up` does, where there may be no `ip`.
#[expect(unsafe_code, reason = "no safe interface brings a network device up")]
fn raise_loopback() {
    use std::os::fd::AsRawFd as _;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    // SAFETY: all bytes zero is a valid `ifreq`: integers, and a union of such.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = (*from).try_into().unwrap();
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING).try_into().unwrap();
    // SAFETY: SIOCSIFFLAGS reads an `ifreq`, which lives through the call.
    let status = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    assert_eq!(status, 0, "{}", std::io::Error::last_os_error());
}

/// A name server that knows one name and one address.
fn answer_names(socket: &UdpSocket) {
    const ADDRESS: u8 = 1;
    let mut query = [0; 512];
    while let Ok((length, asker)) = socket.recv_from(&mut query) {
        // RFC 1035, section 4.1: twelve bytes of header, the name in labels, then type and class.
        let labels = HOST.split('.').flat_map(|label| {
            std::iter::once(u8::try_from(label.len()).unwrap()).chain(label.bytes())
        });
        let name: Vec<u8> = labels.chain([0]).collect();
        let question = &query[12..length];
        let known = question.starts_with(&name);
        let found = known && question[name.len() + 1] == ADDRESS;
        let end = question.iter().position(|byte| *byte == 0).unwrap() + 5;
        let code = if known { 0 } else { 3 };
        let mut answer = query[..2].to_vec();
        answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(found), 0, 0, 0, 0]);
        answer.extend(&question[..end]);
        if found {
            answer.extend([0xc0, 12, 0, ADDRESS, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        socket.send_to(&answer, asker).unwrap();
    }
}
