//! A private PostgreSQL: its own folder, its own port, gone when the task ends.

use crate::process::{find, is_root, last_lines, run};
use crate::scratch::Scratch;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often, and how long apart, the new server is asked whether it listens.
const START_ATTEMPTS_MAX: u32 = 150;
const START_PAUSE: Duration = Duration::from_millis(100);
/// How long a server may take to stop before it is killed.
const STOP_ATTEMPTS_MAX: u32 = 100;

/// Settings of a server whose data lives for one test run: nothing is flushed.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "log_min_messages=warning",
];

/// A running server; dropping it stops the server.
pub(crate) struct Postgres {
    server: Child,
    port: u16,
}

/// Whether the server's programs are on this machine.
pub(crate) fn is_installed() -> bool {
    program("initdb").is_some() && program("postgres").is_some()
}

impl Postgres {
    /// Initialises a cluster in a folder of the run and starts a server on a free port.
    pub(crate) fn start(scratch: &Scratch) -> Result<Postgres, String> {
        let folder = scratch.inside("postgres")?;
        if is_root() {
            run(Command::new("chown").arg(server_user()).arg(&folder))?;
        }
        initialise(&folder)?;
        let (server, port) = launch(&folder)?;
        Ok(Postgres { server, port })
    }

    /// The address tests connect to; each test makes its own database or schema in it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's "fast shutdown": cut connections, stop cleanly.
        let _ = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        for _ in 0..STOP_ATTEMPTS_MAX {
            if matches!(self.server.try_wait(), Ok(Some(_))) {
                return;
            }
            pause();
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Finds a server program: Debian keeps them per version, outside the search path.
fn program(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let file = entry.path().join("bin").join(name);
            file.is_file().then_some((version, file))
        })
        .max_by_key(|(version, _)| *version);
    newest.map(|(_, file)| file).or_else(|| find(name))
}

fn required(name: &str) -> Result<PathBuf, String> {
    program(name).ok_or_else(|| format!("PostgreSQL's {name} is not on this machine"))
}

/// PostgreSQL refuses to run as root; Debian's package brings this user.
fn server_user() -> &'static str {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    if users.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" }
}

/// A command that runs `program` as an unprivileged user and dies with this process.
fn unprivileged(program: &Path) -> Result<Command, String> {
    let mut command = Command::new("setpriv");
    if is_root() {
        let user = server_user();
        let group = run(Command::new("id").args(["-gn", user]))?;
        let group = String::from_utf8_lossy(&group.stdout).trim().to_owned();
        command
            .arg(format!("--reuid={user}"))
            .arg(format!("--regid={group}"))
            .arg("--clear-groups");
    }
    command.args(["--pdeathsig", "INT", "--"]).arg(program);
    command.env("LC_ALL", "C").stdin(Stdio::null());
    Ok(command)
}

fn initialise(folder: &Path) -> Result<(), String> {
    let mut command = unprivileged(&required("initdb")?)?;
    command.current_dir(folder).arg("--pgdata").arg(folder.join("data"));
    command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
    command.args(["--no-sync", "--no-instructions"]);
    run(&mut command).map(|_| ())
}

fn launch(folder: &Path) -> Result<(Child, u16), String> {
    let port = free_port()?;
    let log = std::fs::File::create(folder.join("server.log"))
        .map_err(|error| format!("cannot write PostgreSQL's log: {error}"))?;
    let mut command = unprivileged(&required("postgres")?)?;
    command.current_dir(folder).arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    command.arg("-p").arg(port.to_string());
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    let mut server = command
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
    for _ in 0..START_ATTEMPTS_MAX {
        let ended = matches!(server.try_wait(), Ok(Some(_)));
        if ended {
            break;
        }
        if is_ready(folder, port) {
            return Ok((server, port));
        }
        pause();
    }
    let _ = server.kill();
    let _ = server.wait();
    let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    Err(format!("PostgreSQL did not start:\n{}", last_lines(&log, 20)))
}

/// The server writes `ready` into the last line of its pid file once it accepts connections.
fn is_ready(folder: &Path, port: u16) -> bool {
    let state = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let ready = state.lines().any(|line| line.trim() == "ready");
    ready && TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .map_err(|error| format!("no free port on the loopback address: {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("no address: {error}"))?;
    Ok(address.port())
}

/// Waits a moment between two looks at the server.
#[expect(
    clippy::disallowed_methods,
    reason = "a server's start can only be polled; no product code here"
)]
fn pause() {
    std::thread::sleep(START_PAUSE);
}
