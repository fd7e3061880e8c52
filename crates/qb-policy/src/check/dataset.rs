//! Checks of datasets, views and coverages: names that are tables, columns that exist, files that
//! can be told apart.

use std::collections::{HashMap, HashSet};

use qb_base::fold;

use crate::check::texts;
use crate::error::{Fault, Position};
use crate::pack::Pack;
use crate::pack::code::CodeList;
use crate::pack::dataset::{Cited, Dataset, HOUSEHOLD_LINK, PERSON_LINK, Role, TABLE_COLUMNS};
use crate::pack::layout::{Column, ColumnKind, Layout, LayoutForm, LayoutTarget, Place};

/// Tables of every snapshot, whatever the pack.
const TABLES: [&str; 9] = [
    "person",
    "household",
    "village",
    "reference",
    "area",
    "code",
    "param",
    "clause_true",
    "clause_value",
];

/// Longest name of a table or column; PostgreSQL's bound.
const NAME_MAX: usize = 59;

/// Notes for every dataset which columns attach its rows to those of another list.
pub(crate) fn attach(pack: &mut Pack) {
    let of = |dataset: &Dataset| -> Vec<_> {
        let cites = &dataset.cites_anywhere;
        let named = dataset.named_keys(&pack.datasets);
        named.filter(|named| !cites.contains(&named.column)).collect()
    };
    let all: Vec<_> = pack.datasets.iter().map(of).collect();
    for (dataset, attaches) in pack.datasets.iter_mut().zip(all) {
        dataset.attaches = attaches;
    }
}

/// Checks every dataset, and that its files can't be taken for others.
pub(crate) fn datasets(pack: &Pack, faults: &mut Vec<Fault>) {
    for dataset in &pack.datasets {
        texts(&dataset.at, &[&dataset.title], &dataset.source, faults);
        table_name(&dataset.id, &dataset.at, faults);
        columns(dataset, pack, faults);
        typed(dataset, faults);
        let parts = case_parts(dataset, pack, faults);
        for cited in &dataset.cited {
            match parts.filter(|_| cited.of_parts) {
                Some(parts) => check_cited(parts, cited, pack, faults),
                None if cited.of_parts => {}
                None => check_cited(dataset, cited, pack, faults),
            }
        }
        if pack
            .layouts
            .iter()
            .any(|layout| layout.id == dataset.id && layout.target != LayoutTarget::Record)
        {
            faults.push(Fault::new(
                dataset.at.clone(),
                format!("“{}”已是一个表样的编号；请给数据集另起名", dataset.id),
                format!(
                    "`{}` is the id of a layout already; name the dataset otherwise",
                    dataset.id
                ),
            ));
        }
    }
    alike(pack, faults);
}

/// Checks every view and coverage.
pub(crate) fn views(pack: &Pack, faults: &mut Vec<Fault>) {
    let mut taken: HashSet<&str> = pack.datasets.iter().map(|one| one.id.as_str()).collect();
    for view in &pack.views {
        texts(&view.at, &[&view.says], "-", faults);
        table_name(&view.id, &view.at, faults);
        if !taken.insert(&view.id) {
            faults.push(Fault::new(
                view.at.clone(),
                format!("“{}”已是一张表的名字；请给视图另起名", view.id),
                format!("`{}` is the name of a table already; name the view otherwise", view.id),
            ));
        }
    }
    for coverage in &pack.coverages {
        texts(&coverage.at, &[&coverage.says, &coverage.set], "-", faults);
    }
}

/// Whether SQL takes the name without quotes.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn table_name(id: &str, at: &Position, faults: &mut Vec<Fault>) {
    if !is_name(id) {
        faults.push(Fault::new(
            at.clone(),
            format!("“{id}”要作表名：只用小写字母、数字和下划线，以字母开头"),
            format!("`{id}` names a table: lower-case letters, digits and _ only, a letter first"),
        ));
    }
    if TABLES.contains(&id) {
        faults.push(Fault::new(
            at.clone(),
            format!("“{id}”是每个快照都有的表；请另起名"),
            format!("`{id}` is a table of every snapshot; choose another name"),
        ));
    }
}

fn columns(dataset: &Dataset, pack: &Pack, faults: &mut Vec<Fault>) {
    let mut taken: HashMap<String, &str> = HashMap::new();
    for column in &dataset.columns {
        let mut fault = |zh: String, en: String| {
            faults.push(Fault::new(column.at.clone(), zh, en));
        };
        let id = &column.id;
        if !is_name(id) {
            fault(
                format!("列“{id}”要作表的列名：只用小写字母、数字和下划线，以字母开头"),
                format!(
                    "`{id}` names a column of a table: lower-case letters, digits and _ only, a letter first"
                ),
            );
        }
        if column.place == Place::Head {
            fault(
                format!("列“{id}”：数据集是一行一条的表，没有表头栏目（place）"),
                format!("column `{id}`: a dataset is a table of rows, it has no place = \"head\""),
            );
        }
        match wrong_kind(column) {
            Some("") => fault(
                format!("列“{id}”：区划类型只用于county、town、village这三列"),
                format!("column `{id}`: only county, town and village have the type of an area"),
            ),
            Some(expected) => fault(
                format!("列“{id}”的类型应为{expected}"),
                format!("column `{id}` has the type {expected}"),
            ),
            None => {}
        }
        if let Some(unit) = &column.unit
            && pack.code_list("unit").and_then(|units| units.code(unit)).is_none()
        {
            fault(
                format!("列“{id}”的单位“{unit}”不在代码表unit中"),
                format!("the unit `{unit}` of column `{id}` isn't in the code list `unit`"),
            );
        }
        let Some(name) = column.table_column() else { continue };
        let reserved = TABLE_COLUMNS.contains(&name.as_str());
        if let Some(other) = taken.insert(name.clone(), id).or(reserved.then_some("-")) {
            fault(
                format!("列“{id}”在表中叫“{name}”，此名已被“{other}”占用；请改名"),
                format!(
                    "column `{id}` is `{name}` in the table, a name taken by `{other}`; rename it"
                ),
            );
        }
    }
}

/// A list whose rows people type: what is masked on pages could not be corrected there.
fn typed(dataset: &Dataset, faults: &mut Vec<Fault>) {
    let Some(entry) = &dataset.entry else { return };
    let masked =
        |column: &&Column| matches!(column.kind, ColumnKind::ResidentId | ColumnKind::Phone);
    if let Some(column) = dataset.columns.iter().find(masked) {
        faults.push(Fault::new(
            entry.at.clone(),
            format!("列“{}”是证件号或电话，页面上只显示部分，不能逐条填报（entry）", column.id),
            format!(
                "column `{}` is an identity number or a phone, which pages mask, so its rows \
                 cannot be typed (`entry`)",
                column.id
            ),
        ));
    }
}

/// The type a column's name demands, where it has another; blank for an area that has no place
/// in a table.
fn wrong_kind(column: &Column) -> Option<&'static str> {
    let (right, expected) = match column.id.as_str() {
        "county" => (column.kind == ColumnKind::AreaCounty, "area_county"),
        "town" => (column.kind == ColumnKind::AreaTown, "area_town"),
        "village" => (column.kind == ColumnKind::AreaVillage, "area_village"),
        HOUSEHOLD_LINK => (column.kind == ColumnKind::Text, "text"),
        PERSON_LINK => (column.kind == ColumnKind::ResidentId, "resident_id"),
        _ => (!column.is_area(), ""),
    };
    (!right).then_some(expected)
}

/// The list that holds the parts of a dataset's cases: its key is that of the dataset and one
/// column of codes more, so that each part is found from its case.
fn case_parts<'p>(
    dataset: &Dataset,
    pack: &'p Pack,
    faults: &mut Vec<Fault>,
) -> Option<&'p Dataset> {
    let case = dataset.case.as_ref()?;
    let found = case.parts.as_ref().and_then(|id| pack.dataset(id));
    let codes = found.and_then(|parts| part_codes(dataset, parts, pack));
    if let (Some(id), None) = (&case.parts, codes) {
        let key = dataset.key.join(", ");
        faults.push(Fault::new(
            case.at.clone(),
            format!("“{id}”须是一个数据集，其关键列为“{key}”加一个代码列"),
            format!("`{id}` has to be a dataset whose key is `{key}` and one column of codes"),
        ));
    }
    for step in &case.steps {
        let Some(part) = &step.part else { continue };
        if codes.is_none_or(|codes| codes.code(part).is_none()) {
            faults.push(Fault::new(
                step.at.clone(),
                format!("“{part}”不是parts所列数据集的分项代码"),
                format!("`{part}` is no code of a part in the dataset named by `parts`"),
            ));
        }
    }
    codes.and(found)
}

/// The codes by which the parts of a case are told apart.
fn part_codes<'p>(dataset: &Dataset, parts: &Dataset, pack: &'p Pack) -> Option<&'p CodeList> {
    let [id] = parts.key.strip_prefix(dataset.key.as_slice())? else { return None };
    match &parts.column(id)?.kind {
        ColumnKind::Code(list) => pack.code_list(list),
        _ => None,
    }
}

/// The list of the levels of areas.
const LEVELS: &str = "area_level";

fn check_cited(dataset: &Dataset, cited: &Cited, pack: &Pack, faults: &mut Vec<Fault>) {
    let id = &cited.column;
    let Some(column) = dataset.column(id) else {
        faults.push(Fault::new(
            cited.at.clone(),
            format!("数据集“{}”没有列“{id}”", dataset.id),
            format!("dataset `{}` has no column `{id}`", dataset.id),
        ));
        return;
    };
    let number = matches!(column.kind, ColumnKind::Integer | ColumnKind::Decimal);
    let (fits, zh, en) = match cited.role {
        Role::Key => (
            !column.is_sealed() && (column.required || column.is_area()),
            "关键列必填，且不能是姓名、证件号、电话或敏感列",
            "a key column is required and holds no name, identity number, phone or sensitive value",
        ),
        Role::Day => {
            (column.kind == ColumnKind::Date, "这里要写日期列", "a date column belongs here")
        }
        Role::Count => {
            (column.kind == ColumnKind::Integer, "这里要写整数列", "an integer column belongs here")
        }
        Role::Share => (number, "这里要写数值列", "a column of numbers belongs here"),
        Role::Words => {
            (column.kind == ColumnKind::Text, "这里要写文字列", "a text column belongs here")
        }
        Role::Open => (
            column.kind == ColumnKind::Text && !column.is_sealed(),
            "这里要写不加密的文字列",
            "a text column that is not sensitive belongs here",
        ),
        Role::Cites => (
            dataset.named_keys(&pack.datasets).any(|named| named.column == *id),
            "这里要写另一数据集的关键列",
            "a column that is the key of another dataset belongs here",
        ),
        Role::Level => (
            matches!(&column.kind, ColumnKind::Code(list) if list == LEVELS),
            "这里要写代码表area_level的列",
            "a column of the code list `area_level` belongs here",
        ),
        Role::Any => (true, "", ""),
        Role::Number => (
            column.kind == ColumnKind::Text && dataset.key == [id.as_str()],
            "自动编号的列须是文字列，且单独作关键列",
            "a column that is numbered by itself is a text column and the whole key",
        ),
    };
    if !fits {
        faults.push(Fault::new(
            cited.at.clone(),
            format!("数据集“{}”的列“{id}”用在这里不合适：{zh}", dataset.id),
            format!("column `{id}` of dataset `{}` doesn't fit here: {en}", dataset.id),
        ));
    }
}

/// Two kinds of files of which a full one fits both equally: nobody could tell which it is.
fn alike(pack: &Pack, faults: &mut Vec<Fault>) {
    let tables = pack.layouts.iter().filter(|layout| layout.form == LayoutForm::Table);
    let tables = tables.map(|layout| (layout, known_heads(layout), required_heads(layout)));
    let tables: Vec<_> = tables.collect();
    for dataset in &pack.datasets {
        let heads: Vec<String> =
            dataset.columns.iter().map(|column| fold::key(&column.label.zh)).collect();
        for (other, known, required) in &tables {
            let fits = heads.iter().all(|head| known.contains(head))
                && required.iter().all(|one| heads.iter().any(|head| one.contains(head)));
            if fits && other.id != dataset.id && !heads.is_empty() {
                faults.push(Fault::new(
                    dataset.at.clone(),
                    format!("数据集“{}”的文件也完全符合表样“{}”，无法区分；请改列名", dataset.id, other.id),
                    format!("a file of dataset `{}` fits layout `{}` just as well; change a label so that they differ", dataset.id, other.id),
                ));
            }
        }
    }
}

fn known_heads(layout: &Layout) -> HashSet<String> {
    layout.columns.iter().flat_map(Column::heads).map(fold::key).collect()
}

fn required_heads(layout: &Layout) -> Vec<HashSet<String>> {
    let required = layout.columns.iter().filter(|column| column.required);
    required.map(|column| column.heads().map(fold::key).collect()).collect()
}
