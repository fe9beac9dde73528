//! Checkpoints, and whether one log grew out of another: roots that were made to fit are accepted,
//! and nothing else is.
#![no_main]

use fairplate_verifier::{
    Digest, Time,
    log::{Checkpoint, check_consistency, consistency_proof, leaf_hash},
    note::cosigned_message,
};
use fairplate_verifier_fuzz::{edit::Script, slow};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(checkpoint) = Checkpoint::parse(text) {
            assert_eq!(checkpoint.to_string(), text);
        }
        let message = cosigned_message(text, Time(bytes.len() as i64));
        assert!(message.ends_with(bytes));
    }
    let mut script = Script::new(bytes);
    if script.byte() % 2 == 0 {
        check_real_tree(&mut script);
    } else {
        check_any_path(&mut script);
    }
});

/// A tree of real leaves: every beginning is proven, with the hashes that a plain reader expects.
fn check_real_tree(script: &mut Script<'_>) {
    let size = script.below(300);
    let old_size = script.below(size + 2);
    let leaves: Vec<Digest> = (0..size).map(|at| leaf_hash(&at.to_be_bytes())).collect();
    let proof = consistency_proof(&leaves, old_size as u64);
    if old_size > size {
        assert!(proof.is_empty());
        return;
    }
    let (old_root, root) = (slow::tree(&leaves[..old_size]), slow::tree(&leaves));
    let (old, all) = (old_size as u64, size as u64);
    assert_eq!(check_consistency(old, old_root, all, root, &proof), Ok(()));
    let mut changed = proof.clone();
    let mut other_root = root;
    match script.byte() % 4 {
        0 => changed.push(root),
        1 => drop(changed.pop()),
        2 => other_root.0[script.below(32)] ^= 1,
        _ => {
            let at = script.below(changed.len());
            if let Some(hash) = changed.get_mut(at) {
                hash.0[script.below(32)] ^= 1;
            }
        }
    }
    let answer = check_consistency(old, old_root, all, other_root, &changed);
    let same = changed == proof && (other_root == root || old == 0);
    assert_eq!(answer.is_ok(), same);
}

/// Any sizes and any hashes: the roots to which a plain reader follows them are the roots that are
/// accepted.
fn check_any_path(script: &mut Script<'_>) {
    let (mut old_size, mut size) = (script.number(), script.number());
    let shift = script.byte() % 64;
    (old_size, size) = (old_size >> shift, size >> shift);
    let claimed = Digest::of(&[script.byte()]);
    let count = script.below(130);
    let path: Vec<Digest> = (0..count).map(|_| Digest::of(&[script.byte()])).collect();
    let roots = (old_size > 0 && old_size < size)
        .then(|| slow::grow(claimed, (old_size, size), &path, true))
        .flatten();
    let Some((old_root, root)) = roots else {
        if old_size > 0 {
            let same = old_size == size && path.is_empty();
            let answer = check_consistency(old_size, claimed, size, claimed, &path);
            assert_eq!(answer.is_ok(), same);
        }
        return;
    };
    assert_eq!(
        check_consistency(old_size, old_root, size, root, &path),
        Ok(())
    );
    let other = Digest::of(b"another root");
    assert!(check_consistency(old_size, other, size, root, &path).is_err());
    assert!(check_consistency(old_size, old_root, size, other, &path).is_err());
    assert!(check_consistency(old_size, old_root, size, root, &path[1..]).is_err());
}
