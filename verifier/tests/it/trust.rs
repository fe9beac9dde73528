//! Trust policies: whose cosignatures a reader asks for.

use fairplate_verifier::{
    Time,
    log::Checkpoint,
    note::{KeyKind, Note, VerifierKey},
    trust::TrustPolicy,
};

use crate::city::Pair;

const CHECKPOINT: &str = "linan.example/draws\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

/// Witnesses who cosign at these times; none does not.
fn cosigned(times: &[Option<i64>]) -> (Vec<VerifierKey>, Note) {
    assert_eq!(
        Checkpoint::parse(CHECKPOINT).map(|checkpoint| checkpoint.size),
        Ok(0)
    );
    let mut note = Note::new(CHECKPOINT.to_owned()).expect("a text");
    let keys = times
        .iter()
        .enumerate()
        .map(|(place, time)| {
            let witness = Pair::new(&format!("witness-{place}.example"), KeyKind::CosignatureV1);
            if let Some(time) = time {
                witness.cosign(&mut note, Time(*time));
            }
            witness.key
        })
        .collect();
    (keys, note)
}

fn policy(keys: &[VerifierKey], groups: &str) -> TrustPolicy {
    let log = Pair::new("linan.example/draws", KeyKind::Ed25519).key;
    let text = format!("# a policy\n\nlog {log} https://linan.example/\n");
    let lines = keys.iter().enumerate();
    let lines = lines.map(|(place, key)| format!("  witness w{place}\t{key}\n"));
    let witnesses: String = lines.collect();
    let policy: TrustPolicy = (text + &witnesses + groups).parse().expect("a policy");
    assert_eq!(policy.to_string().parse(), Ok(policy.clone()));
    policy
}

#[test]
fn a_quorum_is_met_when_its_last_needed_witness_has_cosigned() {
    let (keys, note) = cosigned(&[Some(30), Some(10), None, Some(20)]);
    for (groups, met) in [
        ("quorum w0\n", Some(30)),
        ("quorum w2\n", None),
        ("quorum none\n", None),
        ("group g any w0 w1 w2 w3\nquorum g\n", Some(10)),
        ("group g 2 w0 w1 w2 w3\nquorum g\n", Some(20)),
        ("group g 3 w0 w1 w2 w3\nquorum g\n", Some(30)),
        ("group g all w0 w1 w2 w3\nquorum g\n", None),
        (
            "group a any w0 w2\ngroup b any w1 w3\ngroup g all a b\nquorum g\n",
            Some(30),
        ),
    ] {
        let met = met.map(Time);
        assert_eq!(
            policy(&keys, groups).quorum_met_at(&note),
            Ok(met),
            "{groups}"
        );
    }
}

#[test]
fn a_cosignature_that_does_not_verify_is_an_error_even_when_it_is_not_needed() {
    let (keys, mut note) = cosigned(&[Some(30), Some(10)]);
    let policy = policy(&keys, "group g any w0 w1\nquorum g\n");
    note.signatures[0].bytes[7] ^= 1;
    assert!(policy.quorum_met_at(&note).is_err());
}

#[test]
fn a_policy_that_says_two_things_is_refused() {
    let (keys, _) = cosigned(&[None, None]);
    let log = Pair::new("linan.example/draws", KeyKind::Ed25519).key;
    let head = format!("log {log}\nwitness a {}\nwitness b {}\n", keys[0], keys[1]);
    for tail in [
        "",
        "quorum c\n",
        "quorum a\nquorum a\n",
        "quorum a",
        "group g 0 a b\nquorum g\n",
        "group g 3 a b\nquorum g\n",
        "group g 02 a b\nquorum g\n",
        "group g any a a\nquorum g\n",
        "group g any\nquorum g\n",
        "group a any b\nquorum a\n",
        "group none any b\nquorum none\n",
        "group g any h\ngroup h any a\nquorum g\n",
        "group g any a\ngroup h any a\nquorum h\n",
        "quorum a b\n",
        "witnes c\nquorum a\n",
    ] {
        let text = head.clone() + tail;
        assert!(text.parse::<TrustPolicy>().is_err(), "{tail:?}");
    }
    for text in [
        format!("{head}log {log}\nquorum a\n"),
        format!("{head}witness c {}\nquorum a\n", keys[0]),
        format!("{head}witness c {log}\nquorum a\n"),
        format!("log {log} https://log.example/ more\nquorum none\n"),
        format!(
            "log {log}\nwitness a {} https://a.example/ more\nquorum a\n",
            keys[0]
        ),
        format!("log {log}\n{}quorum none\n", "\n".repeat(999)),
        "quorum none\n".to_owned(),
    ] {
        assert!(text.parse::<TrustPolicy>().is_err(), "{text:?}");
    }
    let longest = format!("log {log}\n{}quorum none\n", "\n".repeat(998));
    assert!(longest.parse::<TrustPolicy>().is_ok());
}
