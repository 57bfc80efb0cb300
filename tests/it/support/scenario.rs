//! The stage of a transcript: what the words of its `scenario` block set up.
//! Must not know Markdown.
//!
//! ```text
//! server v4 [plain|expired|other-name]   an Infisical (v3, v4b, v4), the environment pointing at it
//! login expired|used-up|locked|elsewhere|stranger|everywhere
//!                                         what is the matter with the identity
//! token good|expired|revoked|service      INFISICAL_TOKEN instead of client id and secret
//! clock SECONDS                           how far the server's clock is ahead of ours
//! proxy STATUS                            HTTPS_PROXY, a proxy that answers all with this status
//! fault PATH html|truncated|hang|reset|redirect URL|rate-limited SECONDS|status CODE [BODY]
//! store VARIABLE                          a server over HTTP whose address is in this variable
//! reply WORDS STATUS BODY                 its answer to requests with these words in their head
//! file NAME                               a file, whose contents are the next fenced block
//! copy FILE NAME                          a copy of a file below tests/
//! env NAME=VALUE                          a variable
//! unset NAME                              no such variable
//! reveals                                 the commands are to print secrets
//! needs PROGRAM…                          programs without which the commands are skipped
//! run COMMAND                             a command that readers need not see, before all others
//! ```

use std::{collections::VecDeque, time::Duration};

use super::{
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Certificate, Fault, FaultKind, Generation, Identity, Project,
        Secret, Server, ServiceToken, World,
    },
    proxy::Proxy,
    replies::{Replies, Reply},
    sandbox::{Output, Sandbox, hushed},
};

/// A stage before it is built.
#[derive(Debug, Default)]
pub struct Scenario {
    steps: Vec<Step>,
    needs: Vec<String>,
    files: Vec<String>,
    contents: VecDeque<String>,
}

#[derive(Debug)]
enum Step {
    Server(String),
    Login(String),
    Token(String),
    Clock(u64),
    Proxy(u16),
    Fault(String),
    Store(String),
    Reply(String),
    Env(String, String),
    Unset(String),
    Reveals,
    Run(String),
    Copy(String, String),
}

/// Where the commands of a transcript run.
#[derive(Debug)]
pub struct Stage {
    sandbox: Sandbox,
    server: Option<Server>,
    proxy: Option<Proxy>,
    replies: Option<Replies>,
    reveals: bool,
}

impl Scenario {
    /// Reads the lines of a scenario.
    pub fn parse(lines: &[&str]) -> Self {
        let mut scenario = Self::default();
        for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            scenario.steps.push(match word {
                "server" => Step::Server(rest.into()),
                "login" => Step::Login(rest.into()),
                "token" => Step::Token(rest.into()),
                "clock" => Step::Clock(rest.parse().expect("seconds")),
                "proxy" => Step::Proxy(rest.parse().expect("a status")),
                "fault" => Step::Fault(rest.into()),
                "store" => Step::Store(rest.into()),
                "reply" => Step::Reply(rest.into()),
                "unset" => Step::Unset(rest.into()),
                "reveals" => Step::Reveals,
                "run" => Step::Run(rest.into()),
                "copy" => match rest.split_once(' ') {
                    Some((file, name)) => Step::Copy(file.into(), name.into()),
                    None => panic!("no name in `{line}`"),
                },
                "needs" => {
                    scenario.needs.extend(rest.split(' ').map(String::from));
                    continue;
                }
                "env" => match rest.split_once('=') {
                    Some((name, value)) => Step::Env(name.into(), value.into()),
                    None => panic!("no `=` in `{line}`"),
                },
                "file" => {
                    scenario.files.push(rest.into());
                    continue;
                }
                _ => panic!("`{line}` is no line of a scenario"),
            });
        }
        scenario
    }

    /// Takes a fenced block as the contents of a file that waits for it.
    pub fn offer(&mut self, block: &str) {
        if self.contents.len() < self.files.len() {
            self.contents.push_back(block.into());
        }
    }

    /// Returns the programs that it needs and this machine lacks.
    pub fn missing(&self) -> Vec<&str> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let is_there = |name: &str| std::env::split_paths(&path).any(|dir| dir.join(name).exists());
        self.needs.iter().map(String::as_str).filter(|name| !is_there(name)).collect()
    }

    /// Builds the stage.
    pub fn build(mut self) -> Stage {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let binaries = hushed().parent().map(std::path::Path::to_owned);
        let path = std::env::join_paths(binaries.into_iter().chain(std::env::split_paths(&path)));
        let (sandbox, reveals) = (Sandbox::new(), false);
        let mut stage = Stage { sandbox, server: None, proxy: None, replies: None, reveals };
        stage.sandbox = stage.sandbox.env("PATH", path.unwrap());
        for name in self.files {
            let contents = self.contents.pop_front();
            let contents = contents.unwrap_or_else(|| panic!("no block follows for `{name}`"));
            stage.sandbox = stage.sandbox.file(name, contents);
        }
        self.steps.into_iter().fold(stage, Stage::take)
    }
}

impl Stage {
    fn take(mut self, step: Step) -> Self {
        match step {
            Step::Server(words) => {
                let server = server(&words);
                self.sandbox = self.sandbox.server(&server, "shop");
                self.server = Some(server);
            }
            Step::Login(matter) => self.server().world(|world| trouble(world, &matter)),
            Step::Token(word) => {
                let token = token(self.server(), &word);
                let sandbox = self.sandbox.env("INFISICAL_TOKEN", token);
                let sandbox = sandbox.without("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID");
                self.sandbox = sandbox.without("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET");
            }
            Step::Clock(seconds) => {
                self.server().world(|world| world.advance(Duration::from_secs(seconds)));
            }
            Step::Proxy(status) => {
                let proxy = Proxy::refusing(status);
                self.sandbox = self.sandbox.env("HTTPS_PROXY", proxy.url());
                self.proxy = Some(proxy);
            }
            Step::Fault(words) => self.server().fault(fault(&words)),
            Step::Store(variable) => {
                let replies = Replies::start();
                self.sandbox = self.sandbox.env(variable, format!("http://{}", replies.address()));
                self.replies = Some(replies);
            }
            Step::Reply(words) => {
                let mut words = words.splitn(3, ' ');
                let mut next = || words.next().unwrap_or_default();
                let replies = self.replies.as_ref().expect("a `store` line comes first");
                let (words, status) = (next(), next().parse().expect("a status"));
                replies.add(Reply::new(words, status, next()));
            }
            Step::Env(name, value) => self.sandbox = self.sandbox.env(name, value),
            Step::Unset(name) => self.sandbox = self.sandbox.without(&name),
            Step::Reveals => self.reveals = true,
            Step::Copy(file, name) => {
                let file =
                    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
                self.sandbox = self.sandbox.file(name, std::fs::read(file).unwrap());
            }
            Step::Run(command) => {
                let (written, code) = self.run(&command);
                assert_eq!(code, 0, "`{command}` of the scenario failed:\n{written}");
            }
        }
        self
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("a `server` line comes first")
    }

    /// Runs a command by the shell; gives what it wrote, placeholders in it, and its exit code.
    pub fn run(&self, command: &str) -> (String, i32) {
        let script = format!("exec 2>&1\n{command}");
        let run = self.sandbox.program("sh", ["-c", &script]);
        let output: Output = if self.reveals { run.reveals().run() } else { run.run() };
        (self.steady(&output.stdout), output.code())
    }

    /// Returns a variable of the environment, empty if there is none.
    pub fn variable(&self, name: &str) -> String {
        self.sandbox.variable(name)
    }

    /// Replaces what differs from run to run.
    fn steady(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(server) = &self.server {
            text = text.replace(&server.address().to_string(), "infisical.test");
            text = text.replace(&server.ca_file().display().to_string(), "/etc/ssl/ca.pem");
        }
        if let Some(proxy) = &self.proxy {
            text = text.replace(&proxy.address().to_string(), "proxy.test:3128");
        }
        if let Some(replies) = &self.replies {
            text = text.replace(&replies.address().to_string(), "store.test");
        }
        // The sandbox of a unit hides hushed too if the checkout is below /tmp.
        text = text.replace(&format!("hides `{}`, ", hushed().display()), "hides ");
        text = text.replace(&self.sandbox.project().display().to_string(), ".");
        text.replace(&self.sandbox.home().display().to_string(), "~")
    }
}

fn server(words: &str) -> Server {
    let mut words = words.split_whitespace();
    let generation = match words.next() {
        Some("v3") => Generation::V3Only,
        Some("v4b") => Generation::V4B,
        Some("v4") => Generation::V4C,
        other => panic!("`server {other:?}` is none of v3, v4b, v4"),
    };
    let builder = Server::builder(generation, shop());
    words
        .fold(builder, |builder, word| match word {
            "plain" => builder.plain(),
            "expired" => builder.certificate(Certificate::Expired),
            "other-name" => builder.certificate(Certificate::OtherName),
            _ => panic!("`{word}` is nothing that a server can be"),
        })
        .start()
}

/// The world of every transcript: a shop with two environments, a few folders and an import.
fn shop() -> World {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "DATABASE_PASSWORD", "canary-db-password")
        .secret("dev", "/", "DATABASE_URL", "postgres://app:${DATABASE_PASSWORD}@db/shop")
        .with("dev", "/api", Secret::new("API_KEY", "canary-api-key").tagged(&["backend"]))
        .secret("dev", "/web", "SESSION_KEY", "canary-session-key")
        .secret("dev", "/shared", "SENTRY_DSN", "https://canary@sentry.test/1")
        .folder("dev", "/empty")
        .import(("dev", "/api"), ("dev", "/shared"))
        .secret("prod", "/", "DATABASE_PASSWORD", "canary-prod-password");
    let reader =
        Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads("shop", "dev", "/**");
    let service = ServiceToken::new("shop", &[("dev", "/api")]);
    World::default().project(project).identity(reader).service_token(service)
}

fn trouble(world: &mut World, matter: &str) {
    let later = world.now() + Duration::from_hours(1);
    let reader = world.edit_identity("reader");
    match matter {
        "stranger" => return reader.grants.clear(),
        "everywhere" => {
            *reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop");
            return;
        }
        _ => {}
    }
    let login = reader.universal_mut();
    let [secret] = login.secrets.as_mut_slice() else { panic!("one client secret") };
    match matter {
        "expired" => secret.expired = true,
        "used-up" => secret.uses_left = Some(0),
        "locked" => login.locked_until = later,
        "elsewhere" => login.addresses = vec!["192.0.2.1".into()],
        _ => panic!("`login {matter}` is nothing that can be the matter"),
    }
}

fn token(server: &Server, word: &str) -> String {
    let token = server.mint("reader");
    server.world(|world| match word {
        "good" => token,
        "expired" => {
            world.advance(Duration::from_hours(31 * 24));
            token
        }
        "revoked" => {
            world.tokens.clear();
            token
        }
        "service" => world.service_tokens[0].whole(),
        _ => panic!("`token {word}` is no kind of token"),
    })
}

fn fault(words: &str) -> Fault {
    let mut words = words.splitn(4, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (path, kind) = (next(), next());
    Fault::on(
        path,
        match kind {
            "html" => FaultKind::Html,
            "truncated" => FaultKind::Truncated,
            "hang" => FaultKind::Hang,
            "reset" => FaultKind::Reset,
            "redirect" => FaultKind::Redirect(next().into()),
            "rate-limited" => FaultKind::RateLimited(next().parse().expect("seconds")),
            "status" => return Fault::status(path, next().parse().expect("a status"), next()),
            _ => panic!("`fault {path} {kind}` is nothing that can go wrong"),
        },
    )
}
