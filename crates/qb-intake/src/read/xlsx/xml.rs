//! Parts of a workbook as XML events: in any encoding, in pieces, in bounded memory.

use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memmem, memrchr};
use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, BytesText, Event};
use quick_xml::name::QName;

use super::package::Package;
use super::text;
use crate::error::FileFault;
use crate::read::Flow;

/// Bytes one tag, comment or CDATA section may have; they are held until they are complete.
const MARKUP_BYTES_MAX: usize = 4 << 20;
/// Bytes an entity may have.
const ENTITY_BYTES_MAX: usize = 64;
/// Bytes at the start of a part in which its declaration stands.
const DECLARATION_BYTES: usize = 256;
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Turns a part that arrives block by block into events.
///
/// Events borrow from the bytes they stand in: only what a block leaves unfinished is copied.
#[derive(Debug)]
pub(crate) struct Walker<'p> {
    part: &'p str,
    pending: Vec<u8>,
    begun: bool,
}

impl<'p> Walker<'p> {
    pub(crate) fn new(part: &'p str) -> Self {
        Self { part, pending: Vec::new(), begun: false }
    }

    /// Hands on every event that `block` (whole characters of UTF-8) completes.
    ///
    /// `visit` gets an event and the bytes behind it, of which it may take some for itself.
    pub(crate) fn feed<E: From<FileFault>>(
        &mut self,
        block: &[u8],
        last: bool,
        visit: &mut impl FnMut(Event<'_>, &mut &[u8]) -> Result<Flow, E>,
    ) -> Result<Flow, E> {
        self.pending.extend_from_slice(block);
        let bytes = std::mem::take(&mut self.pending);
        let whole = if last { bytes.len() } else { whole_until(&bytes) };
        let (used, flow) = self.walk(&bytes[..whole], last, visit)?;
        self.pending = bytes;
        self.pending.drain(..used);
        if self.pending.len() > MARKUP_BYTES_MAX {
            return Err(FileFault::malformed(
                self.part,
                &format!(
                    "一个标记超过 {MARKUP_BYTES_MAX} 字节 / a tag or section is longer than {MARKUP_BYTES_MAX} bytes"
                ),
            )
            .into());
        }
        Ok(flow)
    }

    /// Visits the events of `bytes`; answers how many bytes are done with.
    fn walk<E: From<FileFault>>(
        &mut self,
        mut bytes: &[u8],
        last: bool,
        visit: &mut impl FnMut(Event<'_>, &mut &[u8]) -> Result<Flow, E>,
    ) -> Result<(usize, Flow), E> {
        let all = bytes.len();
        // The reader drops a mark at the start of what it is given; later it is a character.
        if self.begun
            && let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes())
        {
            visit(Event::Text(BytesText::from_escaped(BYTE_ORDER_MARK)), &mut bytes)?;
            bytes = rest;
        }
        self.begun |= !bytes.is_empty();
        let mut reader = Reader::from_reader(bytes);
        let config = reader.config_mut();
        // A block begins inside elements; who visits knows where it is.
        (config.allow_unmatched_ends, config.check_end_names) = (true, false);
        config.allow_dangling_amp = true;
        loop {
            let left = reader.get_ref().len();
            match reader.read_event() {
                Ok(Event::Eof) => return Ok((all, Flow::Continue)),
                Ok(Event::DocType(_)) => return Err(document_type(self.part).into()),
                Ok(event) => {
                    if visit(event, reader.get_mut())? == Flow::Stop {
                        return Ok((all - reader.get_ref().len(), Flow::Stop));
                    }
                }
                // Its end is in a later block.
                Err(Error::Syntax(_)) if !last => return Ok((all - left, Flow::Continue)),
                Err(Error::Syntax(error)) => {
                    return Err(FileFault::truncated(&error.to_string()).into());
                }
                Err(error) => {
                    return Err(FileFault::malformed(self.part, &error.to_string()).into());
                }
            }
        }
    }
}

/// How many bytes certainly end outside of a tag, an entity or a section begun before them.
fn whole_until(bytes: &[u8]) -> usize {
    if let Some(at) = memrchr(b'>', bytes) {
        return at + 1;
    }
    match (memchr(b'<', bytes), memrchr(b'&', bytes)) {
        (Some(_), _) => 0,
        // A long text may go on for blocks: all of it but an entity that may be incomplete.
        (None, Some(at)) if bytes.len() - at < ENTITY_BYTES_MAX => at,
        (None, _) => bytes.len(),
    }
}

/// A document type could name files or addresses outside the workbook: no workbook needs one.
fn document_type(part: &str) -> FileFault {
    FileFault::malformed(part, "含有文档类型声明（DTD） / it holds a document type declaration")
}

/// Visits the elements and texts of a part.
pub(crate) fn each_event(
    package: &Package,
    part: &str,
    visit: &mut dyn FnMut(&Event<'_>) -> Result<(), FileFault>,
) -> Result<(), FileFault> {
    let mut walker = Walker::new(part);
    package.text(part, &mut |block, last| {
        let flow =
            walker.feed(block, last, &mut |event, _| visit(&event).map(|()| Flow::Continue))?;
        Ok(flow == Flow::Continue)
    })
}

/// Visits the elements of a part with their depth: the root has 1.
pub(crate) fn each_element(
    package: &Package,
    part: &str,
    visit: &mut dyn FnMut(usize, &BytesStart<'_>) -> Result<(), FileFault>,
) -> Result<(), FileFault> {
    let mut depth = 0_usize;
    each_event(package, part, &mut |event| {
        match event {
            Event::Start(element) => {
                depth += 1;
                visit(depth, element)?;
            }
            Event::Empty(element) => visit(depth + 1, element)?,
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or_else(|| {
                    FileFault::malformed(part, "多余的结束标记 / an end tag without its start")
                })?;
            }
            _ => {}
        }
        Ok(())
    })
}

/// A name without its prefix, which few have.
pub(crate) fn local(name: QName<'_>) -> &str {
    if name.0.bytes().any(|byte| byte == b':') { name.local_name().into_inner() } else { name.0 }
}

/// The value of an attribute by its local name.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let mut value = Vec::new();
    text::resolve_entities(found.value.as_bytes(), &mut value);
    Some(String::from_utf8_lossy(&value).into_owned())
}

/// Turns the bytes of a part into UTF-8, whole characters at a time.
#[derive(Default)]
pub(crate) struct Decoder {
    decoder: Option<encoding_rs::Decoder>,
    target: Vec<u8>,
}

impl Decoder {
    /// The text of a block; damaged characters become U+FFFD, which rows report.
    pub(crate) fn decode(&mut self, mut block: &[u8], last: bool) -> &[u8] {
        let decoder =
            self.decoder.get_or_insert_with(|| encoding_of(block).new_decoder_with_bom_removal());
        let room = decoder.max_utf8_buffer_length(block.len()).unwrap_or(block.len() * 4 + 16);
        if self.target.len() < room {
            self.target.resize(room, 0);
        }
        let mut written = 0;
        loop {
            let free = &mut self.target[written..];
            let (result, read, wrote, _) = decoder.decode_to_utf8(block, free, last);
            written += wrote;
            block = &block[read..];
            match result {
                CoderResult::InputEmpty => break,
                CoderResult::OutputFull => self.target.resize(self.target.len() * 2 + 16, 0),
            }
        }
        &self.target[..written]
    }
}

/// The encoding that a part's first bytes tell: its mark, its declaration, else UTF-8.
fn encoding_of(start: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return encoding;
    }
    match start {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let declaration = &start[..DECLARATION_BYTES.min(start.len())];
    declared(declaration)
        .and_then(Encoding::for_label)
        // Bytes that could be read so far are no UTF-16, whatever they say.
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
        .unwrap_or(UTF_8)
}

/// The name in `<?xml … encoding="NAME"?>`.
fn declared(start: &[u8]) -> Option<&[u8]> {
    let declaration = start.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..memmem::find(declaration, b"?>")?)?;
    let rest = declaration.get(memmem::find(declaration, b"encoding")? + 8..)?;
    let value = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    value.get(..memchr(*quote, value)?)
}

#[cfg(test)]
mod tests;
