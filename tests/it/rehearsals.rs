//! A beacon of one's own for rehearsals: a whole draw on it, and everything marked.

use std::{net::SocketAddr, sync::Arc};

use fairplate::{
    beacon::{Beacon as _, BeaconError, Limits, Rehearsal, Relays},
    clock::{Clock, StoppedClock},
    http::Bound,
    service::publication,
    signer::ChainKey,
};
use fairplate_tests::{
    ceremony,
    city::moment,
    keys, on_both_databases,
    stages::{CLOSE_AT, FINISH_AT, PERIOD, officer, places, reveals, terms},
};
use serde_json::Value;
use tokio::sync::oneshot;
use verifier::{Verdict, beacon::Chain, text::Time};

/// A rehearsal's beacon on a free port, its chain since 2026-06-01.
struct Running {
    chain: Chain,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

async fn start(clock: Arc<dyn Clock>) -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    let key = ChainKey::create(folder.path(), &keys::passphrase()).expect("a key");
    let genesis = Time(moment("2026-06-01T00:00:00Z").timestamp());
    let chain = key.chain(3, genesis, "rehearsal-spring");
    let rehearsal = Rehearsal::new(chain.clone(), key, clock).expect("a rehearsal");
    let bound = Bound::to(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a port");
    let address = bound.address();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        bound
            .rehearse(rehearsal, async { drop(stopped.await) })
            .await;
    });
    Running {
        chain,
        address,
        _stop: stop,
        _folder: folder,
    }
}

/// Status, mark and JSON of an answer.
async fn get(running: &Running, path: &str) -> (u16, String, Value) {
    let url = format!("http://{}{path}", running.address);
    let asking = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut answer = agent.get(url).call().expect("an answer");
        let mark = answer.headers().get("x-fairplate-rehearsal");
        let mark = mark.map_or("", |it| it.to_str().expect("text")).to_owned();
        let text = answer.body_mut().read_to_string().expect("text");
        let json = serde_json::from_str(&text).expect("JSON");
        (answer.status().as_u16(), mark, json)
    });
    asking.await.expect("an answer")
}

#[test]
fn a_rehearsed_draw_is_verified_and_its_folder_says_what_it_is() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let clock: Arc<dyn Clock> = Arc::new(city.clock.clone());
        let running = start(Arc::clone(&clock)).await;
        let mut app = city.app.clone();
        app.chain = Arc::new(running.chain.clone());
        let url = format!("http://{}", running.address);
        app.beacon = Arc::new(Relays::new(vec![url], Limits::default(), clock));
        ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD))
            .await
            .expect("announced");
        city.at(CLOSE_AT);
        ceremony::close(&app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        city.at(FINISH_AT);
        ceremony::finish(&app, &officer(), PERIOD)
            .await
            .expect("finished");
        let report = publication::verdict(&app, PERIOD).await.expect("a verdict");
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        let chain = std::fs::read_to_string(app.layout.draw(PERIOD).join("chain.json"));
        assert!(
            chain
                .expect("the chain")
                .contains("\"beacon_id\": \"rehearsal-spring\"")
        );
        let hall = city.hall();
        assert_eq!(hall.figures().await["isRehearsal"], true);
        for (lang, word) in [("zh-CN", "演练："), ("en", "REHEARSAL: ")] {
            let paper = hall.protocol(lang).await;
            assert_eq!(
                paper.matches(word).count(),
                2,
                "at its head and at its foot"
            );
        }
        let lines = hall.lines();
        assert!(lines.iter().any(|line| line.starts_with("REHEARSAL: ")));
    });
}

#[tokio::test]
async fn every_answer_of_a_rehearsal_says_so_and_no_round_comes_before_its_time() {
    let clock = StoppedClock::at(moment("2026-06-01T00:00:07Z"));
    let running = start(Arc::new(clock.clone())).await;
    let chain = running.chain.hash.to_string();
    for (path, status) in [
        ("/chains".to_owned(), 200),
        (format!("/{chain}/info"), 200),
        (format!("/{chain}/public/latest"), 200),
        (format!("/{chain}/public/3"), 200),
        (format!("/{chain}/public/4"), 404),
        (format!("/{chain}/public/0"), 400),
        (format!("/{chain}/public/three"), 400),
        (format!("/{}/public/3", "0".repeat(64)), 404),
        ("/".to_owned(), 404),
    ] {
        let (found, mark, json) = get(&running, &path).await;
        assert_eq!(found, status, "{path}: {json}");
        assert!(mark.contains("not for a real draw"), "{path}");
        let is_list = path == "/chains";
        assert!(
            is_list || json["rehearsal"] == mark.as_str(),
            "{path}: {json}"
        );
    }
    let (.., latest) = get(&running, &format!("/{chain}/public/latest")).await;
    assert_eq!(latest["round"], 3);
    let (.., info) = get(&running, &format!("/{chain}/info")).await;
    assert_eq!(
        (&info["hash"], &info["period"]),
        (&chain.as_str().into(), &3.into())
    );

    let url = format!("http://{}", running.address);
    let relays = Relays::new(vec![url], Limits::default(), Arc::new(clock.clone()));
    let signature = relays.fetch(&running.chain, 3).await.expect("a round");
    assert_eq!(running.chain.verify(3, &signature), Ok(()));
    let early = relays.fetch(&running.chain, 4).await;
    assert!(
        matches!(early, Err(BeaconError::NotYet { .. })),
        "{early:?}"
    );
    clock.advance(2);
    relays
        .fetch(&running.chain, 4)
        .await
        .expect("the next round");
}

#[test]
fn a_chain_that_does_not_say_that_it_is_a_rehearsal_is_not_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = || ChainKey::open(folder.path(), &keys::passphrase()).expect("a key");
    let made = ChainKey::create(folder.path(), &keys::passphrase()).expect("a key");
    let clock: Arc<dyn Clock> = Arc::new(StoppedClock::at(moment("2026-06-01T00:00:07Z")));
    let refused = |chain: Chain| {
        let refused = Rehearsal::new(chain, key(), Arc::clone(&clock)).map(drop);
        refused.expect_err("no rehearsal")
    };
    let told = refused(made.chain(3, Time(0), "quicknet"));
    assert!(told.contains("begins with rehearsal-"), "{told}");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = ChainKey::create(elsewhere.path(), &keys::passphrase()).expect("a key");
    let told = refused(other.chain(3, Time(0), "rehearsal-spring"));
    assert!(told.contains("another public key"), "{told}");
}
