//! The binaries that are measured: those that are shipped, not the one that Cargo builds beside a
//! benchmark, which has the features of the tests in it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::target;

/// Where `.ci/run` and this benchmark build what is shipped.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/shipped");

/// The binaries, as installing leaves them: a copy, written from its beginning to its end. What a
/// linker writes here and there lies in the page cache in small pieces, and starts 5 % slower.
pub(crate) struct Binaries {
    /// As `cargo build --release` makes it.
    pub(crate) dynamic: PathBuf,
    /// As `.ci/static` makes it.
    pub(crate) fixed: Option<PathBuf>,
    /// The dynamic binary of an earlier build, which `HUSHED_EARLIER_BIN` names.
    pub(crate) earlier: Option<PathBuf>,
    /// Where the copies are, until the end.
    _folder: TempDir,
}

/// Finds them, or builds the first.
pub(crate) fn find() -> Binaries {
    let dynamic = env::var_os("HUSHED_BIN").map_or_else(build, PathBuf::from);
    let built = Path::new(DIRECTORY).join("static/hushed");
    let fixed = env::var_os("HUSHED_STATIC_BIN").map(PathBuf::from);
    let fixed = fixed.or_else(|| built.exists().then_some(built));
    let folder = tempfile::tempdir().unwrap();
    let install = |binary: PathBuf, name: &str| {
        println!("{name}: {}", binary.display());
        let installed = folder.path().join(name);
        // Not fs::copy, which may share the blocks and their pages.
        fs::write(&installed, fs::read(&binary).unwrap()).unwrap();
        fs::set_permissions(&installed, fs::metadata(&binary).unwrap().permissions()).unwrap();
        installed
    };
    let (dynamic, fixed) =
        (install(dynamic, "dynamic"), fixed.map(|fixed| install(fixed, "static")));
    let earlier = env::var_os("HUSHED_EARLIER_BIN");
    let earlier = earlier.map(|earlier| install(earlier.into(), "earlier"));
    Binaries { dynamic, fixed, earlier, _folder: folder }
}

fn build() -> PathBuf {
    let arguments =
        ["build", "--release", "--locked", "--bin", "hushed", "--target-dir", DIRECTORY];
    let status = Command::new(env!("CARGO")).args(arguments).status().unwrap();
    assert!(status.success(), "the release binary does not build");
    Path::new(DIRECTORY).join("release/hushed")
}

/// Says how large they are.
pub(crate) fn size(binaries: &Binaries) {
    println!("\nsize");
    for (name, path) in [("dynamic", Some(&binaries.dynamic)), ("static", binaries.fixed.as_ref())]
    {
        let Some(path) = path else { continue };
        let bytes = u32::try_from(fs::metadata(path).unwrap().len()).unwrap();
        target::below(8.0, &format!("the {name} binary"), f64::from(bytes) / 1e6, "MB");
    }
}
