//! From a file's text to its raw shape, with TOML's own faults put into words.

use qb_base::Text;
use serde::de::DeserializeOwned;

use crate::error::{Fault, Position};
use crate::file::source::PackFile;

/// Reads a file into its shape, or says where it isn't TOML or doesn't have the shape.
pub(crate) fn parse<T: DeserializeOwned>(file: &PackFile) -> Result<T, Fault> {
    parse_text(&file.shown, &file.text)
}

/// Reads a text into its shape; `shown` names it in the fault.
pub(crate) fn parse_text<T: DeserializeOwned>(shown: &str, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let at = match error.span() {
            Some(span) => Position::at(shown, text, span.start),
            None => Position::file(shown),
        };
        Fault { at, message: explain(error.message()) }
    })
}

/// Says a TOML fault in both languages and what to do.
fn explain(message: &str) -> Text {
    let message = message.split_once('\n').map_or(message, |(first, _)| first);
    let quoted = message.split('`').nth(1).unwrap_or(message);
    if message.starts_with("missing field") {
        return missing(quoted);
    }
    if let Some((_, expected)) = message.split_once(", expected ") {
        let expected = expected.replace('`', "");
        let expected = expected.trim_start_matches("one of ");
        if message.starts_with("unknown field") {
            return Text::new(
                format!("不认识“{quoted}”，可写的有：{expected}；请改正或删去"),
                format!("unknown key `{quoted}`, known here: {expected}; correct or remove it"),
            );
        }
        if message.starts_with("unknown variant") {
            return Text::new(
                format!("“{quoted}”不在可选值内，可选：{expected}"),
                format!("`{quoted}` is none of the possible values: {expected}"),
            );
        }
        if message.starts_with("invalid type") || message.starts_with("invalid value") {
            return Text::new(
                format!("值的类型不对（{message}），此处应为：{expected}"),
                format!("{message}; write the value in the form expected here"),
            );
        }
    }
    if message.starts_with("unknown field") {
        return Text::new(
            format!("不认识“{quoted}”，此处不写任何项；请删去"),
            format!("unknown key `{quoted}`, none is known here; remove it"),
        );
    }
    Text::new(
        format!("不是正确的TOML：{message}；请检查此处的引号、括号和等号"),
        format!("not valid TOML: {message}; check quotes, brackets and equals signs here"),
    )
}

fn missing(key: &str) -> Text {
    match key {
        "source" => Text::fixed(
            "缺少“source”（出处）：没有出处的内容不能装入，请写明文件和条款",
            "`source` is missing: nothing loads without its source, name the document and paragraph",
        ),
        "zh" | "en" => Text::new(
            format!("缺少“{key}”文字：中文（zh）和英文（en）都要写"),
            format!("the text in `{key}` is missing: write both Chinese (zh) and English (en)"),
        ),
        key => Text::new(format!("缺少“{key}”，请补上"), format!("`{key}` is missing, add it")),
    }
}
