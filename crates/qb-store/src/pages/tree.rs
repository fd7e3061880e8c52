//! B-trees that grow at their right edge, page by page.
//!
//! <https://www.sqlite.org/fileformat2.html#b_tree_pages>

use super::Pages;
use super::record::{put_varint, varint};
use crate::error::StoreError;

/// Bytes before the cells' places; an inner page's hold its last child as well.
const LEAF_HEAD: usize = 8;
const INNER_HEAD: usize = 12;

/// Which of SQLite's two kinds of tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TreeKind {
    Table,
    Index,
}

impl TreeKind {
    fn leaf(self) -> u8 {
        if self == Self::Table { 13 } else { 10 }
    }

    fn inner(self) -> u8 {
        if self == Self::Table { 5 } else { 2 }
    }

    /// The longest payload a cell holds without overflow pages, which we do not lay out.
    pub(super) fn payload_max(self, size: usize) -> usize {
        match self {
            Self::Table => size - 35,
            Self::Index => (size - 12) * 64 / 255 - 23,
        }
    }
}

/// A page that is filled from its end.
#[derive(Debug)]
pub(super) struct Page {
    bytes: Vec<u8>,
    head: usize,
    cells: usize,
    /// Where the cells begin.
    content: usize,
}

impl Page {
    pub(super) fn leaf(kind: TreeKind, size: usize) -> Self {
        Self::new(kind.leaf(), LEAF_HEAD, size)
    }

    fn inner(kind: TreeKind, size: usize) -> Self {
        Self::new(kind.inner(), INNER_HEAD, size)
    }

    fn new(flag: u8, head: usize, size: usize) -> Self {
        let mut bytes = vec![0; size];
        bytes[0] = flag;
        Self { bytes, head, cells: 0, content: size }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells == 0
    }

    #[inline]
    pub(super) fn fits(&self, length: usize) -> bool {
        self.head + 2 * (self.cells + 1) + length <= self.content
    }

    /// Adds a cell that fits, given in parts.
    #[inline]
    pub(super) fn push<const PARTS: usize>(&mut self, parts: [&[u8]; PARTS]) {
        self.content -= parts.iter().map(|part| part.len()).sum::<usize>();
        let mut at = self.content;
        for part in parts {
            self.bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        let place = self.head + 2 * self.cells;
        self.bytes[place..place + 2].copy_from_slice(&short(self.content));
        self.cells += 1;
    }

    /// Takes the last cell off.
    fn pop(&mut self) -> Vec<u8> {
        let before = self.cells.checked_sub(2).map(|at| place(&self.bytes, self.head, at));
        let end = before.unwrap_or(self.bytes.len());
        let cell = self.bytes[self.content..end].to_vec();
        self.bytes[self.content..end].fill(0);
        self.content = end;
        self.cells -= 1;
        let place = self.head + 2 * self.cells;
        self.bytes[place..place + 2].fill(0);
        cell
    }

    /// The page as it is written, and an empty one in its place.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let empty = Self::new(self.bytes[0], self.head, self.bytes.len());
        std::mem::replace(self, empty).finish()
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes[3..5].copy_from_slice(&short(self.cells));
        self.bytes[5..7].copy_from_slice(&short(self.content));
        self.bytes
    }
}

/// Offsets on a page of at most 32 KiB.
#[expect(clippy::cast_possible_truncation, reason = "pages are smaller than 64 KiB")]
fn short(number: usize) -> [u8; 2] {
    (number as u16).to_be_bytes()
}

fn place(bytes: &[u8], head: usize, at: usize) -> usize {
    usize::from(u16::from_be_bytes([bytes[head + 2 * at], bytes[head + 2 * at + 1]]))
}

/// A page of a tree as it lies in the file.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    bytes: &'a [u8],
    is_leaf: bool,
}

impl<'a> Written<'a> {
    /// `None` where the bytes are no page of such a tree.
    pub(super) fn of(bytes: &'a [u8], kind: TreeKind) -> Option<Self> {
        let flag = *bytes.first()?;
        let is_leaf = flag == kind.leaf();
        (is_leaf || flag == kind.inner()).then_some(Self { bytes, is_leaf })
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.is_leaf
    }

    pub(super) fn len(&self) -> usize {
        usize::from(u16::from_be_bytes([self.bytes[3], self.bytes[4]]))
    }

    /// A cell, with whatever follows it on the page.
    pub(super) fn cell(&self, at: usize) -> Option<&'a [u8]> {
        let head = if self.is_leaf { LEAF_HEAD } else { INNER_HEAD };
        let place = self.bytes.get(head + 2 * at..head + 2 * at + 2)?;
        self.bytes.get(usize::from(u16::from_be_bytes([place[0], place[1]]))..)
    }

    /// The children of an inner page, in their order.
    pub(super) fn children(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        let last = self.bytes.get(8..12).and_then(number);
        (0..self.len()).map(|at| number(self.cell(at)?)).chain(std::iter::once(last))
    }

    /// Row id and record of a cell of a table's leaf; `None` for one with overflow pages.
    #[inline]
    pub(super) fn row(&self, at: usize) -> Option<(i64, &'a [u8])> {
        let cell = self.cell(at)?;
        let (length, first) = varint(cell)?;
        let (row_id, second) = varint(cell.get(first..)?)?;
        let length = usize::try_from(length).ok()?;
        if length > TreeKind::Table.payload_max(self.bytes.len()) {
            return None;
        }
        let start = first + second;
        Some((row_id.cast_signed(), cell.get(start..start + length)?))
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes))
}

/// An inner page at the right edge.
#[derive(Debug)]
struct Node {
    number: u32,
    page: Page,
    right: u32,
    /// Whether SQLite may know the page already.
    is_old: bool,
}

impl Node {
    fn finish(mut self) -> Vec<u8> {
        self.page.bytes[8..12].copy_from_slice(&self.right.to_be_bytes());
        self.page.finish()
    }
}

/// The right edge of a tree: what is needed to hang another leaf to it.
#[derive(Debug)]
pub(super) struct Tree {
    kind: TreeKind,
    root: u32,
    size: usize,
    /// The only leaf, as long as there is one: it is the root itself.
    only: Option<Vec<u8>>,
    /// Inner pages at the edge, from the one above the leaves to the root.
    edge: Vec<Node>,
    /// Pages that SQLite may know already and that are complete.
    old: Vec<(u32, Vec<u8>)>,
    /// The edge as it was found.
    found: Vec<(u32, Vec<u8>)>,
}

impl Tree {
    /// An empty tree whose root is there already.
    pub(super) fn empty(kind: TreeKind, root: u32, size: usize) -> Self {
        let (only, edge, old, found) = (None, Vec::new(), Vec::new(), Vec::new());
        Self { kind, root, size, only, edge, old, found }
    }

    /// A table's tree as it stands, and its greatest row id; `None` for one that we do not know
    /// how to continue.
    pub(super) fn open(pages: &Pages<'_>, root: u32) -> Result<Option<(Self, i64)>, StoreError> {
        let mut tree = Self::empty(TreeKind::Table, root, pages.size);
        let mut number = root;
        loop {
            let bytes = pages.read(number)?;
            tree.found.push((number, bytes.clone()));
            let Some(written) = Written::of(&bytes, TreeKind::Table) else { return Ok(None) };
            if !written.is_leaf() {
                let Some(node) = Node::read(number, &written, pages.size) else { return Ok(None) };
                number = node.right;
                tree.edge.insert(0, node);
                continue;
            }
            let last = match written.len() {
                0 => 0,
                rows => {
                    let head = written.cell(rows - 1).and_then(|cell| {
                        let (_, length) = varint(cell)?;
                        varint(cell.get(length..)?)
                    });
                    let Some((row_id, _)) = head else { return Ok(None) };
                    row_id.cast_signed()
                }
            };
            if tree.edge.is_empty() && written.len() > 0 {
                tree.only = Some(bytes);
            }
            return Ok(Some((tree, last)));
        }
    }

    /// Hangs a leaf to the right edge; `separator` is the cell between it and the leaf before.
    pub(super) fn append(
        &mut self,
        pages: &mut Pages<'_>,
        leaf: Vec<u8>,
        separator: &[u8],
    ) -> Result<(), StoreError> {
        if self.edge.is_empty() && self.only.is_none() {
            self.only = Some(leaf);
            return Ok(());
        }
        if let Some(first) = self.only.take() {
            let number = pages.add(&first)?;
            self.edge.push(self.node(self.root, true, number));
        }
        let mut child = pages.add(&leaf)?;
        let mut separator = separator.to_vec();
        for level in 0.. {
            let Some(node) = self.edge.get_mut(level) else { break };
            if node.page.fits(4 + separator.len()) {
                node.page.push([&node.right.to_be_bytes(), &separator]);
                node.right = child;
                return Ok(());
            }
            // The page is full: its last child goes to a new page together with the new one,
            // because no page below the root may have fewer than two.
            let last = node.page.pop();
            let left = number(&last);
            let left = left.ok_or(StoreError::Broken("a page's child has no number"))?;
            let right = std::mem::replace(&mut node.right, left);
            let is_root = node.number == self.root;
            let number = if is_root { pages.take()? } else { node.number };
            let mut next = self.node(pages.take()?, false, right);
            next.page.push([&right.to_be_bytes(), &separator]);
            next.right = child;
            child = next.number;
            separator = last[4..].to_vec();
            let Some(slot) = self.edge.get_mut(level) else { break };
            let full = std::mem::replace(slot, next);
            if full.is_old && !is_root {
                self.old.push((number, full.finish()));
            } else {
                pages.write(number, &full.finish())?;
            }
            if is_root {
                self.edge.push(self.node(self.root, true, number));
            }
        }
        Ok(())
    }

    fn node(&self, number: u32, is_old: bool, right: u32) -> Node {
        Node { number, page: Page::inner(self.kind, self.size), right, is_old }
    }

    /// Writes the right edge and the root. SQLite must have forgotten the pages it knew of the
    /// tree, see [`Pages::forget`].
    ///
    /// # Errors
    /// When a statement changed the edge meanwhile: its change would be lost.
    pub(super) fn finish(self, pages: &Pages<'_>) -> Result<(), StoreError> {
        for (number, bytes) in self.found {
            if pages.read(number)? != bytes {
                let message = "a statement changed a table while rows were loaded into it";
                return Err(StoreError::Database(message.to_owned()));
            }
        }
        for (number, bytes) in self.old {
            pages.write(number, &bytes)?;
        }
        for node in self.edge {
            pages.write(node.number, &node.finish())?;
        }
        self.only.map_or(Ok(()), |leaf| pages.write(self.root, &leaf))
    }
}

impl Node {
    fn read(number: u32, written: &Written<'_>, size: usize) -> Option<Self> {
        let mut page = Page::inner(TreeKind::Table, size);
        for at in 0..written.len() {
            let cell = written.cell(at)?;
            let (_, length) = varint(cell.get(4..)?)?;
            page.push([cell.get(..4 + length)?]);
        }
        let right = self::number(written.bytes.get(8..12)?)?;
        Some(Self { number, page, right, is_old: true })
    }
}

/// What stands between two leaves of a table: the last row id of the first.
pub(super) fn table_separator(row_id: i64) -> Vec<u8> {
    let mut cell = Vec::with_capacity(9);
    put_varint(&mut cell, row_id.cast_unsigned());
    cell
}

/// Leaves of an index, filled with cells in their order. The cell between two leaves stands in
/// neither.
pub(super) struct IndexLeaves {
    page: Page,
    /// The cell that did not fit: it parts the page from the next one, if another cell comes.
    between: Option<Vec<u8>>,
}

impl IndexLeaves {
    pub(super) fn new(size: usize) -> Self {
        Self { page: Page::leaf(TreeKind::Index, size), between: None }
    }

    /// Adds a cell; answers a leaf that is complete and the cell behind it.
    pub(super) fn push(&mut self, cell: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        if let Some(between) = self.between.take() {
            let full = self.page.take();
            self.page.push([cell]);
            return Some((full, between));
        }
        if self.page.fits(cell.len()) {
            self.page.push([cell]);
        } else {
            self.between = Some(cell.to_vec());
        }
        None
    }

    /// The last leaves, each with the cell behind it; none for no cells.
    pub(super) fn finish(mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rest = Vec::new();
        if let Some(last) = self.between.take() {
            let between = self.page.pop();
            rest.push((self.page.take(), between));
            self.page.push([&last]);
        }
        if !self.page.is_empty() {
            rest.push((self.page.take(), Vec::new()));
        }
        rest
    }
}
