//! Digests over entries: of what one says, and of everything before it.

use qb_base::{Digest, Digester};

/// What an entry says, as it is stored.
pub(crate) struct Content<'a> {
    pub(crate) kind: &'a str,
    pub(crate) on_day: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) reverses: &'a str,
    pub(crate) source_record: Option<i64>,
    pub(crate) describes: &'a str,
    pub(crate) postings: &'a [(String, i64)],
}

impl Content<'_> {
    /// The digest by which a second posting under the same id is compared with the first.
    pub(crate) fn digest(&self) -> Digest {
        let mut digest = Digester::new();
        for text in [self.kind, self.on_day, self.reason, self.reverses, self.describes] {
            digest.field(text.as_bytes());
        }
        digest.int(i64::from(self.source_record.is_some()));
        // The field before tells a missing record from record 0.
        digest.int(self.source_record.unwrap_or_default());
        for (account, amount) in self.postings {
            digest.field(account.as_bytes()).int(*amount);
        }
        digest.finish()
    }
}

/// What the first entry is chained to.
pub(crate) fn genesis() -> Digest {
    Digest::of(b"qibang ledger")
}

/// The digest over an entry and all before it.
pub(crate) fn chained(
    before: Digest,
    entry: i64,
    client_id: &str,
    content: Digest,
    recorded_at: i64,
) -> Digest {
    let mut digest = Digester::new();
    digest.raw(&before.0).int(entry).field(client_id.as_bytes());
    digest.raw(&content.0).int(recorded_at);
    digest.finish()
}
