//! The connection as HTTP sees it: no token in what it sends, and nothing left in its buffers of what it read
//! when it waits. It understands as little of HTTP as that takes.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::yield_now;

use super::frames::{Frames, HEAD, Head, PAYLOAD, UNKNOWN};
use super::placeholder::Placeholders;
use crate::secret::Value;

/// How many frames there are at most to overwrite a buffer with; it takes three for the usual one.
const FRAMES: u8 = 32;

/// What HTTP is spoken over.
pub(super) struct Transport<S> {
    inner: S,
    placeholders: Placeholders,
    http2: Option<Http2>,
    /// What is written in place of what was to be.
    instead: Option<Instead>,
}

/// What must be known of HTTP/2.
struct Http2 {
    read: Frames,
    written: Frames,
    /// What h2's buffer holds of the bodies of answers.
    stale: Stale,
    /// Frames that are put in between, so that h2 overwrites what it has read.
    filler: Filler,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stale {
    Nothing,
    Something,
    /// Something, and whoever takes it has had the time to.
    Rest,
}

/// Frames of no known kind, each as long as there is room, until the end of the buffer was reached twice:
/// h2 reads from wherever it is to the end, and then from the front. Twice is all of it, however long it is.
#[derive(Default)]
struct Filler {
    /// How often the end is still to be reached.
    ends: u8,
    /// How many frames may still begin.
    frames: u8,
    head: [u8; HEAD],
    /// What is still to come of this frame.
    left: usize,
}

struct Instead {
    bytes: Value,
    written: usize,
    /// How much of what was to be written it is for.
    replaces: usize,
}

impl<S> Transport<S> {
    pub(super) fn new(stream: S, is_http2: bool, placeholders: Placeholders) -> Self {
        let http2 = is_http2.then(|| Http2 {
            read: Frames::default(),
            written: Frames::of_client(),
            stale: Stale::Nothing,
            filler: Filler::default(),
        });
        Self { inner: stream, placeholders, http2, instead: None }
    }

    /// Those that it replaces.
    pub(super) fn placeholders(&self) -> Placeholders {
        self.placeholders.clone()
    }

    fn passed(&mut self, bytes: &[u8]) {
        if let Some(http2) = &mut self.http2 {
            http2.written.pass(bytes);
        }
    }
}

impl<S: AsyncWrite + Unpin> Transport<S> {
    /// Writes what is written instead, and says how much of what was to be written that was.
    fn poll_instead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<usize>>> {
        while let Some(instead) = &mut self.instead {
            let rest = &instead.bytes.expose()[instead.written..];
            if rest.is_empty() {
                let replaced = instead.replaces;
                self.instead = None;
                return Poll::Ready(Ok(Some(replaced)));
            }
            match ready!(Pin::new(&mut self.inner).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => instead.written += written,
            }
        }
        Poll::Ready(Ok(None))
    }

    /// Whether something else is to be written for these bytes.
    fn replace(&mut self, bytes: &[u8]) -> bool {
        let instead = match &self.http2 {
            None => self.placeholders.in_http1(bytes),
            Some(http2) => self.placeholders.in_http2(&http2.written, bytes),
        };
        let Some(instead) = instead else { return false };
        self.passed(bytes);
        self.instead = Some(Instead { bytes: instead, written: 0, replaces: bytes.len() });
        true
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Some(replaced) = ready!(this.poll_instead(context))? {
            return Poll::Ready(Ok(replaced));
        }
        // A head is whole in the first; a body behind it holds no token.
        let first = slices.iter().find(|slice| !slice.is_empty());
        if first.is_some_and(|first| this.replace(first)) {
            let replaced = ready!(this.poll_instead(context))?;
            return Poll::Ready(Ok(replaced.unwrap_or_default()));
        }
        let written = ready!(Pin::new(&mut this.inner).poll_write_vectored(context, slices))?;
        let mut left = written;
        for slice in slices {
            let (passed, _) = slice.split_at(left.min(slice.len()));
            this.passed(passed);
            left -= passed.len();
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Transport<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Some(http2) = &mut this.http2 else {
            return Pin::new(&mut this.inner).poll_read(context, buffer);
        };
        if http2.filler.is_done() {
            let before = buffer.filled().len();
            if let Poll::Ready(read) = Pin::new(&mut this.inner).poll_read(context, buffer) {
                if http2.read.pass(&buffer.filled()[before..]) {
                    http2.stale = Stale::Something;
                }
                return Poll::Ready(read);
            }
            ready!(http2.poll_filler(context));
        }
        http2.filler.fill(buffer);
        Poll::Ready(Ok(()))
    }
}

impl Http2 {
    /// Ready when it is time to overwrite what h2 has read.
    fn poll_filler(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.stale {
            _ if !self.read.is_between() => return Poll::Pending,
            Stale::Nothing => return Poll::Pending,
            Stale::Something => {
                // First whoever waits for the answer: if nothing else is asked, the buffer goes now.
                self.stale = Stale::Rest;
                return pin!(yield_now()).poll(context);
            }
            Stale::Rest => self.stale = Stale::Nothing,
        }
        self.filler = Filler { ends: 2, frames: FRAMES, ..Filler::default() };
        Poll::Ready(())
    }
}

impl Filler {
    fn is_done(&self) -> bool {
        self.left == 0 && (self.ends == 0 || self.frames == 0)
    }

    /// Gives h2 something to read. The head of a frame comes alone: it is then that h2 makes room for the
    /// rest, and there is.
    fn fill(&mut self, buffer: &mut ReadBuf<'_>) {
        if self.left == 0 {
            let length = buffer.remaining().saturating_sub(HEAD).min(PAYLOAD);
            self.head = Head { length, kind: UNKNOWN, flags: 0, stream: [0; 4] }.bytes();
            self.left = HEAD + length;
            self.frames -= 1;
        }
        let length = Head::of(&self.head).map_or(0, |head| head.length);
        let of_head = self.left.saturating_sub(length);
        let count = if of_head > 0 { of_head } else { self.left }.min(buffer.remaining());
        if of_head > 0 {
            let at = HEAD - of_head;
            buffer.put_slice(&self.head[at..at + count]);
        } else {
            buffer.initialize_unfilled_to(count).fill(0);
            buffer.advance(count);
        }
        self.left -= count;
        if buffer.remaining() == 0 {
            self.ends = self.ends.saturating_sub(1);
        }
    }
}
