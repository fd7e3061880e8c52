//! Bounds that are checked before memory is spent on a file.

/// Bytes a file may have on disk.
pub const FILE_BYTES_MAX: u64 = 1 << 30;
/// Entries an XLSX package may have: a picture in each of ten thousand rows is real.
pub const ENTRIES_MAX: usize = 32_768;
/// Bytes of a package's directory, which is held in memory.
pub const DIRECTORY_BYTES_MAX: u64 = 16 << 20;
/// Bytes all entries of a package may have together after inflating; a sheet of a million rows and
/// thirty columns has about 1.3 GB.
pub const UNPACKED_BYTES_MAX: u64 = 3 << 30;
/// How much larger than its packed form an entry may become; real sheets stay below 40.
pub const RATIO_MAX: u64 = 200;
/// Entries smaller than this are not judged by their ratio: thousands of equal styles pack well.
pub const RATIO_FREE_BYTES: u64 = 16 << 20;
/// Sheets a workbook may have.
pub const SHEETS_MAX: usize = 16_384;
/// Cell formats a workbook may have (a spreadsheet program allows 65,490).
pub const FORMATS_MAX: usize = 1 << 20;
/// Bytes of the cells of one row; further ones are said to be too long.
pub const ROW_BYTES_MAX: usize = 4 << 20;
/// Rows one sheet may have.
pub const ROWS_MAX: u32 = 4_000_000;
/// Bytes of text one cell may hold (a spreadsheet allows 32,767 characters); a longer one is not
/// read, and said to be too long.
pub const CELL_BYTES_MAX: usize = 1 << 18;
/// Bytes of one shared string table after inflating.
pub const SHARED_BYTES_MAX: u64 = 1 << 30;
/// Bytes of memory a shared string table may take, packed as far as it is.
pub const SHARED_MEMORY_MAX: usize = 112 << 20;
/// Strings one shared string table may have.
pub const SHARED_STRINGS_MAX: usize = 40_000_000;
/// Bytes of an old binary workbook, which must be held in memory to be read.
pub const LEGACY_BYTES_MAX: u64 = 64 << 20;
/// Bytes of memory the process that reads an old workbook may take.
pub const CHILD_MEMORY_BYTES: u64 = 1 << 30;
/// Seconds of processor time it may take.
pub const CHILD_SECONDS: u64 = 120;
