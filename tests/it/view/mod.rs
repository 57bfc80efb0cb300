//! What hushed shows: plans, reasons, lists, values, exports, completions. Must not test what a run
//! does with them.

mod export;
mod output;
mod plan;
mod secret;

use crate::support::sandbox::Sandbox;

/// Two dotenv sources and a local store, which overlap.
fn sandbox() -> Sandbox {
    let config = "[source.local]\ntype = \"local\"\n\
                  [source.one]\ntype = \"dotenv\"\nfile = \"one.env\"\noverride = true\n\
                  [source.two]\ntype = \"dotenv\"\nfile = \"two.env\"\noverride = true\n";
    let sandbox = Sandbox::new()
        .file("hushed.toml", config)
        .file("one.env", "BOTH=canary one\nONE=canary\n")
        .file("two.env", "# of the second\nBOTH=canary two!\nTWO=canary\n");
    for value in ["canary", "canary again"] {
        sandbox
            .command(["secrets", "set", "BOTH", "--source", "local"])
            .stdin(value)
            .run()
            .success();
    }
    sandbox
}
