//! A workbook of two megabytes that would unpack to two gigabytes.

use flate2::{Compress, Compression, Crc, FlushCompress};

/// Zeros in one packed piece, and how often the piece is repeated.
const PIECE: usize = 1 << 20;
const PIECES: usize = 2_048;

/// A ZIP archive with one worksheet of zeros; `declared` is the size that its headers claim.
pub(crate) fn bomb(declared: u32) -> Vec<u8> {
    let data = packed_zeros();
    let name = b"xl/worksheets/sheet1.xml";
    let mut crc = Crc::new();
    crc.update(b"not the checksum of the content");
    let mut fields = Vec::new();
    fields.extend(20_u16.to_le_bytes()); // version needed
    fields.extend(0_u16.to_le_bytes()); // flags
    fields.extend(8_u16.to_le_bytes()); // deflate
    fields.extend([0; 4]); // time and date
    fields.extend(crc.sum().to_le_bytes());
    fields.extend(u32::try_from(data.len()).expect("a small archive").to_le_bytes());
    fields.extend(declared.to_le_bytes());
    fields.extend(u16::try_from(name.len()).expect("a short name").to_le_bytes());
    fields.extend(0_u16.to_le_bytes()); // extra field
    let mut archive = Vec::new();
    archive.extend(b"PK\x03\x04");
    archive.extend(&fields);
    archive.extend(name);
    archive.extend(&data);
    let directory = u32::try_from(archive.len()).expect("a small archive");
    archive.extend(b"PK\x01\x02");
    archive.extend(20_u16.to_le_bytes()); // made by
    archive.extend(&fields);
    archive.extend([0; 14]); // comment, disk, attributes, offset 0
    archive.extend(name);
    let length = u32::try_from(archive.len()).expect("a small archive") - directory;
    archive.extend(b"PK\x05\x06");
    archive.extend([0; 4]); // disks
    archive.extend(1_u16.to_le_bytes());
    archive.extend(1_u16.to_le_bytes());
    archive.extend(length.to_le_bytes());
    archive.extend(directory.to_le_bytes());
    archive.extend(0_u16.to_le_bytes()); // comment
    archive
}

/// A deflate stream of zeros: one flushed piece, repeated, then an empty last block.
fn packed_zeros() -> Vec<u8> {
    let mut packer = Compress::new(Compression::best(), false);
    let mut piece = Vec::with_capacity(PIECE);
    packer.compress_vec(&vec![0; PIECE], &mut piece, FlushCompress::Full).expect("packed zeros");
    let mut stream = piece.repeat(PIECES);
    stream.extend([0x03, 0x00]);
    stream
}
