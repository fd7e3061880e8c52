//! The anchor: position and seal of the newest audit row, kept outside the database.
//!
//! It is signed with the installation's key, so nobody who can only write files or only SQL makes
//! one that fits. It is made with the installation, before there is any row, moves on after each
//! commit, and is never made anew where rows exist: a missing or foreign one is trouble, and while
//! there is trouble nothing is written.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use qb_base::{Digest, Keyring, Text};

use crate::audit::{self, Head};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::place::{Place, failed, private_file, sync_dir};

pub(crate) const MISSING: Text = Text::fixed("文件不存在", "the file is missing");

/// Where the anchor is kept, and what could not be written there yet.
pub(crate) struct Anchors {
    paths: Vec<PathBuf>,
    behind: Mutex<Option<(Head, Text)>>,
}

/// What an anchor file says.
pub(crate) enum Found {
    Missing,
    /// Its bytes or its signature do not fit; the text says which.
    Unfit(Text),
    Head(Head),
}

impl Anchors {
    /// The anchor in the data directory and, if set, in a second place.
    pub(crate) fn of(place: &Place) -> Self {
        let mut paths = vec![place.dir.audit_anchor()];
        paths.extend(place.anchor_copy.clone());
        Self { paths, behind: Mutex::default() }
    }

    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Makes the anchors of a chain that has no row yet; those that are there stay as they are.
    pub(crate) fn make_first(&self, keyring: &Keyring) -> Result<(), StoreError> {
        for path in &self.paths {
            if matches!(read(path, keyring)?, Found::Missing) {
                write(path, keyring, Head::first())?;
            }
        }
        Ok(())
    }

    /// What keeps the store from writing; reads the anchors and the rows they name.
    pub(crate) fn trouble(
        &self,
        conn: &Conn,
        keyring: &Keyring,
    ) -> Result<Option<Text>, StoreError> {
        let behind = self.behind().clone();
        if let Some((head, _)) = behind
            && let Err(why) = self.advance(keyring, head)
        {
            return Ok(Some(why));
        }
        // All files before any row: rows written meanwhile only make the chain longer.
        let found: Vec<_> = self.paths.iter().map(|path| (path, read(path, keyring))).collect();
        for (path, found) in found {
            let what = match found {
                Err(error) => Some(error.text()),
                Ok(Found::Missing) => Some(MISSING),
                Ok(Found::Unfit(what)) => Some(what),
                Ok(Found::Head(head)) => missing_row(conn, head)?,
            };
            if let Some(what) = what {
                return Ok(Some(at(path, &what)));
            }
        }
        Ok(None)
    }

    /// Moves the anchors on after a commit, which has decided the answer already: what goes wrong
    /// here is an alert, and nothing more is written until it is mended.
    pub(crate) fn follow(&self, keyring: &Keyring, head: Head) {
        if let Err(why) = self.advance(keyring, head) {
            tracing::error!(why = %why.en, "the audit anchor cannot be moved on: {}", why.en);
        }
    }

    fn advance(&self, keyring: &Keyring, head: Head) -> Result<(), Text> {
        for path in &self.paths {
            if let Err(error) = move_on(path, keyring, head) {
                let why = at(path, &error.text());
                *self.behind() = Some((head, why.clone()));
                return Err(why);
            }
        }
        let mut behind = self.behind();
        if behind.as_ref().is_some_and(|(waiting, _)| waiting.seq <= head.seq) {
            *behind = None;
        }
        Ok(())
    }

    /// Writes the anchors anew, whatever stood there; only after people have accepted it.
    pub(crate) fn replace(&self, keyring: &Keyring, head: Head) -> Result<(), StoreError> {
        for path in &self.paths {
            write(path, keyring, head)?;
        }
        *self.behind() = None;
        Ok(())
    }

    /// Signs the anchors of a version that did not yet, where they fit the chain; the caller knows
    /// that the store is one of that version.
    pub(crate) fn take_over(&self, conn: &Conn, keyring: &Keyring) -> Result<(), StoreError> {
        for path in &self.paths {
            let Some(head) = unsigned(path)? else { continue };
            if missing_row(conn, head)?.is_none() {
                write(path, keyring, head)?;
            }
        }
        Ok(())
    }

    fn behind(&self) -> std::sync::MutexGuard<'_, Option<(Head, Text)>> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an anchor knows and the chain does not.
fn missing_row(conn: &Conn, anchor: Head) -> Result<Option<Text>, StoreError> {
    let known = match anchor.seq {
        0 => Some(Head::first().hash),
        seq => audit::hash_at(conn, seq)?,
    };
    Ok(match known {
        Some(hash) if hash == anchor.hash => None,
        Some(_) => Some(Text::new(
            format!("审计链第 {} 行与锚不符：该行被换过，或锚属于另一个库", anchor.seq),
            format!(
                "row {} of the audit chain differs from the anchor: the row was exchanged, or the \
                 anchor belongs to another store",
                anchor.seq
            ),
        )),
        None => Some(Text::new(
            format!("锚记着审计链第 {} 行，库里却没有：末尾的行被删去，或库是旧的备份", anchor.seq),
            format!(
                "the anchor knows row {} of the audit chain and the store has none: rows were cut \
                 off at its end, or the store is an older backup",
                anchor.seq
            ),
        )),
    })
}

fn at(path: &Path, what: &Text) -> Text {
    let path = path.display();
    Text::new(format!("审计锚“{path}”：{}", what.zh), format!("audit anchor {path}: {}", what.en))
}

/// Writers of several processes meet here after their commits: they take turns, and an older seal
/// never replaces a newer one.
fn move_on(path: &Path, keyring: &Keyring, head: Head) -> Result<(), StoreError> {
    let lock = path.with_extension("anchor.lock");
    let turn = private_file(&lock).map_err(|error| failed(&lock, &error))?;
    turn.lock().map_err(|error| failed(&lock, &error))?;
    match read(path, keyring)? {
        Found::Head(known) if known.seq >= head.seq => Ok(()),
        Found::Head(_) => write(path, keyring, head),
        Found::Missing => Err(unfit(path, MISSING)),
        Found::Unfit(what) => Err(unfit(path, what)),
    }
}

fn unfit(path: &Path, message: Text) -> StoreError {
    StoreError::Place { path: path.display().to_string(), message }
}

/// Reads an anchor file.
pub(crate) fn read(path: &Path, keyring: &Keyring) -> Result<Found, StoreError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(failed(path, &error)),
    };
    let mut words = text.split_ascii_whitespace();
    let parsed = (|| {
        let seq = words.next()?.parse().ok()?;
        let head = Head { seq, hash: Digest::parse(words.next()?)? };
        let seal = Digest::parse(words.next()?)?;
        words.next().is_none().then_some((head, seal))
    })();
    Ok(match parsed {
        Some((head, seal)) if seal == sign(keyring, head) => Found::Head(head),
        Some(_) => Found::Unfit(Text::fixed(
            "签名不符：不是用本库的密钥写的",
            "its signature does not fit: it was not written with the key of this store",
        )),
        None => Found::Unfit(Text::fixed("内容读不懂", "its content cannot be read")),
    })
}

/// What an anchor of a version says that did not sign it; nothing for any other file.
fn unsigned(path: &Path) -> Result<Option<Head>, StoreError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if [ErrorKind::NotFound, ErrorKind::InvalidData].contains(&error.kind()) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(path, &error)),
    };
    let mut words = text.split_ascii_whitespace();
    let head = (|| {
        let seq = words.next()?.parse().ok()?;
        Some(Head { seq, hash: Digest::parse(words.next()?)? })
    })();
    Ok(head.filter(|_| words.next().is_none()))
}

/// Writes beside the file, syncs, renames and syncs the folder: a power cut leaves the old anchor
/// or the new one.
fn write(path: &Path, keyring: &Keyring, head: Head) -> Result<(), StoreError> {
    let part = path.with_extension("anchor.part");
    let line = format!("{} {} {}\n", head.seq, head.hash, sign(keyring, head));
    let written = private_file(&part).and_then(|mut file| {
        file.set_len(0)?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| failed(&part, &error))?;
    fs::rename(&part, path).map_err(|error| failed(path, &error))?;
    sync_dir(path)
}

/// An anchor has three fields where an audit row has eleven, so neither passes for the other.
fn sign(keyring: &Keyring, head: Head) -> Digest {
    keyring.audit_seal(&[b"anchor", &head.seq.to_le_bytes(), &head.hash.0])
}
