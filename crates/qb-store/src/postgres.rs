//! PostgreSQL: the shared database of an office.

use std::cell::{RefCell, RefMut};
use std::collections::HashMap;
use std::error::Error;
use std::thread::{self, JoinHandle};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use crate::address::PgAddress;
use crate::error::StoreError;
use crate::value::{Row, RowKind, Value};

/// The statement by which a transaction is taken back.
const ROLLBACK: &str = "rollback";

pub(crate) struct PgConn {
    line: RefCell<Line>,
    statements: RefCell<HashMap<String, Statement>>,
}

/// The connection, or the thread that loads rows through it: the server takes in one buffer of a
/// bulk load while the next is being filled.
enum Line {
    Free(Box<Client>),
    Loading(JoinHandle<(Box<Client>, Result<(), StoreError>)>),
    Lost,
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match *self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(value)?.to_sql(ty, out),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
            Value::Blob(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl std::panic::RefUnwindSafe for PgConn {}

impl PgConn {
    pub(crate) fn open(address: &PgAddress) -> Result<Self, StoreError> {
        let client = address.connect()?;
        Ok(Self {
            line: RefCell::new(Line::Free(Box::new(client))),
            statements: RefCell::default(),
        })
    }

    pub(crate) fn is_broken(&self) -> bool {
        match &*self.line.borrow() {
            Line::Free(client) => client.is_closed(),
            Line::Loading(_) => false,
            Line::Lost => true,
        }
    }

    /// Waits for a load under way and tells how it ended.
    fn settle(&self) -> Result<(), StoreError> {
        let mut line = self.line.borrow_mut();
        match std::mem::replace(&mut *line, Line::Lost) {
            Line::Loading(loading) => {
                let (client, loaded) = loading.join().map_err(|_| lost())?;
                *line = Line::Free(client);
                loaded
            }
            other => {
                *line = other;
                Ok(())
            }
        }
    }

    fn client(&self) -> Result<RefMut<'_, Client>, StoreError> {
        self.settle()?;
        RefMut::filter_map(self.line.borrow_mut(), |line| match line {
            Line::Free(client) => Some(&mut **client),
            _ => None,
        })
        .map_err(|_| lost())
    }

    fn prepare(&self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(sql)?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // Rows are gathered before they are visited, so that a visitor may query again on this
        // connection.
        let statement = self.prepare(sql)?;
        let rows: Vec<postgres::Row> = {
            let mut client = self.client()?;
            let params = values.iter().map(|v| v as &dyn ToSql);
            let found = client.query_raw(&statement, params).map_err(StoreError::from)?;
            found.collect().map_err(StoreError::from)?
        };
        rows.iter().try_for_each(|row| visit(&Row(RowKind::Pg(row))))
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        Ok(self.client()?.execute(&statement, &params)?)
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        let settled = self.settle();
        // How a load ended no longer matters where everything is taken back.
        if sql != ROLLBACK {
            settled?;
        }
        Ok(self.client()?.batch_execute(sql)?)
    }

    /// Begins to load rows in COPY's binary form; whatever is asked of the connection next waits
    /// for them, and hears of their faults.
    pub(crate) fn copy(&self, sql: &str, rows: Vec<u8>) -> Result<(), StoreError> {
        self.settle()?;
        let mut line = self.line.borrow_mut();
        let Line::Free(mut client) = std::mem::replace(&mut *line, Line::Lost) else {
            return Err(lost());
        };
        let sql = sql.to_owned();
        *line = Line::Loading(thread::spawn(move || {
            let loaded = load(&mut client, &sql, &rows);
            (client, loaded)
        }));
        Ok(())
    }
}

fn load(client: &mut Client, sql: &str, rows: &[u8]) -> Result<(), StoreError> {
    let mut writer = client.copy_in(sql)?;
    std::io::Write::write_all(&mut writer, rows)
        .map_err(|error| StoreError::Database(error.to_string()))?;
    writer.finish()?;
    Ok(())
}

fn lost() -> StoreError {
    StoreError::Database("the connection was lost while rows were loaded".to_owned())
}
