//! Builders of files with legal defaults, and a look at the store.

use std::path::{Path, PathBuf};

use qb_base::Digester;
use qb_base::resident::check_digit;
use qb_intake::{ImportOptions, ImportReport, import};
use qb_policy::{Pack, PackSource};
use qb_store::testing::{TestStore, scratch_dir};
use qb_store::{Store, StoreError};

/// Heads of the rows that [`person`] makes.
pub(crate) const HEAD: [&str; 18] = [
    "县(市、区、旗)",
    "乡(镇)",
    "行政村",
    "户编号",
    "人编号",
    "姓名",
    "证件号码",
    "人数",
    "与户主关系",
    "文化程度",
    "健康状况",
    "务工时间(月)",
    "脱贫属性",
    "脱贫年度",
    "主要致贫原因",
    "危房户",
    "人均纯收入",
    "识别时间",
];
pub(crate) const COUNTY: usize = 0;
pub(crate) const VILLAGE: usize = 2;
pub(crate) const HOUSEHOLD_NO: usize = 3;
pub(crate) const NAME: usize = 5;
pub(crate) const ID_NO: usize = 6;
pub(crate) const MEMBER_COUNT: usize = 7;
pub(crate) const RELATION: usize = 8;
pub(crate) const CAUSE: usize = 14;
pub(crate) const INCOME: usize = 16;
pub(crate) const IDENTIFIED: usize = 17;

/// A row of a file.
pub(crate) type Row = Vec<String>;

/// The pack all tests use.
pub(crate) fn pack() -> Pack {
    Pack::load(PackSource::from_argument("xuzhou-2016")).unwrap()
}

/// A valid identity number, different for each `serial`.
pub(crate) fn id_no(serial: u32) -> String {
    let first = format!(
        "3203241970{:02}{:02}{:03}",
        1 + serial / 1000 % 12,
        1 + serial / 12_000 % 28,
        serial % 1000
    );
    let check = check_digit(first.as_bytes()).unwrap();
    format!("{first}{}", char::from(check))
}

/// County, town and village of the rows that [`person`] makes.
pub(crate) fn household_at() -> [&'static str; 3] {
    ["睢宁县", "沙集镇", "东风社区居委会"]
}

/// Member `member` of household `household`, without fault.
pub(crate) fn person(household: u32, member: u32, size: u32) -> Row {
    let relation = if member == 0 { "户主" } else { "配偶" };
    [
        "睢宁县",
        "沙集镇",
        "东风社区居委会",
        &format!("H{household:06}"),
        &format!("P{household:06}{member:02}"),
        "张三",
        &id_no(household * 10 + member),
        &size.to_string(),
        relation,
        "小学",
        "健康",
        "6",
        "未脱贫",
        "",
        "因病",
        "否",
        "5600.50",
        "2016-01",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Rows of `count` households of two.
pub(crate) fn households(count: u32) -> Vec<Row> {
    (1..=count)
        .flat_map(|household| (0..2).map(move |member| person(household, member, 2)))
        .collect()
}

/// The text of a CSV file with the usual head.
pub(crate) fn csv(rows: &[Row]) -> String {
    let head: Row = HEAD.map(str::to_owned).to_vec();
    std::iter::once(&head).chain(rows).map(|row| row.join(",") + "\n").collect()
}

/// A folder with files and a store to import them into.
pub(crate) struct Bench {
    pub(crate) store: TestStore,
    pub(crate) pack: Pack,
    pub(crate) folder: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = scratch_dir("intake");
        std::fs::create_dir_all(&folder).unwrap();
        Self { store: TestStore::sqlite(), pack: pack(), folder }
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Imports the whole folder.
    pub(crate) fn import(&self) -> ImportReport {
        import_into(&self.store.store, &self.pack, &self.folder)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn import_into(store: &Store, pack: &Pack, path: &Path) -> ImportReport {
    import(store, pack, &[path.to_owned()], &options(), &mut |_| {}).unwrap()
}

pub(crate) fn options() -> ImportOptions {
    ImportOptions { actor: "tester".into(), ..ImportOptions::default() }
}

/// All rows of the register but the instants at which they were written.
const TABLES: [&str; 11] = [
    "select id, person_no, name, name_key, id_kind, sex, birth_on, education, health, \
    work_months, source_file_id, source_row, row_digest from person order by id",
    "select id, household_no, area_code, member_count, cause_main, dangerous_house, \
    income_reported_fen, source_file_id, source_row, row_digest from household order by id",
    "select id, household_id, relation, member_from, member_reason_in, member_file_id from person \
    order by id",
    "select id, scheme, registered_from, registered_to, exit_status, exit_year, \
    registered_file_id from household order by id",
    "select person_id, household_id, relation, valid_from, source_file_id, superseded_at is null \
    from membership_history order by person_id, household_id, relation",
    "select household_id, valid_from, exit_status, exit_year, source_file_id, superseded_at is \
    null from registration_history order by household_id, valid_from",
    "select id, name, digest, state, rows_read, rows_accepted, rows_rejected, rows_repaired from \
    source_file order by id",
    "select id, source_file_id, code, severity, sheet, row_no, column_no, message_zh from \
    row_fault order by id",
    "select source_file_id, sheet, row_no, length(cells_sealed) from refused_row order by \
    source_file_id, sheet, row_no",
    "select id, state, rows_read, rows_accepted, rows_rejected, rows_repaired from import_run \
    order by id",
    "select area_code, policy_year, row_digest, superseded_at is null from village_ledger order \
    by id",
];

/// Digest of the tables.
pub(crate) fn digest(store: &Store) -> String {
    let mut digester = Digester::new();
    store
        .read::<_, StoreError>(|conn| {
            for sql in TABLES {
                conn.each::<StoreError>(sql, &[], |row| {
                    for column in 0..13 {
                        let field = row.text_opt(column).ok().flatten().unwrap_or_default();
                        digester
                            .field(field.as_bytes())
                            .int(row.int_opt(column).ok().flatten().unwrap_or(-1));
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })
        .unwrap();
    digester.finish().to_string()
}

/// One number from the store.
pub(crate) fn number(store: &Store, sql: &'static str) -> i64 {
    store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0))).unwrap()
}

/// One text from the store.
pub(crate) fn text(store: &Store, sql: &'static str) -> String {
    let found = store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.text_opt(0)));
    found.unwrap().unwrap_or_default()
}

/// A workbook of one sheet; every cell is text.
pub(crate) fn xlsx(rows: &[Row]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            if !cell.is_empty() {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// A village ledger as a form; `operating` in yuan.
pub(crate) fn ledger(village: &str, operating: &str) -> Vec<Row> {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Row>();
    vec![
        row(&["2016年度村集体经济收入台账"]),
        row(&[
            "县(市、区)：",
            "睢宁县",
            "乡(镇)：沙集镇",
            "",
            &format!("行政村：{village}"),
            "年度：2016",
        ]),
        row(&["行次", "项目", "本年数(元)", "上年数(元)", "其中一次性(元)", "凭证号"]),
        row(&["1", "经营收入", operating, "100000", "", "记1"]),
        row(&["2", "发包及上交收入", "20000", "20000", "", "记2"]),
        row(&["3", "投资收益", "", "", "", ""]),
        row(&["填表人：某", "审核人：某"]),
    ]
}

/// The outside of a compound file (OLE) that has one stream of this name and nothing in it.
pub(crate) fn compound_file(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    let name: Vec<u8> = stream.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    bytes[2176..2176 + name.len()].copy_from_slice(&name);
    bytes[2176 + 64] = u8::try_from(name.len()).unwrap();
    bytes[2176 + 66] = 2;
    bytes
}

/// Copies a folder with all below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
