//! Against real sockets, with the recorded quicknet round 30,000,000.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use verifier::{
    beacon::Chain,
    text::{Digest, Time},
};

use super::{
    Attempt, Beacon, BeaconError, Carried, Fault, Limits, OwnChain, Relays,
    loopback::{Loopback, Reply},
    quicknet,
};
use crate::{
    clock::StoppedClock,
    signer::{ChainKey, Passphrase},
};

const ROUND: u64 = 30_000_000;
const RECORDED: &str = include_str!("fixtures/quicknet-30000000.json");
const EARLIER: &str = include_str!("fixtures/quicknet-1000.json");
const SIGNATURE_START: [u8; 4] = [0x81, 0xd2, 0xfc, 0x11];

fn clock_at(time: Time) -> StoppedClock {
    StoppedClock::at(chrono::DateTime::from_timestamp(time.0, 0).unwrap())
}

/// A clock that shows the round's own second.
fn due() -> Arc<StoppedClock> {
    Arc::new(clock_at(quicknet().time_of(ROUND).unwrap()))
}

fn impatient() -> Limits {
    Limits {
        connect: Duration::from_millis(200),
        overall: Duration::from_millis(300),
        ..Limits::default()
    }
}

async fn ask(urls: &[&str]) -> Result<[u8; 48], BeaconError> {
    let urls = urls.iter().map(|&url| url.to_owned()).collect();
    Relays::new(urls, impatient(), due())
        .fetch(&quicknet(), ROUND)
        .await
}

async fn fault_of(relay: &Loopback) -> Fault {
    let BeaconError::Failed { round, attempts } = ask(&[&relay.url]).await.unwrap_err() else {
        panic!("expected a failure of the relay");
    };
    let [Attempt { source, fault }] = attempts.as_slice() else {
        panic!("expected one attempt, found {attempts:?}");
    };
    assert_eq!((round, source), (ROUND, &relay.url));
    fault.clone()
}

fn member(json: &str, name: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    json[name].as_str().unwrap().to_owned()
}

#[test]
fn quicknet_is_the_published_chain() {
    assert_eq!(
        quicknet().to_string(),
        include_str!("fixtures/quicknet.json")
    );
}

#[tokio::test]
async fn an_honest_relay_is_asked_for_the_round_of_the_chain() {
    let relay = Loopback::answering(200, RECORDED);
    let signature = ask(&[&format!("{}/", relay.url)]).await.unwrap();
    assert_eq!(signature[..4], SIGNATURE_START);
    let randomness = member(RECORDED, "randomness");
    assert_eq!(Digest::of(&signature).to_string(), randomness);
    let requests = relay.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0].line,
        format!("GET /{}/public/{ROUND} HTTP/1.1", quicknet().hash)
    );
}

#[tokio::test]
async fn a_relay_that_sends_another_rounds_signature_is_not_believed() {
    let honest = member(RECORDED, "signature");
    let other = member(EARLIER, "signature");
    let relay = Loopback::answering(200, RECORDED.replace(&honest, &other));
    assert_eq!(fault_of(&relay).await, Fault::FalseSignature);
    let relay = Loopback::answering(200, EARLIER);
    assert_eq!(fault_of(&relay).await, Fault::AnotherRound { found: 1_000 });
}

#[tokio::test]
async fn a_relay_that_flips_a_byte_is_not_believed() {
    let relay = Loopback::answering(200, RECORDED.replace("c7a355", "c7a354"));
    assert_eq!(fault_of(&relay).await, Fault::FalseSignature);
}

#[tokio::test]
async fn forged_randomness_changes_nothing() {
    let randomness = member(RECORDED, "randomness");
    let forged = RECORDED.replace(&randomness, &"0".repeat(64));
    assert_ne!(forged, RECORDED);
    let relay = Loopback::answering(200, forged);
    let signature = ask(&[&relay.url]).await.unwrap();
    assert_eq!(Digest::of(&signature).to_string(), randomness);
}

#[tokio::test]
async fn a_relay_that_stalls_is_left_after_the_time_out() {
    let relay = Loopback::serve(|_| Reply::Stall);
    let limit = impatient().overall;
    assert_eq!(fault_of(&relay).await, Fault::Stalled { limit });
}

#[tokio::test]
async fn a_relay_that_dies_within_its_answer_has_not_answered() {
    let relay = Loopback::serve(|_| Reply::Die {
        body: RECORDED.as_bytes().to_vec(),
        missing: 1,
    });
    assert!(matches!(fault_of(&relay).await, Fault::BrokenOff { .. }));
}

#[tokio::test]
async fn an_error_page_a_flood_and_nonsense_are_told_apart() {
    let relay = Loopback::answering(500, RECORDED);
    assert_eq!(fault_of(&relay).await, Fault::Status { status: 500 });
    let relay = Loopback::answering(302, RECORDED);
    assert_eq!(fault_of(&relay).await, Fault::Status { status: 302 });
    let relay = Loopback::answering(200, vec![b' '; 2_000_000]);
    let limit_bytes = 65_536;
    assert_eq!(fault_of(&relay).await, Fault::TooLarge { limit_bytes });
    for nonsense in [
        "",
        "{}",
        "<html>",
        r#"{"round":30000000,"signature":"81d2"}"#,
    ] {
        let relay = Loopback::answering(200, nonsense);
        let fault = fault_of(&relay).await;
        assert!(matches!(fault, Fault::NotARound { .. }), "{fault}");
    }
}

/// Whatever the order: the one that tells the truth is heard, and nobody waits for the others.
#[tokio::test]
async fn one_honest_relay_among_liars_stallers_and_the_dead_gives_the_round() {
    for place in 0..5 {
        let liar = Loopback::answering(200, RECORDED.replace("c7a355", "c7a354"));
        let staller = Loopback::serve(|_| Reply::Stall);
        let broken = Loopback::answering(500, "");
        let honest = Loopback::answering(200, RECORDED);
        let nobody = Loopback::nobody();
        let mut urls = vec![&liar.url, &staller.url, &broken.url, &nobody];
        urls.insert(place, &honest.url);
        let urls: Vec<_> = urls.into_iter().map(String::as_str).collect();
        assert_eq!(ask(&urls).await.unwrap()[..4], SIGNATURE_START);
        assert_eq!(honest.requests().len(), 1);
    }
}

/// The honest relay answers only when the staller has been asked, and the staller never: one after the
/// other they would never come to a round, whichever is first.
#[tokio::test]
async fn relays_are_asked_at_once_and_a_slow_one_is_not_waited_for() {
    for is_first in [true, false] {
        let (asked, seen) = std::sync::mpsc::channel();
        let staller = Loopback::serve(move |_| {
            asked.send(()).unwrap();
            Reply::Stall
        });
        let honest = Loopback::serve(move |_| {
            seen.recv().unwrap();
            let body = RECORDED.as_bytes().to_vec();
            Reply::Answer { status: 200, body }
        });
        let mut urls = vec![staller.url.clone(), honest.url.clone()];
        if !is_first {
            urls.reverse();
        }
        let patient = Limits {
            overall: Duration::from_mins(10),
            ..impatient()
        };
        let relays = Relays::new(urls, patient, due());
        let signature = relays.fetch(&quicknet(), ROUND).await.unwrap();
        assert_eq!(signature[..4], SIGNATURE_START);
    }
}

#[test]
fn a_lie_is_told_from_a_failure() {
    assert!(Fault::FalseSignature.is_lie());
    assert!(Fault::AnotherRound { found: 1 }.is_lie());
    let limit = Duration::from_secs(1);
    assert!(!Fault::Stalled { limit }.is_lie());
    assert!(!Fault::Status { status: 500 }.is_lie());
}

#[tokio::test]
async fn when_all_relays_fail_each_is_named_with_its_fault() {
    let liar = Loopback::answering(200, RECORDED.replace("c7a355", "c7a354"));
    let broken = Loopback::answering(503, "");
    let nobody = Loopback::nobody();
    let error = ask(&[&liar.url, &nobody, &broken.url]).await.unwrap_err();
    let sentence = error.to_string();
    for part in [
        format!("no source gave round {ROUND}"),
        format!("{} sent a signature that is not this chain's", liar.url),
        format!("{nobody} could not be reached"),
        format!("{} answered with HTTP status 503", broken.url),
    ] {
        assert!(sentence.contains(&part), "{part} is missing: {sentence}");
    }
    let attempts = Vec::new();
    let nothing = BeaconError::Failed {
        round: ROUND,
        attempts,
    };
    assert_eq!(ask(&[]).await, Err(nothing));
}

#[tokio::test]
async fn a_round_of_the_future_is_not_asked_for() {
    let relay = Loopback::answering(200, RECORDED);
    let clock = due();
    clock.advance(-1);
    let relays = Relays::new(vec![relay.url.clone()], impatient(), clock.clone());
    let at = quicknet().time_of(ROUND).unwrap();
    let not_yet = BeaconError::NotYet { round: ROUND, at };
    assert_eq!(relays.fetch(&quicknet(), ROUND).await, Err(not_yet));
    assert_eq!(relay.requests(), []);
    clock.advance(1);
    assert!(relays.fetch(&quicknet(), ROUND).await.is_ok());
}

#[tokio::test]
async fn a_round_that_no_chain_has_is_refused() {
    let relays = Relays::new(Vec::new(), impatient(), due());
    for round in [0, u64::MAX] {
        let refused = BeaconError::NoSuchRound { round };
        assert_eq!(relays.fetch(&quicknet(), round).await, Err(refused));
    }
}

#[tokio::test]
async fn a_carried_round_is_checked_like_a_relays() {
    let folder = tempfile::tempdir().unwrap();
    let carried = |text: &str| -> PathBuf {
        let path = folder.path().join("round.json");
        fs::write(&path, text).unwrap();
        path
    };
    let fetch = async |path: PathBuf| Carried::new(path, due()).fetch(&quicknet(), ROUND).await;
    let signature = fetch(carried(RECORDED)).await.unwrap();
    assert_eq!(signature[..4], SIGNATURE_START);
    let flipped = RECORDED.replace("c7a355", "c7a354");
    for (text, wrong) in [
        (flipped.as_str(), "sent a signature that is not"),
        (EARLIER, "sent round 1000"),
        ("round 30000000", "not a round in JSON"),
    ] {
        let sentence = fetch(carried(text)).await.unwrap_err().to_string();
        assert!(sentence.contains(wrong), "{sentence}");
    }
    let missing = folder.path().join("elsewhere.json");
    let sentence = fetch(missing).await.unwrap_err().to_string();
    assert!(sentence.contains("elsewhere.json could not be read"));
}

#[tokio::test]
async fn a_chain_of_our_own_gives_a_round_from_its_time_on() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new("seven grey herons").unwrap();
    let key = ChainKey::create(folder.path(), &passphrase).unwrap();
    let genesis = Time(1_782_608_400);
    let chain = key.chain(2, genesis, "demo");
    assert_eq!(key.chain(2, genesis, "demo").hash, chain.hash);
    let read = Chain::parse(chain.to_string().as_bytes()).unwrap();
    assert_eq!(read.hash, chain.hash);

    let clock = Arc::new(clock_at(Time(genesis.0 + 7)));
    let own = OwnChain::new(Arc::new(key), clock.clone());
    let at = Time(genesis.0 + 8);
    let not_yet = BeaconError::NotYet { round: 5, at };
    assert_eq!(own.fetch(&chain, 5).await, Err(not_yet));
    clock.advance(1);
    let signature = own.fetch(&chain, 5).await.unwrap();
    assert_eq!(chain.verify(5, &signature), Ok(()));
    assert!(chain.verify(4, &signature).is_err());

    let sentence = own.fetch(&quicknet(), 1).await.unwrap_err().to_string();
    assert!(sentence.contains("own chain sent a signature that is not this chain's"));
}
