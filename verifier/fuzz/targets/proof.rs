//! Proofs that an entry is in the log: written as they were read, and leading where the paths of
//! RFC 6962 lead, step by step.
#![no_main]

use fairplate_verifier::{
    Digest,
    log::{Checkpoint, InclusionBundle, check_inclusion, inclusion_proof, leaf_hash},
};
use fairplate_verifier_fuzz::{edit::Script, example::file, slow};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = InclusionBundle::parse(bytes) {
        assert_eq!(bundle.to_string().as_bytes(), bytes);
        assert!(bundle.proof.len() <= 64);
        check_bundle(&bundle);
    }
    let mut script = Script::new(bytes);
    if script.byte() % 2 == 0 {
        check_real_tree(&mut script);
    } else {
        check_any_path(&mut script);
    }
});

/// Accepted for an entry only if a plain reader comes to the checkpoint's root.
fn check_bundle(bundle: &InclusionBundle) {
    let Ok(checkpoint) = Checkpoint::parse(&bundle.checkpoint.text) else {
        return;
    };
    for entry in [file("announce.note"), file("close.note"), b""] {
        let accepted = bundle.check(entry, &checkpoint).is_ok();
        let leaf = leaf_hash(entry);
        let found = (bundle.index < checkpoint.size)
            .then(|| slow::follow(leaf, bundle.index, checkpoint.size, &bundle.proof))
            .flatten();
        assert_eq!(accepted, found == Some(checkpoint.root));
    }
}

fn check_real_tree(script: &mut Script<'_>) {
    let size = script.below(300);
    let index = script.below(size + 1);
    let leaves: Vec<Digest> = (0..size).map(|at| leaf_hash(&at.to_be_bytes())).collect();
    let root = slow::tree(&leaves);
    let mut proof = inclusion_proof(&leaves, index as u64);
    let Some(leaf) = leaves.get(index) else {
        assert!(proof.is_empty());
        assert!(check_inclusion(Digest::ZERO, index as u64, size as u64, &proof, root).is_err());
        return;
    };
    let (place, all) = (index as u64, size as u64);
    assert_eq!(check_inclusion(*leaf, place, all, &proof, root), Ok(()));
    let other = script.below(size);
    let elsewhere = check_inclusion(*leaf, other as u64, all, &proof, root);
    assert_eq!(elsewhere.is_ok(), other == index);
    let at = script.below(proof.len());
    if let Some(hash) = proof.get_mut(at) {
        hash.0[script.below(32)] ^= 1;
        assert!(check_inclusion(*leaf, place, all, &proof, root).is_err());
    }
}

fn check_any_path(script: &mut Script<'_>) {
    let (index, size) = (script.number(), script.number());
    let shift = script.byte() % 64;
    let (index, size) = (index >> shift, size >> shift);
    let leaf = Digest::of(&[script.byte()]);
    let count = script.below(130);
    let path: Vec<Digest> = (0..count).map(|_| Digest::of(&[script.byte()])).collect();
    let found = (index < size)
        .then(|| slow::follow(leaf, index, size, &path))
        .flatten();
    let root = found.unwrap_or(leaf);
    let answer = check_inclusion(leaf, index, size, &path, root);
    assert_eq!(answer.is_ok(), found.is_some());
    assert!(check_inclusion(leaf, index, size, &path, Digest::of(b"another root")).is_err());
}
