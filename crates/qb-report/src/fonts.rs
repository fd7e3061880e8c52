//! The fonts of a report and the check that every character has a glyph.
//!
//! Typesetting drops a character without a glyph silently: a village or a person would lose part of
//! its name.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::error::ReportError;

/// Noto Serif SC, regular: GB 2312 and every area name of the pack.
static REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSerifSC-Regular.ttf");
/// Noto Serif SC, bold: GB 2312 level 1 and every area name of the pack.
static BOLD: &[u8] = include_bytes!("../assets/fonts/NotoSerifSC-Bold.ttf");

/// Most font files taken from the data directory.
const EXTRA_FILES_MAX: usize = 16;
/// Largest font file taken from the data directory, in bytes.
const EXTRA_FILE_BYTES_MAX: u64 = 64 << 20;
/// How many missing characters an error lists.
const MISSING_LISTED_MAX: usize = 20;

/// A set of fonts that can typeset a report.
#[derive(Clone)]
pub struct Fonts {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
}

impl Fonts {
    /// The fonts that travel inside the program.
    pub fn embedded() -> Self {
        static EMBEDDED: OnceLock<Fonts> = OnceLock::new();
        EMBEDDED
            .get_or_init(|| {
                let files = [Bytes::new(REGULAR), Bytes::new(BOLD)];
                Self::from_fonts(files.into_iter().flat_map(Font::iter).collect())
            })
            .clone()
    }

    /// The embedded fonts and every font file of a folder, in the order of their names; a missing
    /// folder adds nothing.
    ///
    /// # Errors
    /// When a file is no font, is too large, or cannot be read.
    pub fn with_folder(folder: &Path) -> Result<Self, ReportError> {
        let mut fonts = Self::embedded().fonts;
        for path in font_files(folder)? {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let failed = |source| ReportError::File { file: name.clone(), source };
            let size = std::fs::metadata(&path).map_err(failed)?.len();
            if size > EXTRA_FILE_BYTES_MAX {
                return Err(ReportError::Font { file: name });
            }
            let before = fonts.len();
            fonts.extend(Font::iter(Bytes::new(std::fs::read(&path).map_err(failed)?)));
            if fonts.len() == before {
                return Err(ReportError::Font { file: name });
            }
        }
        Ok(Self::from_fonts(fonts))
    }

    fn from_fonts(fonts: Vec<Font>) -> Self {
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Self { fonts, book }
    }

    /// Whether some font has a glyph for the character, or it needs none.
    pub fn covers(&self, character: char) -> bool {
        needs_no_glyph(character)
            || self.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
    }

    /// Checks that every character of the texts has a glyph.
    ///
    /// # Errors
    /// [`ReportError::MissingGlyph`] with the code points.
    pub fn check<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<(), ReportError> {
        let used: BTreeSet<char> = texts.into_iter().flat_map(str::chars).collect();
        missing_glyphs(used.into_iter().filter(|c| !self.covers(*c)))
    }

    /// The files of the fonts, each once.
    pub(crate) fn files(&self) -> impl Iterator<Item = Bytes> + '_ {
        self.fonts.iter().filter(|font| font.index() == 0).map(|font| font.data().clone())
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(crate) fn get(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

/// An error that lists the characters, or `Ok` when there are none.
pub(crate) fn missing_glyphs(characters: impl Iterator<Item = char>) -> Result<(), ReportError> {
    let points: Vec<String> =
        characters.take(MISSING_LISTED_MAX).map(|c| format!("U+{:04X}", u32::from(c))).collect();
    if points.is_empty() {
        return Ok(());
    }
    Err(ReportError::MissingGlyph { code_points: points.join(" ") })
}

fn needs_no_glyph(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\t' | '\u{200b}' | '\u{2060}')
}

fn font_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, ReportError> {
    let failed = |source| ReportError::File { file: folder.display().to_string(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        if matches!(extension.as_deref(), Some("ttf" | "otf" | "ttc" | "otc")) {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(EXTRA_FILES_MAX);
    Ok(files)
}

#[cfg(test)]
mod tests;
