//! Keys of an installation: sealing of personal numbers, blind indices, and the audit chain.
//!
//! Sealing is deterministic (nonce-misuse-resistant AEAD whose nonce is the beginning of the text's
//! blind index): the same number always seals to the same bytes, so an import that was interrupted
//! and rerun ends in the same tables. What nonce and equality of two ciphertexts tell, the blind
//! index beside them tells anyway.

use std::fmt;

use aes_gcm_siv::aead::{Aead, AeadInOut, KeyInit, Payload};
use aes_gcm_siv::aes::Aes256Enc;
use aes_gcm_siv::{AesGcmSiv, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::digest::Digest;

type HmacSha256 = Hmac<Sha256>;
/// AES-256-GCM-SIV. The cipher derives a key for each nonce and never runs AES backwards, so the
/// key schedule for that direction, which costs more than sealing a number, is left out.
type Cipher = AesGcmSiv<Aes256Enc>;

/// First byte of each ciphertext: which algorithm, binding and key generation sealed it.
const ALGORITHM_AES256_GCM_SIV: u8 = 2;
/// The first byte of those that older versions sealed for a purpose only.
const UNBOUND: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Bytes of the master key file.
pub const MASTER_KEY_BYTES: usize = 32;

/// An encrypted text: algorithm id, nonce, ciphertext with tag.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A keyed hash under which a number can be found without being read: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex(pub [u8; 16]);

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(…)")
    }
}

/// What a sealed text is about; texts of one purpose cannot be opened as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Identity numbers.
    ResidentNumber,
    /// Telephone numbers.
    Phone,
    /// Cells of refused rows, kept until the clerk has corrected them.
    RefusedRow,
    /// Personal columns of a dataset's row.
    Record,
    /// Search words, which addresses carry sealed.
    Search,
    /// A piece of a file that waits for a second person.
    WaitingFile,
    /// What a person states of an event until somebody decides about it.
    Event,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::ResidentNumber => b"resident-number",
            Self::Phone => b"phone",
            Self::RefusedRow => b"refused-row",
            Self::Record => b"record",
            Self::Search => b"search",
            Self::WaitingFile => b"waiting-file",
            Self::Event => b"event",
        }
    }
}

/// A sealed text could not be opened: wrong key, purpose or row, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sealed value could not be opened: it was changed or taken from another row, or the key is \
     another one"
)]
pub struct SealBroken;

/// The keys of one installation, derived from its master key.
#[derive(Clone)]
pub struct Keyring {
    cipher: Cipher,
    blind: HmacSha256,
    audit: HmacSha256,
    token: HmacSha256,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// Derives the keys from a master key, and leaves none of them behind in memory but inside the
    /// value.
    pub fn new(master: &[u8; MASTER_KEY_BYTES]) -> Self {
        let derive = |label: &[u8]| {
            let mut mac = keyed(master);
            mac.update(label);
            let key: [u8; MASTER_KEY_BYTES] = mac.finalize().into_bytes().into();
            Zeroizing::new(key)
        };
        Self {
            cipher: Cipher::new((&*derive(b"qibang seal 1")).into()),
            blind: keyed(&*derive(b"qibang blind 1")),
            audit: keyed(&*derive(b"qibang audit 1")),
            token: keyed(&*derive(b"qibang token 1")),
        }
    }

    /// Encrypts a text for one row; it opens in no other. `row` names it as the tables do, such as
    /// by its number, in the same words for sealing and opening.
    pub fn seal(&self, purpose: Purpose, row: &[&str], text: &[u8]) -> Sealed {
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + text.len() + TAG_BYTES);
        self.seal_into(purpose, row, text, &mut sealed);
        Sealed(sealed)
    }

    /// Appends what [`Self::seal`] gives, and answers the index of [`Self::blind`], which it needs
    /// anyway.
    pub fn seal_into(
        &self,
        purpose: Purpose,
        row: &[&str],
        text: &[u8],
        out: &mut Vec<u8>,
    ) -> BlindIndex {
        let index = self.blind(purpose, text);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&index.0[..NONCE_BYTES]);
        out.push(ALGORITHM_AES256_GCM_SIV);
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(text);
        let body = &mut out[start..];
        let nonce = Nonce::from(nonce);
        match self.cipher.encrypt_inout_detached(&nonce, &bound(purpose, row), body.into()) {
            Ok(tag) => out.extend_from_slice(&tag),
            // The cipher refuses only texts of 2³⁶ bytes; such a text seals to nothing and never
            // opens.
            Err(_) => out.truncate(start),
        }
        index
    }

    /// Decrypts what [`Self::seal`] encrypted for the same purpose and row.
    ///
    /// # Errors
    /// [`SealBroken`] when a byte was changed or the key, purpose or row is another one.
    pub fn open(
        &self,
        purpose: Purpose,
        row: &[&str],
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealBroken> {
        self.opened(ALGORITHM_AES256_GCM_SIV, &bound(purpose, row), sealed)
    }

    /// What an older version sealed for a purpose only, sealed for a row; what is bound already
    /// stays as it is.
    ///
    /// # Errors
    /// [`SealBroken`] when a byte was changed or the key, purpose or row is another one.
    pub fn bind(
        &self,
        purpose: Purpose,
        row: &[&str],
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealBroken> {
        if sealed.first() != Some(&UNBOUND) {
            return self.open(purpose, row, sealed).map(|_| sealed.to_vec());
        }
        let text = Zeroizing::new(self.opened(UNBOUND, purpose.label(), sealed)?);
        Ok(self.seal(purpose, row, &text).0)
    }

    fn opened(&self, algorithm: u8, bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let (head, body) = sealed.split_at_checked(1 + NONCE_BYTES).ok_or(SealBroken)?;
        if head[0] != algorithm {
            return Err(SealBroken);
        }
        let nonce: [u8; NONCE_BYTES] = head[1..].try_into().map_err(|_| SealBroken)?;
        let payload = Payload { msg: body, aad: bound };
        self.cipher.decrypt(&Nonce::from(nonce), payload).map_err(|_| SealBroken)
    }

    /// The index under which a text can be found again.
    pub fn blind(&self, purpose: Purpose, text: &[u8]) -> BlindIndex {
        let tag = mac(&self.blind, &[purpose.label(), text]);
        let mut index = [0; 16];
        index.copy_from_slice(&tag[..16]);
        BlindIndex(index)
    }

    /// The seal of one audit row over the row before it.
    pub fn audit_seal(&self, fields: &[&[u8]]) -> Digest {
        Digest(mac(&self.audit, fields))
    }

    /// The hash under which a session token is stored.
    pub fn token_hash(&self, token: &[u8]) -> Digest {
        Digest(mac(&self.token, &[token]))
    }
}

#[expect(clippy::expect_used, reason = "HMAC accepts keys of every length")]
fn keyed(key: &[u8]) -> HmacSha256 {
    <HmacSha256 as KeyInit>::new_from_slice(key).expect("hmac takes any key")
}

/// What a sealed text is bound to: its purpose and the fields that name its row, each with its
/// length before it, so that no two rows look alike.
fn bound(purpose: Purpose, row: &[&str]) -> Vec<u8> {
    let label = purpose.label();
    let length = row.iter().map(|field| field.len() + 8).sum::<usize>();
    let mut bound = Vec::with_capacity(label.len() + length);
    bound.extend_from_slice(label);
    for field in row {
        bound.extend_from_slice(&(field.len() as u64).to_le_bytes());
        bound.extend_from_slice(field.as_bytes());
    }
    bound
}

/// Authenticates fields, each with its length before it.
fn mac(keyed: &HmacSha256, fields: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed.clone();
    for field in fields {
        mac.update(&(field.len() as u64).to_le_bytes());
        mac.update(field);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
