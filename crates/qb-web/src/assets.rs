//! Browser assets from inside the binary: named by content, compressed once, cached for a year.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;

use flate2::{Compression, write::GzEncoder};
use qb_base::Digest;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Embedded;

/// The files pages refer to, by the name pages use.
const SERVED: &[(&str, &str)] = &[
    ("tabler.css", "vendor/tabler.min.css"),
    ("qibang.css", "qibang.css"),
    ("htmx.js", "vendor/htmx.min.js"),
    ("echarts.js", "vendor/echarts-qibang.min.js"),
    ("qibang.js", "qibang.js"),
    ("icon.svg", "icon.svg"),
];

/// Hexadecimal digits of the content digest in an asset's name.
const NAME_DIGITS: usize = 12;

/// One asset as it goes to the browser.
pub(crate) struct Asset {
    /// The content digest, also the entity tag.
    pub(crate) tag: String,
    /// The media type.
    pub(crate) mime: &'static str,
    plain: Vec<u8>,
    gzip: OnceLock<Option<Vec<u8>>>,
}

impl Asset {
    /// Wraps bytes that do not change while the process runs.
    pub(crate) fn new(bytes: Vec<u8>, mime: &'static str) -> Self {
        let mut tag = Digest::of(&bytes).to_string();
        tag.truncate(NAME_DIGITS);
        Self { tag, mime, plain: bytes, gzip: OnceLock::new() }
    }

    /// The bytes, compressed when the browser takes gzip and it helps.
    pub(crate) fn body(&self, takes_gzip: bool) -> (&[u8], bool) {
        if takes_gzip && let Some(packed) = self.gzip.get_or_init(|| compress(&self.plain)) {
            return (packed, true);
        }
        (&self.plain, false)
    }
}

fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then_some(packed)
}

/// All assets, by the name in the address (`qibang-0123456789ab.css`).
pub(crate) struct Assets {
    by_address: HashMap<String, Asset>,
    addresses: HashMap<&'static str, String>,
}

impl Assets {
    /// Reads the embedded files once.
    pub(crate) fn load() -> Self {
        let mut by_address = HashMap::new();
        let mut addresses = HashMap::new();
        for (name, path) in SERVED {
            let Some(file) = Embedded::get(path) else { continue };
            let asset = Asset::new(file.data.into_owned(), mime(name));
            let address = address(name, &asset.tag);
            addresses.insert(*name, format!("/assets/{address}"));
            by_address.insert(address, asset);
        }
        Self { by_address, addresses }
    }

    /// The address a page uses for an asset.
    ///
    /// One that was not built in keeps its bare name, so that the page says which is missing.
    pub(crate) fn address(&self, name: &'static str) -> &str {
        self.addresses.get(name).map_or(name, String::as_str)
    }

    /// The asset at an address.
    pub(crate) fn get(&self, address: &str) -> Option<&Asset> {
        self.by_address.get(address)
    }
}

fn address(name: &str, tag: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut address = String::new();
    let _ = write!(address, "{stem}-{tag}.{extension}");
    address
}

fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_a_page_uses_is_embedded_and_named_by_its_content() {
        let assets = Assets::load();
        for (name, _) in SERVED {
            let address = assets.address(name).strip_prefix("/assets/").unwrap().to_owned();
            let asset = assets.get(&address).unwrap();
            assert!(address.contains(&asset.tag), "{name}");
        }
    }

    #[test]
    fn a_compressed_asset_unpacks_to_the_same_bytes() {
        use std::io::Read as _;
        let assets = Assets::load();
        let address = assets.address("tabler.css").strip_prefix("/assets/").unwrap();
        let asset = assets.get(address).unwrap();
        let (packed, is_packed) = asset.body(true);
        let (plain, _) = asset.body(false);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut unpacked).unwrap();
        assert!(is_packed && packed.len() * 4 < plain.len());
        assert_eq!(unpacked, plain);
    }

    #[test]
    fn no_asset_asks_another_machine_for_anything() {
        for (name, path) in SERVED {
            let file = Embedded::get(path).unwrap();
            let text = String::from_utf8_lossy(&file.data);
            for loader in ["@import", "url(http", "url(//", "importScripts", "src=\"http"] {
                assert!(!text.contains(loader), "{name} holds {loader}");
            }
        }
    }
}
