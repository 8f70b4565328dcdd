//! Maps from names to places: looked up for every line of every cart, filled by the supplier alone.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;

/// A map whose keys the supplier chose: hashing them has to be quick, not safe from an attacker.
pub(super) type NameMap<K, V> = HashMap<K, V, BuildHasherDefault<NameHasher>>;

/// Eight bytes at a time, multiplied and mixed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NameHasher(u64);

/// An odd number without pattern: 2^64 over the golden ratio.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

impl NameHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(FACTOR);
        self.0 ^= self.0 >> 32;
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
        let mut word = [0; 8];
        let rest = chunks.remainder();
        word[..rest.len()].copy_from_slice(rest);
        self.add(u64::from_le_bytes(word) ^ (rest.len() as u64) << 56);
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn finish(&self) -> u64 {
        // The map takes its place from the lowest bits and its mark from the highest.
        self.0 ^ self.0.rotate_left(29)
    }
}

/// Places found by the names that lie there: eight bytes a name, and one wait for memory to know where to look.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    slots: Vec<Slot>,
    len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    place: u32,
}

/// No place.
const FREE: Slot = Slot {
    hash: 0,
    place: u32::MAX,
};

impl Places {
    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Forgets every name.
    pub(super) fn clear(&mut self) {
        self.slots.fill(FREE);
        self.len = 0;
    }

    /// The place of a name; `is_there` says whether the name lies at a place.
    pub(super) fn get(&self, name: &str, is_there: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.slot(hash(name), is_there)?;
        Some(self.slots[at].place).filter(|place| *place != FREE.place)
    }

    /// Keeps the place of a name, instead of one that it had before.
    pub(super) fn insert(&mut self, name: &str, place: u32, is_there: impl Fn(u32) -> bool) {
        // A third is left free, so that a search ends soon.
        if (self.len + 1) * 3 > self.slots.len() * 2 {
            let before = std::mem::take(&mut self.slots);
            self.slots = vec![FREE; (before.len() * 2).max(16)];
            for slot in before.into_iter().filter(|slot| slot.place != FREE.place) {
                // Names that are known lie each at a place of its own.
                self.put(slot, |_| false);
            }
        }
        let hash = hash(name);
        if self.put(Slot { hash, place }, is_there) {
            self.len += 1;
        }
    }

    /// Whether the slot it went to was free.
    fn put(&mut self, slot: Slot, is_there: impl Fn(u32) -> bool) -> bool {
        let at = self.slot(slot.hash, is_there);
        let held = at.and_then(|at| self.slots.get_mut(at));
        held.is_some_and(|held| std::mem::replace(held, slot).place == FREE.place)
    }

    /// The slot of a name, or the free one where it would be.
    fn slot(&self, hash: u32, is_there: impl Fn(u32) -> bool) -> Option<usize> {
        let len = self.slots.len();
        let mut at = home(hash, len);
        loop {
            let slot = self.slots.get(at)?;
            if slot.place == FREE.place || (slot.hash == hash && is_there(slot.place)) {
                return Some(at);
            }
            at = if at + 1 == len { 0 } else { at + 1 };
        }
    }

    /// Brings near where the search for names begins.
    pub(super) fn touch<'a>(&self, names: impl Iterator<Item = &'a str>) {
        if !self.slots.is_empty() {
            let slots = names.map(|name| self.slots[home(hash(name), self.slots.len())].place);
            black_box(slots.fold(0, |sum, place| sum ^ place));
        }
    }

    /// Where a name most likely lies, without a look whether it does.
    pub(super) fn guess(&self, name: &str) -> Option<u32> {
        self.get(name, |_| true)
    }
}

/// The upper half of a name's hash, in which every byte counts.
fn hash(name: &str) -> u32 {
    let mut hasher = NameHasher::default();
    hasher.write(name.as_bytes());
    (hasher.finish().wrapping_mul(FACTOR) >> 32) as u32
}

fn home(hash: u32, len: usize) -> usize {
    ((u64::from(hash) * len as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_lie() {
        let mut names: Vec<String> = Vec::new();
        let mut places = Places::default();
        assert_eq!(places.get("P-0", |_| true), None);
        for place in 0..5_000u32 {
            names.push(format!("P-{place}"));
            places.insert(&names[place as usize], place, |at| {
                names[at as usize] == names[place as usize]
            });
        }
        for (place, name) in (0..).zip(&names) {
            assert_eq!(places.get(name, |at| names[at as usize] == *name), Some(place));
        }
        assert_eq!(places.get("P-5000", |at| names[at as usize] == "P-5000"), None);
        assert_eq!(places.len(), 5_000);
        // Another place for the same name.
        places.insert("P-7", 9, |at| names[at as usize] == "P-7");
        assert_eq!((places.get("P-7", |at| at == 9), places.len()), (Some(9), 5_000));
        places.clear();
        assert_eq!((places.get("P-1", |_| true), places.len()), (None, 0));
    }
}
