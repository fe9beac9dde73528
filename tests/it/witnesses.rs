//! A city that asks several witnesses on machines of their own.

mod changed;

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use fairplate::{
    App, Error,
    beacon::Limits,
    clock::Clock,
    service::publication,
    witness::{HttpWitness, Witness},
};
use fairplate_tests::{
    TestCity, ceremony,
    notary::Notary,
    on_both_databases,
    stages::{CLOSE_AT, FINISH_AT, PERIOD, officer, places, reveals, terms},
};
use verifier::Verdict;

/// The city with these witnesses, of whom so many make the quorum.
fn witnessed(city: &TestCity, notaries: &[&Notary], quorum: usize) -> App {
    let mut app = city.app.clone();
    let mut policy = format!("log {}\n", app.trust.log());
    let names: Vec<_> = (1..=notaries.len())
        .map(|place| format!("w{place}"))
        .collect();
    for (name, notary) in names.iter().zip(notaries) {
        writeln!(policy, "witness {name} {}", notary.key).expect("written");
    }
    let names = names.join(" ");
    write!(policy, "group enough {quorum} {names}\nquorum enough\n").expect("written");
    app.trust = Arc::new(policy.parse().expect("a trust policy"));
    app.witnesses = notaries.iter().map(|notary| notary.witness()).collect();
    app
}

fn clock(city: &TestCity) -> Arc<dyn Clock> {
    Arc::new(city.clock.clone())
}

#[test]
fn a_quorum_of_notaries_is_enough_and_whoever_was_away_catches_up() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let log = city.app.trust.log().clone();
        let mut notaries = Vec::new();
        for name in ["notary.example/w1", "court.example/w2", "press.example/w3"] {
            notaries.push(Notary::open(name, &log, clock(city)).await);
        }
        let [one, two, three] = notaries.as_mut_slice() else {
            panic!("three notaries")
        };
        three.stop().await;
        let app = witnessed(city, &[&*one, &*two, &*three], 2);
        ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD))
            .await
            .expect("announced with two of three");
        assert_eq!(three.cosigned().len(), 0);

        // The third comes back, and is asked from a size that it has never seen.
        three.start(&log, clock(city)).await;
        one.stop().await;
        city.at(CLOSE_AT);
        ceremony::close(&app, &officer(), PERIOD, reveals())
            .await
            .expect("closed with two of three");
        let sizes = |notary: &Notary| notary.cosigned().len();
        assert_eq!((sizes(one), sizes(two), sizes(three)), (1, 2, 1));

        // Two are away: the result waits, is told nowhere, and comes when one is back.
        two.stop().await;
        city.at(FINISH_AT);
        let refused = ceremony::finish(&app, &officer(), PERIOD).await;
        assert!(
            matches!(
                &refused,
                Err(Error::Unavailable { what: "the witnesses' quorum", reason })
                    if reason.contains("notary.example/w1") && reason.contains("court.example/w2")
                        && !reason.contains("press.example/w3")
            ),
            "{refused:?}"
        );
        let result = app.layout.draw(PERIOD).join("result.note");
        assert!(!result.exists());
        one.start(&log, clock(city)).await;
        ceremony::recover(&app).await.expect("recovered");
        assert!(result.exists());

        let report = publication::verdict(&app, PERIOD).await.expect("a verdict");
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        for notary in [one, two, three] {
            for note in notary.cosigned() {
                note.verify(&log).expect("the log's line");
                note.verify(&notary.key).expect("the notary's own line");
            }
        }
    });
}

/// Whether a request has come to the end of its checkpoint.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    text.ends_with('\n') && text.contains("\n\n— ")
}

/// Two who take part in nothing: each answers when both were asked.
fn only_together() -> [String; 2] {
    let listeners = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let urls = listeners
        .each_ref()
        .map(|it| format!("http://{}", it.local_addr().expect("an address")));
    std::thread::spawn(move || {
        let mut streams = listeners.map(|it| it.accept().expect("a connection").0);
        for stream in &mut streams {
            // To the end of the checkpoint's signature: what is left unread would break the answer off.
            let (mut request, mut part) = (Vec::new(), [0; 1_024]);
            while !is_whole(&request) {
                let read = stream.read(&mut part).expect("a request");
                assert!(read > 0, "somebody asked");
                request.extend_from_slice(&part[..read]);
            }
        }
        for stream in &mut streams {
            let answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).expect("answered");
        }
    });
    urls
}

#[test]
fn all_witnesses_are_asked_at_once() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let mut app = city.app.clone();
        let key = app.witnesses[0].key().clone();
        let limits = Limits {
            overall: Duration::from_secs(30),
            ..Limits::default()
        };
        let busy = only_together().map(|url| -> Arc<dyn Witness> {
            Arc::new(HttpWitness::new(&url, key.clone(), limits))
        });
        app.witnesses = busy.into();
        let refused = ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD)).await;
        let told = refused.expect_err("nobody has cosigned").to_string();
        assert_eq!(told.matches("HTTP status 503").count(), 2, "{told}");
    });
}
