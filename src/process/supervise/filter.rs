//! Filters of the command's output.

/// Receives a chunk of output.
pub type OutputSink<'a> = dyn FnMut(&[u8]) + 'a;

/// A filter that gets the output in chunks of any size.
pub trait OutputFilter {
    /// Takes the next bytes and writes to `out` those that may pass.
    fn push(&mut self, input: &[u8], out: &mut OutputSink<'_>);

    /// Called when no more output arrives for now: writes what need not be held back.
    fn idle(&mut self, out: &mut OutputSink<'_>);

    /// Called at the end of the output: writes all that was held back.
    fn finish(&mut self, out: &mut OutputSink<'_>);
}

/// Passes everything unchanged.
#[derive(Clone, Copy, Debug, Default)]
pub struct PassThroughFilter;

impl OutputFilter for PassThroughFilter {
    fn push(&mut self, input: &[u8], out: &mut OutputSink<'_>) {
        out(input);
    }

    fn idle(&mut self, _out: &mut OutputSink<'_>) {}

    fn finish(&mut self, _out: &mut OutputSink<'_>) {}
}
