//! What is said over `WebSocket` and as server-sent events, and how connections end.

use std::time::Duration;

use fairplate::{
    config::LiveConfig,
    http::{Options, Rhythm},
};
use fairplate_tests::{
    Asks as _, TestCity,
    live::{PROTOCOL, Socket},
    on_both_databases,
    people::person,
    server::Server,
    stages::{PERIOD, places},
};
use serde_json::json;

const DRAW: &str = "subscription { drawProgress(publicId: \"202606\") { __typename cursor } }";

/// A server whose clients have little time.
async fn impatient(city: &TestCity, rhythm: Rhythm) -> Server {
    let options = Options {
        rhythm,
        ..Options::default()
    };
    Server::start_with(&city.app, options).await
}

#[test]
fn a_connection_that_breaks_the_protocol_is_closed_with_its_code() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let mut silent = Socket::connect(server, None).await.expect("a connection");
        assert_eq!(silent.closed().await, 4406, "it names no protocol");

        let mut early = Socket::open(server).await;
        early.subscribe("1", DRAW).await;
        assert_eq!(early.closed().await, 4401);

        let mut twice = Socket::let_in(server, None).await;
        twice.say(json!({ "type": "connection_init" })).await;
        assert_eq!(twice.closed().await, 4429);

        for text in ["", "{", "{\"type\":\"start\"}"] {
            let mut wrong = Socket::let_in(server, None).await;
            wrong.say_text(text).await;
            assert_eq!(wrong.closed().await, 4400, "{text}");
        }
        let mut binary = Socket::let_in(server, None).await;
        binary.say_bytes(b"{\"type\":\"ping\"}".to_vec()).await;
        assert_eq!(binary.closed().await, 4400);

        let mut long = Socket::let_in(server, None).await;
        long.say_text(&" ".repeat(64 * 1024 + 1)).await;
        assert_eq!(long.closed().await, 1009);

        city.frozen(2, places(1, 1)).await;
        let mut same = Socket::let_in(server, None).await;
        same.subscribe("1", DRAW).await;
        same.subscribe("1", DRAW).await;
        assert_eq!(same.closed().await, 4409);
    });
}

#[test]
fn who_does_not_say_who_they_are_or_is_nobody_is_not_let_in() {
    on_both_databases(async |city| {
        let rhythm = Rhythm {
            init: Duration::from_millis(50),
            ..Rhythm::default()
        };
        let server = impatient(city, rhythm).await;
        assert_eq!(Socket::open(&server).await.closed().await, 4408);

        let server = city.server().await;
        for given in ["", "Bearer", "Bearer x", "Basic abc"] {
            let mut socket = Socket::open(server).await;
            let payload = json!({ "authorization": given });
            socket
                .say(json!({ "type": "connection_init", "payload": payload }))
                .await;
            assert_eq!(socket.closed().await, 4403, "{given}");
        }
    });
}

#[test]
fn a_ping_is_answered_and_subscriptions_of_one_connection_do_not_mix() {
    on_both_databases(async |city| {
        city.frozen(2, places(1, 1)).await;
        let mut socket = Socket::let_in(city.server().await, None).await;
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.hear().await, json!({ "type": "pong" }));

        socket.subscribe("one", DRAW).await;
        assert_eq!(socket.hear().await["id"], "one");
        socket
            .subscribe(
                "two",
                "subscription { drawProgress(publicId: \"none\") { cursor } }",
            )
            .await;
        let refused = socket.hear().await;
        assert_eq!(
            (&refused["type"], &refused["id"]),
            (&json!("error"), &json!("two"))
        );
        assert_eq!(refused["payload"][0]["extensions"]["code"], "NOT_FOUND");
        socket.say(json!({ "type": "complete", "id": "one" })).await;
        socket.subscribe("one", DRAW).await;
        let again = socket.hear().await;
        assert_eq!(
            (&again["type"], &again["id"]),
            (&json!("next"), &json!("one"))
        );
    });
}

#[test]
fn a_connection_carries_subscriptions_of_one_field_and_nothing_else() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let before = city.application(&citizen).await;
        let cancel = format!(
            "mutation {{ cancelApplication(input: {{ applicationId: \"{}\" }}) {{ __typename }} }}",
            citizen.id()
        );
        let deep = format!("subscription {{ drawProgress {}", "{ a ".repeat(41));
        let server = city.server().await;
        let mut socket = Socket::let_in(server, citizen.token()).await;
        for (document, code) in [
            ("{ city { key } }", "WRONG_TRANSPORT"),
            (cancel.as_str(), "WRONG_TRANSPORT"),
            ("subscription {", "GRAPHQL_PARSE_FAILED"),
            ("subscription { none }", "GRAPHQL_VALIDATION_FAILED"),
            (
                "subscription { myEvents { cursor } again: myEvents { cursor } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (
                "subscription { ...F } fragment F on Subscription { myEvents { cursor } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (deep.as_str(), "DOCUMENT_TOO_COSTLY"),
        ] {
            socket.subscribe("1", document).await;
            let refused = socket.hear().await;
            assert_eq!(refused["type"], "error", "{document}");
            assert_eq!(
                refused["payload"][0]["extensions"]["code"], code,
                "{document}"
            );
            let events = server.events(citizen.token(), document, 10).await;
            assert_eq!(
                (events.status, events.is_complete),
                (200, true),
                "{document}"
            );
            assert_eq!(events.next.len(), 1, "{document}");
            assert_eq!(
                events.next[0]["errors"][0]["extensions"]["code"], code,
                "{document}"
            );
        }
        assert_eq!(city.application(&citizen).await, before);
        let posted = citizen.ask("subscription { myEvents { cursor } }").await;
        assert_eq!(posted.codes(), ["WRONG_TRANSPORT"]);
    });
}

#[test]
fn the_same_events_come_as_server_sent_events() {
    on_both_databases(async |city| {
        city.finished(4, places(2, 1)).await;
        let server = city.server().await;

        let events = server.events(None, DRAW, 100).await;

        assert_eq!((events.status, events.is_complete), (200, true));
        assert_eq!(events.media, "text/event-stream");
        let kinds: Vec<_> = events
            .next
            .iter()
            .map(|event| event["data"]["drawProgress"]["__typename"].clone())
            .collect();
        assert_eq!(
            kinds,
            [
                "DrawStepReached",
                "DrawSeedFormed",
                "DrawWinnersConfirmed",
                "DrawCompleted"
            ]
        );
        let refused = server.events(Some("none"), DRAW, 1).await;
        assert_eq!(refused.status, 401);
    });
}

#[test]
fn so_many_may_be_connected_and_no_more() {
    on_both_databases(async |city| {
        city.frozen(2, places(1, 1)).await;
        let options = Options {
            live: LiveConfig {
                connections: 10,
                connections_per_address: 1,
            },
            ..Options::default()
        };
        let server = Server::start_with(&city.app, options).await;
        let mut first = Socket::let_in(&server, None).await;

        let refused = Socket::connect(&server, Some(PROTOCOL)).await.err();
        assert_eq!(refused, Some(503));
        assert_eq!(server.events(None, DRAW, 1).await.status, 503);

        first.subscribe("1", DRAW).await;
        assert_eq!(first.event().await["__typename"], "DrawStepReached");
        assert_eq!(server.get("/healthz").await.0, 200);
    });
}

#[test]
fn whoever_does_not_answer_a_ping_is_dropped() {
    on_both_databases(async |city| {
        let rhythm = Rhythm {
            beat: Duration::from_millis(300),
            ..Rhythm::default()
        };
        let options = Options {
            rhythm,
            live: LiveConfig {
                connections: 1,
                connections_per_address: 1,
            },
            ..Options::default()
        };
        let server = Server::start_with(&city.app, options).await;
        let mut dead = Socket::let_in(&server, None).await;
        // Nobody reads, so that no ping is answered, until the place is free again.
        let alive = loop {
            match Socket::connect(&server, Some(PROTOCOL)).await {
                Ok(socket) => break socket,
                Err(status) => assert_eq!(status, 503),
            }
        };
        drop(alive);
        assert!(!dead.reads_a_goodbye().await);
    });
}

#[test]
fn whoever_takes_no_message_is_dropped() {
    on_both_databases(async |city| {
        let rhythm = Rhythm {
            send: Duration::from_millis(100),
            ..Rhythm::default()
        };
        let server = impatient(city, rhythm).await;
        let mut slow = Socket::narrow(&server).await;
        // Each is refused in a sentence as long as itself, and nobody reads the sentences. However
        // much the system takes in between, it is full before the messages are counted out.
        let field = "a".repeat(60_000);
        slow.floods_with(&format!("subscription {{ {field} }}"))
            .await;
        assert!(!slow.reads_a_goodbye().await);
    });
}

#[test]
fn a_server_that_stops_says_so() {
    on_both_databases(async |city| {
        city.frozen(2, places(1, 1)).await;
        let server = Server::start(&city.app).await;
        let mut socket = Socket::let_in(&server, None).await;
        socket.subscribe("1", DRAW).await;
        assert_eq!(socket.event().await["__typename"], "DrawStepReached");

        drop(server);

        assert_eq!(socket.closed().await, 1001);
        assert_eq!(city.draw(PERIOD).await.phase, entity::draw::Phase::Frozen);
    });
}
