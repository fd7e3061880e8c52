use std::io::Read;

use super::*;
use crate::fonts::Fonts;
use crate::tests::report;

const SHAPES: &str = include_str!("../../../../policy/xuzhou-2016/counties.geojson");

/// Without a map, which takes its time to paint.
fn render(report: &AnnualReport, lang: Lang) -> Result<Vec<u8>, ReportError> {
    let fonts = Fonts::embedded();
    render_docx(report, &Look { template: "", shapes: None, fonts: &fonts }, lang)
}

fn body(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_document_holds_every_figure_and_note() {
    let report = report();
    for lang in [Lang::Zh, Lang::En] {
        let text = body(&render(&report, lang).unwrap());
        assert!(text.contains(report.title.get(lang)));
        for figure in &report.figures {
            assert!(text.contains(&format!(">{}<", figure.id)), "{} is missing", figure.id);
        }
        for note in &report.notes {
            assert!(text.contains(&format!(">{}<", note.id)), "{} is missing", note.id);
        }
    }
}

#[test]
fn a_figure_in_the_text_leads_to_its_line_which_says_why() {
    let report = report();
    let figure = report.figure("G08").unwrap();
    for lang in [Lang::Zh, Lang::En] {
        let text = body(&render(&report, lang).unwrap());
        assert!(text.matches(">G08<").count() > 2, "the text names its figure");
        assert!(text.contains(figure.reason.get(lang)));
        assert!(text.contains(figure.definition.as_ref().unwrap().get(lang)));
        assert!(text.contains(TEAL), "it looks as in print");
        assert!(!text.contains(&report.as_of), "days are written as people write them");
    }
}

#[test]
fn the_front_has_the_number_that_was_given_and_else_says_that_one_is_to_come() {
    let mut report = report();
    let text = body(&render(&report, Lang::En).unwrap());
    assert!(text.contains("Document number: to be numbered"));
    report.document_no = Some("徐扶办〔2017〕3号".to_owned());
    assert!(body(&render(&report, Lang::Zh).unwrap()).contains("文号：徐扶办〔2017〕3号"));
    report.provenance.is_synthetic = true;
    assert!(!body(&render(&report, Lang::Zh).unwrap()).contains("文号："));
}

#[test]
fn a_document_with_a_personal_number_is_refused() {
    let mut report = report();
    report.figures[0].source = "13812345678".to_owned();
    assert!(render(&report, Lang::Zh).is_err());
}

#[test]
fn every_table_has_a_head_that_comes_again_on_each_page() {
    let text = body(&render(&report(), Lang::Zh).unwrap());
    let tables: Vec<&str> = text.split("<w:tbl>").skip(1).collect();
    assert!(tables.len() >= 5, "{}", tables.len());
    for table in tables {
        let table = table.split("</w:tbl>").next().unwrap();
        assert_eq!(table.matches("<w:tblHeader />").count(), 1);
        let first = table.split("<w:tr>").nth(1).unwrap();
        assert!(first.contains("<w:tblHeader />"), "its first row");
    }
}

#[test]
fn drawings_are_pictures_with_their_titles_as_words() {
    let report = report();
    let fonts = Fonts::embedded();
    let look = Look { template: "", shapes: Some(SHAPES), fonts: &fonts };
    for lang in [Lang::Zh, Lang::En] {
        let bytes = render_docx(&report, &look, lang).unwrap();
        let text = body(&bytes);
        let titles = ["各县（市、区）脱贫人数", "完成情况"];
        let titles =
            if lang == Lang::Zh { titles } else { ["people lifted out by county", "progress"] };
        for (at, title) in (1..).zip(titles) {
            let words = format!("<wp:docPr id=\"{at}\" name=\"Figure {at}\" descr=\"{title}\" />");
            assert!(text.contains(&words), "{title}");
            assert!(text.contains(&format!(">{title}<")), "the title stands below");
        }
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let pictures = archive.file_names().filter_map(Result::ok);
        assert_eq!(pictures.filter(|name| name.ends_with(".png")).count(), 2);
    }
}

#[test]
fn a_high_picture_stays_on_its_page() {
    let size = |width, height| shown_size(&Picture { png: Vec::new(), width, height }).unwrap();
    assert_eq!(size(1_000, 500), (5_731_510, 2_865_755));
    let (width, height) = size(1_000, 4_000);
    assert_eq!((width, height), (2_003_425, 8_013_700));
}

#[test]
fn headings_count_as_official_documents_do() {
    assert_eq!([1, 10, 12, 20, 23].map(chinese), ["一", "十", "十二", "二十", "二十三"]);
}
