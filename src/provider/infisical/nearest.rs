//! Lists of names for a message, and the name in a list that was probably meant. Pure.

/// The name that is nearest to what was written, if it is near at all.
pub(super) fn nearest<'a>(written: &str, known: &'a [String]) -> Option<&'a str> {
    let written = written.to_lowercase();
    let distance = |name: &String| strsim::osa_distance(&written, &name.to_lowercase());
    let nearest = known.iter().min_by_key(|name| distance(name))?;
    let longest = written.chars().count().max(nearest.chars().count());
    // `dev` is what `development` is cut to, though many letters are between them.
    let cut = written.starts_with(&nearest.to_lowercase())
        || nearest.to_lowercase().starts_with(&written);
    (cut || distance(nearest) <= longest.div_ceil(3)).then_some(nearest)
}

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
    fn what_was_probably_meant() {
        let known: Vec<_> = ["dev", "staging", "prod"].map(str::to_owned).into();
        for (written, want) in [
            ("deb", Some("dev")),
            ("Dev", Some("dev")),
            ("development", Some("dev")),
            ("production", Some("prod")),
            ("stagin", Some("staging")),
            ("stagign", Some("staging")),
            ("qa", None),
            ("nothing", None),
        ] {
            assert_eq!(nearest(written, &known), want, "{written}");
        }
        assert_eq!(nearest("dev", &[]), None);
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<_> = (0..22).map(|n| n.to_string()).collect();
        let text = one_of(&names);
        assert!(text.starts_with("`0`, `1`, ") && text.ends_with("`19` and 2 more"), "{text}");
    }
}
