//! `qibang audit`.

use std::path::Path;
use std::process::ExitCode;

use qb_access::Role;
use qb_base::Text;
use qb_case::Machines;
use qb_policy::Pack;
use qb_registry::seal::{self, SealState};
use qb_store::{AuditReport, Store};
use serde::Serialize;

use crate::args::{AcceptAnchor, Global};
use crate::fail::Fail;
use crate::output;

/// What a verification found: the chain, and what it covers.
#[derive(Serialize)]
struct Verified {
    #[serde(flatten)]
    chain: AuditReport,
    /// What differs from what the chain says of it.
    differs: Vec<Text>,
    /// What the chain does not cover yet.
    unsealed: Option<Text>,
}

/// Exit code 1 and the place when the chain is broken, or when what it covers was changed.
pub(crate) fn verify(global: &Global, anchor: Option<&Path>) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::place::open(global)?;
    let chain = store.audit_verify(anchor)?;
    let (differs, unsealed) = covered(&store, &pack)?;
    let verified = Verified { chain, differs, unsealed };
    if global.json {
        output::json(&verified)?;
    }
    if let Some(unsealed) = &verified.unsealed {
        output::note(global, unsealed);
    }
    if let Some(broken) = &verified.chain.broken {
        return Err(Fail::new(
            format!("审计链在第 {} 行处断开:{}", broken.seq, broken.what.zh),
            format!("the audit chain is broken at row {}: {}", broken.seq, broken.what.en),
        ));
    }
    if !verified.differs.is_empty() {
        let join = |say: fn(&Text) -> &str| {
            verified.differs.iter().map(say).collect::<Vec<_>>().join("\n  ")
        };
        let (zh, en) = (join(|text| &text.zh), join(|text| &text.en));
        return Err(Fail::new(
            format!("审计链完整,但有内容与它不符,应是在程序之外改过:\n  {zh}"),
            format!(
                "the chain is whole, but this differs from it and was changed outside the program:\n  {en}"
            ),
        ));
    }
    if !global.json {
        let head = verified.chain.head.as_deref().unwrap_or("–");
        output::line(format!("✓ {} rows, head {head}", verified.chain.rows));
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares accounts, cases and the register with what the chain says of them.
fn covered(store: &Store, pack: &Pack) -> Result<(Vec<Text>, Option<Text>), Fail> {
    let machines = Machines::load(pack).map_err(|faults| Fail(qb_policy::faults_text(&faults)))?;
    let mut differs = Vec::new();
    for login in qb_web::account_seal::verify(store)? {
        let text = Text::fixed(
            "账号“{login}”的角色或区划与审计链所记不同",
            "account {login}: its role or area is not the one the audit chain says it was given",
        );
        differs.push(text.fill(&[("login", &login)]));
    }
    for broken in qb_case::verify(store, &machines)? {
        let case = broken.case;
        differs.push(Text::new(
            format!("案件 {case}:{}", broken.what.zh),
            format!("case {case}: {}", broken.what.en),
        ));
    }
    let unsealed = match seal::verify(store, pack)? {
        SealState::Fits => None,
        SealState::Older => Some(Text::fixed(
            "最近的登记表导入尚未封存:导入正在进行或被中断,再运行一次 qibang import 即可",
            "the newest import of the register is not sealed yet: it is under way or was broken \
             off; run qibang import once more",
        )),
        SealState::Differs => {
            differs.push(Text::fixed(
                "有户的脱贫状态与审计链所记不同",
                "a household's exit status is not the one the audit chain says it has",
            ));
            None
        }
    };
    Ok((differs, unsealed))
}

/// The roles that may accept a chain which does not fit its anchor.
const ADMINISTRATORS: [Role; 3] = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];

/// Accepts the chain as it stands, in the name of two administrators.
pub(crate) fn accept(global: &Global, words: &AcceptAnchor) -> Result<ExitCode, Fail> {
    let store = super::place::open(global)?;
    let by = administrator(&store, &words.by, &words.by_password_file)?;
    let and = administrator(&store, &words.and, &words.and_password_file)?;
    if by == and {
        return Err(Fail::new(
            "须由两名不同的管理员接受:--by 与 --and 是同一个账号",
            "two administrators must accept it: --by and --and are one account",
        ));
    }
    if store.trouble()?.is_none() {
        return Err(Fail::new(
            "审计链与锚相符,没有需要接受的",
            "the chain fits its anchor; there is nothing to accept",
        ));
    }
    let head = store.accept_anchor(&by, &and)?.to_string();
    if global.json {
        output::json(&serde_json::json!({ "head": head }))?;
    } else {
        let said = Text::new(
            format!("已接受,审计链记下了是谁;新的锚:{head}"),
            format!("accepted, and the chain says by whom; its new anchor is {head}"),
        );
        output::line(output::said(global, &said));
    }
    Ok(ExitCode::SUCCESS)
}

fn administrator(store: &Store, login: &str, password: &Path) -> Result<String, Fail> {
    let password = crate::by::password_in(password)?;
    match qb_web::account_seal::holder(store, login, &password)? {
        Some((actor, role)) if ADMINISTRATORS.contains(&role) => Ok(actor),
        Some((_, role)) => Err(Fail::new(
            format!("账号“{login}”的角色 {role} 不能接受审计链:须是三类管理员之一"),
            format!("account {login} has the role {role}; only an administrator accepts a chain"),
        )),
        None => Err(Fail::new(
            format!("账号“{login}”与密码不符"),
            format!("account {login} and its password do not belong together"),
        )),
    }
}
