//! A page made of tables: most pages of the mechanisms say what they are about and list rows.

use askama::Template;

use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::find::FIND;
use crate::page::{Page, render};
use crate::reply::Reply;
use crate::url::with_query;
use crate::visit::Visit;

/// The part of an address that names the table to hand out.
pub(crate) const CSV: &str = "csv";

/// A cell of a table.
#[derive(Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) is_number: bool,
    pub(crate) is_whole: bool,
    pub(crate) class: &'static str,
}

impl Cell {
    /// Words.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A quantity, at the right.
    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: true, ..Self::default() }
    }

    /// A moment or a number of something, which stands on one line.
    pub(crate) fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_whole: true, ..Self::default() }
    }

    /// Words that lead somewhere.
    pub(crate) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    /// A label in a colour: `is-good`, `is-bad`, `is-open`.
    pub(crate) fn tag(text: impl Into<String>, class: &'static str) -> Self {
        Self { text: text.into(), class, ..Self::default() }
    }
}

/// A table of a page.
#[derive(Default)]
pub(crate) struct Table {
    /// Name for links and tests.
    pub(crate) id: &'static str,
    pub(crate) title: String,
    /// Where the title leads.
    pub(crate) href: String,
    pub(crate) lead: String,
    /// Heads, and whether their column holds quantities.
    pub(crate) heads: Vec<(String, bool)>,
    pub(crate) lines: Vec<Vec<Cell>>,
    /// What an empty table says.
    pub(crate) empty: &'static str,
    pub(crate) next: String,
    /// Where the whole list is handed out as a file.
    pub(crate) export: String,
    /// Where the table, which is whole as it stands, is handed out as a file.
    pub(crate) csv: String,
    /// What may be done there, and where.
    pub(crate) actions: Vec<(&'static str, String)>,
}

impl Table {
    /// A table with its heads; those that begin with `#` are quantities.
    pub(crate) fn new(
        id: &'static str,
        title: impl Into<String>,
        heads: &[&str],
        empty: &'static str,
    ) -> Self {
        let head = |head: &&str| match head.strip_prefix('#') {
            Some(name) => (name.to_owned(), true),
            None => ((*head).to_owned(), false),
        };
        let heads = heads.iter().map(head).collect();
        Self { id, title: title.into(), heads, empty, ..Self::default() }
    }
}

/// Whether the tables of a page leave as files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exports {
    #[default]
    No,
    /// By their addresses: none of them is about anybody.
    Nobody,
    /// By a form sent there, which says why: they are about households.
    Persons(&'static str),
}

/// Everything such a page shows.
#[derive(Default)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) links: Vec<(String, String)>,
    /// Label, value, unit, and where the value leads.
    pub(crate) strip: Vec<[String; 4]>,
    /// Links of a flow as JSON; the tables below hold the same numbers.
    pub(crate) flow: String,
    pub(crate) tables: Vec<Table>,
    /// Whether each table leaves as a file as it stands.
    pub(crate) exports: Exports,
    /// What the reader may do there.
    pub(crate) forms: Vec<Form>,
}

/// Something a reader does on a page of tables.
#[derive(Default)]
pub(crate) struct Form {
    pub(crate) title: String,
    pub(crate) lead: String,
    /// Where it is sent.
    pub(crate) action: String,
    pub(crate) fields: Vec<Field>,
    /// What the button says.
    pub(crate) submit: &'static str,
}

/// A field of such a form.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    /// What may be chosen: what is sent, and what is read; typed where there is nothing.
    pub(crate) options: Vec<(String, String)>,
    pub(crate) is_required: bool,
    pub(crate) is_number: bool,
}

impl Field {
    /// Words that must be typed.
    pub(crate) fn words(name: &'static str, label: impl Into<String>) -> Self {
        Self { name, label: label.into(), is_required: true, ..Self::default() }
    }
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetTemplate<'a> {
    page: &'a Page,
    sheet: &'a Sheet,
    tables: &'a [Table],
}

/// Tables alone, to be put into a page that is shown already.
#[derive(Template)]
#[template(path = "tables.html")]
pub(crate) struct TablesTemplate<'a> {
    pub(crate) page: &'a Page,
    pub(crate) tables: &'a [Table],
}

/// Renders a page of tables; hands one of them out as a file when it is asked for.
pub(crate) fn show(visit: &Visit<'_>, page: &Page, mut sheet: Sheet) -> Result<Reply, Fault> {
    let (about, form) = match sheet.exports {
        Exports::No => (None, ""),
        Exports::Nobody => (Some(About::Nobody), ""),
        Exports::Persons(address) => (Some(About::Persons), address),
    };
    let wanted = visit.query(CSV);
    for table in sheet.tables.iter_mut().filter(|table| !table.lines.is_empty()) {
        let Some(about) = about else { break };
        if table.id == wanted {
            let mut out = List::of(visit, about, table)?;
            out.lines(table)?;
            export::whole(out.rows)?;
            let area = visit.chosen_area()?.area().unwrap_or(visit.app.pack.area);
            return out.reply(visit, table.id, (&visit.incoming.path, area));
        }
        let asked = [("area", visit.query("area")), (FIND, visit.query(FIND)), (CSV, table.id)];
        match about {
            About::Nobody => table.csv = with_query(&visit.incoming.path, &asked),
            About::Persons => table.export = with_query(form, &asked),
        }
    }
    render(&SheetTemplate { page, sheet: &sheet, tables: &sheet.tables })
}
