use super::*;

#[test]
fn strings_come_back_from_cold_pages_and_take_bounded_memory() {
    let mut table = SharedStrings::default();
    let text = |n: u32| format!("{n:08}").repeat(usize::try_from(n % 997).unwrap());
    for n in 0..30_000 {
        table.push(text(n).as_bytes(), n == 997).unwrap();
    }
    let warm: usize = table.pages.iter().map(|page| page.bytes.len()).sum();
    assert_eq!(warm, table.warm);
    assert!(warm <= WARM_BYTES_MAX + (1 << 20) && table.held < 30 << 20, "{warm}, {}", table.held);
    for n in [0, 1, 29_999, 997, 12_345, 996, 29_000, 3, 997 * 2] {
        let expected = text(n);
        let expected =
            if n == 997 { SharedString::TooLong } else { SharedString::Text(expected.as_bytes()) };
        assert_eq!(table.get(n), Some(expected), "{n}");
    }
    assert_eq!(table.get(30_000), None);
    assert!(table.warm <= WARM_BYTES_MAX + (1 << 20));
}

#[test]
fn millions_of_empty_strings_lie_on_pages_of_their_own() {
    let mut table = SharedStrings::default();
    (0..100_000).for_each(|_| table.push(b"", false).unwrap());
    assert!(table.pages.iter().all(|page| page.starts.len() <= PAGE_STRINGS));
    assert_eq!(table.get(99_999), Some(SharedString::Text(b"")));
}

#[test]
fn strings_that_do_not_pack_are_refused_before_they_fill_the_memory() {
    let mut table = SharedStrings::default();
    let mut state = 7_u64;
    let mut string = vec![0_u8; 1 << 15];
    let refused = (0..10_000).find_map(|_| {
        for byte in &mut string {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_le_bytes()[4];
        }
        table.push(&string, false).unwrap();
        table.check(0).err()
    });
    assert_eq!(refused.unwrap().code, "file_too_large");
    assert!(table.held + table.warm <= SHARED_MEMORY_MAX + WARM_BYTES_MAX + (1 << 20));
}
