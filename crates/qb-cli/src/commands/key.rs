//! `qibang key`: the one secret of an installation.

use std::path::Path;
use std::process::ExitCode;

use qb_base::Text;

use crate::args::Global;
use crate::fail::Fail;
use crate::output;

/// Says whether a key is the store's. A store that opens has the right one.
pub(crate) fn check(global: &Global, file: Option<&Path>) -> Result<ExitCode, Fail> {
    let store = super::place::open(global)?;
    if let Some(file) = file
        && !store.is_key(file)?
    {
        let file = file.display();
        return Err(Fail::new(
            format!("“{file}”里的密钥不是这个库的；请另找一份副本"),
            format!("the key in {file} is not this store's; look for another copy"),
        ));
    }
    let check = store.key_check().short();
    if global.json {
        output::json(&serde_json::json!({ "key": check, "fits": true }))?;
    } else {
        let said = Text::new(format!("密钥与库相符:{check}"), format!("the key fits: {check}"));
        output::line(output::said(global, &said));
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies the key.
///
/// The copy is protected by its mode and not by a passphrase: the copy that counts is opened years
/// later by somebody else, and a forgotten passphrase loses every identity number for ever, while
/// a file in a locked cabinet does not.
pub(crate) fn backup(global: &Global, out: &Path) -> Result<ExitCode, Fail> {
    let store = super::place::open(global)?;
    store.copy_key(out)?;
    let (path, check) = (out.display(), store.key_check().short());
    if global.json {
        output::json(&serde_json::json!({ "file": out, "key": check }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let said = Text::new(
        format!("密钥 {check} 已复制到“{path}”，仅本用户可读；请与数据备份分开保存"),
        format!(
            "key {check} was copied to {path}, for its owner alone; keep it apart from the data"
        ),
    );
    output::line(output::said(global, &said));
    Ok(ExitCode::SUCCESS)
}
