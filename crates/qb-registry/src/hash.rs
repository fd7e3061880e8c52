//! Stable 64-bit hashes and a compact map keyed by them.
//!
//! The algorithm is XXH3 (64 bits, with seed), which is published and does not change: digests of
//! rows are stored. They tell rows apart and find what may be a duplicate; they are not secret and
//! not used against an adversary.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A running hash over fields: each field is hashed with the hash of those before it as seed, so
/// that neighbouring fields do not run into each other.
#[derive(Clone, Copy, Debug)]
pub struct Hash64(u64);

impl Hash64 {
    /// A hash over no field yet.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Adds a field.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0 = xxh3_64_with_seed(bytes, self.0);
        self
    }

    /// Adds a number as a field of eight bytes.
    #[inline]
    pub fn int(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Adds a number that may be missing: 0 without one, else one more than the number.
    #[inline]
    pub fn int_opt(&mut self, value: Option<i64>) -> &mut Self {
        self.int(match value {
            Some(value) => value.cast_unsigned().wrapping_add(1),
            None => 0,
        })
    }

    /// Adds the text of a cell.
    #[inline]
    pub fn text_opt(&mut self, text: Option<&str>) -> &mut Self {
        // No text and a blank text are one: a blank cell.
        self.bytes(text.unwrap_or("").as_bytes())
    }

    /// The hash over all fields.
    #[inline]
    pub fn finish(self) -> u64 {
        self.0
    }
}

impl Default for Hash64 {
    fn default() -> Self {
        Self::new()
    }
}

/// Lets small maps hash with it; their keys are bounded in number.
impl std::hash::Hasher for Hash64 {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.int(number as u64);
    }

    #[inline]
    fn write_i64(&mut self, number: i64) {
        self.int(number.cast_unsigned());
    }

    #[inline]
    fn finish(&self) -> u64 {
        Self::finish(*self)
    }
}

/// A map that is asked for every row.
pub type QuickMap<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<Hash64>>;

/// Hashes one text.
#[inline]
pub fn of(bytes: &[u8]) -> u64 {
    let mut hash = Hash64::new();
    hash.bytes(bytes);
    hash.finish()
}

/// Parts of the map; each grows by itself, so growing never copies the whole map at once.
const SHARDS: usize = 256;
/// Bits of a hash that choose the part.
const SHARD_BITS: u32 = SHARDS.trailing_zeros();
/// Slots of a shard when it holds its first key.
const SLOTS_FIRST: usize = 16;
/// A slot without a key.
const EMPTY: u64 = 0;

/// A map from 64-bit hashes to 32-bit numbers: twelve bytes a slot.
#[derive(Debug)]
pub struct HashIndex {
    shards: Vec<Shard>,
}

/// The two halves of a key and its number side by side, so that one look at memory finds all.
#[derive(Debug, Default, Clone, Copy)]
struct Slot([u32; 3]);

impl Slot {
    #[inline]
    fn new(key: u64, value: u32) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the key")]
        Self([key as u32, (key >> 32) as u32, value])
    }

    #[inline]
    fn key(self) -> u64 {
        let [low, high, _] = self.0;
        u64::from(high) << 32 | u64::from(low)
    }

    #[inline]
    fn value(self) -> u32 {
        let [_, _, value] = self.0;
        value
    }
}

#[derive(Debug, Default, Clone)]
struct Shard {
    slots: Vec<Slot>,
    used: usize,
}

impl Default for HashIndex {
    fn default() -> Self {
        Self { shards: vec![Shard::default(); SHARDS] }
    }
}

impl HashIndex {
    #[inline]
    fn split(hash: u64) -> (usize, u64) {
        // The key is never EMPTY: its lowest bit is set; 63 bits still tell keys apart.
        ((hash >> (u64::BITS - SHARD_BITS)) as usize, hash | 1)
    }

    /// The number stored under a hash.
    #[inline]
    pub fn get(&self, hash: u64) -> Option<u32> {
        let (shard, key) = Self::split(hash);
        let shard = self.shards.get(shard)?;
        let slot = shard.slots.get(shard.find(key)?)?;
        (slot.key() == key).then(|| slot.value())
    }

    /// What lies at the first place of a hash, to have it in the processor's caches.
    #[inline]
    pub fn peek(&self, hash: u64) -> u32 {
        let (shard, key) = Self::split(hash);
        let slot = self.shards.get(shard).and_then(|shard| shard.slots.get(shard.first(key)));
        // An empty shard has nothing to bring near.
        let Some(slot) = slot else { return 0 };
        slot.value() ^ u32::from(slot.key() == EMPTY)
    }

    /// Stores a number under a hash; returns what stood there before.
    #[inline]
    pub fn insert(&mut self, hash: u64, value: u32) -> Option<u32> {
        let (shard, key) = Self::split(hash);
        self.shards.get_mut(shard)?.insert(key, value)
    }
}

impl Shard {
    /// The slot where the search for a key begins: its place among all keys, scaled to the slots.
    #[inline]
    fn first(&self, key: u64) -> usize {
        let wide = u128::from(key << SHARD_BITS) * self.slots.len() as u128;
        #[expect(clippy::cast_possible_truncation, reason = "below the number of slots")]
        let first = (wide >> u64::BITS) as usize;
        first
    }

    /// The slot that holds the key, or the free slot where it belongs; `None` in an empty shard.
    #[inline]
    fn find(&self, key: u64) -> Option<usize> {
        let mut at = self.first(key);
        loop {
            let found = self.slots.get(at)?.key();
            if found == key || found == EMPTY {
                return Some(at);
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    fn insert(&mut self, key: u64, value: u32) -> Option<u32> {
        if self.used * 8 >= self.slots.len() * 7 {
            self.grow();
        }
        let at = self.find(key)?;
        let slot = self.slots.get_mut(at)?;
        let before = (slot.key() == key).then(|| slot.value());
        *slot = Slot::new(key, value);
        self.used += usize::from(before.is_none());
        before
    }

    /// Grows by half, not to twice the size: memory is what bounds an import.
    fn grow(&mut self) {
        let size = (self.slots.len() + self.slots.len() / 2).max(SLOTS_FIRST);
        let old = std::mem::replace(self, Self { slots: vec![Slot::default(); size], used: 0 });
        for slot in old.slots.into_iter().filter(|slot| slot.key() != EMPTY) {
            self.insert(slot.key(), slot.value());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_keys_are_found_again() {
        let mut index = HashIndex::default();
        for n in 0..100_000_u32 {
            assert_eq!(index.insert(of(&n.to_le_bytes()), n), None);
        }
        assert!((0..100_000_u32).all(|n| index.get(of(&n.to_le_bytes())) == Some(n)));
        assert_eq!(index.get(of(b"elsewhere")), None);
        assert_eq!(index.insert(of(&7_u32.to_le_bytes()), 8), Some(7));
    }

    #[test]
    fn a_stored_hash_is_the_published_one() {
        // XXH3 of nothing, as its specification gives it.
        assert_eq!(of(b""), 0x2d06_8005_38d3_94c2);
        assert_eq!(of(b"H000001"), xxh3_64_with_seed(b"H000001", 0));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let hash = |parts: &[&str]| {
            let mut hash = Hash64::new();
            parts.iter().for_each(|part| {
                hash.bytes(part.as_bytes());
            });
            hash.finish()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["12345678", ""]), hash(&["", "12345678"]));
    }
}
