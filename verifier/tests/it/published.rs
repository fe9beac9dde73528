//! Published test data of the standards that the protocol stands on.

use std::{fs, path::Path};

use fairplate_verifier::{
    Digest,
    beacon::Chain,
    note::{KeyKind, Note, Signature, VerifierKey},
    score::score,
};

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let digit = |at: usize| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hex");
    assert_eq!(hex.len(), N * 2);
    std::array::from_fn(digit)
}

/// RFC 8439, appendix A.1, vectors 1 and 2: the all-zero key, blocks 0 and 1.
#[test]
fn scores_are_the_keystream_of_rfc_8439() {
    let first = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
                 da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586";
    let second = "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed\
                  29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f";
    let stream: [u8; 128] = bytes(&(first.to_owned() + second));
    let (words, _) = stream.as_chunks::<8>();
    for (ticket, word) in (0..).zip(words) {
        assert_eq!(
            score(Digest::ZERO, ticket),
            u64::from_le_bytes(*word),
            "{ticket}"
        );
    }
}

/// The example of C2SP signed-note.
#[test]
fn the_example_of_the_note_specification_is_read() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\
                ed è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/\
                5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let note = Note::parse(text.as_bytes()).expect("a note");
    assert_eq!(note.to_string(), text);
    assert_eq!(note.signatures[0].name, "quasimodo.example/salvatore");
    assert_eq!(note.signatures[0].key_id, 0x367b_a04b);
}

/// RFC 8032 §7.1, test 2, whose message of one byte is made a note text by no rule: so the key
/// alone is read here, and a signature over another text must not verify.
#[test]
fn a_key_of_rfc_8032_verifies_nothing_else() {
    let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let signature = bytes(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    let key = VerifierKey::new("rfc8032.example", KeyKind::Ed25519, public).expect("a key");
    let mut note = Note::new("r\n".to_owned()).expect("a text");
    note.signatures.push(Signature::ed25519(&key, signature));
    assert!(note.verify(&key).is_err());
}

/// Rounds of drand's quicknet.
#[test]
fn real_rounds_of_quicknet_verify() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example/chain.json");
    let chain = Chain::parse(&fs::read(path).expect("chain.json")).expect("quicknet");
    let rounds = [
        (
            1,
            "b55e7cb2d5c613ee0b2e28d6750aabbb78c39dcc96bd9d38c2c2e12198df95571de8e8e402a0\
             cc48871c7089a2b3af4b",
        ),
        (
            2,
            "b6b6a585449b66eb12e875b64fcbab3799861a00e4dbf092d99e969a5eac57dd3f798acf61e7\
             05fe4f093db926626807",
        ),
        (
            8,
            "a0c06b9964123d2e6036aa004c140fc301f4edd3ea6b8396a15dfd7dfd70cc0dce0b4a972459\
             95767ab72cf59de58c47",
        ),
        (
            10,
            "ac415e508c484053efed1c6c330e3ae0bf20185b66ed088864dac1ff7d6f927610824986390d\
             3239dac4dd73e6f865f5",
        ),
        (
            123,
            "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835\
             d3546d23c4b13e0dfc92",
        ),
        (
            1_000,
            "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2\
             bacbe47e4b6b63ed5e39",
        ),
        (
            1_001,
            "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883\
             abf2853d10337fb8fa41",
        ),
        (
            657_413,
            "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98f\
             ad56e91a6b85b89cd97b",
        ),
        (
            14_517_013,
            "83236a954108c9de257b6a10c838f3e3f215eb3bd25c2261f42b4a6204d6b00a3f216b8d88dc\
             d7947cba97d39f2e16c5",
        ),
        (
            30_000_000,
            "81d2fc112b91932d9e4074a46b88c4dc78149b859660e0673c0bb9bd0caefdc9cc194e83de98\
             0441355b8ef44cc7a355",
        ),
    ];
    for (round, signature) in rounds {
        assert_eq!(chain.verify(round, &bytes(signature)), Ok(()), "{round}");
        assert!(chain.verify(round + 1, &bytes(signature)).is_err());
    }
}
