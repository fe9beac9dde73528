//! Trust policies: what was read means the same when it is written again, and a quorum is met at the
//! first moment at which a plain reader of the text says so.
#![no_main]

use std::{collections::BTreeMap, sync::LazyLock};

use ed25519_dalek::{Signer as _, SigningKey};
use fairplate_verifier::{
    Time, Trust,
    note::{KeyKind, Note, Signature, VerifierKey, cosigned_message},
    trust::TrustPolicy,
};
use fairplate_verifier_fuzz::example::KEYS;
use libfuzzer_sys::fuzz_target;

/// Witnesses made for tests, and when each of them cosigned; two did so together, the last never.
const COSIGNED: [(&str, Option<i64>); 5] = [
    ("a.example/w", Some(300)),
    ("b.example/w", Some(100)),
    ("c.example/w", Some(200)),
    ("d.example/w", Some(200)),
    ("e.example/w", None),
];

static CHECKPOINT: LazyLock<(Note, BTreeMap<String, i64>)> = LazyLock::new(|| {
    let mut note = Note::new("a.example/log\n0\n\n".to_owned()).expect("a text");
    let mut times = BTreeMap::new();
    for (name, time) in COSIGNED {
        let secret = SigningKey::from_bytes(&[name.as_bytes()[0]; 32]);
        let public = secret.verifying_key().to_bytes();
        let key = VerifierKey::new(name, KeyKind::CosignatureV1, public).expect("a key");
        if let Some(time) = time {
            let signature = secret.sign(&cosigned_message(&note.text, Time(time)));
            let line = Signature::cosignature(&key, Time(time), signature.to_bytes());
            note.signatures.push(line);
            times.insert(key.to_string(), time);
        }
    }
    (note, times)
});

fuzz_target!(|bytes: &[u8]| {
    let trust = Trust::parse(bytes, KEYS[1].1);
    let also = Trust::parse(KEYS[0].1, bytes);
    if let Ok(trust) = also {
        assert_eq!(format!("{}\n", trust.records).as_bytes(), bytes);
    }
    let Some(policy) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse().ok())
    else {
        assert!(trust.is_err());
        return;
    };
    let policy: TrustPolicy = policy;
    let written = policy.to_string();
    let again: TrustPolicy = written.parse().expect("what was written");
    assert_eq!(again, policy);
    assert_eq!(again.to_string(), written);
    assert!(
        policy
            .witnesses()
            .all(|(_, key)| key.kind() == KeyKind::CosignatureV1)
    );
    assert_eq!(policy.log().kind(), KeyKind::Ed25519);
    let met = policy.quorum_met_at(&CHECKPOINT.0);
    assert_eq!(met, Ok(first_met(&written).map(Time)));
});

/// Asks at every moment at which a witness cosigned, the first of them first.
fn first_met(policy: &str) -> Option<i64> {
    let lines: Vec<Vec<&str>> = policy
        .lines()
        .map(|line| line.split(' ').collect())
        .collect();
    let quorum = lines.iter().find(|words| words[0] == "quorum")?[1];
    let mut moments: Vec<i64> = CHECKPOINT.1.values().copied().collect();
    moments.sort_unstable();
    let mut moments = moments.into_iter();
    moments.find(|moment| quorum != "none" && is_met(&lines, quorum, *moment))
}

fn is_met(lines: &[Vec<&str>], name: &str, moment: i64) -> bool {
    let mut members = lines.iter().filter(|words| words.get(1) == Some(&name));
    match members.find(|words| ["witness", "group"].contains(&words[0])) {
        Some(words) if words[0] == "witness" => {
            let time = CHECKPOINT.1.get(words[2]);
            time.is_some_and(|time| *time <= moment)
        }
        Some(words) => {
            let met = words[3..].iter().filter(|name| is_met(lines, name, moment));
            met.count() as u64 >= words[2].parse().expect("a number")
        }
        None => panic!("{name} is not in the policy"),
    }
}
