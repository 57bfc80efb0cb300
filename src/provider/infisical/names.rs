//! Lists of names for a message. Pure.

/// The names as a message lists them.
pub(super) fn one_of(names: &[String]) -> String {
    const SHOWN: usize = 20;
    // The names are a server's: a control character in one must not reach a terminal.
    let quoted = |name: &String| format!("`{}`", name.replace(char::is_control, " "));
    let shown: Vec<_> = names.iter().take(SHOWN).map(quoted).collect();
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<_> = (0..22).map(|n| n.to_string()).collect();
        let text = one_of(&names);
        assert!(text.starts_with("`0`, `1`, ") && text.ends_with("`19` and 2 more"), "{text}");
    }
}
