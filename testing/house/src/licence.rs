//! Licence expressions of packages, checked against a list of allowed licences.

/// Whether a package under this SPDX expression may be used, if these licences are allowed.
///
/// Understands `OR`, `AND`, `WITH`, parentheses and the old `/`, which means `OR`. What it does not
/// understand is not allowed.
pub fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, at: 0, broken: false, allowed };
    let answer = reader.any_of();
    answer && !reader.broken && reader.at == words.len()
}

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    /// Something was missing: the expression is not understood.
    broken: bool,
    allowed: &'a [String],
}

impl Reader<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        if found {
            self.at += 1;
        }
        found
    }

    fn any_of(&mut self) -> bool {
        let mut answer = self.all_of();
        while self.next_is("OR") {
            let other = self.all_of();
            answer = answer || other;
        }
        answer
    }

    fn all_of(&mut self) -> bool {
        let mut answer = self.one();
        while self.next_is("AND") {
            let other = self.one();
            answer = answer && other;
        }
        answer
    }

    fn one(&mut self) -> bool {
        if self.next_is("(") {
            let answer = self.any_of();
            let closed = self.next_is(")");
            self.broken |= !closed;
            return answer;
        }
        let mut name = self.word();
        if self.next_is("WITH") {
            name = format!("{name} WITH {}", self.word());
        }
        self.allowed.contains(&name)
    }

    /// The next word; a missing one breaks the expression.
    fn word(&mut self) -> String {
        let word = self.words.get(self.at).copied().unwrap_or_default();
        self.broken |= word.is_empty();
        self.at += 1;
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    fn allowed(expression: &str) -> bool {
        let list = ["MIT", "Apache-2.0", "BSD-3-Clause", "Apache-2.0 WITH LLVM-exception"];
        is_allowed(expression, &list.map(str::to_owned))
    }

    #[test]
    fn one_of_several_licences_is_enough() {
        assert!(allowed("GPL-3.0 OR MIT"));
        assert!(allowed("Unlicense/MIT"));
        assert!(!allowed("GPL-3.0 OR LGPL-3.0"));
    }

    #[test]
    fn all_licences_joined_by_and_must_be_allowed() {
        assert!(allowed("(Apache-2.0 OR MIT) AND BSD-3-Clause"));
        assert!(!allowed("(Apache-2.0 OR MIT) AND GPL-3.0"));
    }

    #[test]
    fn an_exception_is_part_of_the_name() {
        assert!(allowed("Apache-2.0 WITH LLVM-exception"));
        assert!(!allowed("MIT WITH LLVM-exception"));
    }

    #[test]
    fn what_cannot_be_read_is_not_allowed() {
        for expression in ["", "MIT OR", "(MIT", "MIT MIT", "AND MIT", "MIT WITH"] {
            assert!(!allowed(expression), "{expression}");
        }
    }
}
