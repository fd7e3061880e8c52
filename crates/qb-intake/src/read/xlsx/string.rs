//! The text of a string item: plain, rich, escaped, in CDATA; without phonetic readings.

use quick_xml::events::Event;

use super::text::{push_entity, resolve_escapes};
use super::xml::local;
use crate::read::limits::CELL_BYTES_MAX;

/// Collects the text of one string, as far as a cell may be long.
#[derive(Debug, Default)]
pub(crate) struct StringReader {
    text: Vec<u8>,
    too_long: bool,
    place: Place,
}

/// Where in a string the events are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    /// In `<t>` or `<v>`.
    Text,
    /// In `<rPh>`: how the text is pronounced.
    Phonetic,
}

impl StringReader {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.too_long = false;
        self.place = Place::Outside;
    }

    /// Takes an event inside a string item or cell.
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        match (self.place, event) {
            (Place::Text, Event::Text(text)) => self.push_value(text.as_bytes()),
            (Place::Text, Event::CData(text)) => self.push_value(text.as_bytes()),
            (Place::Text, Event::GeneralRef(name)) => {
                let mut character = Vec::with_capacity(8);
                push_entity(name, &mut character);
                self.push_value(&character);
            }
            (Place::Text, Event::End(_)) => self.place = Place::Outside,
            (Place::Outside, Event::Start(element)) => {
                self.place = match local(element.name()) {
                    "t" | "v" => Place::Text,
                    "rPh" => Place::Phonetic,
                    _ => Place::Outside,
                };
            }
            (Place::Phonetic, Event::End(element)) if local(element.name()) == "rPh" => {
                self.place = Place::Outside;
            }
            _ => {}
        }
    }

    /// Appends a piece; what is beyond the length of a cell is dropped, and remembered to be.
    pub(crate) fn push_value(&mut self, piece: &[u8]) {
        if self.text.len() + piece.len() > CELL_BYTES_MAX {
            self.too_long = true;
            self.text = Vec::new();
        }
        if !self.too_long {
            self.text.extend_from_slice(piece);
        }
    }

    /// Ends the string; answers whether it was too long, and then has no text.
    pub(crate) fn finish(&mut self) -> bool {
        resolve_escapes(&mut self.text);
        self.too_long
    }

    /// The text of the string that ended.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }
}
