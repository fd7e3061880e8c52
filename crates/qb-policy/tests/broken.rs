//! Broken packs are refused with the place, what is wrong and what to do, in both languages.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::path::{Path, PathBuf};

use qb_policy::{Pack, PackError, PackSource};

/// A pack that is right, as the files below bend it.
const HEAD: &str = "id = \"small\"\ntitle = { zh = \"小包\", en = \"a small pack\" }\nsource = \"rules 1\"\nyear = 2016\nas_of = 2016-12-31\narea = \"3203\"\n";

const CLAUSE: &str = "\n[[clause]]\nid = \"small.rule\"\nlevel = \"person\"\nsays = { zh = \"成年\", en = \"grown up\" }\nsource = \"rules 1 §1\"\neffective_from = 2016-01-01\nexpression = \"age >= 18\"\n";

/// A folder that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = std::fs::remove_dir_all(&path);
        for (name, text) in files {
            let file = path.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Every fault as it is printed.
fn faults(test: &str, files: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new(test, files);
    match Pack::load(PackSource::Folder(&folder.0)) {
        Ok(_) => Vec::new(),
        Err(PackError::Faulty(faults)) => faults.iter().map(ToString::to_string).collect(),
        Err(other) => vec![other.to_string()],
    }
}

/// The one fault of a pack whose clause file has a text replaced.
fn clause_fault(test: &str, from: &str, to: &str) -> String {
    let text = CLAUSE.replacen(from, to, 1);
    assert_ne!(text, CLAUSE);
    let mut found = faults(test, &[("pack.toml", HEAD), ("rules.toml", &text)]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn the_pack_that_the_other_tests_bend_is_right() {
    assert_eq!(
        faults("right", &[("pack.toml", HEAD), ("rules.toml", CLAUSE)]),
        Vec::<String>::new()
    );
}

#[test]
fn what_has_no_source_does_not_load() {
    let missing = clause_fault("no-source", "source = \"rules 1 §1\"\n", "");
    assert!(missing.starts_with("rules.toml:2:1: 缺少“source”（出处）"), "{missing}");
    assert!(missing.contains("nothing loads without its source"), "{missing}");
    let blank = clause_fault("blank-source", "rules 1 §1", " ");
    assert!(
        blank.starts_with("rules.toml:3:6: ") && blank.contains("`source` is blank"),
        "{blank}"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_known_ones() {
    let fault = clause_fault("unknown-key", "level =", "levle =");
    assert!(fault.starts_with("rules.toml:4:1: 不认识“levle”"), "{fault}");
    assert!(fault.contains("unknown key `levle`, known here: id, level, kind"), "{fault}");
}

#[test]
fn a_missing_translation_is_a_fault() {
    let missing = clause_fault("no-english", ", en = \"grown up\"", "");
    assert!(missing.contains("缺少“en”文字") && missing.starts_with("rules.toml:5:"), "{missing}");
    let blank = clause_fault("blank-english", "grown up", "");
    assert!(blank.contains("the Chinese or the English text is blank"), "{blank}");
}

#[test]
fn broken_toml_is_shown_where_it_breaks() {
    let fault = clause_fault("syntax", "level = \"person\"", "level = person\"");
    assert!(fault.starts_with("rules.toml:4:9: 不是正确的TOML"), "{fault}");
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("x = {}", "[".repeat(100_000));
    let found = faults("deep", &[("pack.toml", HEAD), ("rules.toml", &deep)]);
    assert!(found[0].starts_with("rules.toml:1:"), "{found:?}");
    let keys = format!("{}x = 1", "a.".repeat(20_000));
    assert!(!faults("deep-keys", &[("pack.toml", HEAD), ("rules.toml", &keys)]).is_empty());
}

#[test]
fn a_wrong_level_lists_the_possible_ones() {
    let fault = clause_fault("level", "\"person\"", "\"town\"");
    assert!(
        fault.starts_with("rules.toml:4:9: “town”不在可选值内，可选：person, household, village"),
        "{fault}"
    );
}

#[test]
fn a_day_is_no_text() {
    let fault = clause_fault("day", "2016-01-01", "\"2016-01-01\"");
    assert!(fault.starts_with("rules.toml:7:18: "), "{fault}");
    let time = clause_fault("time", "2016-01-01", "2016-01-01T08:00:00");
    assert!(time.contains("write a day here"), "{time}");
    let order = clause_fault("order", "2016-01-01", "2016-01-01\neffective_until = 2015-12-31");
    assert!(order.contains("the last day lies before the first"), "{order}");
}

#[test]
fn an_id_stands_once() {
    let twice = format!("{CLAUSE}{CLAUSE}");
    let found = faults("twice", &[("pack.toml", HEAD), ("rules.toml", &twice)]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("rules.toml:11:6: 规则“small.rule”已在rules.toml:3:6写过"),
        "{found:?}"
    );
}

#[test]
fn a_label_means_one_code() {
    let list = "id = \"colour\"\ntitle = { zh = \"颜色\", en = \"colour\" }\nsource = \"x\"\n\
        [[code]]\nid = \"RED\"\nlabel = { zh = \"红\", en = \"red\" }\naliases = [\"赤 色\"]\n\
        [[code]]\nid = \"CRIMSON\"\nlabel = { zh = \"赤色\", en = \"crimson\" }\n";
    let found = faults("labels", &[("pack.toml", HEAD), ("codes/colour.toml", list)]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("“赤色” means both `RED` and `CRIMSON`"), "{found:?}");
    assert!(found[0].starts_with("codes/colour.toml:9:6: "), "{found:?}");
}

#[test]
fn a_column_cites_a_known_type_and_a_known_list() {
    let layout = |kind: &str| {
        format!(
            "id = \"l\"\ntitle = {{ zh = \"表\", en = \"table\" }}\ntarget = \"register\"\nform = \"table\"\nsource = \"x\"\nsender = \"COUNTY_OFFICER\"\n\
             [[column]]\nid = \"c\"\nlabel = {{ zh = \"列\", en = \"column\" }}\n\
             type = \"{kind}\"\n"
        )
    };
    let kind = faults("kind", &[("pack.toml", HEAD), ("layouts/l.toml", &layout("colour"))]);
    assert!(kind[0].contains("unknown column type `colour`, known: text, name"), "{kind:?}");
    let list = faults("list", &[("pack.toml", HEAD), ("layouts/l.toml", &layout("code:colour"))]);
    assert!(list[0].contains("cites the code list `colour`, which doesn't exist"), "{list:?}");
}

#[test]
fn a_number_is_whole_or_written_as_text() {
    let param = |value: &str| {
        format!(
            "[[param]]\nid = \"p\"\nsays = {{ zh = \"值\", en = \"value\" }}\nunit = \"yuan\"\n\
             [[param.value]]\nvalue = {value}\nfrom = 2016-01-01\nsource = \"x\"\n"
        )
    };
    let load = |test: &str, value: &str| {
        faults(test, &[("pack.toml", HEAD), ("lines.toml", &param(value))])
    };
    assert!(load("whole", "6000").is_empty());
    assert!(load("text", "\"0.3\"").is_empty());
    assert!(load("float", "0.3")[0].starts_with("lines.toml:6:9: "));
    assert!(load("words", "\"约3000\"")[0].contains("a decimal in quotes"));
}

#[test]
fn a_case_fits_its_clause() {
    let case = |text: &str| format!("{CLAUSE}[[clause.case]]\nname = \"a\"\n{text}\n");
    let load =
        |test: &str, text: &str| faults(test, &[("pack.toml", HEAD), ("r.toml", &case(text))]);
    assert!(load("fits", "given = { age = 18 }\nexpect = true").is_empty());
    assert!(load("number", "expect = 3")[0].contains("expects what its clause never gives"));
    assert!(
        load("word", "expect = \"perhaps\"")[0]
            .contains("`expect` is true, false, \"unknown\" or a number")
    );
    assert!(
        load("float-given", "given = { age = 1.5 }\nexpect = true")[0]
            .contains("leave unknown columns out")
    );
    let stray = faults(
        "stray",
        &[("pack.toml", HEAD), ("r.toml", "[[case]]\nname = \"a\"\nexpect = true\n")],
    );
    assert!(stray[0].contains("no [[clause]] stands above"), "{stray:?}");
}

#[test]
fn a_fact_has_what_its_method_needs_and_nothing_else() {
    let fact = |rest: &str| {
        format!(
            "[[fact]]\nid = \"G08\"\nsays = {{ zh = \"人数\", en = \"people\" }}\nsource = \"x\"\n{rest}\n\
             [[fact]]\nid = \"G04\"\nsays = {{ zh = \"口号\", en = \"slogan\" }}\nsource = \"x\"\n\
             method = \"text\"\nmechanism = {{ zh = \"无\", en = \"none\" }}\n"
        )
    };
    let load =
        |test: &str, rest: &str| faults(test, &[("pack.toml", HEAD), ("f.toml", &fact(rest))]);
    let bare = load("bare", "method = \"rows\"");
    assert!(bare.iter().any(|fault| fault.contains("fact `G08` needs `definition`")), "{bare:?}");
    assert!(bare.iter().any(|fault| fault.contains("fact `G08` needs `level`")), "{bare:?}");
    let extra = load(
        "extra",
        "method = \"text\"\npublished = 3\nmechanism = { zh = \"无\", en = \"none\" }",
    );
    assert!(extra[0].contains("has `published`, which its method never reads"), "{extra:?}");
    let unit = load(
        "unit",
        "method = \"reference\"\nunit = \"furlong\"\npublished = 3\npublished_text = { zh = \"三\", en = \"3\" }\n\
         definition = { zh = \"无\", en = \"none\" }",
    );
    assert!(unit[0].contains("isn't in the code list `unit`"), "{unit:?}");
}

/// The faults of a small pack with one figure from rows, as these lines write it.
fn figure_faults(test: &str, lines: &str) -> String {
    let units = "id = \"unit\"\ntitle = { zh = \"单位\", en = \"unit\" }\nsource = \"x\"\n\
        [[code]]\nid = \"person\"\nlabel = { zh = \"人\", en = \"people\" }\n";
    let fact = |id: &str, lines: &str| {
        format!(
            "[[fact]]\nid = \"{id}\"\nsays = {{ zh = \"数\", en = \"n\" }}\nunit = \"person\"\n{lines}\n"
        )
    };
    let plain = "definition = { zh = \"数\", en = \"n\" }\nmethod = \"rows\"\nlevel = \"person\"\n\
        value = \"count(*)\"\nsource = \"rules 1 §G01\"";
    let text = fact("G01", plain) + &fact("G02", lines);
    let files = [("pack.toml", HEAD), ("f.toml", &text), ("codes/unit.toml", units)];
    faults(test, &files).join("\n")
}

#[test]
fn a_figure_names_only_figures_that_exist_and_types_no_year() {
    let rows = |test: &str, said: &str, filter: &str, source: &str| {
        let lines = format!(
            "definition = {{ zh = \"{said}\", en = \"n\" }}\nmethod = \"rows\"\nlevel = \"person\"\n\
             filter = \"{filter}\"\nvalue = \"count(*)\"\nsource = \"{source}\""
        );
        figure_faults(test, &lines)
    };
    assert_eq!(rows("names-right", "见G01", "household.exit_year = {year}", "rules 1 §G01"), "");
    let lost = rows("names-lost", "见G99说明", "age > 1", "rules 1 §G01");
    assert!(lost.contains("names the fact `G99`, which doesn't exist"), "{lost}");
    let typed = rows("typed-year", "见G01", "household.exit_year = 2016", "rules 1 §G01");
    assert!(typed.contains("has the year 2016 typed in"), "{typed}");
    let source = rows("lost-source", "见G01", "age > 1", "rules 1 §G77");
    assert!(source.contains("names §G77, but there is no such fact"), "{source}");
    assert_eq!(
        rows("paragraph", "见G01", "age > 1", "rules 1 §7"),
        "",
        "a paragraph of a document"
    );
}

#[test]
fn a_source_uses_the_short_names_that_the_pack_lists() {
    let list = "# Sources\n| short name | document |\n|---|---|\n| `rules 1 §ID` | the rules |\n\
        | `project` | our own |\n";
    let with = |test: &str, source: &str, list: &[(&str, &str)]| {
        let text = CLAUSE.replacen("rules 1 §1", source, 1);
        let files = [("pack.toml", HEAD), ("rules.toml", text.as_str())];
        faults(test, &[&files, list].concat()).join("\n")
    };
    let listed = [("SOURCES.md", list)];
    assert_eq!(with("source-listed", "rules 1 §1; the age: project", &listed), "");
    let lost = with("source-lost", "rules 1 §1; rule-book", &listed);
    assert!(lost.starts_with("rules.toml:3:6: 出处"), "{lost}");
    assert!(lost.contains("`rule-book` of the source `rules 1 §1; rule-book`"), "{lost}");
    let part = with("source-part", "projects", &listed);
    assert!(part.contains("uses no short name of SOURCES.md"), "a name is a whole word: {part}");
    assert_eq!(with("source-unlisted", "rule-book", &[]), "", "a pack without a list");
}

#[test]
fn a_figure_that_anything_satisfies_checks_nothing() {
    let lines = |rest: &str| {
        format!(
            "definition = {{ zh = \"数\", en = \"n\" }}\npublished_text = {{ zh = \"零\", en = \"none\" }}\n{rest}\nsource = \"x\""
        )
    };
    let rows = "method = \"rows\"\nlevel = \"person\"\nvalue = \"count(*)\"";
    let above =
        figure_faults("above", &lines(&format!("published = 0\ncompare = \"above\"\n{rows}")));
    assert!(above.contains("which anything satisfies"), "{above}");
    let bare = figure_faults("bare-bound", &lines(&format!("compare = \"at_least\"\n{rows}")));
    assert!(bare.contains("publishes no number to compare with"), "{bare}");
    let constant = "method = \"arithmetic\"\nvalue = \"100 / 4\"";
    let constant = figure_faults("constant", &lines(constant));
    assert!(constant.contains("no row can change the verdict"), "{constant}");
    let derived = "method = \"arithmetic\"\nvalue = \"computed('G01') / 4\"";
    assert_eq!(figure_faults("derived", &lines(derived)), "");
}

#[test]
fn a_contradiction_names_facts_and_figures_that_exist() {
    let one = "[[contradiction]]\nid = \"A1\"\nsays = { zh = \"甲\", en = \"a\" }\n\
        finding = { zh = \"{x}\", en = \"{x} {y}\" }\nfacts = [\"G99\"]\noutcome = \"open\"\n\
        verdict = { zh = \"乙\", en = \"b\" }\nsource = \"x\"\n\
        [[contradiction.figure]]\nid = \"x\"\nlabel = { zh = \"丙\", en = \"c\" }\n\
        unit = \"person\"\nexpression = \"1 + published(G08)\"\n";
    let units = "id = \"unit\"\ntitle = { zh = \"单位\", en = \"unit\" }\nsource = \"x\"\n\
        [[code]]\nid = \"person\"\nlabel = { zh = \"人\", en = \"people\" }\n";
    let found =
        faults("figures", &[("pack.toml", HEAD), ("c.toml", one), ("codes/unit.toml", units)]);
    assert!(found.iter().any(|fault| fault.contains("cites the fact `G99`")), "{found:?}");
    assert!(found.iter().any(|fault| fault.contains("and its figures differ in: y")), "{found:?}");
    assert!(found.iter().any(|fault| fault.starts_with("c.toml:13:19: ")), "{found:?}");
}

#[test]
fn all_faults_of_a_pack_are_listed_at_once() {
    let found = faults(
        "all",
        &[
            ("pack.toml", HEAD),
            ("a.toml", "nonsense = 1\n"),
            ("b.toml", "[[clause]]\n"),
            ("areas.csv", "code,name\n"),
        ],
    );
    let files: Vec<&str> = found.iter().filter_map(|fault| fault.split(':').next()).collect();
    assert_eq!(files, ["a.toml", "areas.csv", "b.toml"]);
}

#[test]
fn wrong_lines_of_the_area_list_are_named() {
    let list = "code,name,level,parent_code\n32,江苏省,province,\n3203,徐州市,county,32\n320381,新沂市,county,3203\n";
    let found = faults("areas", &[("pack.toml", HEAD), ("areas.csv", list)]);
    let places: Vec<String> = found.iter().map(|fault| fault.chars().take(13).collect()).collect();
    assert_eq!(
        places,
        ["areas.csv:3:1", "areas.csv:4:1"],
        "the wrong level, and then a parent that isn't there"
    );
}

#[test]
fn a_head_without_a_base_is_complete() {
    let found = faults("head", &[("pack.toml", "id = \"x\"\n")]);
    assert!(found[0].contains("states title, source, year and area"), "{found:?}");
    let code = faults("area", &[("pack.toml", &HEAD.replace("\"3203\"", "\"32O3\""))]);
    assert!(code[0].starts_with("pack.toml:6:8: “32O3”不是区划代码"), "{code:?}");
}

#[test]
fn a_folder_without_a_pack_and_an_unknown_name_say_what_there_is() {
    let found = faults("no-pack", &[("notes.toml", "")]);
    assert!(found[0].contains("holds no pack.toml"), "{found:?}");
    let unknown = Pack::load(PackSource::Embedded("xuzhou-2061")).unwrap_err().to_string();
    assert!(
        unknown.contains("the program holds: ") && unknown.contains("xuzhou-2016"),
        "{unknown}"
    );
}

#[test]
fn a_file_in_another_encoding_is_named() {
    let folder = Folder::new("encoding", &[("pack.toml", HEAD)]);
    std::fs::write(folder.0.join("rules.toml"), [b'#', 0xb0, 0xa1, b'\n']).unwrap();
    let error = Pack::load(PackSource::Folder(&folder.0)).unwrap_err().to_string();
    assert!(error.contains("rules.toml") && error.contains("save it as UTF-8"), "{error}");
}
