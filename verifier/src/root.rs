//! The root of a pool or result file (D20 to D22): a tree over groups of 256 lines, so that one line can be
//! proven by its group and a short path.

use sha2::{Digest as _, Sha256};

use crate::text::Digest;

/// Lines a group has; the last group may have fewer.
pub const GROUP_ROWS: u64 = 256;

/// What a record says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSummary {
    /// Lines.
    pub rows: u64,
    /// Tickets; 0 for result files and for `rank-v1`.
    pub tickets: u64,
    /// Length in bytes.
    pub bytes: u64,
    /// Root of the tree over groups of 256 lines.
    pub root: Digest,
    /// SHA-256 of the whole file.
    pub sha256: Digest,
}

/// SHA-256(0x01 ‖ left ‖ right): an inner node here and in the log.
pub(crate) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[1], &left.0, &right.0])
}

/// The leaf of one group: SHA-256(0x00 ‖ first row ‖ first ticket ‖ the group's bytes), both
/// numbers as eight big-endian bytes.
#[must_use]
pub fn group_leaf(first_row: u64, first_ticket: u64, bytes: &[u8]) -> Digest {
    let (row, ticket) = (first_row.to_be_bytes(), first_ticket.to_be_bytes());
    Digest::of_parts(&[&[0], &row, &ticket, bytes])
}

/// A growing tree in the shape of RFC 6962 §2.1, kept as the roots of its full subtrees.
#[derive(Clone, Default)]
pub(crate) struct Subtrees {
    /// Largest first; the sizes are the binary digits of `leaves`.
    roots: Vec<Digest>,
    leaves: u64,
}

impl Subtrees {
    pub(crate) fn push(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.leaves.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.roots.push(node);
        self.leaves += 1;
    }

    pub(crate) fn root(&self) -> Digest {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else {
            return Digest::of(b"");
        };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// Where a group begins among bytes that are to be hashed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupStart {
    pub(crate) offset: usize,
    pub(crate) row: u64,
    pub(crate) ticket: u64,
}

/// Hashes a file while its bytes go by: as a whole, and group by group.
#[derive(Default)]
pub(crate) struct Hashing {
    file: Sha256,
    leaf: Option<Sha256>,
    tree: Subtrees,
    bytes: u64,
}

impl Hashing {
    /// Takes the next bytes, in which these groups begin.
    pub(crate) fn update(&mut self, bytes: &[u8], starts: &[GroupStart]) {
        self.file.update(bytes);
        self.bytes += bytes.len() as u64;
        let mut from = 0;
        for start in starts {
            self.update_leaf(&bytes[from..start.offset]);
            self.end_group();
            let mut leaf = Sha256::new();
            leaf.update([0]);
            leaf.update(start.row.to_be_bytes());
            leaf.update(start.ticket.to_be_bytes());
            self.leaf = Some(leaf);
            from = start.offset;
        }
        self.update_leaf(&bytes[from..]);
    }

    fn update_leaf(&mut self, bytes: &[u8]) {
        if let Some(leaf) = &mut self.leaf {
            leaf.update(bytes);
        }
    }

    fn end_group(&mut self) {
        if let Some(leaf) = self.leaf.take() {
            self.tree.push(Digest(leaf.finalize().into()));
        }
    }

    pub(crate) fn finish(mut self, rows: u64, tickets: u64) -> FileSummary {
        self.end_group();
        FileSummary {
            rows,
            tickets,
            bytes: self.bytes,
            root: self.tree.root(),
            sha256: Digest(self.file.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::root_hash;

    #[test]
    fn the_growing_tree_has_the_shape_of_rfc_6962() {
        let leaves: Vec<Digest> = (0..70_u8).map(|byte| Digest([byte; 32])).collect();
        let mut growing = Subtrees::default();
        assert_eq!(growing.root(), Digest::of(b""));
        for (index, leaf) in leaves.iter().enumerate() {
            growing.push(*leaf);
            assert_eq!(growing.root(), root_hash(&leaves[..=index]), "{index}");
        }
    }
}
