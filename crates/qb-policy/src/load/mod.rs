//! Loading: read the files, read their shapes, put an extension over its base, check the whole,
//! index it.

use qb_base::{Digest, Digester};

pub(crate) mod content;
mod head;
mod ids;
pub(crate) mod kept;
mod merge;
pub(crate) mod parts;
pub(crate) mod raw;
pub(crate) mod read;

use crate::check;
use crate::error::{Fault, PackError, Position};
use crate::file::parse::parse;
use crate::file::source::{self, PackFile, PackFiles, PackSource, REPORT_FOLDER, SOURCES};
use crate::load::head::{Head, split_head};
use crate::load::parts::{Parts, read_parts};
use crate::load::raw::{RawCodeList, RawDataset, RawHead, RawLayout, RawParts};
use crate::load::read::Reader;
use crate::pack::kept::KeptFile;
use crate::pack::part_file::{PartFile, is_part};
use crate::pack::{Index, Pack};

/// How many packs may stand on each other.
const BASES_MAX: usize = 8;

impl Pack {
    /// Loads a pack with everything it extends; returns all its faults if it has any.
    pub fn load(source: PackSource<'_>) -> Result<Self, PackError> {
        let mut faults = Vec::new();
        let mut pack = load(&source, "", &mut Vec::new(), &mut faults)?;
        if let Some(pack) = &mut pack {
            check::finish(pack, &mut faults);
        }
        faults.sort_by(|a, b| a.at.cmp(&b.at));
        match pack {
            Some(pack) if faults.is_empty() => Ok(pack),
            _ => Err(PackError::Faulty(faults)),
        }
    }
}

/// Loads one pack over its base. `None` means that its head can't be used; the faults say why.
///
/// `shown` stands before the paths of a base's files in faults.
fn load(
    source: &PackSource<'_>,
    shown: &str,
    chain: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Result<Option<Pack>, PackError> {
    let found = source::read(source, shown)?;
    let mut parts = Parts::default();
    let Some(head) = read_files(&found.files, &mut parts, faults) else {
        return Ok(None);
    };
    ids::own_ids(&parts, faults);
    let own = content::digest(&found.files);
    let base = match &head.extends {
        None => None,
        Some(base) => load_base(base, &head, &found, chain, faults)?,
    };
    if head.extends.is_some() && base.is_none() {
        return Ok(None);
    }
    let files = kept::with_base(&found.files, base.as_ref());
    Ok(assemble(head, parts, base, (own, files), faults))
}

fn load_base(
    base: &str,
    head: &Head,
    found: &PackFiles,
    chain: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Result<Option<Pack>, PackError> {
    chain.push(head.id.clone());
    if chain.iter().any(|seen| seen == base) || chain.len() > BASES_MAX {
        faults.push(Fault::new(
            head.extends_at.clone(),
            format!("策略包相互引用：{} → {base}", chain.join(" → ")),
            format!("packs extend each other: {} → {base}", chain.join(" → ")),
        ));
        return Ok(None);
    }
    let beside = found.folder.as_ref().and_then(|folder| {
        let sibling = folder.join("..").join(base);
        [folder.join(base), sibling].into_iter().find(|path| path.join("pack.toml").is_file())
    });
    let source = match &beside {
        Some(folder) => PackSource::Folder(folder),
        None => PackSource::Embedded(base),
    };
    match load(&source, &format!("{base}/"), chain, faults) {
        Err(PackError::NotFound(text)) => {
            faults.push(Fault { at: head.extends_at.clone(), message: text });
            Ok(None)
        }
        other => other,
    }
}

fn read_files(files: &[PackFile], parts: &mut Parts, faults: &mut Vec<Fault>) -> Option<Head> {
    let mut head = None;
    for file in files {
        let outcome = match file.path.as_str() {
            "pack.toml" => parse::<RawHead>(file).map(|raw| {
                let (found, rest) = split_head(raw, file, faults);
                head = Some(found);
                read_parts(rest, file, parts, faults);
            }),
            "areas.csv" => {
                parts.areas = Some(content::areas(file, faults));
                Ok(())
            }
            "counties.geojson" => {
                parts.county_shapes = Some(file.text.clone());
                Ok(())
            }
            SOURCES => {
                parts.source_names = Some(content::source_names(&file.text));
                Ok(())
            }
            path if path.starts_with(REPORT_FOLDER) => {
                parts.report_files.insert(path.to_owned(), file.text.clone());
                Ok(())
            }
            path if is_part(path) => {
                parts.part_files.insert(path.to_owned(), PartFile::new(file));
                Ok(())
            }
            path if path.starts_with("datasets/") => parse::<RawDataset>(file)
                .map(|raw| parts.datasets.push(Reader { file, faults }.dataset(raw))),
            path if path.starts_with("codes/") => parse::<RawCodeList>(file)
                .map(|raw| parts.code_lists.push(Reader { file, faults }.code_list(raw))),
            path if path.starts_with("layouts/") => parse::<RawLayout>(file)
                .map(|raw| parts.layouts.push(Reader { file, faults }.layout(raw))),
            _ => parse::<RawParts>(file).map(|raw| read_parts(raw, file, parts, faults)),
        };
        if let Err(fault) = outcome {
            faults.push(fault);
        }
    }
    head
}

/// Puts a pack over its base and completes the head.
fn assemble(
    head: Head,
    own: Parts,
    base: Option<Pack>,
    (digest, files): (Digest, Vec<KeptFile>),
    faults: &mut Vec<Fault>,
) -> Option<Pack> {
    let Some(full) = head.complete(base.as_ref()) else {
        // A key that is there but wrong has its own fault already.
        if !faults.iter().any(|fault| fault.at.file == head.at.file) {
            faults.push(Fault::new(
                Position::file(&head.at.file),
                "不基于别的策略包时，pack.toml要写明title、source、year、area",
                "a pack that extends no other states title, source, year and area in pack.toml",
            ));
        }
        return None;
    };
    let digest = base.as_ref().map_or(digest, |base| digest_over(base, digest));
    let bases =
        base.iter().flat_map(|b| std::iter::once(b.id.clone()).chain(b.bases.clone())).collect();
    let parts = merge::over(base, own);
    Some(Pack {
        id: head.id,
        title: full.title,
        source: full.source,
        year: full.year,
        cases_on: full.cases_on,
        area: full.area,
        bases,
        // A pack that is only a base for others may list no area.
        areas: parts.areas.unwrap_or_default(),
        county_shapes: parts.county_shapes,
        report_files: parts.report_files,
        code_lists: parts.code_lists,
        income_items: parts.income_items,
        params: parts.params,
        layouts: parts.layouts,
        datasets: parts.datasets,
        clauses: parts.clauses,
        facts: parts.facts,
        contradictions: parts.contradictions,
        views: parts.views,
        coverages: parts.coverages,
        part_files: parts.part_files,
        files,
        source_names: parts.source_names,
        digest,
        index: Index::default(),
    })
}

/// The digest of an extension covers its base.
fn digest_over(base: &Pack, own: Digest) -> Digest {
    let mut digest = Digester::new();
    digest.field(&base.digest.0).field(&own.0);
    digest.finish()
}
