//! The gate of everything that is typed: a number that identifies a person goes no further.
//!
//! Files pass the same gate row by row (`qb-intake`), where numbers are covered; a person who types
//! can take the number out.

use std::path::PathBuf;

use qb_base::{Text, personal};

use crate::fault::Fault;
use crate::routing::CSRF_FIELD;

/// Fields that are never kept: a sign-in, the form's token, a search word, which is sealed.
const NOT_KEPT: &[&str] = &["login", "password", "new_password", "q", CSRF_FIELD];
/// What the fields of typed rows begin with; their form names each column that is refused.
const TYPED_ROW: &str = "f_";

/// Refuses a form in which a field holds a personal number.
pub(crate) fn check(form: &[(String, String)]) -> Result<(), Fault> {
    let kept = form
        .iter()
        .filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()) && !name.starts_with(TYPED_ROW));
    match kept.map(|(_, value)| personal::find(value)).find(Option::is_some).flatten() {
        None => Ok(()),
        Some(kind) => {
            let kind = kind.text();
            let says = Text::fixed(
                "表单里写了{kind}，没有保存任何内容；请删去号码后重新提交",
                "the form holds {kind}; nothing was saved: take the number out and send it again",
            );
            Err(Fault::Unusable(Text {
                zh: says.zh.replace("{kind}", &kind.zh).into(),
                en: says.en.replace("{kind}", &kind.en).into(),
            }))
        }
    }
}

/// Refuses files that are named after somebody's number: names stand in lists of imports.
pub(crate) fn check_names(files: &[PathBuf]) -> Result<(), Fault> {
    let names = files.iter().filter_map(|path| path.file_name());
    match names.map(|name| name.to_string_lossy()).any(|name| personal::find(&name).is_some()) {
        false => Ok(()),
        true => Err(Fault::Unusable(Text::fixed(
            "文件名里有身份证件号、电话号码或银行卡号，没有保存任何文件；请改名后重新上传",
            "the name of a file holds an identity number, a telephone number or a bank card; \
             nothing was saved: give it another name and send it again",
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Vec<(String, String)> {
        vec![("area".into(), "3203".into()), (name.into(), value.into())]
    }

    #[test]
    fn a_personal_number_in_any_kept_field_is_refused_and_not_repeated() {
        for number in [
            "11010519491231002X",
            "110105491231002",
            "13812345678",
            "0516-83812345",
            "6222021234567890128",
        ] {
            for name in ["reason", "document", "outcome", "anything"] {
                let fault = check(&field(name, &format!("见{number}。"))).unwrap_err();
                assert!(!fault.to_string().contains(number), "{number}");
            }
        }
    }

    #[test]
    fn what_is_never_kept_passes() {
        assert!(check(&field("password", "13812345678")).is_ok());
        assert!(check(&field("reason", "入户核查 2016-12-31 徐扶发〔2016〕5号")).is_ok());
    }
}
