//! Tree hashes and proofs of RFC 6962 §2.1.

use crate::{
    log::LogError,
    root::{Subtrees, node_hash},
    text::Digest,
};

/// The leaf of a log entry: SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest::of_parts(&[&[0], entry])
}

/// The root over these leaves; SHA-256 of nothing for none.
#[must_use]
pub fn root_hash(leaves: &[Digest]) -> Digest {
    let mut tree = Subtrees::default();
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree.root()
}

/// The largest power of two below the number of leaves, which must be at least 2.
fn split(leaves: usize) -> usize {
    1 << (leaves - 1).ilog2()
}

/// The path from a leaf to the root, the leaf's sibling first. Empty when there is no such leaf.
#[must_use]
pub fn inclusion_proof(leaves: &[Digest], index: u64) -> Vec<Digest> {
    let Some(mut index) = place(leaves, index) else {
        return Vec::new();
    };
    let mut proof = Vec::new();
    let mut leaves = leaves;
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            proof.push(root_hash(right));
            leaves = left;
        } else {
            proof.push(root_hash(left));
            index -= left.len();
            leaves = right;
        }
    }
    proof.reverse();
    proof
}

fn place(leaves: &[Digest], index: u64) -> Option<usize> {
    usize::try_from(index)
        .ok()
        .filter(|index| *index < leaves.len())
}

/// The proof that the tree over the first `old_size` leaves grew into the tree over all of them.
/// Empty for an empty old tree, an equal one, and for one that is larger.
#[must_use]
pub fn consistency_proof(leaves: &[Digest], old_size: u64) -> Vec<Digest> {
    let Some(mut old) = place(leaves, old_size).filter(|old| *old > 0) else {
        return Vec::new();
    };
    let mut proof = Vec::new();
    let mut leaves = leaves;
    // Whether the old tree is a whole subtree on the left edge, whose root both sides know.
    let mut edge = true;
    while old < leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if old <= left.len() {
            proof.push(root_hash(right));
            leaves = left;
        } else {
            proof.push(root_hash(left));
            old -= left.len();
            leaves = right;
            edge = false;
        }
    }
    if !edge {
        proof.push(root_hash(leaves));
    }
    proof.reverse();
    proof
}

/// Succeeds when the proof leads from the leaf at this index to the root of a tree of this size.
pub fn check_inclusion(
    leaf: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), LogError> {
    if index >= size {
        return Err(LogError::OutOfTree { size, found: index });
    }
    // The path turns on each of the lowest `inner` levels; above them only left siblings are left.
    let inner = (u64::BITS - (index ^ (size - 1)).leading_zeros()) as usize;
    let border = (index.checked_shr(u32::try_from(inner).unwrap_or(u64::BITS)))
        .unwrap_or_default()
        .count_ones() as usize;
    check_length(proof, inner + border)?;
    let (inner_proof, border_proof) = proof.split_at(inner);
    let node = (0..).zip(inner_proof).fold(leaf, |node, (level, sibling)| {
        if index >> level & 1 == 0 {
            node_hash(&node, sibling)
        } else {
            node_hash(sibling, &node)
        }
    });
    let found = fold_left(node, border_proof);
    same_root(root, found)
}

fn fold_left(node: Digest, proof: &[Digest]) -> Digest {
    proof
        .iter()
        .fold(node, |node, sibling| node_hash(sibling, &node))
}

fn check_length(proof: &[Digest], expected: usize) -> Result<(), LogError> {
    let found = proof.len();
    if found == expected {
        Ok(())
    } else {
        Err(LogError::ProofLength { expected, found })
    }
}

fn same_root(expected: Digest, found: Digest) -> Result<(), LogError> {
    if expected == found {
        Ok(())
    } else {
        Err(LogError::OtherRoot { expected, found })
    }
}

/// Succeeds when the proof shows that the newer tree only added to the older one.
pub fn check_consistency(
    old_size: u64,
    old_root: Digest,
    size: u64,
    root: Digest,
    proof: &[Digest],
) -> Result<(), LogError> {
    if old_size > size {
        let found = old_size;
        return Err(LogError::OutOfTree { size, found });
    }
    if old_size == 0 || old_size == size {
        check_length(proof, 0)?;
        let from = if old_size == 0 { Digest::of(b"") } else { root };
        return same_root(from, old_root);
    }
    // The old tree's last full subtree: where both paths start.
    let shift = old_size.trailing_zeros();
    let (start, proof) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(LogError::ProofLength {
            expected: 1,
            found: 0,
        })?;
        (*first, rest)
    };
    let index = (old_size - 1) >> shift;
    let last = (size - 1) >> shift;
    let inner = (u64::BITS - (index ^ last).leading_zeros()) as usize;
    let border = index
        .checked_shr(u32::try_from(inner).unwrap_or(u64::BITS))
        .unwrap_or_default()
        .count_ones() as usize;
    check_length(proof, inner + border)?;
    let (inner_proof, border_proof) = proof.split_at(inner);
    let (mut old, mut new) = (start, start);
    for (level, sibling) in (0..).zip(inner_proof) {
        if index >> level & 1 == 1 {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
        } else {
            new = node_hash(&new, sibling);
        }
    }
    same_root(old_root, fold_left(old, border_proof))?;
    same_root(root, fold_left(new, border_proof))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Digest> {
        (0..count).map(|entry| leaf_hash(&[entry])).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_nothing_else() {
        for count in 1..=40_u8 {
            let leaves = leaves(count);
            let (size, root) = (u64::from(count), root_hash(&leaves));
            for (index, leaf) in (0..).zip(&leaves) {
                let proof = inclusion_proof(&leaves, index);
                assert_eq!(check_inclusion(*leaf, index, size, &proof, root), Ok(()));
                let other = index ^ 1;
                assert!(check_inclusion(*leaf, other, size, &proof, root).is_err() || size == 1);
                let mut longer = proof.clone();
                longer.push(root);
                assert!(check_inclusion(*leaf, index, size, &longer, root).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(check_inclusion(*leaf, index, size, shorter, root).is_err());
                }
            }
            assert!(check_inclusion(leaves[0], size, size, &[], root).is_err());
        }
    }

    #[test]
    fn every_small_tree_is_consistent_with_every_smaller_one() {
        let leaves = leaves(40);
        for size in 0..=leaves.len() {
            let new = &leaves[..size];
            let root = root_hash(new);
            for old_size in 0..=size {
                let old_root = root_hash(&leaves[..old_size]);
                let (old, all) = (old_size as u64, size as u64);
                let proof = consistency_proof(new, old);
                assert_eq!(check_consistency(old, old_root, all, root, &proof), Ok(()));
                let another = Digest::of(b"another root");
                assert!(check_consistency(old, another, all, root, &proof).is_err());
                assert!(
                    check_consistency(old, old_root, all, another, &proof).is_err() || old == 0
                );
                let mut longer = proof.clone();
                longer.push(root);
                assert!(check_consistency(old, old_root, all, root, &longer).is_err());
            }
        }
    }

    #[test]
    fn the_roots_are_those_of_published_test_data() {
        // The entries and roots of the reference implementation of RFC 6962.
        let entries: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        for (size, root) in [
            (
                0,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                1,
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            ),
            (
                2,
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            ),
            (
                3,
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            ),
            (
                7,
                "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            ),
            (
                8,
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
            ),
        ] {
            assert_eq!(root_hash(&leaves[..size]).to_string(), root, "{size}");
        }
    }
}
