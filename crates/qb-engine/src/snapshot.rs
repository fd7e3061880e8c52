//! Snapshots: the views as Parquet by county, named by a digest of their content.
//!
//! `snapshots/DIGEST/person/county=320381.parquet`, … and `manifest.json`; beside the views, tables
//! of the same form whose columns the pack declares. The digest is over
//! column values in order, so neither the encoding, nor the batches, nor how rows were divided
//! among files, nor the time can change it.

mod settle;
mod table;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::file::properties::WriterProperties;
use qb_base::{Date, Digest, Digester, Text};

use crate::error::EngineError;
use crate::frame::{Frame, arrow_schema, check_column, typed};
use crate::views::{Level, View};
use table::TableWriter;
pub use table::{ColumnManifest, TableManifest};

/// Version of the folder's layout and of the digest.
const FORMAT: u32 = 2;
const MANIFEST: &str = "manifest.json";

/// What a snapshot folder holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the layout.
    pub format: u32,
    /// The snapshot's name.
    pub digest: Digest,
    /// The day the facts stand on.
    #[serde(with = "crate::value::iso_date")]
    pub as_of: Date,
    /// Per view: rows, digest, files.
    pub views: BTreeMap<String, ViewManifest>,
    /// Per table: columns, rows, digest, files.
    pub tables: BTreeMap<String, TableManifest>,
}

/// One view of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewManifest {
    /// Rows in all files.
    pub rows: usize,
    /// Digest of all values in order.
    pub digest: Digest,
    /// The files, in row order.
    pub files: Vec<FileManifest>,
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileManifest {
    /// Path inside the snapshot's folder.
    pub path: String,
    /// Rows in the file.
    pub rows: usize,
    /// Size in bytes.
    pub bytes: u64,
}

/// Writes a snapshot; it appears under its name only when it is complete.
pub struct SnapshotWriter {
    parent: PathBuf,
    folder: PathBuf,
    as_of: Date,
    views: Vec<ViewWriter>,
    tables: BTreeMap<String, TableWriter>,
}

struct ViewWriter {
    view: &'static View,
    digests: Vec<Digester>,
    open: Option<(String, ArrowWriter<File>, usize)>,
    files: Vec<FileManifest>,
    rows: usize,
}

impl SnapshotWriter {
    /// Starts a snapshot in a folder of snapshots.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(snapshots: &Path, as_of: Date) -> Result<Self, EngineError> {
        let folder = settle::begin(snapshots)?;
        let views = View::ALL.into_iter().map(ViewWriter::new).collect();
        Ok(Self { parent: snapshots.to_owned(), folder, as_of, views, tables: BTreeMap::new() })
    }

    /// Adds rows of a view in one county. Counties come in ascending order, rows by area,
    /// household, person; columns that the batch lacks are unknown.
    ///
    /// # Errors
    /// When a value breaks the view's bounds, a county comes twice, or the disk is full.
    pub fn write(
        &mut self,
        view: &View,
        county: &str,
        batch: &RecordBatch,
    ) -> Result<(), EngineError> {
        let writer = self.views.iter_mut().find(|writer| writer.view.name == view.name);
        let writer = writer.ok_or_else(|| EngineError::internal("not a view of a snapshot"))?;
        writer.write(&self.folder, county, batch)
    }

    /// Completes the snapshot, synced to disk, and gives it its name; an equal snapshot that exists
    /// is kept if it is whole.
    ///
    /// # Errors
    /// When the disk is full or the folder cannot be renamed.
    pub fn finish(mut self) -> Result<Snapshot, EngineError> {
        let mut views = BTreeMap::new();
        let mut whole = Digester::new();
        whole.int(i64::from(FORMAT));
        for writer in &mut self.views {
            let manifest = writer.finish(&self.folder)?;
            whole.field(writer.view.name.as_bytes()).raw(&manifest.digest.0);
            views.insert(writer.view.name.to_owned(), manifest);
        }
        let tables = table::finish_all(self.tables, &self.folder, &mut whole)?;
        whole.field(self.as_of.to_string().as_bytes());
        let manifest =
            Manifest { format: FORMAT, digest: whole.finish(), as_of: self.as_of, views, tables };
        let json = serde_json::to_vec_pretty(&manifest)
            .map_err(|_| EngineError::internal("the manifest cannot be written as JSON"))?;
        settle::write_synced(&self.folder.join(MANIFEST), &json)?;
        settle::settle(&self.parent, &self.folder, &manifest)
    }
}

impl ViewWriter {
    fn new(view: &'static View) -> Self {
        let digests = view.columns.iter().map(|column| {
            let mut digest = Digester::new();
            digest.field(column.name.as_bytes());
            digest
        });
        Self { view, digests: digests.collect(), open: None, files: Vec::new(), rows: 0 }
    }

    fn write(
        &mut self,
        folder: &Path,
        county: &str,
        batch: &RecordBatch,
    ) -> Result<(), EngineError> {
        let batch = self.aligned(batch)?;
        for (digest, array) in self.digests.iter_mut().zip(batch.columns()) {
            digest_values(digest, array.as_ref());
        }
        if self.open.as_ref().is_none_or(|(open, ..)| open != county) {
            self.close(folder)?;
            self.start(folder, county)?;
        }
        if let Some((_, writer, rows)) = &mut self.open {
            writer.write(&batch)?;
            *rows += batch.num_rows();
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    /// The batch with all columns of the view, in its types and bounds.
    fn aligned(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let schema = arrow_schema(self.view);
        let mut arrays = Vec::with_capacity(self.view.columns.len());
        for (column, field) in self.view.columns.iter().zip(schema.fields()) {
            let array = match batch.column_by_name(column.name) {
                Some(array) if array.data_type() == field.data_type() => Arc::clone(array),
                Some(array) => datafusion::arrow::compute::cast(array, field.data_type())?,
                None => {
                    datafusion::arrow::array::new_null_array(field.data_type(), batch.num_rows())
                }
            };
            check_column(self.view, column, &typed(&array)?)?;
            arrays.push(array);
        }
        Ok(RecordBatch::try_new(schema, arrays)?)
    }

    fn start(&mut self, folder: &Path, county: &str) -> Result<(), EngineError> {
        let name = format!("{}/county={county}.parquet", self.view.name);
        let digits = !county.is_empty() && county.bytes().all(|b| b.is_ascii_digit());
        if !digits || self.files.last().is_some_and(|last| last.path >= name) {
            return Err(EngineError::data(
                self.view.name,
                self.rows,
                "county",
                "各县应按代码升序，各写一次",
                "counties must come in ascending order, each once",
            ));
        }
        let path = folder.join(&name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| EngineError::file(parent, e))?;
        }
        let file = File::create(&path).map_err(|e| EngineError::file(&path, e))?;
        let properties = WriterProperties::builder().set_compression(Compression::LZ4_RAW).build();
        let writer = ArrowWriter::try_new(file, arrow_schema(self.view), Some(properties))?;
        self.open = Some((county.to_owned(), writer, 0));
        self.files.push(FileManifest { path: name, rows: 0, bytes: 0 });
        Ok(())
    }

    fn close(&mut self, folder: &Path) -> Result<(), EngineError> {
        let (Some((_, writer, rows)), Some(file)) = (self.open.take(), self.files.last_mut())
        else {
            return Ok(());
        };
        let path = folder.join(&file.path);
        writer.into_inner()?.sync_all().map_err(|e| EngineError::file(&path, e))?;
        file.rows = rows;
        file.bytes = fs::metadata(&path).map_err(|e| EngineError::file(&path, e))?.len();
        Ok(())
    }

    fn finish(&mut self, folder: &Path) -> Result<ViewManifest, EngineError> {
        self.close(folder)?;
        let mut digest = Digester::new();
        digest.int(qb_base::count(self.rows));
        for column in self.digests.drain(..) {
            digest.raw(&column.finish().0);
        }
        Ok(ViewManifest {
            rows: self.rows,
            digest: digest.finish(),
            files: std::mem::take(&mut self.files),
        })
    }
}

/// Adds values in order: 0 for unknown; else 1 and the value in a form of its own length.
fn digest_values(digest: &mut Digester, array: &dyn Array) {
    let mut bytes = Vec::with_capacity(array.len() * 9);
    let any = array.as_any();
    if let Some(array) = any.downcast_ref::<Int64Array>() {
        array.iter().for_each(|value| {
            put(&mut bytes, value.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice), false)
        });
    } else if let Some(array) = any.downcast_ref::<BooleanArray>() {
        array.iter().for_each(|value| {
            put(
                &mut bytes,
                value.map(|truth| [u8::from(truth)]).as_ref().map(<[u8; 1]>::as_slice),
                false,
            )
        });
    } else if let Some(array) = any.downcast_ref::<Date32Array>() {
        array.iter().for_each(|value| {
            put(&mut bytes, value.map(i32::to_le_bytes).as_ref().map(<[u8; 4]>::as_slice), false)
        });
    } else if let Some(array) = any.downcast_ref::<Decimal128Array>() {
        array.iter().for_each(|value| {
            put(&mut bytes, value.map(i128::to_le_bytes).as_ref().map(<[u8; 16]>::as_slice), false)
        });
    } else if let Some(array) = any.downcast_ref::<StringArray>() {
        array.iter().for_each(|value| put(&mut bytes, value.map(str::as_bytes), true));
    }
    digest.raw(&bytes);
}

fn put(bytes: &mut Vec<u8>, value: Option<&[u8]>, with_length: bool) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            if with_length {
                // An array's offsets have 32 bits, and so has the length of each of its texts.
                bytes.extend_from_slice(&value.len().to_le_bytes()[..4]);
            }
            bytes.extend_from_slice(value);
        }
    }
}

/// A complete snapshot on disk.
#[derive(Clone, Debug)]
pub struct Snapshot {
    folder: PathBuf,
    manifest: Manifest,
}

impl Snapshot {
    /// Opens a snapshot's folder.
    ///
    /// # Errors
    /// When it is missing, incomplete or of another version.
    pub fn open(folder: &Path) -> Result<Self, EngineError> {
        // A path that ends in `..` names no folder of its own, so the message shows it whole.
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        let fault = |zh: &str, en: &str| EngineError::Snapshot {
            name: name.clone(),
            message: Text::new(zh, en),
        };
        let path = folder.join(MANIFEST);
        let json = fs::read(&path).map_err(|e| EngineError::file(&path, e))?;
        let manifest: Manifest = serde_json::from_slice(&json)
            .map_err(|_| fault("清单文件已损坏", "the manifest is damaged"))?;
        if manifest.format != FORMAT {
            return Err(fault(
                "由其他版本写成，请重新生成快照",
                "written by another version; write the snapshot again",
            ));
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// Opens a snapshot by its digest.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn named(snapshots: &Path, digest: Digest) -> Result<Self, EngineError> {
        Self::open(&snapshots.join(digest.to_string()))
    }

    /// The snapshot's name.
    pub fn digest(&self) -> Digest {
        self.manifest.digest
    }

    /// What the folder holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All rows of a view, in order.
    ///
    /// # Errors
    /// When a file is missing, damaged or has another number of rows.
    pub fn read(&self, view: &View) -> Result<Vec<RecordBatch>, EngineError> {
        self.read_files(view, |_| true)
    }

    fn read_files(
        &self,
        view: &View,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<RecordBatch>, EngineError> {
        let mut batches = Vec::new();
        self.each_batch(view, wanted, |batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok(batches)
    }

    /// Hands over the rows of a view, file after file, without holding them.
    fn each_batch(
        &self,
        view: &View,
        wanted: impl Fn(&str) -> bool,
        mut take: impl FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let view_files = self.manifest.views.get(view.name).map(|known| known.files.as_slice());
        let files = view_files.ok_or_else(|| no_view(self, view))?;
        for file in files.iter().filter(|file| wanted(&file.path)) {
            let path = self.folder.join(&file.path);
            let open = File::open(&path).map_err(|e| EngineError::file(&path, e))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(open)?;
            let names = view.columns.iter().map(|column| column.name);
            let mask = ProjectionMask::columns(builder.parquet_schema(), names);
            let mut rows = 0;
            for batch in builder.with_projection(mask).with_batch_size(READ_ROWS).build()? {
                let batch = batch?;
                rows += batch.num_rows();
                take(batch)?;
            }
            if rows != file.rows {
                return Err(wrong_rows(self, &file.path));
            }
        }
        Ok(())
    }

    /// The snapshot in memory.
    ///
    /// # Errors
    /// As [`Self::read`], and when rows break the views' rules.
    pub fn frame(&self) -> Result<Frame, EngineError> {
        let read = |level: Level| self.read(level.view());
        Frame::from_batches(&read(Level::Person)?, &read(Level::Household)?, &read(Level::Village)?)
    }

    /// Reads every value again and compares the digests.
    ///
    /// # Errors
    /// When a value has changed since the snapshot was written.
    pub fn verify(&self) -> Result<(), EngineError> {
        for view in View::ALL {
            let mut writer = ViewWriter::new(view);
            self.each_batch(
                view,
                |_| true,
                |batch| {
                    for (digest, array) in writer.digests.iter_mut().zip(batch.columns()) {
                        digest_values(digest, array.as_ref());
                    }
                    writer.rows += batch.num_rows();
                    Ok(())
                },
            )?;
            let found = writer.finish(&self.folder)?.digest;
            if self.manifest.views.get(view.name).map(|known| known.digest) != Some(found) {
                let message = Text::new(
                    format!("{}视图的内容已改变", view.name),
                    format!("the content of the {} view has changed", view.name),
                );
                return Err(EngineError::Snapshot { name: self.digest().short(), message });
            }
        }
        self.manifest.tables.iter().try_for_each(|(name, table)| self.verify_table(name, table))
    }
}

fn no_view(snapshot: &Snapshot, view: &View) -> EngineError {
    let message = Text::new(
        format!("清单里没有{}视图", view.name),
        format!("the manifest has no {} view", view.name),
    );
    EngineError::Snapshot { name: snapshot.digest().short(), message }
}

fn wrong_rows(snapshot: &Snapshot, path: &str) -> EngineError {
    let message = Text::new(
        format!("{path} 的行数与清单不符"),
        format!("{path} has another number of rows than the manifest says"),
    );
    EngineError::Snapshot { name: snapshot.digest().short(), message }
}

fn known_kind(
    snapshot: &Snapshot,
    column: &ColumnManifest,
) -> Result<datafusion::arrow::datatypes::DataType, EngineError> {
    let message = || {
        Text::new(
            format!("“{}”列的类型“{}”本版程序不认识", column.name, column.kind),
            format!("column {} is of kind {}, unknown to this version", column.name, column.kind),
        )
    };
    let name = snapshot.digest().short();
    column.arrow().ok_or_else(|| EngineError::Snapshot { name, message: message() })
}

/// Rows per batch read.
const READ_ROWS: usize = 65_536;
