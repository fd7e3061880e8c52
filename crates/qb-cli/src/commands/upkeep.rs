//! `qibang digest`, `qibang user`.

use std::process::ExitCode;

use qb_access::Role;
use qb_base::AreaCode;
use qb_web::accounts::{FirstPassword, NewAccount, create_with, renew};

use super::place::actor;
use crate::args::{AddUser, Global};
use crate::fail::Fail;
use crate::output;

/// One digest of everything the register holds.
pub(crate) fn digest(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let digest = qb_registry::digest(&store)?.to_string();
    if global.json {
        output::json(&serde_json::json!({ "digest": digest }))?;
    } else {
        output::line(digest);
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds a user, or gives one a new password, and prints the generated password once.
pub(crate) fn user_add(global: &Global, words: &AddUser) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let role = Role::parse(&words.role).map_err(|_| unknown_role(&words.role))?;
    let area = AreaCode::parse(&words.area).ok().filter(|code| pack.area(code).is_some());
    let area = area.ok_or_else(|| {
        Fail::new(
            format!("没有地区“{}”:请写策略包中的区划代码,如 320381", words.area),
            format!("there is no area {}: write a code of the pack, such as 320381", words.area),
        )
    })?;
    let (login, subject) = (words.login.as_str(), words.subject.as_deref());
    let account = NewAccount { login, display_name: login, role, area, subject };
    let first = match words.no_first_change {
        true => FirstPassword::Stays,
        false => FirstPassword::Changes,
    };
    let password = match words.renew_password {
        true => renew(&store, actor(), &account, first)?,
        false => create_with(&store, actor(), &account, first)?,
    };
    if global.json {
        output::json(&serde_json::json!({ "login": login, "password": password }))?;
    } else {
        output::line(format!("{login}  {password}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Names every role there is.
fn unknown_role(code: &str) -> Fail {
    let roles = Role::ALL.map(|role| (role.code(), role.label()));
    let zh: Vec<String> =
        roles.iter().map(|(code, label)| format!("{code} {}", label.zh)).collect();
    let en: Vec<String> =
        roles.iter().map(|(code, label)| format!("{code} {}", label.en)).collect();
    Fail::new(
        format!("没有角色“{code}”;可写:\n  {}", zh.join("\n  ")),
        format!("there is no role {code}; there are:\n  {}", en.join("\n  ")),
    )
}
