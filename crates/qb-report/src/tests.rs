//! A small report that the tests of this crate share.

use std::collections::BTreeMap;
use std::path::Path;

use qb_base::{AreaCode, Digest, Timestamp};
use qb_policy::{Decimal, Pack, PackSource};

use crate::{AnnualReport, Evidence, Provenance, ReferenceValue, annual};

pub(crate) fn pack() -> Pack {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pack");
    Pack::load(PackSource::Folder(&folder)).unwrap_or_else(|faults| panic!("{faults}"))
}

pub(crate) fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

pub(crate) fn evidence() -> Evidence {
    let values = |number: &str| BTreeMap::from([("G08".to_owned(), decimal(number))]);
    let outside =
        |number: &str| ReferenceValue { value: decimal(number), source: "bureau 2017".to_owned() };
    Evidence {
        computed: BTreeMap::from([
            ("G08".to_owned(), decimal("202367")),
            ("V15".to_owned(), decimal("180000.05")),
        ]),
        by_county: BTreeMap::from([
            (AreaCode::parse("320321").unwrap(), values("102401")),
            (AreaCode::parse("320322").unwrap(), values("99966")),
        ]),
        reference: BTreeMap::from([
            ("P08".to_owned(), outside("3210")),
            ("P14".to_owned(), outside("68164300")),
        ]),
        ..Evidence::default()
    }
}

/// The usual evidence with one value changed, from rows or from outside as the fact has it.
pub(crate) fn evidence_with(id: &str, value: &str) -> Evidence {
    let mut evidence = evidence();
    match evidence.reference.get_mut(id) {
        Some(outside) => outside.value = decimal(value),
        None => {
            evidence.computed.insert(id.to_owned(), decimal(value));
        }
    }
    evidence
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        known_at: None,
        pack: "report-test".to_owned(),
        pack_digest: Digest::of(b"pack"),
        snapshot: Some(Digest::of(b"snapshot")),
        run: Some("run-1".to_owned()),
        is_synthetic: false,
        program: "0.1.0".to_owned(),
        audit_head: Some(Digest::of(b"audit").to_string()),
        audit_entries: 7,
        made_at: Timestamp(1_483_200_000_000),
    }
}

pub(crate) fn report() -> AnnualReport {
    annual(&pack(), &evidence(), provenance()).unwrap_or_else(|fault| panic!("{fault}"))
}
