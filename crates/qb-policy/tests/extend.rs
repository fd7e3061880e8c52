//! An extension replaces what has the same id and adds the rest.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::path::{Path, PathBuf};

use qb_base::Lang;
use qb_policy::{Expect, Pack, PackSource};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/good").join(name)
}

fn load(name: &str) -> Pack {
    Pack::load(PackSource::Folder(&folder(name))).unwrap_or_else(|error| panic!("{error}"))
}

fn base() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap()
}

#[test]
fn what_the_extension_says_replaces_what_the_base_says() {
    let (base, town) = (base(), load("town-rules"));
    assert_eq!(town.title.get(Lang::En), "rules of a town");
    assert_eq!((town.year, town.cases_on, town.area), (base.year, base.cases_on, base.area));
    assert_eq!(town.clauses.len(), base.clauses.len() + 1);
    let basis = town.clause("village.income_basis").unwrap();
    assert_eq!(basis.source, "town rules 2016 §2");
    assert_eq!(
        base.clauses.iter().position(|clause| clause.id == "village.income_basis"),
        town.clauses.iter().position(|clause| clause.id == "village.income_basis"),
        "a replaced clause keeps its place"
    );
    let floor = town.param("village.income_floor", &town.area, town.cases_on).unwrap();
    assert_eq!(floor.number.to_string(), "20000050", "fen, exactly");
    assert_eq!(town.facts.len(), base.facts.len());
    assert_eq!(town.areas.len(), base.areas.len());
}

#[test]
fn a_list_keeps_the_codes_of_its_base() {
    let town = load("town-rules");
    let causes = town.code_list("cause").unwrap();
    assert_eq!(causes.lookup("缺就业门路").unwrap().id, "NO_WORK");
    assert_eq!(causes.lookup("因病").unwrap().id, "ILLNESS");
}

#[test]
fn a_case_below_its_clause_belongs_to_it() {
    let town = load("town-rules");
    let clause = town.clause("town.phone").unwrap();
    let answers: Vec<Expect> = clause.cases.iter().map(|case| case.expect).collect();
    assert_eq!(answers, [Expect::True, Expect::Unknown]);
}

#[test]
fn a_place_inside_an_expression_is_a_place_in_the_file() {
    let town = load("town-rules");
    let basis = &town.clause("village.income_basis").unwrap().expression;
    assert_eq!(basis.locate(1, 8).to_string(), "pack.toml:24:22");
    let long = &town.clause("town.phone").unwrap().expression;
    assert_eq!(
        long.at.to_string(),
        "pack.toml:37:1",
        "the line break after the quotes isn't part of the text"
    );
    assert_eq!(long.locate(2, 3).to_string(), "pack.toml:38:3");
}

#[test]
fn packs_stand_on_each_other_and_each_has_its_digest() {
    let (base, town, third) = (base(), load("town-rules"), load("over-town"));
    assert_eq!(third.bases, ["town-rules", "xuzhou-2016"]);
    assert_eq!(third.clause("village.income_basis").unwrap().source, "town rules 2016 §2");
    assert!(base.digest() != town.digest() && town.digest() != third.digest());
}

#[test]
fn a_pack_that_extends_itself_is_refused() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("circle");
    for (name, extends) in [("a", "b"), ("b", "a")] {
        std::fs::create_dir_all(path.join(name)).unwrap();
        let text = format!("id = \"{name}\"\nextends = \"{extends}\"\n");
        std::fs::write(path.join(name).join("pack.toml"), text).unwrap();
    }
    let error = Pack::load(PackSource::Folder(&path.join("a"))).unwrap_err().to_string();
    assert!(error.contains("packs extend each other: a → b → a"), "{error}");
    let _ = std::fs::remove_dir_all(path);
}

#[test]
fn an_unknown_base_is_named_where_it_is_written() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("orphan");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("pack.toml"), "id = \"orphan\"\nextends = \"nowhere\"\n").unwrap();
    let error = Pack::load(PackSource::Folder(&path)).unwrap_err().to_string();
    assert!(
        error.starts_with("pack.toml:2:11: ") && error.contains("no pack is named `nowhere`"),
        "{error}"
    );
    let _ = std::fs::remove_dir_all(path);
}

#[test]
fn a_place_in_the_base_is_told_from_one_in_the_extension() {
    let town = load("town-rules");
    assert_eq!(town.clause("village.income_basis").unwrap().at.file, "pack.toml");
    assert_eq!(town.clause("exit.ready").unwrap().at.file, "xuzhou-2016/clauses/exit.toml");
}

#[test]
fn a_small_pack_stands_alone() {
    let small = load("small");
    assert!(small.bases.is_empty() && small.areas.is_empty());
    assert_eq!(small.clause("small.rule").unwrap().expression.text, "age >= 18");
}

#[test]
fn the_digest_follows_the_content_and_nothing_else() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("digest");
    std::fs::create_dir_all(&path).unwrap();
    let text = std::fs::read_to_string(folder("small").join("pack.toml")).unwrap();
    let digest = |text: &str| {
        std::fs::write(path.join("pack.toml"), text).unwrap();
        Pack::load(PackSource::Folder(&path)).unwrap().digest()
    };
    let first = digest(&text);
    assert_eq!(digest(&format!("# a note\n{}", text.replace("source = ", "source   = "))), first);
    assert_ne!(digest(&text.replace("age >= 18", "age >= 16")), first);
    assert_ne!(digest(&text.replace("成年", "成人")), first);
    let _ = std::fs::remove_dir_all(path);
}

#[test]
fn a_word_from_the_command_line_is_a_folder_or_a_name() {
    assert_eq!(PackSource::from_argument("xuzhou-2016"), PackSource::Embedded("xuzhou-2016"));
    let town = folder("town-rules");
    let town = town.to_str().unwrap();
    assert_eq!(PackSource::from_argument(town), PackSource::Folder(Path::new(town)));
}
