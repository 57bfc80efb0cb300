//! Our standard output without a buffer of its own, which would keep what passes through it until the
//! process ends. It decides nothing about what is written.

use std::io::{self, Write};

use nix::errno::Errno;

/// Standard output: every write is one of the kernel's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        nix::unistd::write(io::stdout(), bytes).map_err(|errno: Errno| errno.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
