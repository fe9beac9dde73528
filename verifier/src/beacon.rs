//! The beacon (D60 to D64): a drand-format chain of BLS signatures, scheme `bls-unchained-g1-rfc9380` only.

use std::fmt;

use blst::{
    BLST_ERROR, Pairing, blst_p1_affine, blst_p2_affine,
    min_sig::{PublicKey, Signature},
};

use crate::text::{Digest, Time, excerpt, hex, unhex};

/// The scheme's domain separation tag.
pub const DST: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const SCHEME: &str = "bls-unchained-g1-rfc9380";
/// The generator of G2, both of its coordinates.
const GENERATOR: &str = "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049\
    334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051\
    c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8\
    0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab\
    3f370d275cec1da1aaa9075ff05f79be0ce5d527727d6e118cc9cdc6da2e351a\
    adfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801";
/// The bit of a compressed point's first byte that a point and its negative differ in.
const SIGN: u8 = 0x20;
/// The beacon id that does not enter the chain's hash.
const DEFAULT_ID: &str = "default";

/// Why a chain or a round's signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeaconError {
    /// `chain.json` is not in its one spelling.
    #[error("expected {expected}, found `{found}`")]
    Chain {
        /// What would have been accepted.
        expected: String,
        /// What was there.
        found: String,
    },
    /// The public key is no key.
    #[error("the chain's public key is not a point of its group")]
    Key,
    /// The signature is not the chain's for this round.
    #[error("the signature is not the chain's signature of round {round}")]
    Signature {
        /// The round.
        round: u64,
    },
}

/// A beacon chain's parameters; its hash names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Compressed point of G2.
    pub public_key: [u8; 96],
    /// Seconds between rounds, 1 to 4,294,967,295.
    pub period_secs: u64,
    /// When round 1 comes.
    pub genesis: Time,
    /// Distinguishes chains of the same group.
    pub genesis_seed: Vec<u8>,
    /// The chain's name in its network.
    pub beacon_id: String,
    /// SHA-256 of all of this.
    pub hash: Digest,
}

impl Chain {
    /// A chain of these parameters.
    #[must_use]
    pub fn new(
        public_key: [u8; 96],
        period_secs: u32,
        genesis: Time,
        genesis_seed: Vec<u8>,
        beacon_id: impl Into<String>,
    ) -> Self {
        let beacon_id = beacon_id.into();
        let named = if beacon_id == DEFAULT_ID {
            ""
        } else {
            &beacon_id
        };
        let hash = Digest::of_parts(&[
            &period_secs.to_be_bytes(),
            &genesis.0.to_be_bytes(),
            &public_key,
            &genesis_seed,
            named.as_bytes(),
        ]);
        Self {
            public_key,
            period_secs: u64::from(period_secs),
            genesis,
            genesis_seed,
            beacon_id,
            hash,
        }
    }

    /// Reads `chain.json`: the key order, spaces and line ends of its one spelling, and a hash that
    /// is recomputed from the rest.
    pub fn parse(bytes: &[u8]) -> Result<Self, BeaconError> {
        let refuse = |expected: &str, found: &str| BeaconError::Chain {
            expected: expected.to_owned(),
            found: excerpt(found),
        };
        let text =
            std::str::from_utf8(bytes).map_err(|_| refuse("text in UTF-8", "other bytes"))?;
        let fields: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| refuse("the seven fields of a chain", &error.to_string()))?;
        let word = |name: &str| {
            let value = fields.get(name).and_then(serde_json::Value::as_str);
            value.ok_or_else(|| refuse(&format!("a text as {name}"), text))
        };
        let number = |name: &str| {
            let value = fields.get(name).and_then(serde_json::Value::as_i64);
            value.ok_or_else(|| refuse(&format!("a number as {name}"), text))
        };
        let id = word("beacon_id")?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let period = u32::try_from(number("period")?).unwrap_or_default();
        if period == 0 || !id.bytes().all(allowed) {
            return Err(refuse("a period from 1 and a plain beacon id", text));
        }
        let public_key = word("public_key")?;
        let public_key = unhex(public_key)
            .ok_or_else(|| refuse("192 hex digits as the public key", public_key))?;
        let genesis_seed = word("genesis_seed")?;
        let genesis_seed = unhex_any(genesis_seed)
            .ok_or_else(|| refuse("hex digits as the genesis seed", genesis_seed))?;
        let genesis = Time(number("genesis_time")?);
        let chain = Self::new(public_key, period, genesis, genesis_seed, id);
        // The hash and the scheme are compared with the rest of the spelling.
        let written = chain.to_string();
        if written == text {
            Ok(chain)
        } else {
            let differs = |(one, other): &(&str, &str)| one != other;
            let mut lines = written.lines().zip(text.lines());
            let (expected, found) = lines.find(differs).unwrap_or(("one final newline", ""));
            Err(refuse(expected, found))
        }
    }

    /// When a round comes; none for round 0 and beyond the end of time.
    #[must_use]
    pub fn time_of(&self, round: u64) -> Option<Time> {
        let periods = i64::try_from(round.checked_sub(1)?).ok()?;
        let period_secs = i64::try_from(self.period_secs).ok()?;
        let since_genesis = periods.checked_mul(period_secs)?;
        self.genesis.0.checked_add(since_genesis).map(Time)
    }

    /// The first round that does not come before this time.
    #[must_use]
    pub fn first_round_at_or_after(&self, time: Time) -> u64 {
        let since_genesis = time.0.saturating_sub(self.genesis.0);
        let since_genesis = u64::try_from(since_genesis).unwrap_or_default();
        since_genesis.div_ceil(self.period_secs.max(1)) + 1
    }

    /// Succeeds when this is the chain's one signature of the round: when the pairing of the message
    /// with the key, times the one of the negated signature with the generator, is 1.
    pub fn verify(&self, round: u64, signature: &[u8; 48]) -> Result<(), BeaconError> {
        let key = PublicKey::key_validate(&self.public_key).map_err(|_| BeaconError::Key)?;
        let key: &blst_p2_affine = (&key).into();
        let refuse = || BeaconError::Signature { round };
        // Measured: both pairings in one loop take a twelfth less than one after the other.
        let mut pairing = Pairing::new(true, DST);
        let mut negated = *signature;
        negated[0] ^= SIGN;
        let negated = Signature::sig_validate(&negated, true).map_err(|_| refuse())?;
        let generator = unhex::<192>(GENERATOR).ok_or_else(refuse)?;
        let generator = PublicKey::deserialize(&generator).map_err(|_| refuse())?;
        pairing.raw_aggregate((&generator).into(), (&negated).into());
        let none = None::<blst_p1_affine>;
        let added = pairing.aggregate(key, false, &none, false, &round_message(round), &[]);
        pairing.commit();
        if added == BLST_ERROR::BLST_SUCCESS && pairing.finalverify(None) {
            Ok(())
        } else {
            Err(refuse())
        }
    }
}

/// What the chain signs for a round: SHA-256 of its number in eight big-endian bytes.
#[must_use]
pub fn round_message(round: u64) -> [u8; 32] {
    Digest::of(&round.to_be_bytes()).0
}

fn unhex_any(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|pair| unhex::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte))
        .collect()
}

/// `chain.json`.
impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{{")?;
        writeln!(f, " \"public_key\": \"{}\",", hex(&self.public_key))?;
        writeln!(f, " \"period\": {},", self.period_secs)?;
        writeln!(f, " \"genesis_time\": {},", self.genesis.0)?;
        writeln!(f, " \"genesis_seed\": \"{}\",", hex(&self.genesis_seed))?;
        writeln!(f, " \"chain_hash\": \"{}\",", self.hash)?;
        writeln!(f, " \"scheme\": \"{SCHEME}\",")?;
        writeln!(f, " \"beacon_id\": \"{}\"", self.beacon_id)?;
        writeln!(f, "}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICKNET: &[u8] = include_bytes!("../vectors/accept/example/chain.json");
    const ROUND: u64 = 30_000_000;
    const SIGNATURE: &str = "81d2fc112b91932d9e4074a46b88c4dc78149b859660e0673c0bb9bd0caefdc9\
                             cc194e83de980441355b8ef44cc7a355";

    #[test]
    fn a_real_round_of_quicknet_verifies_and_no_other_does() {
        let chain = Chain::parse(QUICKNET).expect("quicknet");
        let signature = unhex(SIGNATURE).expect("48 bytes");
        assert_eq!(chain.to_string().as_bytes(), QUICKNET);
        assert_eq!(chain.verify(ROUND, &signature), Ok(()));
        let round = ROUND + 1;
        assert_eq!(
            chain.verify(round, &signature),
            Err(BeaconError::Signature { round })
        );
        let mut changed = signature;
        changed[47] ^= 1;
        assert!(chain.verify(ROUND, &changed).is_err());
        let mut identity = [0; 48];
        identity[0] = 0xc0;
        assert!(chain.verify(ROUND, &identity).is_err());
    }

    #[test]
    fn the_generator_is_the_key_of_the_secret_1() {
        let mut secret = [0; 32];
        secret[31] = 1;
        let secret = blst::min_sig::SecretKey::from_bytes(&secret).expect("a secret");
        assert_eq!(hex(&secret.sk_to_pk().serialize()), GENERATOR);
    }

    #[test]
    fn points_outside_of_their_groups_are_no_keys_and_no_signatures() {
        let chain = Chain::parse(QUICKNET).expect("quicknet");
        let signature = unhex(SIGNATURE).expect("48 bytes");
        let refused = Err(BeaconError::Signature { round: ROUND });
        let mut negated = signature;
        negated[0] ^= 0x20;
        assert_eq!(chain.verify(ROUND, &negated), refused);
        // Points of the curve whose order is another: x = 4 in G1's field.
        let mut outside = [0; 48];
        (outside[0], outside[47]) = (0x80, 4);
        let point = Signature::from_bytes(&outside).expect("a point of the curve");
        assert!(!point.subgroup_check());
        assert_eq!(chain.verify(ROUND, &outside), refused);
        let mut infinity = [0; 96];
        infinity[0] = 0xc0;
        let mut curve = [0; 96];
        (curve[0], curve[95]) = (0x80, 2);
        let point = PublicKey::from_bytes(&curve).expect("a point of the curve");
        assert!(point.validate().is_err());
        for public_key in [infinity, curve, [0; 96], [0xff; 96]] {
            let chain = Chain {
                public_key,
                ..chain.clone()
            };
            for signature in [signature, outside] {
                assert_eq!(chain.verify(ROUND, &signature), Err(BeaconError::Key));
            }
        }
    }

    #[test]
    fn rounds_and_times_convert_both_ways() {
        let chain = Chain::parse(QUICKNET).expect("quicknet");
        assert_eq!(chain.time_of(0), None);
        assert_eq!(chain.time_of(1), Some(chain.genesis));
        assert_eq!(chain.time_of(u64::MAX), None);
        for round in [1, 2, 1_000, ROUND] {
            let time = chain.time_of(round).expect("a time");
            assert_eq!(chain.first_round_at_or_after(time), round);
            assert_eq!(chain.first_round_at_or_after(Time(time.0 - 1)), round);
            assert_eq!(chain.first_round_at_or_after(Time(time.0 + 1)), round + 1);
        }
        assert_eq!(chain.first_round_at_or_after(Time(0)), 1);
    }

    #[test]
    fn a_chain_that_differs_is_blamed_to_its_first_line() {
        let text = std::str::from_utf8(QUICKNET).expect("text");
        let scheme = " \"scheme\": \"bls-unchained-g1-rfc9380\",";
        for (changed, expected, found) in [
            (
                text.replace("rfc9380", "rfc9381"),
                scheme,
                " \"scheme\": \"bls-unchained-g1-rfc9381\",",
            ),
            (
                text.replace("\"period\": 3", "\"period\":3"),
                " \"period\": 3,",
                " \"period\":3,",
            ),
            (text.trim_end().to_owned(), "one final newline", ""),
        ] {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            let refused = Chain::parse(changed.as_bytes());
            assert_eq!(refused, Err(BeaconError::Chain { expected, found }));
        }
    }

    #[test]
    fn a_chain_in_another_spelling_or_with_another_hash_is_refused() {
        let text = std::str::from_utf8(QUICKNET).expect("text");
        for changed in [
            text.replace("\"period\": 3", "\"period\": 4"),
            text.replace("\"period\": 3", "\"period\":3"),
            text.replace("quicknet", "quicknet2"),
            text.replace("52db9b", "52DB9B"),
            text.replace("rfc9380", "rfc9381"),
            text.replace("\n}", ",\n \"more\": 1\n}"),
            text.trim_end().to_owned(),
            format!("{text}\n"),
        ] {
            assert!(Chain::parse(changed.as_bytes()).is_err(), "{changed}");
        }
    }
}
