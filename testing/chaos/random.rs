//! Numbers for tests: the same for a seed, and the seed is printed.

/// A small generator (SplitMix64), enough to scatter points and bytes.
pub(crate) struct Random(u64);

impl Random {
    /// Starts from `QIBANG_CHAOS_SEED`, or from 2016, and says which.
    pub(crate) fn of_the_run() -> Random {
        let given = std::env::var("QIBANG_CHAOS_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or(2016);
        eprintln!("QIBANG_CHAOS_SEED={seed}");
        Random(seed)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}
