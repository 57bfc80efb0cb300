//! The exact half of the search: Aho–Corasick over all forms, a sparse trie with failure links in
//! one flat arena. It knows nothing of streams, and holds nothing that is not in the arena.
//!
//! States are numbered as a walk down the sorted forms meets them, so that the first child of a
//! state is the next one, and following a form is a walk through adjacent memory. A state with many
//! children has a row instead, in which its failures are resolved.

use super::forms::Forms;
use super::{index, word};

/// The state in which nothing is live.
pub(super) const ROOT: u32 = 0;

/// From this many children on, a state has a row.
const MANY: usize = 4;
/// In the first word of a state: the rest is the number of its row, not of the state to fall to.
const ROW: u32 = 1 << 31;
/// In the last word, beside the byte that leads to the state: it has no children.
const LEAF: u32 = 1 << 8;
/// In the last word: what is live may be shown where nobody writes any more.
const QUIET: u32 = 1 << 9;
/// In the last word, from this bit on: the number of the longest form that ends here, from one.
const FOUND: u32 = 10;

/// The most bytes that may be shown on a quiet terminal, and the least part of a form that they
/// may be.
const QUIET_BYTES: u32 = 3;
const QUIET_PART: u32 = 8;

/// Fall or row; next sibling; depth; byte, flags and form.
type State = [u32; 4];
type Row = [u32; 256];
/// Length and owner.
type Form = [u32; 2];

/// How much room an automaton takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    states: usize,
    rows: usize,
    forms: usize,
}

impl Size {
    /// Counts what these forms need.
    pub(super) fn of(forms: &Forms) -> Self {
        let mut size = Self { states: 1, rows: 1, forms: forms.len() };
        // How many children each state has on the way to the form before.
        let mut path: Vec<usize> = vec![0];
        let mut before: &[u8] = &[];
        for (form, _) in forms.iter() {
            let shared = shared(before, form);
            size.rows += path.drain(shared + 1..).filter(|children| *children >= MANY).count();
            path.resize(form.len() + 1, 1);
            path[shared] += 1;
            path[form.len()] = 0;
            size.states += form.len() - shared;
            before = form;
        }
        size.rows += path.iter().skip(1).filter(|children| **children >= MANY).count();
        size
    }

    /// The words of the arena.
    pub(super) fn words(self) -> usize {
        4 * self.states + 256 * self.rows + 2 * self.forms
    }
}

/// The number of bytes that both begin with.
fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// An occurrence of a form that ends with the byte just read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) length: usize,
    pub(super) owner: u32,
}

/// An automaton in its arena.
#[derive(Clone, Copy)]
pub(super) struct Automaton<'a> {
    states: &'a [State],
    rows: &'a [Row],
    forms: &'a [Form],
}

impl<'a> Automaton<'a> {
    /// Looks at an arena that was filled by [`build`].
    pub(super) fn new(size: Size, arena: &'a [u32]) -> Self {
        let (states, arena) = arena.split_at(4 * size.states);
        let (rows, forms) = arena.split_at(256 * size.rows);
        Self { states: states.as_chunks().0, rows: rows.as_chunks().0, forms: forms.as_chunks().0 }
    }

    /// Reads a byte: the state thereafter, and the longest form that ends here.
    #[inline]
    pub(super) fn read(&self, state: u32, byte: u8) -> (u32, Option<Found>) {
        let state = step(self.states, self.rows, state, byte);
        let [fall, _, _, tag] = self.states[index(state)];
        let found = (tag >> FOUND != 0).then(|| {
            let [length, owner] = self.forms[index(tag >> FOUND) - 1];
            Found { length: index(length), owner }
        });
        // Nothing leads on from a leaf: what is live is what it falls to.
        (if tag & LEAF == 0 { state } else { fall }, found)
    }

    /// How many bytes are live: the longest suffix of what was read that may become a form.
    #[inline]
    pub(super) fn live(&self, state: u32) -> usize {
        index(self.states[index(state)][2])
    }

    /// Whether what is live is so short a part of every form that it betrays none.
    pub(super) fn is_quiet(&self, state: u32) -> bool {
        self.states[index(state)][3] & QUIET != 0
    }
}

/// The state after a byte. No leaf is ever the state before.
#[inline]
fn step(states: &[State], rows: &[Row], mut state: u32, byte: u8) -> u32 {
    loop {
        let fall = states[index(state)][0];
        if fall & ROW != 0 {
            return rows[index(fall & !ROW)][usize::from(byte)];
        }
        if let Some(child) = child(states, state, byte) {
            return child;
        }
        state = fall;
    }
}

#[inline]
fn child(states: &[State], state: u32, byte: u8) -> Option<u32> {
    let mut child = state + 1;
    loop {
        let [_, sibling, _, tag] = states[index(child)];
        if tag & 0xff == u32::from(byte) {
            return Some(child);
        }
        if sibling == 0 {
            return None;
        }
        child = sibling;
    }
}

/// Fills an arena of as many words as `size` says.
pub(super) fn build(forms: &Forms, size: Size, arena: &mut [u32]) {
    let (states, arena) = arena.split_at_mut(4 * size.states);
    let (rows, table) = arena.split_at_mut(256 * size.rows);
    let states: &mut [State] = states.as_chunks_mut().0;
    insert(forms, states, table.as_chunks_mut().0);
    link(states, rows.as_chunks_mut().0);
}

/// Builds the trie. The first word of a state holds, until it is linked, the length of the shortest
/// form through it.
fn insert(forms: &Forms, states: &mut [State], table: &mut [Form]) {
    states[0] = [0, 0, 0, LEAF];
    // The way to the form before: each state, and its last child.
    let mut path: Vec<(u32, u32)> = vec![(ROOT, 0)];
    let mut before: &[u8] = &[];
    let mut next = ROOT;
    for (number, (form, owner)) in (0..).zip(forms.iter()) {
        let shared = shared(before, form);
        path.truncate(shared + 1);
        for (depth, byte) in (1..).zip(form).skip(shared) {
            next += 1;
            if let Some((parent, last)) = path.last_mut() {
                states[index(*parent)][3] &= !LEAF;
                if *last != 0 {
                    states[index(*last)][1] = next;
                }
                *last = next;
            }
            states[index(next)] = [u32::MAX, 0, depth, u32::from(*byte) | LEAF];
            path.push((next, 0));
        }
        let length = word(form.len());
        states[index(path[form.len()].0)][3] |= (number + 1) << FOUND;
        table[index(number)] = [length, owner];
        for (state, _) in &path {
            let shortest = &mut states[index(*state)][0];
            *shortest = length.min(*shortest);
        }
        before = form;
    }
}

/// Links every state to the one it falls to, those nearer to the root first.
fn link(states: &mut [State], rows: &mut [Row]) {
    let mut used = 0;
    for state in by_depth(states) {
        if states[index(state)][3] & LEAF != 0 {
            continue;
        }
        let fall = if state == ROOT { ROOT } else { states[index(state)][0] };
        let mut children = 0;
        let mut child = state + 1;
        while child != 0 {
            let label = states[index(child)][3].to_le_bytes()[0];
            let falls = if state == ROOT { ROOT } else { step(states, rows, fall, label) };
            link_one(states, child, falls);
            children += 1;
            child = states[index(child)][1];
        }
        if state == ROOT || children >= MANY {
            fill(states, rows, state, fall, used);
            states[index(state)][0] = ROW | word(used);
            used += 1;
        }
    }
}

fn link_one(states: &mut [State], state: u32, falls: u32) {
    let [further, _, _, of_fall] = states[index(falls)];
    let [shortest, _, depth, tag] = states[index(state)];
    let mut tag = tag;
    if tag >> FOUND == 0 {
        tag |= of_fall >> FOUND << FOUND;
    }
    let quiet = depth <= QUIET_BYTES && depth.saturating_mul(QUIET_PART) <= shortest;
    if quiet && (falls == ROOT || of_fall & QUIET != 0) {
        tag |= QUIET;
    }
    // Nothing leads on from a leaf, so nobody needs to pass it.
    let falls = if falls != ROOT && of_fall & LEAF != 0 { further } else { falls };
    states[index(state)][0] = falls;
    states[index(state)][3] = tag;
}

/// Fills the row of a state: its children, and else what the state does that it falls to.
fn fill(states: &[State], rows: &mut [Row], state: u32, fall: u32, number: usize) {
    let mut row = [ROOT; 256];
    if state != ROOT {
        for (byte, target) in (0..=u8::MAX).zip(&mut row) {
            *target = step(states, rows, fall, byte);
        }
    }
    let mut child = state + 1;
    while child != 0 {
        let [_, sibling, _, tag] = states[index(child)];
        row[index(tag & 0xff)] = child;
        child = sibling;
    }
    rows[number] = row;
}

/// The numbers of all states, by depth.
fn by_depth(states: &[State]) -> Vec<u32> {
    let mut place: Vec<u32> = Vec::new();
    for [_, _, depth, _] in states {
        let depth = index(*depth);
        if place.len() < depth + 2 {
            place.resize(depth + 2, 0);
        }
        place[depth + 1] += 1;
    }
    let mut sum = 0;
    for count in &mut place {
        sum += *count;
        *count = sum;
    }
    let mut order = vec![0; states.len()];
    for (number, [_, _, depth, _]) in (0..).zip(states) {
        let place = &mut place[index(*depth)];
        order[index(*place)] = number;
        *place += 1;
    }
    order
}
