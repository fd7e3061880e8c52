//! A drawing as a picture, for documents that office programs edit: not all of them show drawings.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};

use crate::error::ReportError;
use crate::fonts::Fonts;

/// Points of a picture for one unit of its drawing, each way: enough for paper.
const POINTS: u32 = 2;
/// Most points of one picture.
const POINTS_MAX: u32 = 40_000_000;

/// A picture.
pub(crate) struct Picture {
    /// Its bytes.
    pub(crate) png: Vec<u8>,
    /// How wide its drawing is, in units of its own.
    pub(crate) width: u32,
    /// How high it is, in the same.
    pub(crate) height: u32,
}

/// Turns drawings into pictures.
pub(crate) struct Painter {
    fonts: Arc<Database>,
}

impl Painter {
    /// One who writes in these fonts.
    pub(crate) fn new(fonts: &Fonts) -> Self {
        let mut known = Database::new();
        for file in fonts.files() {
            known.load_font_source(Source::Binary(Arc::new(file)));
        }
        Self { fonts: Arc::new(known) }
    }

    /// Paints a drawing on white paper.
    ///
    /// # Errors
    /// When the drawing is none, or too large.
    pub(crate) fn paint(&self, svg: &str) -> Result<Picture, ReportError> {
        let options = Options { fontdb: Arc::clone(&self.fonts), ..Options::default() };
        let failed = |detail: &dyn ToString| ReportError::Document(detail.to_string());
        let tree = Tree::from_str(svg, &options).map_err(|wrong| failed(&wrong))?;
        let size = tree.size().to_int_size();
        let too_large = || failed(&"a drawing is too large");
        let across = size.width().checked_mul(POINTS).ok_or_else(too_large)?;
        let down = size.height().checked_mul(POINTS).ok_or_else(too_large)?;
        let fits = across.checked_mul(down).is_some_and(|points| points <= POINTS_MAX);
        let paper = fits.then(|| Pixmap::new(across, down)).flatten();
        let mut paper = paper.ok_or_else(too_large)?;
        paper.fill(Color::WHITE);
        // floats: the library places points with them.
        let scale = Transform::from_scale(2.0, 2.0);
        resvg::render(&tree, scale, &mut paper.as_mut());
        let png = paper.encode_png().map_err(|wrong| failed(&wrong))?;
        Ok(Picture { png, width: size.width(), height: size.height() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(inside: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"40\">{inside}</svg>"
        )
    }

    /// How many points of a picture are dark.
    fn dark(picture: &Picture) -> usize {
        let paper = Pixmap::decode_png(&picture.png).unwrap();
        paper.pixels().iter().filter(|point| point.red() < 128).count()
    }

    #[test]
    fn shapes_and_words_are_painted() {
        let painter = Painter::new(&Fonts::embedded());
        let bar = painter.paint(&drawing("<rect width=\"10\" height=\"10\"/>")).unwrap();
        assert_eq!((bar.width, bar.height, dark(&bar)), (100, 40, 400));
        let words =
            "<text x=\"4\" y=\"30\" font-size=\"24\" font-family=\"Noto Serif SC\">徐州</text>";
        assert!(dark(&painter.paint(&drawing(words)).unwrap()) > 200, "the font is there");
        assert_eq!(dark(&painter.paint(&drawing("")).unwrap()), 0);
    }

    #[test]
    fn what_is_no_drawing_or_too_large_is_refused() {
        let painter = Painter::new(&Fonts::embedded());
        assert!(painter.paint("no drawing").is_err());
        let large = drawing("").replace("100", "100000").replace("40", "40000");
        assert!(painter.paint(&large).is_err());
    }
}
