//! What the writer of documents leaves out: heads of tables that come again on each page, and words
//! for pictures.

use crate::error::ReportError;

/// How the writer begins a table, the properties of a row, and a picture.
const TABLE: &str = "<w:tbl>";
const ROW: &str = "<w:trPr>";
const PICTURE: &str = "<wp:docPr id=\"1\" name=\"Figure\" />";

/// The first row of each table becomes its head, and each picture gets a number of its own and its
/// title as words.
///
/// # Errors
/// When the writer wrote something else: a document that lacks these is not passed off as whole.
pub(super) fn finished(document: &[u8], titles: &[&str]) -> Result<Vec<u8>, ReportError> {
    let broken = |what: &str| ReportError::Document(format!("the writer of documents {what}"));
    let text = std::str::from_utf8(document).map_err(|_| broken("wrote no text"))?;
    let mut tables = text.split(TABLE);
    let mut made = tables.next().map(str::to_owned).ok_or_else(|| broken("wrote nothing"))?;
    for table in tables {
        let (before, after) =
            table.split_once(ROW).ok_or_else(|| broken("wrote a table without rows"))?;
        made.extend([TABLE, before, ROW, "<w:tblHeader />", after]);
    }
    if made.matches(PICTURE).count() != titles.len() {
        return Err(broken("wrote another number of pictures"));
    }
    for (number, title) in (1..).zip(titles) {
        let title = escaped(title);
        let named =
            format!("<wp:docPr id=\"{number}\" name=\"Figure {number}\" descr=\"{title}\" />");
        made = made.replacen(PICTURE, &named, 1);
    }
    Ok(made.into_bytes())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_of_each_table_is_its_head() {
        let table =
            "<w:tbl><w:tr><w:trPr><w:cantSplit /></w:trPr></w:tr><w:tr><w:trPr></w:trPr></w:tr>";
        let made = finished(format!("<x/>{table}{table}").as_bytes(), &[]).unwrap();
        let made = String::from_utf8(made).unwrap();
        assert_eq!(made.matches("<w:trPr><w:tblHeader /><w:cantSplit />").count(), 2, "{made}");
        assert_eq!(made.matches("tblHeader").count(), 2, "{made}");
    }

    #[test]
    fn words_of_pictures_are_escaped_and_none_goes_without() {
        let made = finished(PICTURE.as_bytes(), &["户 < \"人\" & 村"]).unwrap();
        let made = String::from_utf8(made).unwrap();
        assert!(made.contains("descr=\"户 &lt; &quot;人&quot; &amp; 村\""), "{made}");
        assert!(finished(PICTURE.as_bytes(), &[]).is_err());
        assert!(finished(b"<w:tbl></w:tbl>", &[]).is_err());
    }
}
