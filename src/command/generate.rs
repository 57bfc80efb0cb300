//! Random values for `hushed secrets set --generate`: `length=32,set=alnum`.

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::Value;

/// The length if none is given, in characters: with `alnum`, 190 bits.
const LENGTH: usize = 32;

/// The range of lengths that are accepted.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=4096;

/// Sets of characters, by their names.
const SETS: [(&str, &str); 5] = [
    ("alnum", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("hex", "0123456789abcdef"),
    ("digits", "0123456789"),
    ("base64url", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"),
    (
        "symbols",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#%&()*+,-./:;<=>?@[]^_{|}~",
    ),
];

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recipe {
    length: usize,
    set: &'static str,
}

/// Generates a value, as the text of `--generate` describes it.
pub(super) fn generate(text: &str) -> Result<Value, Error> {
    let recipe = parse(text).map_err(Error::Generate)?;
    random(recipe).map_err(|_unspecified| Error::Generate("no random numbers are available"))
}

fn parse(text: &str) -> Result<Recipe, &'static str> {
    let mut recipe = Recipe { length: LENGTH, set: SETS[0].1 };
    for part in text.split(',').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("length", length)) => {
                let length = length.parse().ok().filter(|length| LENGTHS.contains(length));
                recipe.length = length.ok_or("`length` must be a number from 8 to 4096")?;
            }
            Some(("set", set)) => {
                let found = SETS.iter().find(|(name, _)| *name == set);
                recipe.set =
                    found.ok_or("`set` must be alnum, hex, digits, base64url or symbols")?.1;
            }
            _ => return Err("write it as `length=32,set=alnum`"),
        }
    }
    Ok(recipe)
}

/// Draws each character with the same probability.
fn random(Recipe { length, set }: Recipe) -> Result<Value, ring::error::Unspecified> {
    let random = SystemRandom::new();
    let set = set.as_bytes();
    // A byte from here on would prefer the first characters.
    let limit = 256 - 256 % set.len();
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while text.len() < length {
        random.fill(&mut *bytes)?;
        let fair = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit);
        let characters = fair.filter_map(|byte| set.get(byte % set.len()));
        let missing = length - text.len();
        text.extend(characters.take(missing));
    }
    Ok(Value::from(text.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_has_a_length_and_a_set() {
        for (text, length, set) in
            [("", 32, 0), ("length=8", 8, 0), ("set=hex,length=64", 64, 1), ("set=symbols", 32, 4)]
        {
            assert_eq!(parse(text), Ok(Recipe { length, set: SETS[set].1 }), "{text}");
        }
        for text in ["32", "length=7", "length=4097", "length=x", "set=emoji", "size=3"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_character_of_a_set_occurs_and_no_other() {
        for (_, set) in SETS {
            let value = random(Recipe { length: 4096, set }).unwrap();
            let text = value.expose_str().unwrap();
            assert_eq!(text.len(), 4096);
            assert!(text.chars().all(|c| set.contains(c)));
            assert!(set.chars().all(|c| text.contains(c)), "{set}");
        }
        let recipe = Recipe { length: 32, set: SETS[0].1 };
        assert_ne!(random(recipe).unwrap(), random(recipe).unwrap());
    }
}
