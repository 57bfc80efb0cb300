//! What redaction has to do, in the fewest words: every occurrence of every pattern at every place.

/// Patterns, each with the label of its owner, the first declared first, and a text.
pub(super) struct Oracle<'a> {
    text: &'a [u8],
    patterns: &'a [(&'a [u8], String)],
    /// In the order of their beginnings, the longest and then the first declared first.
    occurrences: Vec<Occurrence<'a>>,
}

struct Occurrence<'a> {
    begin: usize,
    end: usize,
    label: &'a str,
}

impl<'a> Oracle<'a> {
    pub(super) fn new(patterns: &'a [(&'a [u8], String)], text: &'a [u8]) -> Self {
        let mut longest_first: Vec<&(&[u8], String)> =
            patterns.iter().filter(|(pattern, _)| !pattern.is_empty()).collect();
        longest_first.sort_by_key(|(pattern, _)| usize::MAX - pattern.len());
        let mut occurrences = Vec::new();
        for begin in 0..text.len() {
            for (pattern, label) in &longest_first {
                if text[begin..].starts_with(pattern) {
                    occurrences.push(Occurrence { begin, end: begin + pattern.len(), label });
                }
            }
        }
        Self { text, patterns, occurrences }
    }

    /// What must be out when so many bytes were read, and at the end if the stream `ends` there.
    pub(super) fn output(&self, read: usize, ends: bool) -> Vec<u8> {
        let frontier = if ends { read } else { read - self.live(read) };
        let mut runs: Vec<Occurrence> = Vec::new();
        for &Occurrence { begin, end, label } in &self.occurrences {
            match runs.last_mut() {
                _ if end > read => {}
                Some(run) if begin < run.end => run.end = run.end.max(end),
                _ => runs.push(Occurrence { begin, end, label }),
            }
        }
        let mut out = Vec::new();
        let mut at = 0;
        for run in runs.iter().filter(|run| run.begin < frontier) {
            out.extend_from_slice(&self.text[at..run.begin]);
            out.extend_from_slice(run.label.as_bytes());
            at = run.end;
        }
        out.extend_from_slice(self.text.get(at..frontier).unwrap_or(&[]));
        out
    }

    /// The longest suffix that is a proper prefix of some pattern.
    fn live(&self, read: usize) -> usize {
        let lives = |(pattern, _): &(&[u8], String)| {
            let most = read.min(pattern.len().saturating_sub(1));
            (0..=most).rev().find(|live| self.text[..read].ends_with(&pattern[..*live]))
        };
        self.patterns.iter().filter_map(lives).max().unwrap_or(0)
    }
}
