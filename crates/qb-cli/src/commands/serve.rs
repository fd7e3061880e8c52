//! `qibang serve`.

use std::process::ExitCode;
use std::sync::Arc;

use qb_base::Text;
use qb_policy::Pack;
use qb_store::Store;
use qb_web::AppState;

use crate::args::{Global, Serve};
use crate::fail::Fail;
use crate::output;

pub(crate) fn run(global: &Global, words: &Serve) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    serve(global, store, pack, words.port)
}

/// Serves the pages until the process is interrupted.
pub(crate) fn serve(
    global: &Global,
    store: Store,
    pack: Pack,
    port: u16,
) -> Result<ExitCode, Fail> {
    let map = pack.county_shapes.clone().map(String::into_bytes);
    let state = AppState::new(store, Arc::new(pack), map);
    qb_web::serve(state, port, |address| {
        let said = Text::new(
            format!("页面已就绪:http://{address} (Ctrl-C 结束)"),
            format!("serving http://{address} (Ctrl-C ends it)"),
        );
        output::line(output::said(global, &said));
    })
    .map_err(|error| Fail::new(format!("无法提供页面:{error}"), error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}
