//! What the tests need from the machine: found, installed with apt-get, or named in an error.

use crate::process::{find, is_root, last_lines};
use crate::{postgres, say};
use std::path::Path;
use std::process::{Command, Stdio};

/// Which tools a task needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// PostgreSQL only.
    Database,
    /// PostgreSQL, browser, driver and a Chinese font.
    Everything,
}

/// One need: how to see that it is met, and the Debian packages that meet it.
struct Need {
    what: &'static str,
    packages: &'static [&'static str],
    browser: bool,
    met: fn() -> bool,
}

/// The order is the order of the error message.
const NEEDS: &[Need] = &[
    Need {
        what: "a C compiler",
        packages: &["gcc", "libc6-dev"],
        browser: false,
        met: has_compiler,
    },
    Need { what: "git", packages: &["git"], browser: false, met: has_git },
    Need {
        what: "the PostgreSQL server",
        packages: &["postgresql"],
        browser: false,
        met: postgres::is_installed,
    },
    Need { what: "Chromium", packages: &["chromium"], browser: true, met: has_browser },
    Need {
        what: "the Chromium driver",
        packages: &["chromium-driver"],
        browser: true,
        met: has_driver,
    },
    Need {
        what: "a Chinese font",
        packages: &["fonts-noto-cjk"],
        browser: true,
        met: has_chinese_font,
    },
];

/// Installs what is missing, or says exactly what to install.
pub(crate) fn ensure(wanted: Wanted) -> Result<(), String> {
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
    say(&format!("the tests need {}: installing {}", names.join(", "), packages.join(" ")));
    let tried = install(&packages);
    let left = self::missing(wanted);
    if left.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = left.iter().map(|need| need.what).collect();
    let packages: Vec<&str> = left.iter().flat_map(|need| need.packages).copied().collect();
    let why = tried.err().map(|reason| format!("\n({reason})")).unwrap_or_default();
    Err(format!(
        "not on this machine: {}. Install with:\n\n    \
         apt-get install --no-install-recommends {}\n{why}",
        names.join(", "),
        packages.join(" "),
    ))
}

fn missing(wanted: Wanted) -> Vec<&'static Need> {
    NEEDS
        .iter()
        .filter(|need| wanted == Wanted::Everything || !need.browser)
        .filter(|need| !(need.met)())
        .collect()
}

fn install(packages: &[&str]) -> Result<(), String> {
    if !is_root() {
        return Err("apt-get needs root; run the line above with sudo".into());
    }
    if find("apt-get").is_none() {
        return Err("there is no apt-get on this machine".into());
    }
    apt_get(&["update", "-q"])?;
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    apt_get(&arguments)
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start apt-get: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("apt-get {} failed:\n{}", arguments.join(" "), last_lines(&text, 10)))
}

fn has_compiler() -> bool {
    find("cc").is_some()
}

fn has_git() -> bool {
    find("git").is_some()
}

fn has_browser() -> bool {
    find("chromium").is_some()
}

fn has_driver() -> bool {
    find("chromedriver").is_some()
}

/// Looks for font files rather than asking fontconfig, which a bare machine lacks.
fn has_chinese_font() -> bool {
    const MARKS: [&str; 5] = ["cjk", "wqy", "droidsansfallback", "sourcehan", "arphic"];
    let mut folders =
        vec![Path::new("/usr/share/fonts").to_path_buf(), "/usr/local/share/fonts".into()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder {
                folders.push(entry.path());
            } else if MARKS.iter().any(|mark| name.contains(mark)) {
                return true;
            }
        }
    }
    false
}
