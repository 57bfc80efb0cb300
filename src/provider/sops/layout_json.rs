//! Where the values of a JSON text stand. The text is valid: its parser has accepted it.

use super::layout::{Entry, Layout, Place, Step, Style};

/// Reads a text.
pub(super) fn read(text: &str) -> Option<Layout> {
    let mut scanner = Scanner { text, at: 0, layout: Layout::default() };
    scanner.value(&mut Vec::new())?;
    Some(scanner.layout)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    layout: Layout,
}

/// A member of an object or an item of a list, by its offsets.
#[derive(Clone, Copy)]
struct Member {
    /// Where it begins, and its key ends; the same in a list.
    start: usize,
    key_end: usize,
    value: usize,
    end: usize,
    is_single: bool,
}

impl Scanner<'_> {
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let mut is_escaped = false;
        for (at, byte) in self.text.as_bytes().get(start + 1..)?.iter().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    self.at = start + at + 2;
                    return serde_json::from_str(self.text.get(start..self.at)?).ok();
                }
                _ => {}
            }
        }
        None
    }

    /// Passes a value; whether it is a single one.
    fn value(&mut self, path: &mut Vec<Step>) -> Option<bool> {
        match self.peek()? {
            b'{' => self.nested(path, b'}').map(|()| false),
            b'[' => self.nested(path, b']').map(|()| false),
            // What it holds is not decoded: it may be large.
            b'"' => self.string().map(|_| true),
            _ => {
                let rest = self.text.get(self.at..)?;
                self.at += rest.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
                Some(true)
            }
        }
    }

    fn nested(&mut self, path: &mut Vec<Step>, close: u8) -> Option<()> {
        let open = self.at;
        self.at += 1;
        let mut members = Vec::new();
        while self.peek()? != close {
            if self.peek()? == b',' {
                self.at += 1;
                self.peek()?;
            }
            let start = self.at;
            let step = if close == b'}' {
                let key = self.string()?;
                Step::key(&key)
            } else {
                Step::position(members.len())
            };
            let key_end = self.at;
            if close == b'}' {
                self.peek()?;
                self.at += 1;
            }
            self.peek()?;
            let value = self.at;
            path.push(step);
            let is_single = self.value(path)?;
            let member = Member { start, key_end, value, end: self.at, is_single };
            members.push((path.pop()?, member));
        }
        self.at += 1;
        self.note(path, open, close, &members);
        Some(())
    }

    fn note(&mut self, path: &[Step], open: usize, close: u8, members: &[(Step, Member)]) {
        for (at, (step, member)) in members.iter().enumerate() {
            let previous = at.checked_sub(1).and_then(|at| members.get(at));
            let removal = match (members.get(at + 1), previous) {
                (Some((_, next)), _) => member.start..next.start,
                (None, Some((_, previous))) => previous.end..member.end,
                (None, None) => member.start..member.end,
            };
            if member.is_single {
                self.layout.entries.push(Entry {
                    path: path.iter().chain([step]).cloned().collect(),
                    key: member.start..member.key_end,
                    value: member.value..member.end,
                    removal: (close == b'}').then_some(removal),
                    style: Style::Json,
                    is_special: false,
                });
            }
        }
        if close != b'}' {
            return;
        }
        let space = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default().to_owned();
        let metadata = members.iter().position(|(step, _)| path.is_empty() && step.text == "sops");
        let (at, before, behind) = match (metadata.map(|at| &members[at]), members) {
            // The metadata stay at the end.
            (Some((_, sops)), [(_, first), ..]) => {
                (sops.start, String::new(), format!(",{}", space(open + 1, first.start)))
            }
            (_, [(_, first), .., (_, last)] | [(_, first @ last)]) => {
                (last.end, format!(",{}", space(open + 1, first.start)), String::new())
            }
            _ => (open + 1, String::new(), String::new()),
        };
        let path = path.to_vec();
        self.layout.places.push(Place { path, at, before, behind, style: Style::Json });
    }
}
