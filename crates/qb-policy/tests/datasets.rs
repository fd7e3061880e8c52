//! Datasets, views, coverages and part files: what loads, and what each fault points at.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::path::Path;

use qb_policy::{
    ColumnKind, CoverageValue, LayoutForm, LayoutTarget, Method, Pack, PackError, PackSource, Room,
};

const HEAD: &str = "id = \"small\"\ntitle = { zh = \"小包\", en = \"a small pack\" }\nsource = \"rules 1\"\nyear = 2016\nas_of = 2016-12-31\narea = \"3203\"\n";

const UNITS: &str = "id = \"unit\"\ntitle = { zh = \"单位\", en = \"units\" }\nsource = \"x\"\n\
    [[code]]\nid = \"percent\"\nlabel = { zh = \"%\", en = \"%\" }\n";

const LEASE: &str = r#"id = "lease"
title = { zh = "租约", en = "leases" }
source = "rules 1 §2"
room = "measures"
sender = "DEPT_AGRI"
key = ["contract_no"]
spell = { from = "from_on", to = "to_on" }

[case]
machine = "lease"
subject = "village"
by = "contract_no"
paper = "contract_no"
[[case.step]]
transition = "signed"
on = "from_on"
present = "present"

[[column]]
id = "contract_no"
label = { zh = "合同号", en = "contract" }
type = "text"
required = true

[[column]]
id = "village"
label = { zh = "村", en = "village" }
type = "area_village"

[[column]]
id = "holder"
label = { zh = "承租人", en = "holder" }
type = "name"

[[column]]
id = "rent"
label = { zh = "租金", en = "rent" }
type = "money_yuan"
unit = "percent"

[[column]]
id = "present"
label = { zh = "到会人数", en = "present" }
type = "integer"

[[column]]
id = "from_on"
label = { zh = "起", en = "from" }
type = "date"

[[column]]
id = "to_on"
label = { zh = "止", en = "to" }
type = "date"
"#;

/// Instalments of a lease, told apart by a code.
const INSTALMENT: &str = r#"id = "instalment"
title = { zh = "租金分期", en = "instalments" }
source = "rules 1 §2"
room = "measures"
sender = "DEPT_AGRI"
key = ["contract_no", "unit"]

[[column]]
id = "contract_no"
label = { zh = "合同号", en = "contract" }
type = "text"
required = true

[[column]]
id = "unit"
label = { zh = "期次", en = "instalment" }
type = "code:unit"
required = true

[[column]]
id = "paid_on"
label = { zh = "付款日", en = "paid on" }
type = "date"
"#;

fn load(test: &str, files: &[(&str, &str)]) -> Result<Pack, PackError> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("datasets-{test}"));
    let _ = std::fs::remove_dir_all(&folder);
    for (name, text) in [("pack.toml", HEAD), ("codes/unit.toml", UNITS)].iter().chain(files) {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let loaded = Pack::load(PackSource::Folder(&folder));
    let _ = std::fs::remove_dir_all(&folder);
    loaded
}

/// Every fault of the lease dataset with a text replaced.
fn faults(test: &str, from: &str, to: &str) -> Vec<String> {
    let text = LEASE.replacen(from, to, 1);
    assert_ne!(text, LEASE);
    match load(test, &[("datasets/lease.toml", &text)]) {
        Ok(_) => Vec::new(),
        Err(error) => error.faults().iter().map(ToString::to_string).collect(),
    }
}

fn one_fault(test: &str, from: &str, to: &str) -> String {
    let mut found = faults(test, from, to);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_dataset_is_also_the_layout_of_its_files() {
    let pack = load("right", &[("datasets/lease.toml", LEASE)]).unwrap();
    let lease = pack.dataset("lease").unwrap();
    assert_eq!((lease.room, lease.key.as_slice()), (Room::Measures, &["contract_no".into()][..]));
    assert_eq!(lease.spell.as_ref().unwrap().to, "to_on");
    let case = lease.case.as_ref().unwrap();
    assert_eq!((case.machine.as_str(), case.subject.as_str()), ("lease", "village"));
    assert_eq!(case.steps[0].present.as_deref(), Some("present"));
    assert_eq!(case.steps[0].at.to_string(), "datasets/lease.toml:15:14");
    let layout = pack.layout("lease").unwrap();
    assert_eq!((layout.target, layout.form), (LayoutTarget::Record, LayoutForm::Table));
    assert_eq!(layout.column_of_head("租 金").unwrap().kind, ColumnKind::MoneyYuan);
}

#[test]
fn the_level_of_a_step_is_a_column_of_levels() {
    let levels = "id = \"area_level\"\ntitle = { zh = \"层级\", en = \"levels\" }\nsource = \"x\"\n\
        [[code]]\nid = \"CITY\"\nlabel = { zh = \"市级\", en = \"city\" }\n";
    let with = |test: &str, column: &str| {
        let step = format!("present = \"present\"\nlevel = \"{column}\"");
        let lease = LEASE.replacen("present = \"present\"", &step, 1)
            + "[[column]]\nid = \"office\"\nlabel = { zh = \"级\", en = \"office\" }\n\
               type = \"code:area_level\"\n";
        let files = [("datasets/lease.toml", lease.as_str()), ("codes/area_level.toml", levels)];
        load(test, &files).map_err(|error| error.faults()[0].to_string())
    };
    let pack = with("level", "office").unwrap();
    let case = pack.dataset("lease").unwrap().case.as_ref().unwrap();
    assert_eq!(case.steps[0].level.as_deref(), Some("office"));
    let other = with("level-other", "holder").unwrap_err();
    assert!(other.contains("a column of the code list `area_level` belongs here"), "{other}");
}

#[test]
fn a_step_of_a_case_may_stand_in_a_row_of_its_parts() {
    let load = |test: &str, parts: &str, step: &str| {
        let case = format!("subject = \"village\"\n{parts}");
        let lease = LEASE.replacen("subject = \"village\"", &case, 1).replacen(
            "[[column]]",
            &format!("[[case.step]]\n{step}\n[[column]]"),
            1,
        );
        let files = [("datasets/lease.toml", lease.as_str()), ("datasets/part.toml", INSTALMENT)];
        load(test, &files).map_err(|error| error.faults()[0].to_string())
    };
    let (parts, step) = ("parts = \"instalment\"", "transition = \"pay\"\npart = \"percent\"");
    let pack = load("parts", parts, &format!("{step}\non = \"paid_on\"")).unwrap();
    let case = pack.dataset("lease").unwrap().case.as_ref().unwrap();
    assert_eq!(case.parts.as_deref(), Some("instalment"));
    assert_eq!(case.steps[1].part.as_deref(), Some("percent"));
    // A column of the case's own list is none of the part's.
    let own = load("parts-own", parts, &format!("{step}\non = \"from_on\"")).unwrap_err();
    assert!(own.contains("dataset `instalment` has no column `from_on`"), "{own}");
    let none = load("parts-none", "", &format!("{step}\non = \"paid_on\"")).unwrap_err();
    assert!(none.contains("no code of a part"), "{none}");
    let code = step.replace("percent", "yuan") + "\non = \"paid_on\"";
    let code = load("parts-code", parts, &code).unwrap_err();
    assert!(code.contains("`yuan` is no code of a part"), "{code}");
    let list = load("parts-list", "parts = \"lease\"", "transition = \"x\"\non = \"to_on\"");
    let list = list.unwrap_err();
    assert!(list.contains("`lease` has to be a dataset whose key is `contract_no`"), "{list}");
}

#[test]
fn money_ends_fen_and_names_and_places_stay_out_of_the_table() {
    let pack = load("columns", &[("datasets/lease.toml", LEASE)]).unwrap();
    let names: Vec<String> = pack
        .dataset("lease")
        .unwrap()
        .columns
        .iter()
        .filter_map(qb_policy::Column::table_column)
        .collect();
    assert_eq!(names, ["contract_no", "rent_fen", "present", "from_on", "to_on"]);
}

#[test]
fn a_file_that_nobody_sends_is_a_fault() {
    let nobody = one_fault("sender", "sender = \"DEPT_AGRI\"\n", "");
    assert!(nobody.contains("nothing says who sends `lease`"), "{nobody}");
}

#[test]
fn a_list_that_decides_names_who_confirms_it() {
    let with = |roles: &str| format!("confirmed_by = {roles}\nkey = [\"contract_no\"]");
    let none = one_fault("confirm", "key = [\"contract_no\"]", &with("[]"));
    assert!(none.contains("`confirmed_by` is empty"), "{none}");
    let text = LEASE.replacen("key = [\"contract_no\"]", &with("[\"DEPT_FIN\"]"), 1);
    let pack = load("decides", &[("datasets/lease.toml", &text)]).unwrap();
    let layout = pack.layout("lease").unwrap();
    assert!(layout.decides() && layout.is_sent_by("DEPT_AGRI") && !layout.is_sent_by("DEPT_FIN"));
}

#[test]
fn a_step_of_a_record_names_who_took_it_and_where_its_papers_are() {
    for (test, line) in [("by", "by = \"contract_no\"\n"), ("paper", "paper = \"contract_no\"\n")] {
        let none = one_fault(test, line, "");
        assert!(none.contains("nothing says who took the step"), "{none}");
    }
    let sealed = one_fault("by-sealed", "by = \"contract_no\"", "by = \"holder\"");
    assert!(sealed.contains("a text column that is not sensitive"), "{sealed}");
}

#[test]
fn a_column_that_is_cited_exists_and_fits() {
    let key = one_fault("key", "[\"contract_no\"]", "[\"contract\"]");
    assert!(key.starts_with("datasets/lease.toml:6:8: 数据集“lease”没有列“contract”"), "{key}");
    let blank = one_fault("blank-key", "[\"contract_no\"]", "[]");
    assert!(blank.starts_with("datasets/lease.toml:6:7: “key”是空的"), "{blank}");
    let name = one_fault("name-key", "[\"contract_no\"]", "[\"contract_no\", \"holder\"]");
    assert!(name.starts_with("datasets/lease.toml:6:23: ") && name.contains("identity"), "{name}");
    let spell = one_fault("spell", "to = \"to_on\"", "to = \"rent\"");
    assert!(spell.contains("a date column belongs here"), "{spell}");
    let step = one_fault("step", "present = \"present\"", "present = \"holder\"");
    assert!(step.contains("an integer column belongs here"), "{step}");
}

#[test]
fn names_of_tables_and_columns_are_plain_and_free() {
    let table = faults("table", "id = \"lease\"", "id = \"person\"");
    assert!(table[0].contains("`person` is a table of every snapshot"), "{table:?}");
    let name = one_fault("column", "id = \"rent\"", "id = \"Rent\"");
    assert!(name.contains("`Rent` names a column of a table"), "{name}");
    let taken = faults("taken", "id = \"present\"\nlabel", "id = \"rent_fen\"\nlabel");
    assert!(taken[1].contains("a name taken by `rent`"), "{taken:?}");
    let column = |id: &str, kind: &str| {
        let label = "label = { zh = \"承租人\", en = \"holder\" }";
        format!("id = \"{id}\"\n{label}\ntype = \"{kind}\"")
    };
    let reserved = one_fault("reserved", &column("holder", "name"), &column("area_code", "text"));
    assert!(reserved.contains("`area_code`"), "{reserved}");
    let kind = one_fault("kind", "id = \"village\"", "id = \"place\"");
    assert!(kind.contains("only county, town and village"), "{kind}");
    let unit = one_fault("unit", "unit = \"percent\"", "unit = \"ell\"");
    assert!(unit.contains("`ell` of column `rent`"), "{unit}");
}

#[test]
fn two_kinds_of_files_can_be_told_apart() {
    let twin = LEASE.replacen("id = \"lease\"", "id = \"tenancy\"", 1);
    let files = [("datasets/lease.toml", LEASE), ("datasets/tenancy.toml", twin.as_str())];
    let error = load("twins", &files).unwrap_err();
    let found: Vec<String> = error.faults().iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("dataset `lease` fits layout `tenancy` just as well"), "{found:?}");
}

#[test]
fn an_unknown_key_an_unknown_room_and_an_unknown_list_are_named() {
    let key = one_fault("unknown-key", "room =", "rooms =");
    assert!(key.starts_with("datasets/lease.toml:4:1: 不认识“rooms”"), "{key}");
    let room = one_fault("unknown-room", "\"measures\"", "\"attic\"");
    assert!(room.starts_with("datasets/lease.toml:4:8: “attic”不在可选值内"), "{room}");
    let list = one_fault("unknown-list", "type = \"money_yuan\"", "type = \"code:colour\"");
    assert!(list.contains("cites the code list `colour`"), "{list}");
}

#[test]
fn a_layout_is_no_dataset() {
    let layout = "id = \"l\"\ntitle = { zh = \"表\", en = \"t\" }\ntarget = \"record\"\nform = \"table\"\nsource = \"x\"\n";
    let error = load("layout", &[("layouts/l.toml", layout)]).unwrap_err();
    assert!(error.to_string().contains("layouts/l.toml:3:10"), "{error}");
}

const VIEWS: &str = r#"[[view]]
id = "low_rent"
says = { zh = "低租金", en = "low rents" }
query = """
select * from lease"""
"#;

const COVERAGE: &str = r#"[[coverage]]
id = "let"
says = { zh = "已出租", en = "let" }
set = { zh = "全部村", en = "all villages" }
set_query = "select area_code as key, area_code from village"
covered_query = "select area_code as key, area_code from lease"
"#;

fn fact(rest: &str) -> String {
    format!(
        "[[fact]]\nid = \"F1\"\nsays = {{ zh = \"数\", en = \"n\" }}\ndefinition = {{ zh = \"数\", en = \"n\" }}\n\
         published = 1\npublished_text = {{ zh = \"1\", en = \"1\" }}\nunit = \"percent\"\nsource = \"x\"\nmethod = \"rows\"\n{rest}"
    )
}

fn with_fact(test: &str, rest: &str) -> Result<Pack, PackError> {
    let text = fact(rest);
    let files = [
        ("datasets/lease.toml", LEASE),
        ("views.toml", VIEWS),
        ("coverage.toml", COVERAGE),
        ("facts.toml", &text),
    ];
    load(test, &files)
}

#[test]
fn a_fact_counts_the_rows_of_a_query_or_cites_a_coverage() {
    let pack = with_fact("query", "query = \"select 1\"\nvalue = \"count(*)\"\n").unwrap();
    assert_eq!(pack.views[0].query.at.to_string(), "views.toml:5:1");
    let Method::Sql(figure) = &pack.fact("F1").unwrap().method else { panic!("a query") };
    assert_eq!(figure.value.text, "count(*)");
    let pack = with_fact("covered", "coverage = \"let\"\nvalue = \"missing\"\n").unwrap();
    let Method::Coverage(figure) = &pack.fact("F1").unwrap().method else { panic!("a coverage") };
    assert_eq!(figure.value, CoverageValue::Missing);
    assert_eq!(pack.coverage(&figure.coverage).unwrap().set.en, "all villages");
}

#[test]
fn a_fact_mixes_no_methods_and_cites_what_there_is() {
    let fault = |test: &str, rest: &str| with_fact(test, rest).unwrap_err().to_string();
    let both = fault("both", "query = \"select 1\"\nlevel = \"person\"\nvalue = \"count(*)\"\n");
    assert!(both.contains("has `level`, which its method never reads"), "{both}");
    let unknown = fault("no-coverage", "coverage = \"none\"\nvalue = \"total\"\n");
    assert!(unknown.contains("cites the coverage `none`"), "{unknown}");
    let value = fault("value", "coverage = \"let\"\nvalue = \"count(*)\"\n");
    assert!(value.contains("facts.toml:11:9") && value.contains("covered_percent"), "{value}");
    let none = fault("none", "value = \"count(*)\"\n");
    assert!(none.contains("needs `level`"), "{none}");
}

#[test]
fn a_view_has_a_name_of_its_own() {
    let view = VIEWS.replace("low_rent", "lease");
    let files = [("datasets/lease.toml", LEASE), ("views.toml", view.as_str())];
    let error = load("view-name", &files).unwrap_err().to_string();
    assert!(error.starts_with("views.toml:2:6: “lease”已是一张表的名字"), "{error}");
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Machine {
    start: toml::Spanned<String>,
}

#[test]
fn part_files_are_kept_and_point_into_themselves() {
    let files =
        [("machines/exit.toml", "# states\nstart = \"登记\"\n"), ("calendar.toml", "nonsense")];
    let pack = load("parts", &files).unwrap();
    let paths: Vec<&String> = pack.part_files.keys().collect();
    assert_eq!(paths, ["calendar.toml", "machines/exit.toml"]);
    let (_, file) = pack.part_files_in("machines/").next().unwrap();
    let machine: Machine = file.parse().unwrap();
    let fault = file.fault(&machine.start.span(), "没有这个状态", "no such state");
    assert!(fault.to_string().starts_with("machines/exit.toml:2:9: "), "{fault}");
    let inside = file.expression(machine.start.as_ref(), &machine.start.span());
    assert_eq!(inside.locate(1, 2).to_string(), "machines/exit.toml:2:11");
    let broken = pack.part_files["calendar.toml"].parse::<Machine>().unwrap_err();
    assert!(broken.to_string().starts_with("calendar.toml:1:"), "{broken}");
}

#[test]
fn an_extension_replaces_part_files_and_adds_columns() {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("datasets-extension");
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(base.join(name).parent().unwrap()).unwrap();
        std::fs::write(base.join(name), text).unwrap();
    };
    write("small/pack.toml", HEAD);
    write("small/codes/unit.toml", UNITS);
    write("small/datasets/lease.toml", LEASE);
    write("small/calendar.toml", "a = 1");
    write("small/targets.toml", "b = 1");
    write("town/pack.toml", "id = \"town\"\nextends = \"small\"\n");
    write("town/calendar.toml", "a = 2");
    let head = LEASE.split("[[column]]").next().unwrap();
    let added =
        "[[column]]\nid = \"note\"\nlabel = { zh = \"附注\", en = \"note\" }\ntype = \"text\"\n";
    write("town/datasets/lease.toml", &format!("{head}{added}"));
    let town = Pack::load(PackSource::Folder(&base.join("town"))).unwrap();
    assert_eq!(town.part_files["calendar.toml"].text, "a = 2");
    assert_eq!(town.part_files["targets.toml"].shown, "small/targets.toml");
    let lease = town.dataset("lease").unwrap();
    assert_eq!(lease.columns.last().unwrap().id, "note");
    assert_eq!(town.layout("lease").unwrap().columns.len(), lease.columns.len());
    let _ = std::fs::remove_dir_all(base);
}

#[test]
fn the_rules_of_the_pack_are_a_list_that_files_may_name() {
    let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap();
    let rules = pack.code_list(qb_policy::RULE_LIST).unwrap();
    let clause = pack.clause("exit.ready").unwrap();
    // By its sentence, or by its id.
    for label in [&*clause.says.zh, "exit.ready"] {
        assert_eq!(rules.lookup(label).map(|code| code.id.as_str()), Some("exit.ready"));
    }
    for file in ["machines/exit", "benefits/health", "schemes/county-2016"] {
        assert_eq!(rules.lookup(file).map(|code| code.id.as_str()), Some(file));
    }
    assert!(rules.lookup("no.such_rule").is_none());
    assert!(pack.clauses.iter().all(|clause| rules.code(&clause.id).is_some()));
    let lists = pack.document_lists().unwrap();
    assert_eq!(
        (lists.documents.id.as_str(), lists.links.id.as_str()),
        ("policy_document", "document_rule")
    );
    assert!(lists.repealed_at.is_some() && lists.article_at().is_some());
}

#[test]
fn no_list_of_a_pack_is_called_like_the_rules() {
    let list = UNITS.replace("id = \"unit\"", "id = \"rule\"");
    let files = [("pack.toml", HEAD), ("codes/rule.toml", list.as_str())];
    let Err(PackError::Faulty(faults)) = load("rule-list", &files) else { panic!("not refused") };
    let [fault] = faults.as_slice() else { panic!("{faults:?}") };
    assert!(fault.at.file.ends_with("codes/rule.toml") && fault.message.en.contains("`rule`"));
}

#[test]
fn a_list_that_opens_cases_is_one_of_households() {
    let coverage = |keys: &str| {
        format!(
            "[[coverage]]\nid = \"a.b\"\n{keys}opens = {{ machine = \"m\", transition = \"t\" }}\n\
             says = {{ zh = \"一\", en = \"a\" }}\nset = {{ zh = \"一\", en = \"a\" }}\n\
             set_query = \"select 1\"\ncovered_query = \"select 1\"\n"
        )
    };
    let told = |keys: &str| load("keys", &[("coverage.toml", &coverage(keys))]);
    assert_eq!(
        told("keys = \"household\"\n").unwrap().coverages[0].keys,
        qb_policy::Keys::Household
    );
    for keys in ["", "keys = \"person\"\n"] {
        let Err(error) = told(keys) else { panic!("{keys} was taken") };
        assert!(error.faults()[0].to_string().contains("keys = \"household\""));
    }
}

#[test]
fn a_column_that_is_another_lists_key_attaches_unless_it_only_cites() {
    let attaches = |test: &str, instalment: &str| {
        let files = [("datasets/lease.toml", LEASE), ("datasets/instalment.toml", instalment)];
        load(test, &files).map(|pack| pack.dataset("instalment").unwrap().attaches.clone())
    };
    let found = attaches("attaches", INSTALMENT).unwrap();
    let named: Vec<_> = found.iter().map(|one| (&*one.column, &*one.dataset)).collect();
    assert_eq!(named, [("contract_no", "lease")]);
    let cites = |column: &str| {
        INSTALMENT.replacen("[[column]]", &format!("cites_anywhere = [{column:?}]\n[[column]]"), 1)
    };
    assert_eq!(attaches("cites", &cites("contract_no")).unwrap(), []);
    let fault = attaches("cites-wrong", &cites("unit")).unwrap_err();
    assert!(fault.to_string().contains("is the key of another dataset"), "{fault}");
}
