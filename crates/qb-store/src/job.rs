//! Long work and feedback between links, kept in the store.
//!
//! A job is idempotent: it may run again when its lease ran out. It is claimed by one update on
//! both stores.

use qb_base::env;

use crate::conn::{Conn, Tx};
use crate::error::StoreError;
use crate::value::Row;

/// How long a claimed job is left alone.
const LEASE_MS: i64 = 10 * 60_000;
/// How often a job is tried before it counts as failed.
const ATTEMPT_MAX: i64 = 3;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Waiting.
    Queued,
    /// Claimed.
    Running,
    /// Finished.
    Done,
    /// Given up; the message says why.
    Failed,
}

/// One job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What kind of work; a worker asks for jobs of its kind.
    pub kind: String,
    /// What to work on, as JSON without personal data.
    pub payload: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was started.
    pub attempt: i64,
    /// The last message of a finished or failed job.
    pub message: Option<String>,
}

const COLUMNS: &str = "id, kind, payload, state, attempt, message";

impl Job {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let state = match row.text(3)?.as_str() {
            "queued" => JobState::Queued,
            "running" => JobState::Running,
            "done" => JobState::Done,
            _ => JobState::Failed,
        };
        Ok(Self {
            id: row.int(0)?,
            kind: row.text(1)?,
            payload: row.text(2)?,
            state,
            attempt: row.int(4)?,
            message: row.text_opt(5)?,
        })
    }

    /// Reads a job.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn find(conn: &Conn, id: i64) -> Result<Option<Self>, StoreError> {
        let sql = "select id, kind, payload, state, attempt, message from job where id = $1";
        conn.query_opt(sql, &[id.into()], Self::read)
    }

    /// The newest job of a kind with this payload.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn with_payload(conn: &Conn, kind: &str, payload: &str) -> Result<Option<i64>, StoreError> {
        let sql = "select id from job where kind = $1 and payload = $2 order by id desc limit 1";
        conn.query_opt(sql, &[kind.into(), payload.into()], |row| row.int(0))
    }

    /// The jobs of a kind that wait or run.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn open(conn: &Conn, kind: &str) -> Result<Vec<Self>, StoreError> {
        let sql = "select id, kind, payload, state, attempt, message from job \
                   where state in ('queued', 'running') and kind = $1 order by id";
        conn.query(sql, &[kind.into()], Self::read)
    }

    /// Whether a job of a kind waits or has lost its lease.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn is_waiting(conn: &Conn, kind: &str) -> Result<bool, StoreError> {
        let sql = "select id from job where kind = $1 and (state = 'queued' \
                   or (state = 'running' and lease_until_at < $2)) limit 1";
        Ok(conn.query_opt(sql, &[kind.into(), now()], |row| row.int(0))?.is_some())
    }
}

impl Tx<'_> {
    /// Puts a job into the queue and returns its id.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn job_enqueue(&self, kind: &str, payload: &str) -> Result<i64, StoreError> {
        let id = self.next_id("job")?;
        let sql = "insert into job (id, kind, payload, state, attempt, attempt_max, created_at) \
                   values ($1, $2, $3, 'queued', 0, $4, $5)";
        let values = [id.into(), kind.into(), payload.into(), ATTEMPT_MAX.into(), now()];
        self.execute(sql, &values)?;
        Ok(id)
    }

    /// Claims the oldest job of a kind that waits or whose lease ran out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn job_claim(&self, kind: &str) -> Result<Option<Job>, StoreError> {
        self.execute(
            "update job set state = 'failed', message = 'gave up after the last attempt', \
             finished_at = $1 where state = 'running' and lease_until_at < $1 \
             and attempt >= attempt_max and kind = $2",
            &[now(), kind.into()],
        )?;
        let sql = crate::value::Sql::join(&[
            "update job set state = 'running', attempt = attempt + 1, lease_until_at = $1 \
             where id = (select min(id) from job where kind = $2 and (state = 'queued' \
             or (state = 'running' and lease_until_at < $3))) returning ",
            COLUMNS,
        ]);
        let lease = env::now().0 + LEASE_MS;
        self.query_opt(sql, &[lease.into(), kind.into(), now()], Job::read)
    }

    /// Ends the lease of every running job of a kind, for a worker that knows it is the only one.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn job_release(&self, kind: &str) -> Result<(), StoreError> {
        let sql = "update job set lease_until_at = 0 where state = 'running' and kind = $1";
        self.execute(sql, &[kind.into()]).map(|_| ())
    }

    /// Puts a running job back into the queue; the attempt does not count.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn job_hand_back(&self, id: i64) -> Result<(), StoreError> {
        let sql = "update job set state = 'queued', attempt = attempt - 1, lease_until_at = null \
                   where id = $1 and state = 'running'";
        self.execute(sql, &[id.into()]).map(|_| ())
    }

    /// Ends a job well.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn job_finish(&self, id: i64, message: &str) -> Result<(), StoreError> {
        let sql = "update job set state = 'done', message = $1, finished_at = $2 \
                   where id = $3 and state = 'running'";
        self.execute(sql, &[message.into(), now(), id.into()]).map(|_| ())
    }

    /// Ends a job badly.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn job_fail(&self, id: i64, message: &str) -> Result<(), StoreError> {
        let sql = "update job set state = 'failed', message = $1, finished_at = $2 \
                   where id = $3 and state = 'running'";
        self.execute(sql, &[message.into(), now(), id.into()]).map(|_| ())
    }
}

fn now() -> crate::value::Value<'static> {
    env::now().0.into()
}
