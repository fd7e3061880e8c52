//! Templates hold no words: every sentence is in the table of texts, in both languages.

use std::path::Path;

/// What is left of a template without tags, expressions and entities.
fn words(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['<', '{']) {
        text.push_str(&rest[..at]);
        let close = match &rest[at..] {
            tail if tail.starts_with("{{") => "}}",
            tail if tail.starts_with("{%") => "%}",
            _ => ">",
        };
        rest = rest[at..].split_once(close).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

#[test]
fn no_template_holds_a_word_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let template = std::fs::read_to_string(&path).unwrap();
        // The seal of the brand is a drawing made of a character.
        let found = words(&template).replace('齐', "");
        let letters: String = found.chars().filter(|c| c.is_alphabetic()).collect();
        assert!(letters.is_empty(), "{}: {letters}", path.display());
        seen += 1;
    }
    assert!(seen > 10);
}
