//! The key of a city's own beacon chain.

use std::{fmt, path::Path};

use blst::min_sig::SecretKey;
use verifier::{
    beacon::{Chain, DST, round_message},
    text::{Digest, Time},
};

use super::{
    KeyError, Kind, Passphrase,
    file::{self, Secret},
};

/// Separates this derivation from every other use of the same input.
const KEY_INFO: &[u8] = b"fairplate/v1 chain key";

/// Signs the rounds of a drand-format chain, scheme `bls-unchained-g1-rfc9380`, with a whole BLS
/// key instead of a threshold of shares. Whoever holds it knows every round in advance, so the
/// city's draws rest on it being held by somebody else than the operator, or are demonstrations.
pub struct ChainKey {
    private: SecretKey,
    public: [u8; 96],
}

impl ChainKey {
    /// Makes `chain.key` in the folder.
    pub fn create(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let secret = file::fresh();
        let key = Self::derive(&secret);
        file::create(folder, Kind::Chain, &key.public_text(), &secret, passphrase)?;
        Ok(key)
    }

    /// Opens the folder's `chain.key`.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let (public, secret) = file::open(folder, Kind::Chain, passphrase)?;
        let key = Self::derive(&secret);
        if key.public_text() != public {
            let path = Kind::Chain.path(folder);
            return Err(KeyError::Mismatch {
                private: path.clone(),
                public: path,
            });
        }
        Ok(key)
    }

    /// The compressed public key in G2.
    #[must_use]
    pub fn public(&self) -> [u8; 96] {
        self.public
    }

    /// The chain of this key: a round every `period_secs` (at least 1), round 1 at `genesis`. The
    /// same arguments give the same chain, and so the same chain hash.
    #[must_use]
    pub fn chain(&self, period_secs: u32, genesis: Time, beacon_id: &str) -> Chain {
        let mut named = b"fairplate/v1 genesis\n".to_vec();
        named.extend_from_slice(&self.public);
        let genesis_seed = Digest::of(&named).0.to_vec();
        Chain::new(self.public, period_secs, genesis, genesis_seed, beacon_id)
    }

    /// The compressed signature of a round, in G1. The caller sees to it that the round is due.
    #[must_use]
    pub fn sign_round(&self, round: u64) -> [u8; 48] {
        self.private
            .sign(&round_message(round), DST, &[])
            .to_bytes()
    }

    fn derive(secret: &Secret) -> Self {
        // HKDF and reduction as in draft-irtf-cfrg-bls-signature, KeyGen.
        let private = SecretKey::key_gen(secret.as_slice(), KEY_INFO)
            .expect("32 bytes are enough input for a key");
        let public = private.sk_to_pk().to_bytes();
        Self { private, public }
    }

    fn public_text(&self) -> String {
        file::hex(&self.public)
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainKey({})", self.public_text())
    }
}
