//! Browser assets, the county map, and the health check.

use crate::assets::Asset;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::visit::Visit;

/// Says that the process answers and the store can be read.
pub(crate) fn health(visit: &Visit<'_>) -> Result<Reply, Fault> {
    visit.app.store.read(|conn| conn.probe())?;
    Ok(Reply::json("{\"status\":\"ok\"}".to_owned()))
}

/// One asset, kept by the browser for as long as its content stays the same.
pub(crate) fn file(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let asset = visit.app.assets.get(visit.param("name")).ok_or(Fault::NotFound)?;
    Ok(answer(visit, asset))
}

/// The shapes of the counties.
pub(crate) fn map(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let map = visit.app.map.as_ref().ok_or(Fault::NotFound)?;
    Ok(answer(visit, map))
}

fn answer(visit: &Visit<'_>, asset: &Asset) -> Reply {
    if visit.incoming.known_tag.as_deref() == Some(&asset.tag) {
        return Reply::unchanged(&asset.tag);
    }
    let (bytes, gzip) = asset.body(visit.incoming.takes_gzip);
    Reply::asset(asset.mime, bytes.to_vec(), gzip, &asset.tag)
}
