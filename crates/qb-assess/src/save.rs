//! Writes a score into the store.

use qb_base::env;
use qb_policy::{Decimal, Ratio};
use qb_store::{StoreError, Tx, Value};

use crate::model::{Object, ObjectScore};

/// What names a frozen score.
pub(crate) struct Head<'a> {
    pub(crate) run: i64,
    pub(crate) scheme: &'a str,
    pub(crate) year: i16,
    pub(crate) snapshot: &'a str,
    pub(crate) pack: &'a str,
    pub(crate) digest: &'a str,
}

pub(crate) fn run(tx: &Tx<'_>, head: &Head<'_>) -> Result<(), StoreError> {
    let sql = "insert into score_run (id, scheme, policy_year, snapshot_digest, pack_digest, \
               digest, frozen_at, revision, state) values ($1, $2, $3, $4, $5, $6, $7, 0, 'frozen')";
    let values = [
        head.run.into(),
        head.scheme.into(),
        i64::from(head.year).into(),
        head.snapshot.into(),
        head.pack.into(),
        head.digest.into(),
        env::now().0.into(),
    ];
    tx.execute(sql, &values).map(|_| ())
}

/// Values and results of one revision.
pub(crate) fn revision(
    tx: &Tx<'_>,
    run: i64,
    revision: i64,
    objects: &[Object],
    scores: &[ObjectScore],
) -> Result<(), StoreError> {
    inputs(tx, run, revision, objects)?;
    for score in scores {
        items(tx, run, revision, score)?;
        total(tx, run, revision, score)?;
    }
    Ok(())
}

fn inputs(tx: &Tx<'_>, run: i64, revision: i64, objects: &[Object]) -> Result<(), StoreError> {
    let columns = &["run_id", "revision", "object", "kind", "name", "numerator", "denominator"];
    let mut rows = tx.bulk("score_input", columns)?;
    for object in objects {
        let values = object.values.iter().map(|(name, value)| ("value", name, *value));
        let counts = object.counts.iter().map(|(name, value)| ("count", name, *value));
        let vetoes = object.vetoes.iter().map(|name| ("veto", name, Ratio::ONE));
        for (kind, name, value) in values.chain(counts).chain(vetoes) {
            let over = value.numerator().to_string();
            let under = value.denominator().to_string();
            rows.push(&[
                run.into(),
                revision.into(),
                (&object.id).into(),
                kind.into(),
                name.into(),
                (&over).into(),
                (&under).into(),
            ])?;
        }
    }
    rows.finish()
}

fn items(tx: &Tx<'_>, run: i64, revision: i64, score: &ObjectScore) -> Result<(), StoreError> {
    let sql = "insert into score_item (run_id, revision, object, position, item, raw, points, \
               lost, left_out) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    for (position, item) in score.items.iter().enumerate() {
        let raw = text(item.raw);
        let (points, lost) = (item.points.to_string(), item.lost.to_string());
        let values = [
            run.into(),
            revision.into(),
            (&score.object).into(),
            qb_base::count(position).into(),
            (&item.id).into(),
            Value::from(raw.as_ref()),
            (&points).into(),
            (&lost).into(),
            item.left_out.into(),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

fn total(tx: &Tx<'_>, run: i64, revision: i64, score: &ObjectScore) -> Result<(), StoreError> {
    let sql = "insert into score_total (run_id, revision, object, base, deduct, bonus, vetoes, \
               total, grade, place, group_id, group_place, incomplete) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let (base, deduct) = (score.base.to_string(), score.deduct.to_string());
    let (bonus, total) = (score.bonus.to_string(), text(score.total));
    let (vetoes, incomplete) = (score.veto.join(" "), score.incomplete.join(" "));
    let values = [
        run.into(),
        revision.into(),
        (&score.object).into(),
        (&base).into(),
        (&deduct).into(),
        (&bonus).into(),
        (&vetoes).into(),
        Value::from(total.as_ref()),
        Value::from(score.grade.as_ref()),
        Value::from(score.rank.map(i64::from)),
        Value::from(score.group.as_ref()),
        Value::from(score.group_rank.map(i64::from)),
        (&incomplete).into(),
    ];
    tx.execute(sql, &values).map(|_| ())
}

fn text(value: Option<Decimal>) -> Option<String> {
    value.map(|value| value.to_string())
}
