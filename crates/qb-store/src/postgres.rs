//! PostgreSQL: the shared database of an office.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};

use crate::error::StoreError;
use crate::value::{Row, RowKind, Value};

pub(crate) struct PgConn {
    client: RefCell<Client>,
    statements: RefCell<HashMap<String, Statement>>,
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
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let client = Client::connect(url, NoTls)?;
        Ok(Self { client: RefCell::new(client), statements: RefCell::default() })
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.client.borrow().is_closed()
    }

    fn prepare(&self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.borrow_mut().prepare(sql)?;
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
            let mut client = self.client.borrow_mut();
            let params = values.iter().map(|v| v as &dyn ToSql);
            let found = client.query_raw(&statement, params).map_err(StoreError::from)?;
            found.collect().map_err(StoreError::from)?
        };
        rows.iter().try_for_each(|row| visit(&Row(RowKind::Pg(row))))
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        Ok(self.client.borrow_mut().execute(&statement, &params)?)
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.borrow_mut().batch_execute(sql)?)
    }

    pub(crate) fn copy(&self, sql: &str, rows: &[u8]) -> Result<(), StoreError> {
        let mut client = self.client.borrow_mut();
        let mut writer = client.copy_in(sql)?;
        std::io::Write::write_all(&mut writer, rows)
            .map_err(|error| StoreError::Database(error.to_string()))?;
        writer.finish()?;
        Ok(())
    }
}
