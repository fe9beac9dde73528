//! Verifier keys in the C2SP `vkey` spelling (R7): `<name>+<key id>+<base64 of kind and public key>`.

use std::{fmt, str::FromStr};

use ed25519_dalek::VerifyingKey;

use crate::{
    note::NoteError,
    text::{Digest, base64, excerpt, unbase64},
};

/// What a key signs, and so how its signatures are laid out (C2SP signed-note, signature types).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the note text. Record keys and log keys.
    Ed25519,
    /// Type 0x04: Ed25519 over a time and the note text. Witness keys.
    CosignatureV1,
}

impl KeyKind {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::CosignatureV1 => 4,
        }
    }
}

/// A public key with the name it signs under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key of these parts. Refused: a name with a space, a control character or a plus; bytes
    /// that are no point, a point of small order (anything would verify), or a second spelling of
    /// a point.
    pub fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, NoteError> {
        let refuse = |why| NoteError::Key {
            found: excerpt(name),
            why,
        };
        if !is_key_name(name) {
            return Err(refuse("the name is empty or has a space or a plus in it"));
        }
        let key = VerifyingKey::from_bytes(&public)
            .map_err(|_| refuse("the public key is not a point of the curve"))?;
        if !is_canonical(&public) {
            return Err(refuse("the public key is not written in its one spelling"));
        }
        if key.is_weak() {
            return Err(refuse("the public key has small order"));
        }
        let name = name.to_owned();
        Ok(Self { name, kind, key })
    }

    /// The name that signature lines carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The short identifier that signature lines carry: the first four bytes of
    /// SHA-256(name ‖ 0x0A ‖ kind ‖ public key), big-endian.
    #[must_use]
    pub fn id(&self) -> u32 {
        let kind = [self.kind.byte()];
        let hash = Digest::of_parts(&[self.name.as_bytes(), b"\n", &kind, self.key.as_bytes()]);
        let [a, b, c, d, ..] = hash.0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The 32 bytes of the public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Checks an Ed25519 signature with the rules that leave no second valid signature to a
    /// stranger: canonical numbers, no small-order points.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.key.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.kind.byte()];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.id(), base64(&bytes))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let refuse = |why| NoteError::Key {
            found: excerpt(text),
            why,
        };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse("it is not `<name>+<key id>+<base64>`"));
        };
        let bytes = unbase64(bytes).ok_or_else(|| refuse("its last part is not base64"))?;
        let kind = match bytes.first() {
            Some(1) => KeyKind::Ed25519,
            Some(4) => KeyKind::CosignatureV1,
            _ => return Err(refuse("its kind is neither Ed25519 nor cosignature/v1")),
        };
        let public = <[u8; 32]>::try_from(&bytes[1..])
            .map_err(|_| refuse("its public key is not 32 bytes long"))?;
        let key = Self::new(name, kind, public)?;
        if key.to_string() == text {
            Ok(key)
        } else {
            Err(refuse(
                "its key id does not belong to its name and public key",
            ))
        }
    }
}

/// C2SP signed-note: not empty, no Unicode space, no plus; and nothing that could end a line.
pub(crate) fn is_key_name(name: &str) -> bool {
    let allowed = |letter: char| letter != '+' && !letter.is_whitespace() && !letter.is_control();
    (1..=255).contains(&name.len()) && name.chars().all(allowed)
}

/// Whether y is below 2^255 − 19. A point could otherwise be spelled twice; the other double
/// spelling, the sign of x = 0, belongs to points of small order.
fn is_canonical(public: &[u8; 32]) -> bool {
    let high = public[31] & 0x7f == 0x7f && public[1..31].iter().all(|byte| *byte == 0xff);
    !(high && public[0] >= 0xed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str =
        "hangzhou.example/draws+1ba123fd+AXlii3N98RqsK1uVJtEKXa00z8cpuDTY5hmAz12C/zaC";

    #[test]
    fn a_key_is_written_as_it_was_read() {
        let key: VerifierKey = LOG.parse().expect("a key");
        assert_eq!(key.to_string(), LOG);
        assert_eq!(key.id(), 0x1ba1_23fd);
        assert_eq!(key.kind(), KeyKind::Ed25519);
    }

    #[test]
    fn a_key_with_another_id_name_or_kind_is_refused() {
        for text in [
            LOG.replace("1ba123fd", "1ba123fe"),
            LOG.replace("1ba123fd", "1BA123FD"),
            LOG.replace("hangzhou", "hangzhou "),
            LOG.replace("AXlii", "BHlii"),
            LOG.replace("AXlii", "Anlii"),
            LOG.replace("/zaC", "/zaD"),
            LOG.replace("/zaC", ""),
            format!("{LOG}\n"),
            String::new(),
        ] {
            assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_of_small_order_or_of_a_second_spelling_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut negative_identity = identity;
        negative_identity[31] = 0x80;
        // y = p + 3, a second spelling of y = 3.
        let mut second = [0xff; 32];
        second[0] = 0xf0;
        second[31] = 0x7f;
        let mut second_negative = second;
        second_negative[31] = 0xff;
        for public in [
            identity,
            negative_identity,
            [0; 32],
            second,
            second_negative,
        ] {
            assert!(VerifierKey::new("a.example", KeyKind::Ed25519, public).is_err());
        }
    }

    #[test]
    fn every_other_point_near_the_modulus_is_a_key() {
        let mut points = 0;
        for (middle, last) in [(0x55, 0x7f), (0xff, 0x5f), (0x55, 0xff), (0xff, 0xdf)] {
            for first in 0..=u8::MAX {
                let mut public = [middle; 32];
                (public[0], public[31]) = (first, last);
                let point = VerifyingKey::from_bytes(&public).is_ok();
                let key = VerifierKey::new("a.example", KeyKind::Ed25519, public);
                assert_eq!(key.is_ok(), point, "{public:?}");
                points += usize::from(point && first >= 0xed);
            }
        }
        assert!(points > 20, "{points}");
    }
}
