//! What may be the name of an environment variable. Pure.

/// Why a text cannot be a variable's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvalidName {
    Empty,
    EqualsSign,
    Control,
    Space,
}

impl InvalidName {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Empty => "it is empty",
            Self::EqualsSign => "it holds `=`",
            Self::Control => "it holds a control character",
            Self::Space => "it holds white space",
        }
    }
}

/// Checks a name. POSIX lets anything but `=` and NUL be one, and programs do use `.` and `-`
/// (.NET, Java, Spring): those pass. White space and control characters are what nobody means.
pub(super) fn check(name: &str) -> Result<(), InvalidName> {
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    for c in name.chars() {
        match c {
            '=' => return Err(InvalidName::EqualsSign),
            c if c.is_ascii_graphic() => {}
            c if c.is_control() => return Err(InvalidName::Control),
            c if c.is_whitespace() => return Err(InvalidName::Space),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for (name, want) in [
            ("A", Ok(())),
            ("a-b.c__D1", Ok(())),
            ("1A", Ok(())),
            ("", Err(InvalidName::Empty)),
            ("A=B", Err(InvalidName::EqualsSign)),
            ("A\0B", Err(InvalidName::Control)),
            ("A\nB", Err(InvalidName::Control)),
            ("A B", Err(InvalidName::Space)),
        ] {
            assert_eq!(check(name), want, "{name:?}");
        }
    }
}
