//! Runs `qibang` in folders of its own.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Share of the full city: every county, a weak village in each that has any, about three thousand
/// people.
const SCALE: &str = "0.004";

/// A folder that disappears with its owner.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A new, empty folder.
    pub(crate) fn new(name: &str) -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = base().join(format!("qibang-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside, as the command line takes it.
    pub(crate) fn join(&self, name: &str) -> String {
        text(&self.0.join(name))
    }
}

/// Memory where the machine offers it: a killed process loses nothing that it wrote, on any file
/// system, and hundreds of small transactions need not wait for a disk.
fn base() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind lies under the target folder and harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A path as text.
pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("paths of tests are UTF-8").to_owned()
}

/// What a command answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    fn of(output: Output) -> Answer {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Answer { code, out: lossy(&output.stdout), err: lossy(&output.stderr) }
    }

    /// Fails unless the command ended well.
    pub(crate) fn good(self) -> Answer {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in:\n{}\n{}", self.out, self.err))
    }
}

/// A command of the program, ready to run.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qibang"));
    command.args(words).stdin(Stdio::null()).env_remove("QIBANG_LOG");
    command
}

/// Runs the program to its end.
pub(crate) fn qibang(words: &[&str]) -> Answer {
    Answer::of(command(words).output().expect("the program starts"))
}

/// Starts the program and lets it run.
pub(crate) fn start(words: &[&str]) -> Child {
    let quiet = command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    quiet.expect("the program starts")
}

/// The raw files of one small city, made once; read, never changed.
pub(crate) fn raw() -> &'static str {
    static RAW: OnceLock<(Folder, String)> = OnceLock::new();
    let (_, raw) = RAW.get_or_init(|| {
        let folder = Folder::new("raw");
        let raw = folder.join("RAW");
        let dir = folder.join("data");
        qibang(&["city", "generate", "--out", &raw, "--scale", SCALE, "--dir", &dir]).good();
        (folder, raw)
    });
    raw
}

/// A data directory of the test's own with the small city imported; the import itself runs once.
pub(crate) fn imported(folder: &Folder) -> String {
    static IMPORTED: OnceLock<(Folder, String)> = OnceLock::new();
    let (_, ready) = IMPORTED.get_or_init(|| {
        let folder = Folder::new("imported");
        let dir = folder.join("data");
        qibang(&["import", raw(), "--dir", &dir, "--json"]).good();
        (folder, dir)
    });
    let own = folder.path().join("data");
    copy(Path::new(ready), &own);
    text(&own)
}

/// Digest of everything the register of a data directory holds.
pub(crate) fn digest(dir: &str) -> String {
    qibang(&["digest", "--dir", dir]).good().out
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Copies a folder with everything below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let inside = file.strip_prefix(from).expect("a file below its folder");
        let target = to.join(inside);
        std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        std::fs::copy(&file, &target).expect("a copy");
    }
}
