use super::*;
use crate::fonts::Fonts;
use crate::rows::NoRows;
use crate::tests::report;

#[test]
fn a_stored_report_is_read_back_whole() {
    let report = report();
    assert_eq!(from_json(&to_json(&report).unwrap()).unwrap(), report);
}

#[test]
fn a_report_of_another_version_is_refused() {
    let mut report = report();
    report.format = FORMAT + 1;
    assert!(from_json(&to_json(&report).unwrap()).is_err());
}

#[test]
fn scripts_read_plain_numbers_and_words() {
    let lines = figures_json(&report());
    assert_eq!(
        lines[0],
        json!({
            "id": "G08", "published": 202_400, "computed": 202_400, "unit": "person",
            "verdict": "reproduced", "exact": "202367", "rounding": 100, "compare": "equal",
            "published_text": { "zh": "20.24万", "en": "202.4 thousand" }, "as_of": "2016-12-31", "known_by": null,
            "reason": {
                "zh": "202,367按100取整为202,400，等于公布数",
                "en": "202,367 rounded to 100 is 202,400, as published",
            },
        })
    );
    assert_eq!(lines[4]["computed"], Value::Null);
    assert_eq!(lines[4]["verdict"], "not yet computed");
}

#[test]
fn documents_are_written_together_and_nothing_when_one_is_refused() {
    let folder = std::env::temp_dir().join(format!("qb-report-files-{}", std::process::id()));
    let fonts = Fonts::embedded();
    let look = Look { template: "#json(\"/data.json\").title", shapes: None, fonts: &fonts };
    let mut report = report();
    report.figures[0].source = "13812345678".to_owned();
    assert!(write(&report, &look, &NoRows, &folder).is_err());
    assert_eq!(read(&folder).unwrap(), None);
    report.figures[0].source = "x".to_owned();
    let names = write(&report, &look, &NoRows, &folder).unwrap();
    assert_eq!(names.len(), 7);
    assert_eq!(read(&folder).unwrap(), Some(report));
    fs::remove_dir_all(&folder).unwrap();
}
