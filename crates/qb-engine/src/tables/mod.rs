//! SQL of the pack over the tables of a snapshot.

mod schema;

pub use schema::{DECIMAL, Table, TableCell, TableColumn, TableRows, TableSchema, TableType};
