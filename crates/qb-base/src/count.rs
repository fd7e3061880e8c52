//! Counts of what lies in memory, as the signed numbers that tables, digests and sums hold.
//!
//! The width of a `usize` is the machine's; a table's number is an `i64`. Both conversions are
//! total here, so that no caller has to invent a value for a length that cannot be.

/// Elsewhere a length could be wider than a table's number, or a count wider than a length.
const _: () = assert!(usize::BITS == 64, "Qibang runs on machines of 64 bits");

/// Counts what lies in memory: the length of a list, text or table, or a position in one.
///
/// No object is longer than `isize::MAX`, so the sign bit of a length is never set.
pub const fn count(length: usize) -> i64 {
    debug_assert!(length.cast_signed() >= 0, "no object is that long");
    length.cast_signed() as i64
}

/// What was counted up one by one, or the bytes of a file, which the system counts signed itself.
pub const fn tally(counted: u64) -> i64 {
    debug_assert!(counted.cast_signed() >= 0, "nobody counts that far");
    counted.cast_signed()
}

/// A number of 32 bits as a length or position in memory.
pub const fn index(number: u32) -> usize {
    number as usize
}

/// A count as a length or position in memory.
#[expect(clippy::cast_possible_truncation, reason = "both have 64 bits, see above")]
pub const fn size(counted: u64) -> usize {
    counted as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_keeps_its_value_up_to_the_longest_an_object_can_have() {
        assert_eq!(count(0), 0);
        assert_eq!(count(usize::MAX >> 1), i64::MAX);
        assert_eq!(tally(u64::MAX >> 1), i64::MAX);
        assert_eq!(size(u64::MAX), usize::MAX);
        assert_eq!(index(u32::MAX), 0xFFFF_FFFF);
    }
}
