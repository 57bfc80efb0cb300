//! The owner of a file, as `chown(1)` writes it: `USER` or `USER:GROUP`, names or numbers.

use std::io;

use nix::unistd::{Gid, Group, Uid, User, getegid};

/// Looks the names up. Without a group, it is that of the user, or that of hushed for a number.
pub fn parse_owner(text: &str) -> io::Result<(Uid, Gid)> {
    let missing = |kind: &str, name: &str| io::Error::other(format!("there is no {kind} `{name}`"));
    let (user, group) =
        text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    let (uid, own_group) = if let Ok(number) = user.parse() {
        (Uid::from_raw(number), getegid())
    } else {
        let found = User::from_name(user)?.ok_or_else(|| missing("user", user))?;
        (found.uid, found.gid)
    };
    let gid = match group {
        None => own_group,
        Some(group) => match group.parse() {
            Ok(number) => Gid::from_raw(number),
            Err(_) => Group::from_name(group)?.ok_or_else(|| missing("group", group))?.gid,
        },
    };
    Ok((uid, gid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_found() {
        let (own, root) = (getegid().as_raw(), (0, 0));
        for (text, want) in [("root", root), ("root:0", root), ("7", (7, own)), ("7:root", (7, 0))]
        {
            let (uid, gid) = parse_owner(text).unwrap();
            assert_eq!((uid.as_raw(), gid.as_raw()), want, "{text}");
        }
        for (text, want) in
            [("", "there is no user ``"), ("0:no-such", "there is no group `no-such`")]
        {
            assert_eq!(parse_owner(text).unwrap_err().to_string(), want);
        }
    }
}
