//! What the readers of several formats share.

use quick_xml::events::Event;

use super::batch::{Batch, CellKind};
use super::limits::CELL_BYTES_MAX;
use super::xlsx::text::push_entity;
use super::{Flow, Sink};
use crate::error::{FileFault, IntakeError};

/// Hands a batch on when it is full.
pub(super) fn hand_on(batch: &mut Batch, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
    if !batch.is_full() {
        return Ok(Flow::Continue);
    }
    let flow = sink(batch)?;
    batch.clear();
    Ok(flow)
}

/// Hands on what is left at the end of a sheet.
pub(super) fn hand_on_rest(batch: &Batch, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
    if !batch.is_empty() {
        sink(batch)?;
    }
    Ok(())
}

/// Ends a sheet of XML: what is left is handed on, unless the file broke off before its end.
pub(super) fn end_sheet(
    (batch, is_done): (&Batch, bool),
    sink: &mut Sink<'_>,
) -> Result<(), IntakeError> {
    if !is_done {
        return Err(FileFault::truncated("工作表没有结尾 / the sheet has no end").into());
    }
    hand_on_rest(batch, sink)
}

/// A workbook with more sheets or rows than any office makes.
pub(super) fn too_large() -> FileFault {
    FileFault::too_large(
        "工作簿的工作表或行数超过上限。".to_owned(),
        "the workbook has too many sheets or rows".to_owned(),
    )
}

/// Hands on the characters that an event of XML brings, if it brings any.
pub(super) fn characters(event: &Event<'_>, push: impl FnOnce(&[u8])) {
    match event {
        Event::Text(text) => push(text.as_bytes()),
        Event::CData(text) => push(text.as_bytes()),
        Event::GeneralRef(name) => {
            let mut character = Vec::with_capacity(8);
            push_entity(name, &mut character);
            push(&character);
        }
        _ => {}
    }
}

/// Appends characters to a cell; one that would hold too many holds none.
pub(super) fn append(cell: (&mut CellKind, &mut Vec<u8>), piece: &[u8]) {
    let (kind, text) = cell;
    if *kind != CellKind::TooLong && text.len() + piece.len() > CELL_BYTES_MAX {
        (*kind, *text) = (CellKind::TooLong, Vec::new());
    }
    if *kind != CellKind::TooLong {
        text.extend_from_slice(piece);
    }
}
