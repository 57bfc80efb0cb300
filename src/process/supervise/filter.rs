//! What output goes through on its way. It names no file and no terminal.

/// Receives a chunk of output.
pub type Sink<'a> = dyn FnMut(&[u8]) + 'a;

/// A stage that output goes through, in chunks of any size, which mean nothing.
pub trait Filter {
    /// Takes the next bytes, and gives `out` those that may go on.
    fn push(&mut self, input: &[u8], out: &mut Sink<'_>);

    /// Is told that nothing more has come for the moment, so that what need not be held can go on.
    fn idle(&mut self, out: &mut Sink<'_>);

    /// Is told that nothing more will come, and gives `out` all that it still holds.
    fn finish(&mut self, out: &mut Sink<'_>);
}

/// Changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct PassThrough;

impl Filter for PassThrough {
    fn push(&mut self, input: &[u8], out: &mut Sink<'_>) {
        out(input);
    }

    fn idle(&mut self, _out: &mut Sink<'_>) {}

    fn finish(&mut self, _out: &mut Sink<'_>) {}
}
