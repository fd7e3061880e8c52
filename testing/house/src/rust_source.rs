//! The shape of a Rust source: code without comments and strings, test regions, functions.
//!
//! A lexer of a hundred lines rather than a parser: the rules need lines and words, and a parser
//! would cost more to build than all rules together.

use std::ops::Range;

/// A source file, taken apart.
#[derive(Debug)]
pub struct Source {
    /// The text as it stands.
    pub text: String,
    /// The same text with comments and the insides of strings blanked; same bytes per line.
    pub code: String,
    /// The string literals.
    pub strings: Vec<Literal>,
    /// Byte ranges of items under `#[cfg(test)]`.
    tests: Vec<Range<usize>>,
}

/// A string literal.
#[derive(Debug, PartialEq, Eq)]
pub struct Literal {
    /// Where it begins, in bytes.
    pub start: usize,
    /// What stands between the quotes, escapes untouched.
    pub text: String,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// The function's name.
    pub name: String,
    /// The line of `fn`, from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace.
    pub lines: usize,
}

impl Source {
    /// Takes a source apart.
    pub fn new(text: &str) -> Source {
        let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, code: Vec::new(), strings: vec![] };
        lexer.run();
        let code = String::from_utf8_lossy(&lexer.code).into_owned();
        let tests = test_regions(&code);
        Source { text: text.to_owned(), code, strings: lexer.strings, tests }
    }

    /// The line, from 1, that holds a byte.
    pub fn line_of(&self, at: usize) -> usize {
        self.code.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    /// Whether a byte lies inside an item under `#[cfg(test)]`.
    pub fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|region| region.contains(&at))
    }

    /// Lines of code outside tests with their numbers; comments and strings are blank.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut start = 0;
        self.code.split('\n').enumerate().filter_map(move |(index, line)| {
            let at = start;
            start += line.len() + 1;
            (!self.is_test(at)).then_some((index + 1, line))
        })
    }

    /// Names of modules that exist only in tests (`#[cfg(test)] mod NAME;`).
    pub fn test_modules(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (at, _) in self.code.match_indices("#[cfg(test)]") {
            let rest = self.code.get(at + 12..).unwrap_or_default().trim_start();
            let rest = rest.strip_prefix("pub(crate) ").unwrap_or(rest);
            let Some(rest) = rest.strip_prefix("mod ") else { continue };
            let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
            names.push(name);
        }
        names
    }

    /// Every function that has a body.
    pub fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            let before = self.code.get(..at).and_then(|text| text.chars().next_back());
            if before.is_some_and(is_word) {
                continue;
            }
            let rest = self.code.get(at + 3..).unwrap_or_default();
            let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
            let body = (!name.is_empty()).then(|| body(&self.code, at)).flatten();
            if let Some(body) = body {
                let line = self.line_of(at);
                let lines = self.line_of(body.end.saturating_sub(1)) + 1 - line;
                functions.push(Function { name, line, lines });
            }
        }
        functions
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The braces that follow `from`, unless a `;` outside brackets comes first.
fn body(code: &str, from: usize) -> Option<Range<usize>> {
    let mut brackets = 0_i32;
    for (at, c) in code.char_indices().skip_while(|(at, _)| *at < from) {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if brackets == 0 => return None,
            '{' if brackets == 0 => return braces(code, at),
            _ => {}
        }
    }
    None
}

/// The range of a block that opens at `open`.
fn braces(code: &str, open: usize) -> Option<Range<usize>> {
    let mut depth = 0_i32;
    for (at, c) in code.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open..at + 1);
        }
    }
    None
}

fn test_regions(code: &str) -> Vec<Range<usize>> {
    let marks = ["#[cfg(test)]", "#[cfg(any(test"];
    let mut regions = Vec::new();
    for mark in marks {
        for (at, _) in code.match_indices(mark) {
            if let Some(body) = body(code, at + mark.len()) {
                regions.push(at..body.end);
            }
        }
    }
    regions
}

/// Walks over the bytes once, copying code and blanking the rest.
struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    code: Vec<u8>,
    strings: Vec<Literal>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'/', Some(b'/')) => self.line_comment(),
                (b'/', Some(b'*')) => self.block_comment(),
                (b'"', _) => self.string(),
                (b'r', Some(b'"' | b'#')) if !self.after_word() => self.raw_string(),
                (b'b' | b'c', Some(b'r')) if !self.after_word() => {
                    self.keep();
                    if matches!(self.peek(1), Some(b'"' | b'#')) {
                        self.raw_string();
                    }
                }
                (b'\'', _) => self.quote(),
                _ => self.keep(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.code.extend(self.peek(0));
        self.at += 1;
    }

    fn blank(&mut self) {
        self.code.extend(self.peek(0).map(|byte| if byte == b'\n' { byte } else { b' ' }));
        self.at += 1;
    }

    fn after_word(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.blank();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_i32;
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'/', Some(b'*')) => depth += 1,
                (b'*', Some(b'/')) => depth -= 1,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.keep();
        let start = self.at;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => break,
                b'\\' => {
                    self.blank();
                    self.blank();
                }
                _ => self.blank(),
            }
        }
        self.remember(start, self.at);
        self.keep();
    }

    fn raw_string(&mut self) {
        let mut hashes = 0;
        while self.peek(1 + hashes) == Some(b'#') {
            hashes += 1;
        }
        if self.peek(1 + hashes) != Some(b'"') {
            return self.keep();
        }
        for _ in 0..hashes + 2 {
            self.keep();
        }
        let start = self.at;
        while self.peek(0).is_some() && !self.closes(hashes) {
            self.blank();
        }
        self.remember(start, self.at);
        for _ in 0..=hashes {
            self.keep();
        }
    }

    fn closes(&self, hashes: usize) -> bool {
        self.peek(0) == Some(b'"') && (1..=hashes).all(|ahead| self.peek(ahead) == Some(b'#'))
    }

    /// A character literal is blanked; a lifetime is code.
    fn quote(&mut self) {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let length = match rest.first() {
            Some(b'\\') => rest.iter().skip(2).position(|byte| *byte == b'\'').map(|at| at + 2),
            Some(_) => {
                let width = rest.iter().skip(1).take_while(|byte| (**byte & 0xC0) == 0x80).count();
                (rest.get(1 + width) == Some(&b'\'')).then_some(1 + width)
            }
            None => None,
        };
        self.keep();
        if let Some(length) = length {
            for _ in 0..length {
                self.blank();
            }
            self.keep();
        }
    }

    fn remember(&mut self, start: usize, end: usize) {
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        self.strings.push(Literal { start, text: String::from_utf8_lossy(bytes).into_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn comments_strings_and_characters_are_blanked() {
        let source =
            Source::new("let a = \"x.unwrap()\"; // y.unwrap()\nlet b = '\"'; /* /* z */ */ c");
        assert!(!source.code.contains("unwrap"));
        assert!(!source.code.contains('z'));
        assert!(source.code.ends_with(" c"));
        assert_eq!(source.strings.len(), 1);
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        let source = Source::new("let a = r#\"one \" two\"#; br\"x\"; b");
        assert_eq!(source.strings[0].text, "one \" two");
        assert_eq!(source.strings[1].text, "x");
        assert!(source.code.ends_with("; b"));
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        let source = Source::new("fn f<'a>(x: &'a str) -> char { '文' }");
        assert!(source.code.contains("&'a str"));
        assert!(!source.code.contains('文'));
    }

    #[test]
    fn items_under_cfg_test_are_tests() {
        let source = Source::new("fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}");
        let lines: Vec<usize> = source.product_lines().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 6]);
        assert_eq!(Source::new("#[cfg(test)]\nmod tests;\nfn a() {}").test_modules(), ["tests"]);
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let source = Source::new("trait T { fn a(x: [u8; 2]); }\nfn b(\n x: u8,\n) {\n x;\n}\n");
        let functions = source.functions();
        assert_eq!(functions.len(), 1);
        assert_eq!(
            (functions[0].name.as_str(), functions[0].line, functions[0].lines),
            ("b", 2, 5)
        );
    }
}
