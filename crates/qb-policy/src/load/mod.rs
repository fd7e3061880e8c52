//! Loading: read the files, read their shapes, put an extension over its base, check the whole,
//! index it.

use std::collections::BTreeMap;

use qb_base::{AreaCode, AreaLevel, Date, Digest, Digester, PolicyYear, Text};

use crate::check;
use crate::clause::Clause;
use crate::code::{CodeList, IncomeItem};
use crate::content;
use crate::dataset::Dataset;
use crate::error::{Fault, PackError, Position};
use crate::fact::{Contradiction, Fact};
use crate::files::{self, PackFile, PackFiles, PackSource, REPORT_FOLDER, SOURCES};
use crate::kept::{self, KeptFile};
use crate::layout::Layout;
use crate::merge;
use crate::model::{Area, Index, Pack};
use crate::param::Param;
use crate::parse::parse;
use crate::part_file::{PartFile, PartFiles, is_part};
use crate::raw::{RawCase, RawCodeList, RawDataset, RawHead, RawLayout, RawParts};
use crate::read::Reader;
use crate::view::{Coverage, View};

/// How many packs may stand on each other.
const BASES_MAX: usize = 8;

/// The typed parts of one pack, before they are put over a base.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) code_lists: Vec<CodeList>,
    pub(crate) income_items: Vec<IncomeItem>,
    pub(crate) params: Vec<Param>,
    pub(crate) layouts: Vec<Layout>,
    pub(crate) datasets: Vec<Dataset>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) contradictions: Vec<Contradiction>,
    pub(crate) views: Vec<View>,
    pub(crate) coverages: Vec<Coverage>,
    pub(crate) part_files: PartFiles,
    pub(crate) areas: Option<Vec<Area>>,
    pub(crate) county_shapes: Option<String>,
    pub(crate) report_files: BTreeMap<String, String>,
    pub(crate) source_names: Option<Vec<String>>,
}

/// The head of a pack; what an extension leaves out comes from its base.
#[derive(Debug, Default)]
struct Head {
    id: String,
    /// Where the pack's id stands.
    at: Position,
    extends: Option<String>,
    extends_at: Position,
    title: Option<Text>,
    source: Option<String>,
    year: Option<PolicyYear>,
    cases_on: Option<Date>,
    area: Option<AreaCode>,
}

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
    let found = files::read(source, shown)?;
    let mut parts = Parts::default();
    let Some(head) = read_files(&found.files, &mut parts, faults) else {
        return Ok(None);
    };
    check::own_ids(&parts, faults);
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

fn split_head(raw: RawHead, file: &PackFile, faults: &mut Vec<Fault>) -> (Head, RawParts) {
    let mut reader = Reader { file, faults };
    check::pack_id(&raw.id, &mut reader);
    let head = Head {
        at: reader.at(&raw.id.span()),
        extends_at: raw.extends.as_ref().map_or_else(Position::default, |id| reader.at(&id.span())),
        extends: raw.extends.map(toml::Spanned::into_inner),
        title: raw.title,
        source: raw.source,
        year: raw.year.map(PolicyYear),
        cases_on: raw.as_of.as_ref().and_then(|day| reader.date(day)),
        area: raw.area.as_ref().and_then(|area| reader.area(area)),
        id: raw.id.into_inner(),
    };
    let parts = RawParts {
        clause: raw.clause,
        case: raw.case,
        param: raw.param,
        income_item: raw.income_item,
        fact: raw.fact,
        contradiction: raw.contradiction,
        view: raw.view,
        coverage: raw.coverage,
    };
    (head, parts)
}

fn read_parts(raw: RawParts, file: &PackFile, parts: &mut Parts, faults: &mut Vec<Fault>) {
    let mut reader = Reader { file, faults };
    let starts: Vec<(usize, String)> = raw
        .clause
        .iter()
        .map(|clause| (clause.id.span().start, clause.id.as_ref().clone()))
        .collect();
    let mut clauses: Vec<Clause> =
        raw.clause.into_iter().filter_map(|clause| reader.clause(clause)).collect();
    for case in raw.case {
        let owner = starts.iter().rev().find(|(start, _)| *start < case.name.span().start);
        attach(case, owner.map(|(_, id)| id.as_str()), &mut clauses, &mut reader);
    }
    parts.clauses.append(&mut clauses);
    parts.params.extend(raw.param.into_iter().map(|param| reader.param(param)));
    parts.income_items.extend(raw.income_item.into_iter().map(|item| reader.income_item(item)));
    parts.facts.extend(raw.fact.into_iter().filter_map(|fact| reader.fact(fact)));
    parts.contradictions.extend(raw.contradiction.into_iter().map(|one| reader.contradiction(one)));
    parts.views.extend(raw.view.into_iter().map(|view| reader.view(view)));
    parts.coverages.extend(raw.coverage.into_iter().map(|one| reader.coverage(one)));
}

/// Gives a `[[case]]` to the clause written above it.
fn attach(raw: RawCase, owner: Option<&str>, clauses: &mut [Clause], reader: &mut Reader<'_>) {
    let span = raw.name.span();
    let owner = owner.and_then(|id| clauses.iter_mut().rev().find(|clause| clause.id == id));
    match owner {
        Some(clause) => clause.cases.extend(reader.case(raw)),
        None => reader.fault(
            &span,
            "[[case]]前面没有[[clause]]；请把它写在所属规则之后",
            "no [[clause]] stands above this [[case]]; write it below its rule",
        ),
    }
}

/// A head in which nothing is missing.
struct FullHead {
    title: Text,
    source: String,
    year: PolicyYear,
    cases_on: Date,
    area: AreaCode,
}

impl Head {
    /// Takes from the base what the head leaves out; `None` when something is missing in both.
    fn complete(&self, base: Option<&Pack>) -> Option<FullHead> {
        let year = self.year.or(base.map(|b| b.year))?;
        // The cases of a base were written for its day, whatever year an extension is of.
        let cases_on = self.cases_on.or(base.map(|b| b.cases_on));
        Some(FullHead {
            title: self.title.clone().or_else(|| base.map(|b| b.title.clone()))?,
            source: self.source.clone().or_else(|| base.map(|b| b.source.clone()))?,
            year,
            cases_on: cases_on.unwrap_or_else(|| year.last_day()),
            area: self.area.or(base.map(|b| b.area))?,
        })
    }
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

/// The level of an area named in `areas.csv`.
pub(crate) fn level(name: &str) -> Option<AreaLevel> {
    AreaLevel::ALL.into_iter().find(|level| level.as_str() == name)
}
