//! Removes the carriage returns that a pseudo-terminal has added, because the real terminal adds its own.

/// Removes one `\r` before each `\n`, in chunks of any size.
#[derive(Debug, Default)]
pub(super) struct CarriageReturnRemover {
    /// Whether the last byte was a `\r` that a `\n` may follow.
    held: bool,
}

impl CarriageReturnRemover {
    /// Writes the bytes with one `\r` less before each `\n`.
    pub(super) fn remove(&mut self, input: &[u8], mut out: impl FnMut(&[u8])) {
        if self.held && !input.is_empty() && input.first() != Some(&b'\n') {
            out(b"\r");
        }
        self.held &= input.is_empty();
        let mut rest = input;
        while let Some(at) = rest.iter().position(|byte| *byte == b'\r') {
            let (before, from) = rest.split_at(at);
            out(before);
            match from {
                [b'\r'] => {
                    self.held = true;
                    return;
                }
                [b'\r', b'\n', ..] => {}
                _ => out(b"\r"),
            }
            rest = from.get(1..).unwrap_or_default();
        }
        out(rest);
    }

    /// Writes a held `\r`: no `\n` follows.
    pub(super) fn release(&mut self, mut out: impl FnMut(&[u8])) {
        if std::mem::take(&mut self.held) {
            out(b"\r");
        }
    }
}

/// The length of the prefix that was written while no carriage returns were added: up to the last `\n` without `\r`
/// before it.
pub(super) fn unprocessed_prefix(bytes: &[u8]) -> usize {
    let bare = |at: &usize| {
        bytes.get(*at) == Some(&b'\n') && (*at == 0 || bytes.get(*at - 1) != Some(&b'\r'))
    };
    (0..bytes.len()).rev().find(bare).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output, which must be the same wherever the input is split in two.
    fn removed(input: &[u8]) -> Vec<u8> {
        let mut outputs: Vec<Vec<u8>> = (0..=input.len())
            .map(|at| {
                let mut state = CarriageReturnRemover::default();
                let mut output = Vec::new();
                for part in [&input[..at], &input[at..]] {
                    state.remove(part, |bytes| output.extend_from_slice(bytes));
                }
                state.release(|bytes| output.extend_from_slice(bytes));
                output
            })
            .collect();
        outputs.dedup();
        assert_eq!(outputs.len(), 1, "{input:?} depends on the split");
        outputs.remove(0)
    }

    #[test]
    fn one_carriage_return_is_removed_before_each_line_feed() {
        for (input, want) in [
            (&b""[..], &b""[..]),
            (b"a\r\nb\r\n", b"a\nb\n"),
            (b"a\r\r\n", b"a\r\n"),
            (b"a\rb", b"a\rb"),
            (b"a\r", b"a\r"),
            (b"\r\n", b"\n"),
            (b"\n", b"\n"),
            (b"\r\r", b"\r\r"),
        ] {
            assert_eq!(removed(input), want, "{input:?}");
        }
    }

    #[test]
    fn the_prefix_written_without_carriage_returns_is_found() {
        for (input, want) in
            [(&b"a\r\nb"[..], 0), (b"a\nb\r\n", 2), (b"\n", 1), (b"", 0), (b"a\nb\nc", 4)]
        {
            assert_eq!(unprocessed_prefix(input), want, "{input:?}");
        }
    }
}
