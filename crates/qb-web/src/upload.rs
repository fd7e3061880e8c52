//! Files on their way in: streamed to a folder of their own, bounded in bytes, pieces and time,
//! under names we choose.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use axum::body::{Body, HttpBody};
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use hyper::body::{Bytes, Frame};
use qb_base::env::Stopwatch;
use qb_base::{AreaCode, Digest, Text, env};
use tokio::io::AsyncWriteExt;

use crate::cache::held;
use crate::fault::Fault;
use crate::session::Viewer;
use crate::state::AppState;

/// Bytes of one upload, all files together.
pub(crate) const UPLOAD_BYTES_MAX: u64 = 512 * MB;
/// Bytes of a megabyte as pages and settings count it.
pub(crate) const MB: u64 = 1024 * 1024;
/// Bytes a second that an upload must bring on the whole, after its first moments.
const BYTES_A_SECOND_MIN: u64 = 8 * 1024;
/// Bytes of an upload in memory: a piece of a file, or the head of one.
const PIECE_BYTES_MAX: u64 = 256 * 1024;
/// Bytes of a refused upload that are taken and thrown away, so that the browser reads the answer.
const DRAINED_BYTES_MAX: u64 = 64 * MB;
/// Bytes of an upload beside its files: the heads of all of them, and the fields.
const HEADS_BYTES_MAX: u64 = MB;
/// Files of one upload.
const FILES_MAX: usize = 400;
/// Plain fields of one upload.
const FIELDS_MAX: usize = 16;
/// Bytes of one plain field of an upload.
const FIELD_BYTES_MAX: usize = 4 * 1024;
/// Characters kept of a file's own name.
const NAME_CHARS_MAX: usize = 120;
/// Bytes of the random name of an upload's folder.
const BATCH_BYTES: usize = 16;
/// File beside the uploaded ones that says who handed them in.
const OWNER: &str = "owner";
/// File beside the uploaded ones that says for which area.
const AREA: &str = "area";

/// Bytes that may lie here and wait to be confirmed or imported.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Of one account.
    pub account_bytes: u64,
    /// Of all accounts that act for one area.
    pub area_bytes: u64,
}

impl Quota {
    /// A quota in megabytes.
    pub fn of_mb(account: u64, area: u64) -> Self {
        Self { account_bytes: account.saturating_mul(MB), area_bytes: area.saturating_mul(MB) }
    }
}

impl Default for Quota {
    /// Four uploads of the greatest size for an account, eight for an area.
    fn default() -> Self {
        Self { account_bytes: 4 * UPLOAD_BYTES_MAX, area_bytes: 8 * UPLOAD_BYTES_MAX }
    }
}

/// Who hands something in, and for which area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    user_id: i64,
    area: AreaCode,
}

impl Sender {
    pub(crate) fn of(viewer: &Viewer) -> Self {
        Self { user_id: viewer.user_id, area: viewer.area }
    }

    fn read(folder: &Path) -> Option<Self> {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let (user_id, area) = (text(OWNER)?.parse().ok()?, AreaCode::parse(&text(AREA)?).ok()?);
        Some(Self { user_id, area })
    }

    async fn write(&self, folder: &Path) -> std::io::Result<()> {
        tokio::fs::write(folder.join(OWNER), self.user_id.to_string()).await?;
        tokio::fs::write(folder.join(AREA), self.area.to_string()).await
    }
}

/// What is being received, so that several uploads at once do not pass the quota together.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashMap<String, (Sender, u64)>>);

/// A place kept for an upload; given back with this value.
struct Kept<'a> {
    app: &'a AppState,
    name: String,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        held(&self.app.receiving.0).remove(&self.name);
    }
}

/// Keeps a place of so many bytes in the quota of a sender, or says what stands against it.
fn keep<'a>(app: &'a AppState, sender: Sender, name: &str, bytes: u64) -> Result<Kept<'a>, Fault> {
    let mut receiving = held(&app.receiving.0);
    let (mut own, mut of_area) = (bytes, bytes);
    let waiting = waiting(app).into_iter().filter(|upload| !receiving.contains_key(&upload.name));
    let lying = waiting.map(|upload| (upload.sender, upload.bytes));
    for (other, bytes) in lying.chain(receiving.values().copied()) {
        if other.user_id == sender.user_id {
            own = own.saturating_add(bytes);
        }
        if other.area == sender.area {
            of_area = of_area.saturating_add(bytes);
        }
    }
    let quota = app.settings.quota;
    if own > quota.account_bytes {
        return Err(over_quota(own - bytes, quota.account_bytes, ("您", "you")));
    }
    if of_area > quota.area_bytes {
        let whose = ("本地区各账号", "the accounts of your area");
        return Err(over_quota(of_area - bytes, quota.area_bytes, whose));
    }
    receiving.insert(name.to_owned(), (sender, bytes));
    Ok(Kept { app, name: name.to_owned() })
}

fn over_quota(lying: u64, allowed: u64, (zh, en): (&str, &str)) -> Fault {
    let (lying, allowed) = ((lying / MB).to_string(), (allowed / MB).to_string());
    Fault::OverQuota(
        Text::fixed(
            "{zh}已上传但尚未导入的文件有 {lying} MB,加上这次将超过 {allowed} MB 的上限,这次没有保存",
            "Files that {en} sent and that are not imported yet take {lying} MB; with this upload they would pass the limit of {allowed} MB, so nothing of it was kept",
        )
        .fill(&[("zh", zh), ("en", en), ("lying", &lying), ("allowed", &allowed)]),
    )
}

/// An upload that lies here.
pub(crate) struct Waiting {
    /// The name of its folder.
    pub(crate) name: String,
    /// Who handed it in.
    pub(crate) sender: Sender,
    /// Bytes of its files.
    pub(crate) bytes: u64,
    /// Names of its files.
    pub(crate) files: Vec<String>,
    /// When it came, in milliseconds.
    pub(crate) at_ms: i64,
}

/// All uploads that lie here.
fn waiting(app: &AppState) -> Vec<Waiting> {
    folders(app)
        .into_iter()
        .filter_map(|(name, folder)| {
            let sender = Sender::read(&folder)?;
            let at_ms = changed_ms(&folder)?;
            let files = files_in(&folder).ok()?;
            let bytes = files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len());
            let bytes = bytes.sum();
            let names = files.iter().filter_map(|file| file.file_name());
            let files = names.map(|name| name.to_string_lossy().into_owned()).collect();
            Some(Waiting { name, sender, bytes, files, at_ms })
        })
        .collect()
}

/// The uploads of a sender that lie here, the newest first.
pub(crate) fn waiting_of(app: &AppState, viewer: &Viewer) -> Vec<Waiting> {
    let mut own: Vec<Waiting> = waiting(app)
        .into_iter()
        .filter(|upload| upload.sender.user_id == viewer.user_id)
        .filter(|upload| !held(&app.receiving.0).contains_key(&upload.name))
        .collect();
    own.sort_by_key(|upload| std::cmp::Reverse(upload.at_ms));
    own
}

/// Whether a folder holds what this account handed in.
pub(crate) fn is_owned_by(folder: &Path, user_id: i64) -> bool {
    std::fs::read_to_string(folder.join(OWNER)).is_ok_and(|owner| owner == user_id.to_string())
}

/// What one upload brought.
pub(crate) struct Batch {
    /// The plain fields.
    pub(crate) fields: Vec<(String, String)>,
    /// The files, on disk.
    pub(crate) files: Vec<PathBuf>,
    /// The folder they lie in.
    pub(crate) folder: PathBuf,
}

impl Batch {
    /// Removes the files again.
    pub(crate) fn discard(&self) {
        // A folder that stays behind is removed with the next cleaning of the uploads.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder that is removed again unless the upload is complete, also when its sender hangs up.
struct Folder {
    path: PathBuf,
    is_complete: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_complete {
            // What stays behind is removed with the next cleaning of the uploads.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Receives an upload into a fresh folder; on any fault nothing stays.
///
/// `piece` is the time for each piece of it, and what it may lag behind the least rate.
pub(crate) async fn receive(
    app: &AppState,
    request: Request,
    sender: Sender,
    piece: Duration,
) -> Result<Batch, Fault> {
    let (parts, body) = request.into_parts();
    // A length that is not said may be the greatest.
    let length = HttpBody::size_hint(&body).exact().unwrap_or(UPLOAD_BYTES_MAX);
    let name = random_name()?;
    let kept = match length {
        length if length > UPLOAD_BYTES_MAX + HEADS_BYTES_MAX => Err(Fault::TooLarge),
        length => keep(app, sender, &name, length),
    };
    let place = match kept {
        Ok(place) => place,
        Err(fault) => {
            drain(body, piece).await;
            return Err(fault);
        }
    };
    let mut folder = Folder { path: app.uploads().join(name), is_complete: false };
    tokio::fs::create_dir_all(&folder.path).await.map_err(unwritten)?;
    sender.write(&folder.path).await.map_err(unwritten)?;
    let meter = Arc::new(Meter::default());
    let request = Request::from_parts(parts, Body::new(Metered::new(body, &meter)));
    let pace = Pace { piece, since: Stopwatch::start(), meter };
    let (fields, files) = fill(&folder.path, request, &pace).await?;
    folder.is_complete = true;
    drop(place);
    Ok(Batch { fields, files, folder: folder.path.clone() })
}

/// Takes what is still being sent, within bounds, so that the answer arrives.
async fn drain(body: Body, piece: Duration) {
    let drained = async {
        let (mut body, mut left) = (body, DRAINED_BYTES_MAX);
        while let Some(Ok(frame)) =
            std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
        {
            // What is not data is a trailer behind it.
            let Some(data) = frame.data_ref() else { continue };
            let Some(rest) = left.checked_sub(data.len() as u64) else { return };
            left = rest;
        }
    };
    // Whoever is slower than that does not learn why it was refused.
    let _ = tokio::time::timeout(piece, drained).await;
}

/// What has passed of a body, and how much may.
#[derive(Default)]
struct Meter {
    passed: AtomicU64,
    allowed: AtomicU64,
}

impl Meter {
    fn left(&self) -> u64 {
        let allowed = self.allowed.load(Ordering::Relaxed);
        allowed.saturating_sub(self.passed.load(Ordering::Relaxed))
    }

    fn allow_further(&self, bytes: u64) {
        self.allowed.store(self.passed.load(Ordering::Relaxed) + bytes, Ordering::Relaxed);
    }
}

/// A body of which no more passes than is allowed at that point: the reader of forms keeps in
/// memory what it has not understood yet, however much it is.
///
/// When all that is allowed has passed, the reader has once to make do with what it has; if it
/// still asks for more, the body ends in an error.
struct Metered {
    inner: Body,
    rest: Bytes,
    meter: Arc<Meter>,
    has_held: bool,
}

/// A piece of a body; none at its end.
type Piece = Option<Result<Frame<Bytes>, axum::BoxError>>;

impl Metered {
    fn new(inner: Body, meter: &Arc<Meter>) -> Self {
        Self { inner, rest: Bytes::new(), meter: Arc::clone(meter), has_held: false }
    }

    fn hold(&mut self, context: &Context<'_>) -> Poll<Piece> {
        if self.has_held {
            return Poll::Ready(Some(Err("more than this place takes".into())));
        }
        self.has_held = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Piece> {
        if self.rest.is_empty() {
            match std::task::ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    // What follows after a body is for nobody here.
                    Err(_) => return Poll::Ready(None),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
        let left = self.meter.left();
        if left == 0 {
            return self.hold(context);
        }
        self.has_held = false;
        let most = usize::try_from(left).map_or(self.rest.len(), |left| left.min(self.rest.len()));
        let data = self.rest.split_to(most);
        self.meter.passed.fetch_add(data.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}

/// How fast an upload must come.
struct Pace {
    piece: Duration,
    since: Stopwatch,
    meter: Arc<Meter>,
}

impl Pace {
    /// The next piece, if it comes in time and the upload as a whole does.
    async fn next<T, E>(
        &self,
        allowed: u64,
        piece: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Fault> {
        self.meter.allow_further(allowed);
        let came = tokio::time::timeout(self.piece, piece).await.map_err(|_| Fault::TooSlow)?;
        let passed = self.meter.passed.load(Ordering::Relaxed);
        let expected = self.piece + Duration::from_secs(passed / BYTES_A_SECOND_MIN);
        if self.since.elapsed() > expected {
            return Err(Fault::TooSlow);
        }
        came.map_err(|_| if self.meter.left() == 0 { Fault::TooLarge } else { Fault::CutShort })
    }
}

type Received = (Vec<(String, String)>, Vec<PathBuf>);

/// Writes the files to a folder. Besides files there is a field or two, and each file has a head.
async fn fill(folder: &Path, mut request: Request, pace: &Pace) -> Result<Received, Fault> {
    // Our own bounds hold, and they are told in words.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart =
        Multipart::from_request(request, &()).await.map_err(|_| Fault::ForeignForm)?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let mut left = UPLOAD_BYTES_MAX;
    while let Some(field) = pace.next(PIECE_BYTES_MAX, multipart.next_field()).await? {
        let Some(file_name) = field.file_name().map(safe_name) else {
            if fields.len() == FIELDS_MAX {
                return Err(Fault::TooLarge);
            }
            fields.extend(text_of(field, pace).await?);
            continue;
        };
        if file_name.is_empty() {
            continue;
        }
        if files.len() == FILES_MAX {
            return Err(Fault::TooLarge);
        }
        // Each file in a folder of its own: two files of one name do not meet.
        let place = folder.join(format!("{:04}", files.len()));
        tokio::fs::create_dir(&place).await.map_err(unwritten)?;
        let path = place.join(file_name);
        left = save(&path, field, pace, left).await?;
        files.push(path);
    }
    Ok((fields, files))
}

/// Writes one file; answers how many bytes are left for the others.
async fn save(path: &Path, mut field: Field<'_>, pace: &Pace, left: u64) -> Result<u64, Fault> {
    let mut left = left;
    let mut file = tokio::fs::File::create(path).await.map_err(unwritten)?;
    while let Some(chunk) = pace.next(PIECE_BYTES_MAX, field.chunk()).await? {
        left = left.checked_sub(chunk.len() as u64).ok_or(Fault::TooLarge)?;
        file.write_all(&chunk).await.map_err(unwritten)?;
    }
    // Once confirmed, the files must outlast a power cut.
    file.sync_all().await.map_err(unwritten)?;
    Ok(left)
}

/// A plain field, never more of it in memory than it may have; none where it has no name, since
/// nobody can ask for it.
async fn text_of(mut field: Field<'_>, pace: &Pace) -> Result<Option<(String, String)>, Fault> {
    let name = field.name().map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = pace.next(PIECE_BYTES_MAX, field.chunk()).await? {
        if bytes.len() + chunk.len() > FIELD_BYTES_MAX {
            return Err(Fault::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::Unreadable)?;
    Ok(name.map(|name| (name, text)))
}

/// What an error at a file of the uploads is as an answer.
pub(crate) fn unwritten(error: std::io::Error) -> Fault {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded => Fault::DiskFull,
        kind => Fault::Link(format!("the folder of uploads cannot be used: {kind}")),
    }
}

/// A name nobody can guess, of as many hexadecimal digits as it has bytes.
pub(crate) fn random_name() -> Result<String, Fault> {
    let mut bytes = [0; BATCH_BYTES];
    env::fill_random(&mut bytes).map_err(|error| Fault::Link(error.to_string()))?;
    Ok(Digest::of(&bytes).short())
}

/// Whether a text is the name of an upload's folder, so that it can be joined to a path.
pub(crate) fn is_batch_name(text: &str) -> bool {
    text.len() == BATCH_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The files of an upload, in the order in which they were sent.
pub(crate) fn files_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for place in std::fs::read_dir(folder)?.flatten() {
        if place.path().is_dir() {
            files.extend(std::fs::read_dir(place.path())?.flatten().map(|file| file.path()));
        }
    }
    files.sort();
    Ok(files)
}

/// Names and folders of the uploads that were received before an instant.
pub(crate) fn folders_before(app: &AppState, before_ms: i64) -> Vec<(String, PathBuf)> {
    let mut old = folders(app);
    old.retain(|(name, folder)| {
        !held(&app.receiving.0).contains_key(name)
            && changed_ms(folder).is_some_and(|at| at < before_ms)
    });
    old
}

fn folders(app: &AppState) -> Vec<(String, PathBuf)> {
    // Nothing was handed in yet where there is no folder.
    let Ok(folders) = std::fs::read_dir(app.uploads()) else { return Vec::new() };
    folders
        .flatten()
        .filter_map(|folder| Some((folder.file_name().into_string().ok()?, folder.path())))
        .filter(|(name, _)| is_batch_name(name))
        .collect()
}

fn changed_ms(folder: &Path) -> Option<i64> {
    let changed = folder.metadata().and_then(|metadata| metadata.modified()).ok()?;
    i64::try_from(changed.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// The last part of a file's name without characters that mean something to a file system.
fn safe_name(name: &str) -> String {
    let last = name.rsplit_once(['/', '\\']).map_or(name, |(_, last)| last);
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|'))
        .take(NAME_CHARS_MAX)
        .collect();
    kept.trim_matches(['.', ' ']).to_owned()
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_climb_out_of_its_folder() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\a.xlsx", "a.xlsx"),
            ("..", ""),
            ("新沂市.xlsx", "新沂市.xlsx"),
            ("a\u{0}b.csv", "ab.csv"),
        ] {
            assert_eq!(safe_name(given), kept, "{given:?}");
        }
    }

    #[test]
    fn only_our_own_folder_names_are_joined_to_paths() {
        let name = random_name().unwrap();
        assert!(is_batch_name(&name), "{name}");
        assert!(!is_batch_name("../../../../etc") && !is_batch_name(""));
    }
}
