//! What the server knows: projects, folders, secrets, and who may see them.
//! Must not know HTTP.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ring::digest;

use super::{
    identity::{Identity, ServiceToken, Token},
    limit::Limiter,
    project::Project,
};

/// Is what becomes of writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// They are done.
    #[default]
    Done,
    /// They are refused.
    Refused,
    /// They wait for an approval.
    Approved,
    /// They are done, and another client creates the same secret at the same time.
    Raced,
}

/// Is everything the server knows; a test changes it while the server runs.
#[derive(Debug, Default)]
pub struct World {
    /// The projects.
    pub projects: Vec<Project>,
    /// The machine identities and users.
    pub identities: Vec<Identity>,
    /// The service tokens.
    pub service_tokens: Vec<ServiceToken>,
    /// The organisations that a login may name, by slug; any where there are none.
    pub organisations: Vec<String>,
    /// The access tokens in force, by their id.
    pub tokens: BTreeMap<String, Token>,
    /// How many requests a client may make; none by default, as self-hosted.
    pub limiter: Option<Limiter>,
    /// Shows an unreadable value masked instead of refusing the list, as the Go port does.
    pub masks_unreadable: bool,
    /// Lists a folder that may not be read as an empty one, as servers of 2025 do.
    pub hides_forbidden: bool,
    /// What becomes of writes.
    pub writes: Writes,
    /// How far the server's clock is ahead of ours.
    ahead: Duration,
    /// The time at which the server's clock stands.
    frozen: Option<Duration>,
    /// How many tokens there have been.
    pub minted: u64,
}

impl World {
    /// Adds a project.
    pub fn project(mut self, project: Project) -> Self {
        self.projects.push(project);
        self
    }

    /// Adds an identity.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Adds a service token.
    pub fn service_token(mut self, token: ServiceToken) -> Self {
        self.service_tokens.push(token);
        self
    }

    /// Makes one project `sample` with `count` secrets at `/` in `dev`, and an identity that reads it.
    ///
    /// Its client id is [`CLIENT_ID`], its client secret [`CLIENT_SECRET`].
    pub fn sample(count: usize) -> Self {
        let mut project = Project::new("sample").env("dev");
        for number in 0..count {
            let value = format!("canary-value-of-secret-number-{number:05}");
            project = project.secret("dev", "/", &format!("SECRET_{number:05}"), &value);
        }
        let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("sample");
        Self::default().project(project).identity(reader)
    }

    /// Puts the server's clock forward.
    pub fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }

    /// Stops the server's clock, which then only `advance` moves.
    pub fn freeze(&mut self) {
        self.frozen = Some(self.now().saturating_sub(self.ahead));
    }

    /// Stops the server's clock so long before ours.
    pub fn freeze_behind(&mut self, by: Duration) {
        self.freeze();
        self.frozen = self.frozen.map(|time| time.saturating_sub(by));
    }

    /// Finds a project by its id.
    pub fn project_by_id(&self, id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// Finds a project by its slug.
    pub fn project_by_slug(&self, slug: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.slug == slug)
    }

    /// Gives the project with this slug, to change it.
    pub fn edit(&mut self, slug: &str) -> &mut Project {
        self.projects.iter_mut().find(|project| project.slug == slug).unwrap()
    }

    /// Gives the identity with this name, to change it.
    pub fn edit_identity(&mut self, name: &str) -> &mut Identity {
        self.identities.iter_mut().find(|identity| identity.name == name).unwrap()
    }

    /// Tells the time since 1970 on the server's clock.
    pub fn now(&self) -> Duration {
        let ours = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.frozen.unwrap_or_else(ours) + self.ahead
    }
}

/// The client id of [`World::sample`].
pub const CLIENT_ID: &str = "5a3b1c9e-0000-4000-8000-000000000001";
/// The client secret of [`World::sample`].
pub const CLIENT_SECRET: &str = "canary-client-secret-of-the-sample";

/// Makes a UUID out of a name, always the same.
pub fn uuid(name: &str) -> String {
    let sum = digest::digest(&digest::SHA256, name.as_bytes());
    let (head, _) = sum.as_ref().split_first_chunk().unwrap();
    let hex = format!("{:032x}", u128::from_be_bytes(*head));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// Writes a time since 1970 as the server does.
pub fn iso(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for days after 1970 only.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let milli = since_1970.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}
