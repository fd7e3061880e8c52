//! `qibang digest`, `qibang user`.

use std::process::ExitCode;

use qb_access::Role;
use qb_base::AreaCode;
use qb_web::accounts::{NewAccount, create};

use super::place::actor;
use crate::args::Global;
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

/// Adds a user, or renews one, and prints the generated password once.
pub(crate) fn user_add(
    global: &Global,
    login: &str,
    role: &str,
    area: &str,
    subject: Option<&str>,
) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let role = Role::parse(role)
        .map_err(|_| Fail::new(format!("没有角色“{role}”"), format!("there is no role {role}")))?;
    let area =
        AreaCode::parse(area).ok().filter(|code| pack.area(code).is_some()).ok_or_else(|| {
            Fail::new(format!("没有地区“{area}”"), format!("there is no area {area}"))
        })?;
    let account = NewAccount { login, display_name: login, role, area, subject };
    let password = create(&store, actor(), &account)?;
    if global.json {
        output::json(&serde_json::json!({ "login": login, "password": password }))?;
    } else {
        output::line(format!("{login}  {password}"));
    }
    Ok(ExitCode::SUCCESS)
}
