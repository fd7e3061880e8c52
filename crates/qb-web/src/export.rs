//! Lists as files: CSV that a spreadsheet opens as it is; who took which list out is recorded.

use qb_base::Text;

use crate::fault::Fault;
use crate::reply::Reply;
use crate::sheet::{self, Table};
use crate::state::audit_entry;
use crate::visit::Visit;

const CSV: &str = "text/csv; charset=utf-8";
/// What the record says of a list that names nobody.
const NAMELESS: &str = "list without persons";
/// A list made whole in memory has fewer rows than this, or it does not leave as a file: a part of
/// it would pass for the whole.
pub(crate) const ROWS_MAX: usize = 100_000;
/// Bytes of a list that is read page by page; the register of a city has 21 million.
const BYTES_MAX: usize = 128 << 20;
/// Rows read at once for a file.
pub(crate) const ROWS_AT_ONCE: i64 = 500;

/// A list on its way out.
pub(crate) struct Csv {
    text: String,
    pub(crate) rows: usize,
}

impl Csv {
    /// Begins with the heads of the columns.
    pub(crate) fn new<T: AsRef<str>>(heads: &[T]) -> Self {
        let mut text = String::from("\u{feff}");
        push_line(&mut text, heads);
        Self { text, rows: 0 }
    }

    /// Begins with the heads of a table of a page.
    pub(crate) fn of(table: &Table) -> Self {
        let heads: Vec<&str> = table.heads.iter().map(|(head, _)| head.as_str()).collect();
        Self::new(&heads)
    }

    /// Adds a row.
    pub(crate) fn line<T: AsRef<str>>(&mut self, cells: &[T]) {
        push_line(&mut self.text, cells);
        self.rows += 1;
    }

    /// Adds the rows of a table of a page.
    pub(crate) fn lines(&mut self, table: &Table) {
        for line in &table.lines {
            let cells: Vec<&str> = line.iter().map(|cell| cell.text.as_str()).collect();
            self.line(&cells);
        }
    }

    /// Whether no more fits; the list then does not leave.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() >= BYTES_MAX
    }

    /// Hands the list out and records who took it and why; refuses one that is too long.
    pub(crate) fn reply(self, visit: &Visit<'_>, name: &str, object: &str) -> Result<Reply, Fault> {
        if self.is_full() {
            return Err(too_long(self.rows));
        }
        let (actor, reason) = (visit.viewer()?.actor(), visit.form("reason").trim());
        let why = if reason.is_empty() { NAMELESS } else { reason };
        visit.app.store.write::<_, Fault>(|tx| {
            Ok(tx.audit(&audit_entry(&actor, "record.export", object, why))?)
        })?;
        Ok(Reply::download(format!("{name}.csv"), CSV, self.text.into_bytes()))
    }
}

/// Refuses a list that was cut off at [`ROWS_MAX`].
pub(crate) fn whole(rows: usize) -> Result<(), Fault> {
    if rows < ROWS_MAX { Ok(()) } else { Err(too_long(rows)) }
}

fn too_long(rows: usize) -> Fault {
    let n = rows.to_string();
    let says = Text::fixed(
        "这张清单有{n}行以上，不能一次导出；请选择下级地区或加上筛选条件再导出",
        "this list has {n} rows or more and does not leave at once: choose a smaller area or a filter",
    );
    Fault::Unusable(says.fill(&[("n", &n)]))
}

/// Lines a table holds: those of a page, or all where it is handed out.
pub(crate) fn lines_of(visit: &Visit<'_>, page: usize) -> usize {
    if visit.query(sheet::CSV).is_empty() { page } else { ROWS_MAX }
}

/// The answer to somebody who takes names out and does not say why.
pub(crate) fn reason_wanted() -> Fault {
    Fault::Unusable(Text::fixed(
        "这张清单含个人姓名，导出前请写明理由",
        "this list names persons: say why you take it out",
    ))
}

/// A line of CSV; a cell that a spreadsheet would compute stays what it says.
fn push_line<T: AsRef<str>>(out: &mut String, cells: &[T]) {
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if at > 0 {
            out.push(',');
        }
        let guarded = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell);
        let text = if guarded { format!("'{cell}") } else { cell.to_owned() };
        if text.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&text.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&text);
        }
    }
    out.push_str("\r\n");
}

/// Whether a cell is a number with a sign, which a spreadsheet only reads.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
}

#[cfg(test)]
mod tests {
    use super::{ROWS_MAX, push_line, whole};

    #[test]
    fn a_list_that_was_cut_off_is_refused() {
        assert!(whole(ROWS_MAX - 1).is_ok());
        assert!(whole(ROWS_MAX).is_err());
    }

    #[test]
    fn a_cell_never_becomes_a_formula_or_another_cell() {
        let mut out = String::new();
        push_line(&mut out, &["=1+1", "a,b", "say \"so\"", "-1+1", "-12.50", "-"]);
        assert_eq!(out, "'=1+1,\"a,b\",\"say \"\"so\"\"\",'-1+1,-12.50,'-\r\n");
    }
}
