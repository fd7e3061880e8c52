//! Where the rows of a table come from: files of a snapshot, or memory.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use qb_base::Text;

use super::schema::{TableColumn, TableSchema, TableType};
use crate::error::EngineError;
use crate::snapshot::{FileManifest, Snapshot, TableManifest};

/// The rows of a table of a snapshot; none where the snapshot does not have it.
pub(super) fn provider(
    snapshot: &Snapshot,
    schema: &TableSchema,
) -> Result<Arc<dyn TableProvider>, EngineError> {
    let manifest = snapshot.manifest();
    let view = manifest.views.get(&schema.name).map(|view| &view.files);
    let files = view.or_else(|| manifest.tables.get(&schema.name).map(|table| &table.files));
    let Some(files) = files.filter(|files| !files.is_empty()) else {
        return rows(schema.arrow(), Vec::new());
    };
    let url = |file: &FileManifest| {
        let path = snapshot.folder().join(&file.path);
        let path = path.canonicalize().map_err(|error| EngineError::file(&path, error))?;
        Ok(ListingTableUrl::parse(path.to_string_lossy())?)
    };
    let urls = files.iter().map(url).collect::<Result<Vec<_>, EngineError>>()?;
    let options =
        ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .with_schema(schema.arrow());
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// Rows in memory.
pub(super) fn rows(
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> Result<Arc<dyn TableProvider>, EngineError> {
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}

/// The columns of a table that a link has published, as the snapshot tells them.
pub(super) fn schema_of(name: &str, manifest: &TableManifest) -> Result<TableSchema, EngineError> {
    let column = |column: &crate::snapshot::ColumnManifest| {
        let kind = column.arrow().and_then(|kind| TableType::of(&kind));
        let kind = kind.ok_or_else(|| EngineError::internal("a table has an unknown type"))?;
        let label = Text::new(column.name.clone(), column.name.clone());
        Ok(TableColumn { name: column.name.clone(), kind, label, codes: None })
    };
    let columns = manifest.columns.iter().map(column).collect::<Result<Vec<_>, EngineError>>()?;
    Ok(TableSchema { name: name.to_owned(), columns, is_of_pack: false })
}
