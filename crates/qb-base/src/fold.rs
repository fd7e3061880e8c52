//! Folding of names into keys for matching; a stored name is never changed by it (faults F9, F10).

use std::sync::LazyLock;

/// Traditional and variant characters met in names of people and places, each with the form it
/// folds to.
const VARIANTS: [(char, char); 94] = [
    ('於', '于'),
    ('閆', '闫'),
    ('閻', '阎'),
    ('蕭', '萧'),
    ('肖', '萧'),
    ('傅', '付'),
    ('張', '张'),
    ('劉', '刘'),
    ('陳', '陈'),
    ('楊', '杨'),
    ('趙', '赵'),
    ('黃', '黄'),
    ('吳', '吴'),
    ('孫', '孙'),
    ('馬', '马'),
    ('羅', '罗'),
    ('鄭', '郑'),
    ('謝', '谢'),
    ('韓', '韩'),
    ('馮', '冯'),
    ('鄧', '邓'),
    ('許', '许'),
    ('蔣', '蒋'),
    ('賈', '贾'),
    ('鄒', '邹'),
    ('陸', '陆'),
    ('葉', '叶'),
    ('鍾', '钟'),
    ('鐘', '钟'),
    ('盧', '卢'),
    ('譚', '谭'),
    ('範', '范'),
    ('蘇', '苏'),
    ('呂', '吕'),
    ('邱', '丘'),
    ('龍', '龙'),
    ('萬', '万'),
    ('顧', '顾'),
    ('龔', '龚'),
    ('湯', '汤'),
    ('嚴', '严'),
    ('賴', '赖'),
    ('齊', '齐'),
    ('喬', '乔'),
    ('藍', '蓝'),
    ('祿', '禄'),
    ('紀', '纪'),
    ('華', '华'),
    ('國', '国'),
    ('蘭', '兰'),
    ('鳳', '凤'),
    ('麗', '丽'),
    ('軍', '军'),
    ('偉', '伟'),
    ('榮', '荣'),
    ('貴', '贵'),
    ('銀', '银'),
    ('蓮', '莲'),
    ('飛', '飞'),
    ('東', '东'),
    ('興', '兴'),
    ('豐', '丰'),
    ('鎮', '镇'),
    ('縣', '县'),
    ('莊', '庄'),
    ('樓', '楼'),
    ('廟', '庙'),
    ('橋', '桥'),
    ('溝', '沟'),
    ('鋪', '铺'),
    ('灣', '湾'),
    ('園', '园'),
    ('圍', '围'),
    ('雙', '双'),
    ('會', '会'),
    ('貸', '贷'),
    ('貨', '贷'),
    ('術', '术'),
    ('勞', '劳'),
    ('動', '动'),
    ('資', '资'),
    ('條', '条'),
    ('後', '后'),
    ('災', '灾'),
    ('學', '学'),
    ('殘', '残'),
    ('婦', '妇'),
    ('兒', '儿'),
    ('壻', '婿'),
    ('巳', '己'),
    ('已', '己'),
    ('未', '末'),
    ('練', '练'),
    ('強', '强'),
];

/// The variants in the order of what is folded, to be found by halving.
static SORTED: LazyLock<[(char, char); VARIANTS.len()]> = LazyLock::new(|| {
    let mut sorted = VARIANTS;
    sorted.sort_unstable();
    sorted
});

/// A key for matching: half-width, lower case, variants folded, separators and blanks dropped.
pub fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    key.extend(text.chars().filter_map(fold_char));
    key
}

/// Folds one character; `None` for what a key leaves out.
fn fold_char(c: char) -> Option<char> {
    let half = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    match half {
        '·' | '•' | '．' | '.' | '-' | '－' | '‧' | '・' | '∙' => None,
        c if c.is_whitespace() || c.is_control() => None,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        c if c.is_ascii() => Some(c.to_ascii_lowercase()),
        c => {
            let found = SORTED.binary_search_by_key(&c, |(from, _)| *from).ok();
            Some(found.and_then(|at| SORTED.get(at)).map_or(c, |(_, to)| *to))
        }
    }
}

/// Endings that registers add to or leave off village names, longest first (fault F11).
const VILLAGE_ENDINGS: &[&str] =
    &["社区居民委员会", "村民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "社区", "村"];

/// A key for village names that is the same with and without 村, 村委会, 社区, 居委会.
///
/// A 村 of the name itself goes too, since files write 付村村委会 as 付村, 付村村 or 付村村委会.
pub fn village_key(name: &str) -> String {
    strip_ending(&strip_ending(&key(name), VILLAGE_ENDINGS), &["村"])
}

/// A key for towns and counties that is the same with and without 镇, 乡, 街道, 县, 区, 市.
pub fn unit_key(name: &str) -> String {
    strip_ending(&key(name), &["街道办事处", "办事处", "街道", "镇", "乡", "县", "区", "市"])
}

/// Cuts the first ending that leaves at least one character.
fn strip_ending(folded: &str, endings: &[&str]) -> String {
    endings
        .iter()
        .find_map(|ending| folded.strip_suffix(ending).filter(|rest| !rest.is_empty()))
        .unwrap_or(folded)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_variants_do_not_tell_names_apart() {
        assert_eq!(key("阿不都•热合曼"), key("阿不都·热合曼"));
        assert_eq!(key("蕭 國強"), key("肖国強"));
        assert_eq!(key("ＡＢ c"), "abc");
    }

    #[test]
    fn every_variant_folds_to_one_character_that_stays() {
        for (from, to) in VARIANTS {
            assert_eq!(key(&from.to_string()), to.to_string());
            assert_eq!(key(&to.to_string()), to.to_string(), "{from}");
        }
    }

    #[test]
    fn a_village_is_the_same_with_and_without_its_ending() {
        for name in ["练马", "练马村", "练马村委会", "練马村村民委员会"] {
            assert_eq!(village_key(name), "练马", "{name}");
        }
        assert_eq!(village_key("东风社区居委会"), village_key("东风社区"));
        for name in ["付村", "付村村", "付村村委会", "付村村民委员会"] {
            assert_eq!(village_key(name), "付", "{name}");
        }
        assert_eq!(village_key("村"), "村");
    }
}
