//! How files write the names of places.

/// Endings of official village names, longest first, each with the short form clerks use.
const ENDINGS: [(&str, &str); 6] = [
    ("社区居民委员会", "社区"),
    ("社区居委会", "社区"),
    ("居民委员会", "居委会"),
    ("村民委员会", "村"),
    ("村委会", "村"),
    ("居委会", "居委会"),
];

/// The short form: 练马村委会 → 练马村, 东风社区居委会 → 东风社区.
pub(crate) fn short(official: &str) -> String {
    for (ending, short) in ENDINGS {
        if let Some(name) = official.strip_suffix(ending) {
            return format!("{name}{short}");
        }
    }
    official.to_owned()
}

/// The bare name: 练马, 东风.
pub(crate) fn bare(official: &str) -> &str {
    let strip = |ending: &str| official.strip_suffix(ending).filter(|name| !name.is_empty());
    ENDINGS.iter().find_map(|(ending, _)| strip(ending)).unwrap_or(official)
}

/// Another form of a village's name, by lot: short, bare, with the long ending.
pub(crate) fn variant(official: &str, choice: usize) -> String {
    let long = official.strip_suffix("村委会").filter(|_| !official.ends_with("社区"));
    match (choice % 3, long) {
        (0, _) => short(official),
        (1, Some(name)) => format!("{name}村民委员会"),
        _ => bare(official).to_owned(),
    }
}

/// Names of villages that do not exist (any more).
pub(crate) const UNKNOWN: [&str; 6] =
    ["向阳大队", "红旗大队", "东方红村", "跃进大队", "胜利农场三队", "前进林场"];
