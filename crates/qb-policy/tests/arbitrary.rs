//! Whatever stands in a pack's files, loading answers and never panics.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::path::Path;

use proptest::prelude::*;
use qb_policy::arithmetic::evaluate;
use qb_policy::{Decimal, Pack, PackSource};

const LINES: [&str; 38] = [
    "id = \"a\"",
    "id = 3",
    "[[clause]]",
    "[[clause.case]]",
    "[[case]]",
    "[[fact]]",
    "[[param]]",
    "[[param.value]]",
    "[[contradiction]]",
    "[[contradiction.figure]]",
    "[[code]]",
    "[[column]]",
    "level = \"person\"",
    "says = { zh = \"甲\", en = \"a\" }",
    "title = { zh = \"甲\", en = \"a\" }",
    "source = \"x\"",
    "name = \"n\"",
    "expression = \"\"\"\n年龄 > 1\"\"\"",
    "expression = \"published('A\"",
    "effective_from = 2016-01-01",
    "effective_from = 08:00:00",
    "expect = true",
    "expect = [1]",
    "given = { a = [1], b = 2016-01-01 }",
    "value = \"1.5\"",
    "unit = \"yuan\"",
    "from = 9999-12-31",
    "extends = \"xuzhou-2016\"",
    "method = \"rows\"",
    "\u{feff}",
    "room = \"data\"",
    "key = [\"a\"]",
    "spell = { from = \"a\", to = \"b\" }",
    "[case]\nmachine = \"m\"",
    "[[case.step]]",
    "label = { zh = \"甲\", en = \"a\" }",
    "type = \"date\"",
    "query = \"select 1\"",
];

fn load(case: u64, pack: &str, other: &str, file: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("arbitrary-{case}"));
    std::fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
    std::fs::write(folder.join("pack.toml"), pack).unwrap();
    std::fs::write(folder.join(file), other).unwrap();
    if let Err(error) = Pack::load(PackSource::Folder(&folder)) {
        assert!(!error.to_string().is_empty());
    }
    let _ = std::fs::remove_dir_all(folder);
}

fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&LINES[..]), 0..14)
        .prop_map(|lines| lines.join("\n"))
}

fn file() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &["rules.toml", "codes/c.toml", "layouts/l.toml", "datasets/d.toml", "areas.csv"][..],
    )
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn shuffled_lines_of_packs(files in (any::<u64>(), lines(), lines(), file())) {
        load(files.0, &files.1, &files.2, files.3);
    }

    #[test]
    fn arbitrary_text(files in (any::<u64>(), "\\PC{0,80}", "\\PC{0,80}", file())) {
        load(files.0, &files.1, &files.2, files.3);
    }

    #[test]
    fn arbitrary_arithmetic(text in "[0-9+*/(). publishedcomtara'-]{0,40}") {
        let _ = evaluate(&text, &mut |_| Some(Decimal::whole(i64::MAX)));
    }

    #[test]
    fn a_decimal_is_read_back_from_what_it_prints(mantissa in any::<i64>(), scale in 0_u32..12) {
        let number = Decimal::new((mantissa / 10).into(), scale).unwrap();
        prop_assert_eq!(Decimal::parse(&number.to_string()), Some(number));
    }
}
