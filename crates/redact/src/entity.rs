//! The names of characters in XML and HTML (HTML Living Standard, "Named character references"): those
//! of ASCII signs and of Latin-1, which is what libraries escape.

/// The names of signs, each with its character.
const SIGNS: [(&[u8], u8); 47] = [
    (b"quot", b'"'),
    (b"QUOT", b'"'),
    (b"amp", b'&'),
    (b"AMP", b'&'),
    (b"apos", b'\''),
    (b"lt", b'<'),
    (b"LT", b'<'),
    (b"gt", b'>'),
    (b"GT", b'>'),
    (b"excl", b'!'),
    (b"num", b'#'),
    (b"dollar", b'$'),
    (b"percnt", b'%'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"ast", b'*'),
    (b"midast", b'*'),
    (b"plus", b'+'),
    (b"comma", b','),
    (b"period", b'.'),
    (b"sol", b'/'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"equals", b'='),
    (b"quest", b'?'),
    (b"commat", b'@'),
    (b"lsqb", b'['),
    (b"lbrack", b'['),
    (b"bsol", b'\\'),
    (b"rsqb", b']'),
    (b"rbrack", b']'),
    (b"Hat", b'^'),
    (b"lowbar", b'_'),
    (b"UnderBar", b'_'),
    (b"grave", b'`'),
    (b"DiacriticalGrave", b'`'),
    (b"lcub", b'{'),
    (b"lbrace", b'{'),
    (b"verbar", b'|'),
    (b"vert", b'|'),
    (b"VerticalLine", b'|'),
    (b"rcub", b'}'),
    (b"rbrace", b'}'),
    (b"Tab", b'\t'),
    (b"NewLine", b'\n'),
    (b"hyphen", b'-'),
    (b"dash", b'-'),
];

/// The names of U+00A0 to U+00FF, in order.
const LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// The length of the longest name.
pub(super) const LONGEST: usize = 16;

/// The character of this name.
pub(super) fn character(name: &[u8]) -> Option<u32> {
    let sign = SIGNS.iter().find(|(known, _)| *known == name).map(|(_, sign)| u32::from(*sign));
    let latin = || (0xa0..).zip(LATIN).find(|(_, known)| known.as_bytes() == name);
    sign.or_else(|| latin().map(|(code, _)| code))
}

/// The names of a character.
pub(super) fn names(code: u32) -> impl Iterator<Item = &'static [u8]> {
    let signs = SIGNS.iter().filter(move |(_, sign)| u32::from(*sign) == code);
    let latin = code.checked_sub(0xa0).and_then(|at| LATIN.get(usize::try_from(at).ok()?));
    signs.map(|(name, _)| *name).chain(latin.map(|name| name.as_bytes()))
}
