//! `qibang serve`.

use std::process::ExitCode;
use std::sync::Arc;

use qb_base::Text;
use qb_policy::Pack;
use qb_store::Store;
use qb_web::{AppState, Proxies, Quota, Settings};

use super::place::actor;
use crate::args::{Global, Serve};
use crate::fail::Fail;
use crate::output;

pub(crate) fn run(global: &Global, words: &Serve) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    serve(global, store, pack, words)
}

/// Serves the pages until the process is interrupted or told to end.
pub(crate) fn serve(
    global: &Global,
    store: Store,
    pack: Pack,
    words: &Serve,
) -> Result<ExitCode, Fail> {
    let map = pack.county_shapes.clone().map(String::into_bytes);
    let state = AppState::new(store, Arc::new(pack), map).with_settings(settings(words));
    qb_web::serve(state, words.port, actor(), |address| {
        let said = Text::new(
            format!("页面已就绪:http://{address} (Ctrl-C 结束)"),
            format!("serving http://{address} (Ctrl-C ends it)"),
        );
        output::line(output::said(global, &said));
    })
    .map_err(|error| Fail::new(format!("无法提供页面:{error}"), error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

fn settings(words: &Serve) -> Settings {
    let proxies = Proxies {
        trusted: words.trusted_proxy.clone(),
        forwarding: words.forwarded_header,
        is_behind_tls: words.behind_tls,
    };
    Settings { proxies, quota: Quota::of_mb(words.upload_quota_mb, words.upload_quota_area_mb) }
}
