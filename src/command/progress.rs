//! The progress line of a slow fetch: shown on a terminal only, and erased before anything else is printed.

use std::convert::Infallible;
use std::io::{self, IsTerminal as _, Write};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::sleep;

/// How long a fetch may take before the line appears.
const DELAY: Duration = Duration::from_secs(2);
/// The time between two frames of the spinner.
const INTERVAL: Duration = Duration::from_millis(100);
const SPINNER: [char; 4] = ['|', '/', '-', '\\'];
const TEXT: &str = "hushed: fetching secrets ";

/// Completes the work; shows a line with a spinner if that takes longer than two seconds and standard error is
/// a terminal.
pub(super) async fn with_progress<T>(work: impl Future<Output = T>) -> T {
    let stderr = io::stderr();
    if !stderr.is_terminal() {
        return work.await;
    }
    let mut line = ProgressLine { output: stderr, is_shown: false };
    match select(pin!(work), pin!(line.animate())).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((never, _)) => match never {},
    }
}

/// The line; it is erased when dropped.
struct ProgressLine<W: Write> {
    output: W,
    is_shown: bool,
}

impl<W: Write> ProgressLine<W> {
    async fn animate(&mut self) -> Infallible {
        sleep(DELAY).await;
        for frame in SPINNER.into_iter().cycle() {
            self.show(frame);
            sleep(INTERVAL).await;
        }
        std::future::pending().await
    }

    fn show(&mut self, frame: char) {
        self.is_shown = true;
        // A terminal that is gone does not concern the fetch.
        write!(self.output, "\r{TEXT}{frame}").and_then(|()| self.output.flush()).ok();
    }
}

impl<W: Write> Drop for ProgressLine<W> {
    fn drop(&mut self) {
        if self.is_shown {
            // Spaces erase the line on every terminal.
            let width = TEXT.len() + 1;
            write!(self.output, "\r{:width$}\r", "").and_then(|()| self.output.flush()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_erased_and_nothing_is_written_where_it_was_not_shown() {
        let mut output = Vec::new();
        drop(ProgressLine { output: &mut output, is_shown: false });
        assert_eq!(output, b"");
        let mut line = ProgressLine { output: &mut output, is_shown: false };
        line.show('|');
        line.show('/');
        drop(line);
        let shown = "\rhushed: fetching secrets |\rhushed: fetching secrets /";
        let erased = format!("\r{}\r", " ".repeat(26));
        assert_eq!(String::from_utf8(output).unwrap(), format!("{shown}{erased}"));
    }
}
