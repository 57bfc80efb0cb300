//! Values as stores have them, and text as services log it, with a value in it now and then. The same
//! for every benchmark, and in every run.

/// How often a value turns up.
pub(crate) const APART: usize = 256 << 10;

/// Numbers that only look random: xorshift64*.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % bound
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(crate) fn text(&mut self, length: usize, alphabet: &[u8]) -> Vec<u8> {
        (0..length).map(|_| *self.pick(alphabet)).collect()
    }
}

pub(crate) const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const SIGNS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%&*+/=?-_";

/// Values as stores have them: tokens, keys in base64 or hex, passwords with signs.
pub(crate) fn values(count: usize) -> Vec<Vec<u8>> {
    let mut random = Random(0x5eed);
    let value = |number: usize| match number % 8 {
        0..4 => random.text(20 + number % 20, LETTERS),
        4 | 5 => random.text(40, b"0123456789abcdef"),
        6 => random.text(44, LETTERS),
        _ => random.text(16 + number % 16, SIGNS),
    };
    (0..count).map(value).collect()
}

/// Lines as services log them, with a value in every so many bytes.
pub(crate) fn log(values: &[Vec<u8>], length: usize) -> Vec<u8> {
    const LEVELS: [&str; 4] = ["INFO", "INFO", "DEBUG", "WARN"];
    const PARTS: [&str; 6] = ["http", "db::pool", "scheduler", "auth", "cache", "worker"];
    const WHAT: [&str; 6] = [
        "request completed",
        "connection acquired from pool",
        "job finished, next run scheduled",
        "user session refreshed",
        "entry evicted after time to live",
        "retrying after transient failure",
    ];
    let mut random = Random(0x109);
    let mut text = Vec::with_capacity(length + 512);
    let mut next = APART / 2;
    while text.len() < length {
        let line = format!(
            "2026-11-22T{:02}:{:02}:{:02}.{:06}Z {:5} {} request_id={} path=/api/v1/items/{} status={} {} duration_ms={} bytes={}\n",
            random.below(24),
            random.below(60),
            random.below(60),
            random.below(1_000_000),
            random.pick(&LEVELS),
            random.pick(&PARTS),
            String::from_utf8(random.text(32, b"0123456789abcdef")).unwrap(),
            random.below(100_000),
            random.pick(&[200, 200, 200, 201, 304, 404, 500]),
            random.pick(&WHAT),
            random.below(5_000),
            random.below(1_000_000),
        );
        text.extend_from_slice(line.as_bytes());
        if text.len() >= next {
            text.extend_from_slice(b"connecting with password ");
            text.extend_from_slice(random.pick::<Vec<u8>>(values));
            text.extend_from_slice(b" to the database\n");
            next += APART;
        }
    }
    text
}
