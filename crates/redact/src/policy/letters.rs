//! Whether letters read like a word, without a dictionary.

/// For each letter, those that follow it in words, in English text and names of programs. The other
/// pairs are 4 % of those in words, and 43 % of those in random letters.
const FOLLOWERS: [&str; 26] = [
    "abcdfghiklmnprstuvwxy",
    "abcdeijloprstuy",
    "acdefhiklmoprstuy",
    "abcdefgilmnoprstuvy",
    "abcdefghiklmnopqrstuvwxy",
    "adefgilnorstuy",
    "aceghilmnoprstu",
    "aeilmorstuy",
    "abcdefgjklmnoprstvxz",
    "aekosu",
    "aeilnosu",
    "acdefgiklmnopstuvy",
    "abcdeilmnopsuy",
    "abcdefghiklmnoprstuvy",
    "abcdefgiklmnoprstuvwxy",
    "acdeghiklnopqrstuy",
    "ru",
    "abcdefgiklmnoprstuvwy",
    "acdefghiklmnopqrstuwy",
    "abcdefhiklmnoprstuvwyz",
    "abcdefgilmnoprstv",
    "aeiow",
    "acehilnorsx",
    "aceimptxy",
    "aceilmnopstz",
    "aei",
];

/// Whether letters follow one another as in words. Fewer than so many are not looked at.
pub(super) fn reads_like_a_word(letters: &str, least: usize) -> bool {
    if letters.len() < least || !letters.is_ascii() {
        return true;
    }
    let follows = |pair: &[u8]| {
        let [a, b] = [pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase()];
        let followers = FOLLOWERS.get(usize::from(a.wrapping_sub(b'a')));
        a + 1 == b || a == b || followers.is_some_and(|known| known.as_bytes().contains(&b))
    };
    let pairs = letters.as_bytes().windows(2);
    let unlikely = pairs.filter(|pair| !follows(pair)).count();
    let has_vowel = letters.contains(|c: char| "aeiouyAEIOUY".contains(c));
    let most = match letters.len() {
        ..6 => 0,
        6..16 => (letters.len() - 1) / 5,
        _ => letters.len() / 10,
    };
    has_vowel && unlikely <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_random_letters() {
        for word in ["production", "Zurich", "kubernetes", "gesellschaft", "reconnaissance"] {
            assert!(reads_like_a_word(word, 6), "{word}");
        }
        for letters in ["qzxkvbnw", "hjdkfkdj", "xkcdqrtv", "vbnmqwrtpl"] {
            assert!(!reads_like_a_word(letters, 6), "{letters}");
        }
    }
}
