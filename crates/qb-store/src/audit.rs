//! The audit chain: one sealed row per change, each over the row before it.

use qb_base::{Digest, Keyring, Text, Timestamp, env, personal};

use crate::conn::Conn;
use crate::error::StoreError;
use crate::value::{Row, Value};

/// What a command writes about itself. Object is an id or a digest, never content.
#[derive(Clone, Debug)]
pub struct AuditEntry<'a> {
    /// Who: a login, or `system`.
    pub actor: &'a str,
    /// What kind of change: `import.file`, `session.open`, `id.reveal` …
    pub action: &'static str,
    /// On which object.
    pub object: &'a str,
    /// Digest of the object before the change.
    pub before: Option<Digest>,
    /// Digest of the object after the change.
    pub after: Option<Digest>,
    /// Why, in the actor's words or the clause's id.
    pub reason: &'a str,
}

/// Position and seal of the newest row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Digest,
}

impl Head {
    /// Before the first row: the seal that it is chained to.
    pub(crate) fn first() -> Self {
        Self { seq: 0, hash: Digest::of(b"qibang audit chain") }
    }
}

/// One row of the chain.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditRow {
    /// Position in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On which object.
    pub object: String,
    /// Digest before.
    pub before: Option<String>,
    /// Digest after.
    pub after: Option<String>,
    /// Why.
    pub reason: String,
    previous: String,
    hash: String,
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditBreak {
    /// The first row that does not fit.
    pub seq: i64,
    /// What does not fit.
    pub what: Text,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditReport {
    /// Rows read.
    pub rows: i64,
    /// Seal of the newest row, printed on reports as an anchor.
    pub head: Option<String>,
    /// The first break, if any.
    pub broken: Option<AuditBreak>,
}

const SELECT_HEAD: &str = "select seq, hash from audit order by seq desc limit 1";
const SELECT_ALL: &str = "select seq, at_at, actor, action, object, before_digest, after_digest, \
     reason, previous_hash, hash from audit order by seq";
const SELECT_NEWEST: &str = "select seq, at_at, actor, action, object, before_digest, \
     after_digest, reason, previous_hash, hash from audit order by seq desc limit $1";
const SELECT_NEWEST_OF: &str = "select seq, at_at, actor, action, object, before_digest, \
     after_digest, reason, previous_hash, hash from audit where action = $1 \
     order by seq desc limit 1";
const INSERT: &str = "insert into audit (seq, at_at, actor, action, object, before_digest, \
     after_digest, reason, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

pub(crate) fn head(conn: &Conn) -> Result<Option<Head>, StoreError> {
    conn.query_opt(SELECT_HEAD, &[], |row| {
        let wrong = StoreError::Type { column: 1, expected: "digest" };
        Ok(Head { seq: row.int(0)?, hash: Digest::parse(&row.text(1)?).ok_or(wrong)? })
    })
}

/// The seal of one row.
pub(crate) fn hash_at(conn: &Conn, seq: i64) -> Result<Option<Digest>, StoreError> {
    conn.query_opt("select hash from audit where seq = $1", &[seq.into()], |row| {
        let wrong = StoreError::Type { column: 0, expected: "digest" };
        Digest::parse(&row.text(0)?).ok_or(wrong)
    })
}

pub(crate) fn append(
    conn: &Conn,
    keyring: &Keyring,
    entry: &AuditEntry<'_>,
) -> Result<Head, StoreError> {
    let last = head(conn)?.unwrap_or_else(Head::first);
    let mut row = AuditRow {
        seq: last.seq + 1,
        at: env::now(),
        actor: entry.actor.to_owned(),
        action: entry.action.to_owned(),
        object: entry.object.to_owned(),
        before: entry.before.map(|d| d.to_string()),
        after: entry.after.map(|d| d.to_string()),
        // What stands in the chain cannot be taken out again.
        reason: personal::covered(entry.reason).unwrap_or_else(|| entry.reason.to_owned()),
        previous: last.hash.to_string(),
        hash: String::new(),
    };
    let hash = row.seal(keyring);
    row.hash = hash.to_string();
    conn.execute(
        INSERT,
        &[
            row.seq.into(),
            row.at.0.into(),
            (&row.actor).into(),
            (&row.action).into(),
            (&row.object).into(),
            Value::from(row.before.as_ref()),
            Value::from(row.after.as_ref()),
            (&row.reason).into(),
            (&row.previous).into(),
            (&row.hash).into(),
        ],
    )?;
    Ok(Head { seq: row.seq, hash })
}

impl AuditRow {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.int(0)?,
            at: Timestamp(row.int(1)?),
            actor: row.text(2)?,
            action: row.text(3)?,
            object: row.text(4)?,
            before: row.text_opt(5)?,
            after: row.text_opt(6)?,
            reason: row.text(7)?,
            previous: row.text(8)?,
            hash: row.text(9)?,
        })
    }

    /// Whether a key sealed the row.
    pub(crate) fn is_sealed_by(&self, keyring: &Keyring) -> bool {
        self.hash == self.seal(keyring).to_string()
    }

    fn seal(&self, keyring: &Keyring) -> Digest {
        keyring.audit_seal(&[
            self.previous.as_bytes(),
            &self.seq.to_le_bytes(),
            &self.at.0.to_le_bytes(),
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.object.as_bytes(),
            // One byte tells an absent digest from an empty one.
            &[u8::from(self.before.is_some())],
            self.before.as_deref().map_or(b"", str::as_bytes),
            &[u8::from(self.after.is_some())],
            self.after.as_deref().map_or(b"", str::as_bytes),
            self.reason.as_bytes(),
        ])
    }
}

pub(crate) fn newest(conn: &Conn, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    conn.query(SELECT_NEWEST, &[limit.into()], AuditRow::read)
}

impl Conn {
    /// The newest row of the audit chain about one kind of change.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn audit_newest_of(&self, action: &str) -> Result<Option<AuditRow>, StoreError> {
        self.query_opt(SELECT_NEWEST_OF, &[action.into()], AuditRow::read)
    }
}

/// Reads the whole chain and compares it with the anchors kept outside the database.
///
/// Finds a changed, deleted, inserted, swapped, re-dated or forged row, and a cut tail.
pub(crate) fn verify(
    conn: &Conn,
    keyring: &Keyring,
    anchors: &[Head],
) -> Result<AuditReport, StoreError> {
    let mut expected = Head::first();
    let mut broken: Option<AuditBreak> = None;
    let mut unseen: Vec<Head> = anchors.iter().copied().filter(|a| *a != expected).collect();
    let mut rows = 0;
    conn.each(SELECT_ALL, &[], |row| {
        rows += 1;
        if broken.is_some() {
            return Ok::<(), StoreError>(());
        }
        let row = AuditRow::read(row)?;
        let seal = row.seal(keyring);
        let differs = unseen.iter().any(|a| a.seq == row.seq && a.hash != seal);
        let what = row.misfit(expected, seal).or_else(|| differs.then(|| OTHER.clone()));
        broken = what.map(|what| AuditBreak { seq: row.seq, what });
        unseen.retain(|a| a.seq != row.seq);
        expected = Head { seq: row.seq, hash: seal };
        Ok(())
    })?;
    if broken.is_none() && !unseen.is_empty() {
        broken = Some(AuditBreak { seq: expected.seq, what: CUT.clone() });
    }
    let head = (rows > 0).then(|| expected.hash.to_string());
    Ok(AuditReport { rows, head, broken })
}

const OTHER: Text =
    Text::fixed("此行与库外的锚不符", "the row differs from the anchor kept outside the database");
const CUT: Text = Text::fixed(
    "此行之后的行被删去：库外的锚记着它们",
    "rows after this one were cut off: the anchor kept outside knows of them",
);

impl AuditRow {
    /// Why a row cannot follow another.
    fn misfit(&self, before: Head, seal: Digest) -> Option<Text> {
        if self.seq != before.seq + 1 {
            Some(Text::fixed(
                "此行之前少了一行，或次序不对",
                "a row is missing or out of order before this one",
            ))
        } else if self.previous != before.hash.to_string() {
            Some(Text::fixed("此行与前一行不相接", "the row is not chained to the one before it"))
        } else if self.hash != seal.to_string() {
            Some(Text::fixed("此行封存后被改过", "the row was changed after it was sealed"))
        } else {
            None
        }
    }
}
