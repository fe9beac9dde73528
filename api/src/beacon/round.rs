//! A round as drand's HTTP API writes it: `{"round": …, "signature": "…", …}`.

use serde::Deserialize;
use verifier::beacon::Chain;

use super::Fault;

/// What is read of it; other members, the randomness among them, are left alone.
#[derive(Deserialize)]
struct Answer {
    round: u64,
    signature: String,
}

/// Reads a round and verifies its signature against the chain.
pub(super) fn read(bytes: &[u8], chain: &Chain, round: u64) -> Result<[u8; 48], Fault> {
    let not_a_round = |cause: String| Fault::NotARound { cause };
    let answer: Answer =
        serde_json::from_slice(bytes).map_err(|error| not_a_round(error.to_string()))?;
    if answer.round != round {
        return Err(Fault::AnotherRound {
            found: answer.round,
        });
    }
    let signature = unhex(&answer.signature).ok_or_else(|| {
        not_a_round("expected a signature of 96 hex digits, found another text".to_owned())
    })?;
    chain
        .verify(round, &signature)
        .map_err(|_| Fault::FalseSignature)?;
    Ok(signature)
}

fn unhex(text: &str) -> Option<[u8; 48]> {
    let digits = text.as_bytes();
    if digits.len() != 96 {
        return None;
    }
    let mut bytes = [0; 48];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(bytes)
}
