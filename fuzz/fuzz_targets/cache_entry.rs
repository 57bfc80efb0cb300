//! Any bytes in place of a cache's entry: they never open, and nothing panics.
//! `cargo +nightly fuzz run cache_entry`; the cache is left behind where temporary files are.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use hushed::cache::{Timestamp, SourceCache, FetchLock};
use hushed::config::{CacheKey, CacheMode, CacheSettings, Credential, Origin};
use hushed::provider::Configured as _;
use hushed::provider::infisical::{Infisical, Login, ProjectRef};
use hushed::secret::{Name, Provenance, Secret, SecretSet, Value};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

/// What is in the file.
#[derive(Arbitrary, Debug)]
enum Case<'a> {
    Any(&'a [u8]),
    /// The entry, with something in place of a part of it: from where, how much of it.
    Spliced(u16, u16, &'a [u8]),
}

/// A cache with an entry: its directory, the entry's file, and what is in that.
struct Cache {
    cache: SourceCache,
    path: PathBuf,
    good: Vec<u8>,
}

static DIRECTORY: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("hushed-fuzz-{}", std::process::id())));

thread_local! {
    static CACHE: Cache = Cache::new();
}

impl Cache {
    fn new() -> Self {
        let source = source();
        let (caching, identity) = source.cache().unwrap();
        let cache = SourceCache::new(&source.name, caching, &identity);
        let FetchLock::Acquired(lock) = cache.lock_for_fetch().unwrap() else { panic!("nobody else is here") };
        cache.store_secrets(lock, &secrets(), Timestamp::now()).unwrap();
        let is_entry = |path: &PathBuf| path.file_name().is_some_and(|name| name.len() == 64);
        let mut files = fs::read_dir(&*DIRECTORY).unwrap().map(|file| file.unwrap().path());
        let path = files.find(is_entry).unwrap();
        let good = fs::read(&path).unwrap();
        Self { cache, path, good }
    }
}

fn secrets() -> SecretSet {
    let provenance =
        Provenance { source: "fuzz".into(), place: "/".into(), version: Some(1), age: None };
    SecretSet::from_iter([Secret {
        name: Name::new("A"),
        value: Value::from("canary"),
        provenance,
    }])
}

fn source() -> Infisical {
    let credential =
        |text: &str| Credential { value: Value::from(text), origin: "fuzz".into(), file: None };
    Infisical {
        name: "fuzz".into(),
        base: "https://example.com".parse().unwrap(),
        base_origin: Origin::Default,
        login: Login::UniversalAuth {
            client_id: credential("id"),
            client_secret: credential("canary"),
        },
        organization: None,
        revoke_token: None,
        project: Some(ProjectRef::parse("shop")),
        environment: Some("dev".into()),
        paths: vec!["/".into()],
        recursive: false,
        include_imports: true,
        expand: true,
        personal: true,
        tags: Vec::new(),
        allow_empty: false,
        ca_file: None,
        insecure_http: false,
        cache: Some(CacheSettings {
            mode: CacheMode::Fallback,
            offline: false,
            origin: Origin::Default,
            max_age: Duration::from_secs(3600),
            token: false,
            key: CacheKey::Credential,
            directory: DIRECTORY.clone(),
            runtime: None,
        }),
    }
}

fuzz_target!(|case: Case| {
    CACHE.with(|cache| {
        let bytes = match case {
            Case::Any(bytes) => bytes.to_vec(),
            Case::Spliced(from, length, by) => {
                let from = usize::from(from).min(cache.good.len());
                let end = (from + usize::from(length)).min(cache.good.len());
                [&cache.good[..from], by, &cache.good[end..]].concat()
            }
        };
        fs::write(&cache.path, &bytes).unwrap();
        assert_eq!(cache.cache.load_secrets().is_ok(), bytes == cache.good);
    });
});
