//! Rows below the head that still belong to it: numbers of columns, units.

use crate::words::Words;

/// Rows of a head that may follow the recognised ones.
const HEAD_REST_MAX: usize = 3;

/// How many of the rows below a recognised head number its columns (`1 2 3`, `甲 乙 丙`) or name
/// units (`元 万元 人`). Cells are folded.
pub(crate) fn head_rest(rows: &[Vec<String>], words: &Words) -> usize {
    rows.iter().take(HEAD_REST_MAX).take_while(|row| is_rest(row, words)).count()
}

fn is_rest(row: &[String], words: &Words) -> bool {
    let (mut numbers, mut units, mut filled, mut last) = (0, 0, 0, 0);
    for key in row.iter().filter(|key| !key.is_empty()) {
        filled += 1;
        let plain = key.trim_matches(['(', ')', '[', ']']);
        // National forms number a household's columns A1, A2, …
        let digits = plain.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        if words.units.list(key).is_some() {
            units += 1;
        } else if let Ok(number) = digits.parse::<u32>() {
            if number <= last || digits.len() > 3 {
                return false;
            }
            (last, numbers) = (number, numbers + 1);
        } else if !words.is_ordinal(plain) {
            return false;
        }
    }
    units > 0 || filled > 2 || (filled > 1 && numbers < filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_units_below_a_head_belong_to_it_and_records_do_not() {
        let pack = qb_policy::Pack::load(qb_policy::PackSource::Embedded("xuzhou-2016")).unwrap();
        let words = Words::of(&pack).unwrap();
        let rest = |row: &[&str]| {
            is_rest(&row.iter().map(|c| qb_base::fold::key(c)).collect::<Vec<_>>(), &words)
        };
        for row in [
            &["1", "2", "3"][..],
            &["甲", "乙", "1", "2"],
            &["", "", "万元"],
            &["", "元", "万元", "（人）"],
            &["A1", "A2", "A3"],
            &["(1)", "(2)", "(3)"],
        ] {
            assert!(rest(row), "{row:?}");
        }
        for row in
            [&["1", "1", "2"][..], &["3", "2", "1"], &["1", "某村", "3"], &[], &["5"], &["1", "2"]]
        {
            assert!(!rest(row), "{row:?}");
        }
    }
}
