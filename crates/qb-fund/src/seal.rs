//! Digests over entries: of what one says, and of everything before it.

use qb_base::{Digest, Digester};

/// What an entry says, as it is stored.
pub(crate) struct Content<'a> {
    pub(crate) kind: &'a str,
    pub(crate) on_day: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) reverses: Option<&'a str>,
    pub(crate) source_record: Option<i64>,
    pub(crate) describes: Option<&'a str>,
    pub(crate) postings: &'a [(String, i64)],
}

impl Content<'_> {
    /// The digest by which a second posting under the same id is compared with the first.
    pub(crate) fn digest(&self) -> Digest {
        let mut digest = Digester::new();
        let said = [self.kind, self.on_day, self.reason].map(Some);
        for text in said.into_iter().chain([self.reverses, self.describes]) {
            // Sealed as blank where an entry takes none back or describes none.
            digest.field(text.unwrap_or_default().as_bytes());
        }
        // The first number tells a missing record from record 0.
        match self.source_record {
            Some(record) => digest.int(1).int(record),
            None => digest.int(0).int(0),
        };
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
