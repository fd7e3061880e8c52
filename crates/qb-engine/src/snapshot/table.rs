//! Tables of a snapshot whose columns are known only when the pack is: one per dataset, and those
//! that links publish.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::file::properties::WriterProperties;
use qb_base::{Digest, Digester, Text};

use super::{FileManifest, Snapshot, SnapshotWriter, digest_values};
use crate::error::EngineError;
use crate::tables::Table;

/// One table of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableManifest {
    /// Its columns in order.
    pub columns: Vec<ColumnManifest>,
    /// Rows in all files.
    pub rows: usize,
    /// Digest of columns and values in order.
    pub digest: Digest,
    /// The files, in row order; none for a table without rows.
    pub files: Vec<FileManifest>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnManifest {
    /// The name in SQL.
    pub name: String,
    /// What it holds: `bigint`, `text`, `boolean`, `date`, `decimal(20,6)`.
    pub kind: String,
}

impl ColumnManifest {
    /// The arrow type of the column; `None` for a kind this version doesn't know.
    pub fn arrow(&self) -> Option<DataType> {
        Some(match self.kind.as_str() {
            "bigint" => DataType::Int64,
            "text" => DataType::Utf8,
            "boolean" => DataType::Boolean,
            "date" => DataType::Date32,
            decimal => {
                let digits = decimal.strip_prefix("decimal(")?.strip_suffix(')')?;
                let (precision, scale) = digits.split_once(',')?;
                DataType::Decimal128(precision.parse().ok()?, scale.parse().ok()?)
            }
        })
    }
}

fn kind(data_type: &DataType) -> Result<String, EngineError> {
    Ok(match data_type {
        DataType::Int64 => "bigint".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        _ => return Err(EngineError::internal("a table has a column of an unknown type")),
    })
}

/// Writes one table.
pub(super) struct TableWriter {
    name: String,
    schema: SchemaRef,
    digests: Vec<Digester>,
    part: Option<(String, Option<ArrowWriter<File>>, usize)>,
    files: Vec<FileManifest>,
    rows: usize,
}

impl SnapshotWriter {
    /// Adds rows of a table that belong to one part of the area: a county, or the pack's own area
    /// for rows that belong to no county.
    ///
    /// Parts come in ascending order; a table without any rows is written once with none, so that
    /// queries find its columns.
    ///
    /// # Errors
    /// When a part comes twice, the columns change between parts, or the disk is full.
    pub fn write_table(&mut self, part: &str, table: &Table) -> Result<(), EngineError> {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(EngineError::internal("the part of a table is no area code"));
        }
        let writer = match self.tables.get_mut(&table.name) {
            Some(writer) => writer,
            None => {
                let writer = TableWriter::new(&table.name, &table.schema);
                self.tables.entry(table.name.clone()).or_insert(writer)
            }
        };
        for batch in &table.batches {
            writer.write(&self.folder, part, batch)?;
        }
        Ok(())
    }
}

impl TableWriter {
    fn new(name: &str, schema: &SchemaRef) -> Self {
        let digests = schema.fields().iter().map(|field| {
            let mut digest = Digester::new();
            digest.field(field.name().as_bytes()).field(field.data_type().to_string().as_bytes());
            digest
        });
        let digests = digests.collect();
        Self {
            name: name.to_owned(),
            schema: Arc::clone(schema),
            digests,
            part: None,
            files: Vec::new(),
            rows: 0,
        }
    }

    fn write(&mut self, folder: &Path, part: &str, batch: &RecordBatch) -> Result<(), EngineError> {
        if batch.schema() != self.schema {
            return Err(EngineError::internal("the columns of a table changed between parts"));
        }
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.part.as_ref().is_none_or(|(open, ..)| open != part) {
            if self.part.as_ref().is_some_and(|(open, ..)| open.as_str() > part) {
                return Err(EngineError::internal("the parts of a table come in order"));
            }
            self.close(folder)?;
            self.start(folder, part)?;
        }
        for (digest, array) in self.digests.iter_mut().zip(batch.columns()) {
            digest_values(digest, array.as_ref());
        }
        if let Some((_, Some(writer), rows)) = &mut self.part {
            writer.write(batch)?;
            *rows += batch.num_rows();
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn start(&mut self, folder: &Path, part: &str) -> Result<(), EngineError> {
        let name = format!("{}/county={part}.parquet", self.name);
        let path = folder.join(&name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| EngineError::file(parent, e))?;
        }
        let file = File::create(&path).map_err(|e| EngineError::file(&path, e))?;
        let properties = WriterProperties::builder().set_compression(Compression::LZ4_RAW).build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties))?;
        self.part = Some((part.to_owned(), Some(writer), 0));
        self.files.push(FileManifest { path: name, rows: 0, bytes: 0 });
        Ok(())
    }

    /// Closes the open file; the part stays known, so that parts keep their order.
    fn close(&mut self, folder: &Path) -> Result<(), EngineError> {
        let Some((_, writer, rows)) = &mut self.part else { return Ok(()) };
        let (Some(writer), Some(file)) = (writer.take(), self.files.last_mut()) else {
            return Ok(());
        };
        let path = folder.join(&file.path);
        writer.into_inner()?.sync_all().map_err(|e| EngineError::file(&path, e))?;
        file.rows = *rows;
        file.bytes = fs::metadata(&path).map_err(|e| EngineError::file(&path, e))?.len();
        Ok(())
    }

    fn finish(mut self, folder: &Path) -> Result<TableManifest, EngineError> {
        self.close(folder)?;
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            let kind = kind(field.data_type())?;
            columns.push(ColumnManifest { name: field.name().clone(), kind });
        }
        let mut digest = Digester::new();
        digest.int(qb_base::count(self.rows));
        for column in self.digests {
            digest.raw(&column.finish().0);
        }
        Ok(TableManifest { columns, rows: self.rows, digest: digest.finish(), files: self.files })
    }
}

/// Ends all tables and adds them to the snapshot's digest, ordered by name.
pub(super) fn finish_all(
    tables: BTreeMap<String, TableWriter>,
    folder: &Path,
    whole: &mut Digester,
) -> Result<BTreeMap<String, TableManifest>, EngineError> {
    let mut manifests = BTreeMap::new();
    whole.int(qb_base::count(tables.len()));
    for (name, writer) in tables {
        let manifest = writer.finish(folder)?;
        whole.field(name.as_bytes()).raw(&manifest.digest.0);
        manifests.insert(name, manifest);
    }
    Ok(manifests)
}

impl Snapshot {
    /// All rows of a table, in order; nothing where the snapshot has no such table.
    ///
    /// # Errors
    /// When a file is missing, damaged or has another number of rows.
    pub fn read_table(&self, name: &str) -> Result<Vec<RecordBatch>, EngineError> {
        let mut batches = Vec::new();
        let Some(table) = self.manifest().tables.get(name) else { return Ok(batches) };
        for file in &table.files {
            let path = self.folder().join(&file.path);
            let open = File::open(&path).map_err(|e| EngineError::file(&path, e))?;
            let mut rows = 0;
            for batch in ParquetRecordBatchReaderBuilder::try_new(open)?
                .with_batch_size(super::READ_ROWS)
                .build()?
            {
                let batch = batch?;
                rows += batch.num_rows();
                batches.push(batch);
            }
            if rows != file.rows {
                return Err(super::wrong_rows(self, &file.path));
            }
        }
        Ok(batches)
    }

    /// Reads every value of a table again and compares the digests.
    pub(super) fn verify_table(
        &self,
        name: &str,
        known: &TableManifest,
    ) -> Result<(), EngineError> {
        let batches = self.read_table(name)?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let mut digest = Digester::new();
        digest.int(qb_base::count(rows));
        for (at, column) in known.columns.iter().enumerate() {
            let mut values = Digester::new();
            let data_type = super::known_kind(self, column)?.to_string();
            values.field(column.name.as_bytes()).field(data_type.as_bytes());
            for batch in &batches {
                digest_values(&mut values, batch.column(at).as_ref());
            }
            digest.raw(&values.finish().0);
        }
        if digest.finish() == known.digest {
            return Ok(());
        }
        let message = Text::new(
            format!("表{name}的内容已改变"),
            format!("the content of table {name} has changed"),
        );
        Err(EngineError::Snapshot { name: self.digest().short(), message })
    }
}
