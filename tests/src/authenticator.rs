//! An authenticator of software, as a browser shows it to a page: it makes passkeys on P-256 and
//! answers challenges with them (W3C Web Authentication, level 3).

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use verifier::text::Digest;

/// Somebody is there.
const PRESENT: u8 = 0x01;

/// Whoever it is has shown who they are, by a finger or a PIN.
const VERIFIED: u8 = 0x04;

/// A new passkey is attached.
const ATTACHED: u8 = 0x40;

/// An authenticator with one passkey.
#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    name: Vec<u8>,
    /// Where the browser says that the page is.
    pub origin: String,
    /// How often it has signed; it counts up by itself.
    pub counter: u32,
    /// Whether it asks for a finger or a PIN.
    pub verifies: bool,
}

impl Authenticator {
    /// One of these numbers, in a browser at the city's page.
    #[must_use]
    pub fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).expect("a key"),
            name: vec![number; 20],
            origin: crate::staff::ORIGIN.to_owned(),
            counter: 0,
            verifies: true,
        }
    }

    /// Makes a passkey: the answer to these options.
    pub fn register(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let options = &options["publicKey"];
        let client = self.client("webauthn.create", &options["challenge"]);
        let mut said = self.said(&options["rp"]["id"], ATTACHED);
        said.extend([0; 16]);
        said.extend([0, 20]);
        said.extend(&self.name);
        said.extend(self.public_key());
        // A map of three: no attestation, nothing that attests, and what the authenticator says.
        let mut object = vec![0xa3];
        object.extend(cbor_text("fmt"));
        object.extend(cbor_text("none"));
        object.extend(cbor_text("attStmt"));
        object.push(0xa0);
        object.extend(cbor_text("authData"));
        object.extend(cbor_bytes(&said));
        let response = json!({
            "attestationObject": base64url(&object),
            "clientDataJSON": base64url(client.as_bytes()),
        });
        self.credential(&response)
    }

    /// Signs in with it: the answer to these options.
    pub fn answer(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let options = &options["publicKey"];
        let client = self.client("webauthn.get", &options["challenge"]);
        self.counter += 1;
        let said = self.said(&options["rpId"], 0);
        let mut signed = said.clone();
        signed.extend(Digest::of(client.as_bytes()).0);
        let signature: Signature = self.key.sign(&signed);
        let response = json!({
            "authenticatorData": base64url(&said),
            "clientDataJSON": base64url(client.as_bytes()),
            "signature": base64url(signature.to_der().as_bytes()),
        });
        self.credential(&response)
    }

    fn credential(&self, response: &Value) -> String {
        let name = base64url(&self.name);
        json!({ "id": name, "rawId": name, "type": "public-key", "response": response }).to_string()
    }

    /// What the browser says of the page.
    fn client(&self, kind: &str, challenge: &Value) -> String {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }

    /// What the authenticator says of itself.
    fn said(&self, domain: &Value, flags: u8) -> Vec<u8> {
        let domain = domain.as_str().expect("a domain");
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut said = Digest::of(domain.as_bytes()).0.to_vec();
        said.push(PRESENT | verified | flags);
        said.extend(self.counter.to_be_bytes());
        said
    }

    /// The public key as COSE has it (RFC 9053, section 7.1): kind, algorithm, curve, x, y.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().expect("x"), point.y().expect("y"));
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
        key.extend(cbor_bytes(x));
        key.push(0x22);
        key.extend(cbor_bytes(y));
        key
    }
}

/// Bytes in CBOR (RFC 8949).
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("short bytes");
    let mut written = vec![0x58, length];
    written.extend(bytes);
    written
}

/// A short text in CBOR.
fn cbor_text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a short text");
    let mut written = vec![0x60 + length];
    written.extend(text.as_bytes());
    written
}

/// Base 64 for addresses, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut whole = [0; 4];
        whole[1..=three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes(whole);
        for place in 0..=three.len() {
            let six = bits >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[six as usize]));
        }
    }
    text
}
