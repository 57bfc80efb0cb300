//! The command line as users type it: options in odd places, typos, commands that need a shell, and
//! arguments that turn out to be secrets.
//! Must not test what a store or a format does.

mod arguments;
mod complete;
mod hints;
mod infisical;
mod status;

/// Returns why a test was not run.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// Prints the figures of a test.
#[expect(clippy::print_stdout, reason = "`cargo test -- --nocapture` shows the figures")]
fn tell(figures: &str) {
    println!("{figures}");
}
