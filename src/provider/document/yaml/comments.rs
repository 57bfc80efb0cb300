//! Finds the comments of a YAML file, which the parser leaves out, and the item that each belongs to: the one
//! on whose line it stands, else the next one that is not indented less.

use super::Mark;

struct Comment {
    /// Where it begins, in characters.
    index: usize,
    line: usize,
    column: usize,
    /// Whether something stands before it on its line.
    is_inline: bool,
    text: String,
}

/// The comments of each item, in the order of the marks.
pub(super) fn attach(text: &str, scalars: &[(usize, usize)], marks: &[Mark]) -> Vec<Vec<String>> {
    let mut attached = vec![Vec::new(); marks.len()];
    for comment in find(text, scalars) {
        let own = |mark: &Mark| {
            mark.index < comment.index
                && (mark.line == comment.line
                    || mark
                        .value
                        .is_some_and(|(first, last)| comment.line == first || comment.line == last))
        };
        let owner = if comment.is_inline {
            marks.iter().rposition(own)
        } else {
            let next = marks.iter().position(|mark| mark.index > comment.index);
            // One that is indented more than what follows belongs to the end of what is before it.
            next.filter(|at| {
                marks
                    .get(*at)
                    .is_some_and(|mark| mark.index != usize::MAX && comment.column <= mark.column)
            })
        };
        if let Some(comments) = owner.and_then(|at| attached.get_mut(at)) {
            comments.push(comment.text);
        }
    }
    attached
}

/// All comments. A `#` begins one at the start of a line or behind white space, outside of scalars.
fn find(text: &str, scalars: &[(usize, usize)]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let (mut index, mut scalars) = (0, scalars.iter().copied().peekable());
    for (line, content) in (1..).zip(text.split('\n')) {
        let characters: Vec<char> = content.trim_end_matches('\r').chars().collect();
        let mut column = 0;
        while let Some(&character) = characters.get(column) {
            while scalars.next_if(|(_, end)| *end <= index + column).is_some() {}
            let inside = scalars.peek().filter(|(start, _)| *start <= index + column);
            if let Some((_, end)) = inside {
                column = end - index;
                continue;
            }
            let before = column.checked_sub(1).and_then(|at| characters.get(at));
            if character == '#' && before.is_none_or(|c| c.is_whitespace()) {
                comments.push(Comment {
                    index: index + column,
                    line,
                    column,
                    is_inline: characters.iter().take(column).any(|c| !c.is_whitespace()),
                    text: characters.iter().skip(column + 1).collect(),
                });
                break;
            }
            column += 1;
        }
        index += content.chars().count() + 1;
    }
    comments
}
