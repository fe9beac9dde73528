//! Draws and inboxes, followed while something happens.

use fairplate::{
    domain::message::Purpose,
    service::{
        ceremony,
        messages::{Post, Recipient},
    },
    store,
};
use fairplate_tests::{
    Asks as _, TestCity,
    ids::draw_id,
    live::Socket,
    on_both_databases,
    people::person,
    server::Server,
    stages::{CLOSE_AT, CLOSES_AT, FINISH_AT, PERIOD, ROUND_AT, officer, places, reveals},
};
use serde_json::{Value, json};

/// Events of a draw as a client sees them; `after` and the like go where the dots are.
fn follow(arguments: &str) -> String {
    format!(
        "subscription {{ drawProgress(publicId: \"{PERIOD}\"{arguments}) {{ __typename cursor publicId
            ... on DrawStepReached {{ phase at record closesAt beacon {{ chain round at }}
                pools {{ category quota reserve rows tickets }} }}
            ... on DrawSeedFormed {{ round signature seed }}
            ... on DrawWinnersConfirmed {{ category total reserves winners {{ rank code }} url }}
            ... on DrawCompleted {{ verdict {{ verdict }} }} }} }}"
    )
}

const MINE: &str = "subscription { myEvents { __typename cursor
    ... on InboxOpened { unreadCount }
    ... on MessageArrived { about message { purpose subject title(locale: EN) } } } }";

/// All that is told until the subscription is complete.
async fn all(socket: &mut Socket) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let message = socket.hear().await;
        if message["type"] == "complete" {
            return told;
        }
        assert_eq!(message["type"], "next", "{message}");
        told.push(message["payload"]["data"]["drawProgress"].clone());
    }
}

fn kinds(told: &[Value]) -> Vec<&str> {
    let kind = |event: &'_ Value| event["__typename"].as_str().map(str::to_owned);
    let kinds = told.iter().filter_map(kind);
    kinds
        .map(|kind| match kind.as_str() {
            "DrawStepReached" => "step",
            "DrawSeedFormed" => "seed",
            "DrawWinnersConfirmed" => "winners",
            "DrawCompleted" => "end",
            other => panic!("{other}"),
        })
        .collect()
}

async fn close(city: &TestCity) {
    city.at(CLOSE_AT);
    let closed = ceremony::close(&city.app, &officer(), PERIOD, reveals()).await;
    closed.expect("closed");
}

async fn finish(city: &TestCity) {
    city.at(FINISH_AT);
    let finished = ceremony::finish(&city.app, &officer(), PERIOD).await;
    finished.expect("finished");
}

#[test]
fn a_draw_is_followed_from_its_announcement_to_its_verdict() {
    on_both_databases(async |city| {
        city.announced(6, places(2, 1)).await;
        let mut socket = Socket::let_in(city.server().await, None).await;
        socket.subscribe("1", &follow("")).await;

        let announced = socket.event().await;
        assert_eq!(announced["phase"], "ANNOUNCED");
        assert_eq!(announced["closesAt"], CLOSES_AT);
        assert_eq!(announced["beacon"]["at"], ROUND_AT);
        let pool = json!({ "category": "individual", "quota": "2", "reserve": "1", "rows": "6", "tickets": "6" });
        assert_eq!(announced["pools"], json!([pool]));

        close(city).await;
        assert_eq!(socket.event().await["phase"], "CLOSED");

        finish(city).await;
        let told = all(&mut socket).await;
        assert_eq!(kinds(&told), ["step", "seed", "winners", "end"]);
        assert_eq!(told[0]["phase"], "FINISHED");
        let records = store::records::list(&city.app.db, city.app.city).await;
        let result = &records.expect("records")[2];
        assert_eq!(told[0]["record"], hex(&result.hash));
        let seed = told[1]["seed"].as_str().expect("a seed");
        assert!(result.note.contains(seed), "{}", result.note);
        let signature = told[1]["signature"].as_str().expect("a signature");
        assert!(result.note.contains(signature), "{}", result.note);
        assert_eq!(told[2]["winners"], winners(city).await);
        assert_eq!(
            (&told[2]["total"], &told[2]["reserves"]),
            (&json!("2"), &json!("1"))
        );
        let (status, _) = city
            .server()
            .await
            .get(told[2]["url"].as_str().expect("a path"))
            .await;
        assert_eq!(status, 200);
        assert_eq!(told[3]["verdict"], json!({ "verdict": "VERIFIED" }));
    });
}

fn hex(bytes: &[u8]) -> String {
    verifier::text::Digest(bytes.try_into().expect("32 bytes")).to_string()
}

async fn winners(city: &TestCity) -> Value {
    let places = store::placements::list(&city.app.db, city.app.city, PERIOD, "individual").await;
    let places = places.expect("places");
    let winners = places.iter().filter(|place| place.is_winner);
    winners
        .map(|place| json!({ "rank": place.place_rank.to_string(), "code": place.code }))
        .collect()
}

#[test]
fn a_reconnect_at_another_node_misses_nothing_that_happened_meanwhile() {
    on_both_databases(async |city| {
        city.announced(4, places(2, 1)).await;
        let other = Server::start(&city.another_node(None).await).await;
        let mut socket = Socket::let_in(city.server().await, None).await;
        socket.subscribe("1", &follow("")).await;
        let seen = socket.event().await["cursor"].clone();
        drop(socket);
        close(city).await;
        finish(city).await;

        let mut socket = Socket::let_in(&other, None).await;
        socket
            .subscribe("1", &follow(&format!(", after: {seen}")))
            .await;
        let told = all(&mut socket).await;

        assert_eq!(kinds(&told), ["step", "step", "seed", "winners", "end"]);
        assert_eq!(
            (&told[0]["phase"], &told[1]["phase"]),
            (&json!("CLOSED"), &json!("FINISHED"))
        );
        for (index, event) in told.iter().enumerate() {
            let after = format!(", after: {}", event["cursor"]);
            socket.subscribe("1", &follow(&after)).await;
            assert_eq!(all(&mut socket).await, told[index + 1..], "after {index}");
        }
    });
}

#[test]
fn what_one_node_does_is_told_by_another() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let other = Server::start(&city.another_node(None).await).await;
        let mut sockets = [
            Socket::let_in(&other, None).await,
            Socket::let_in(&other, None).await,
        ];
        for socket in &mut sockets {
            socket.subscribe("1", &follow("")).await;
            assert_eq!(socket.event().await["phase"], "ANNOUNCED");
        }

        close(city).await;

        for socket in &mut sockets {
            assert_eq!(socket.event().await["phase"], "CLOSED");
        }
    });
}

#[test]
fn nothing_of_a_result_is_told_before_its_witnesses_have_cosigned() {
    on_both_databases(async |city| {
        city.closed(4, places(2, 1)).await;
        let mut early = Socket::let_in(city.server().await, None).await;
        early.subscribe("1", &follow("")).await;
        assert_eq!(early.event().await["phase"], "CLOSED");
        let app = city.without_its_witness();
        ceremony::finish(&app, &officer(), PERIOD)
            .await
            .expect_err("nobody cosigns");
        assert_eq!(city.draw(PERIOD).await.phase, entity::draw::Phase::Finished);

        let mut late = Socket::let_in(city.server().await, None).await;
        late.subscribe("1", &follow("")).await;
        let standing = late.event().await;
        assert_eq!(
            (&standing["phase"], &standing["__typename"]),
            (&json!("CLOSED"), &json!("DrawStepReached"))
        );

        ceremony::recover(&city.app).await.expect("recovered");
        for socket in [&mut early, &mut late] {
            let told = all(socket).await;
            assert_eq!(kinds(&told), ["step", "seed", "winners", "end"]);
        }
    });
}

#[test]
fn a_draw_that_is_given_up_ends_there() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let mut socket = Socket::let_in(city.server().await, None).await;
        socket.subscribe("1", &follow("")).await;
        socket.event().await;

        let void = json!({ "draw": draw_id(PERIOD), "reason": "the hall was flooded" });
        let reply = city
            .officer()
            .await
            .call("voidDraw", void, "draw { phase }")
            .await;
        reply.accepted();

        let told = all(&mut socket).await;
        assert_eq!(kinds(&told), ["step"]);
        assert_eq!(told[0]["phase"], "VOIDED");
    });
}

#[test]
fn a_client_says_how_many_winners_it_wants() {
    on_both_databases(async |city| {
        city.finished(6, places(3, 1)).await;
        let server = city.server().await;
        let mut socket = Socket::let_in(server, None).await;
        for (arguments, count) in [("", 3), (", winners: 2", 2), (", winners: 0", 0)] {
            socket.subscribe("1", &follow(arguments)).await;
            let told = all(&mut socket).await;
            assert_eq!(kinds(&told), ["step", "seed", "winners", "end"]);
            let found = told[2]["winners"].as_array().map(Vec::len);
            assert_eq!((found, &told[2]["total"]), (Some(count), &json!("3")));
        }
        for refused in [
            ", winners: 1001",
            ", winners: -1",
            ", after: \"none\"",
            ", after: \"cHJvZ3Jlc3M6MjAyNjA1LzEuMC4wLjA\"",
        ] {
            let reply = server.first_event(None, &follow(refused)).await;
            assert_eq!(reply.codes(), ["INVALID_INPUT"], "{refused}");
        }
    });
}

/// Tells somebody of something, under an occasion of its own.
async fn tell(city: &TestCity, to: Recipient<'_>, occasion: &str) {
    city.post(Post::new(to, Purpose::BanLifted, "", occasion))
        .await;
}

#[test]
fn everybody_is_told_of_their_own_messages_and_of_nobody_elses() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let officer = city.officer().await;
        let server = city.server().await;
        let mut sockets = Vec::new();
        for token in [one.token(), other.token(), officer.token()] {
            let mut socket = Socket::let_in(server, token).await;
            socket.subscribe("1", MINE).await;
            assert_eq!(socket.event().await["__typename"], "InboxOpened");
            sockets.push(socket);
        }

        one.call_own("cancelApplication", "__typename").await;
        tell(city, Recipient::Applicant(other.applicant().id()), "1").await;
        tell(city, Recipient::Officers, "2").await;

        let told = sockets[0].event().await;
        assert_eq!(
            (&told["about"], &told["message"]["purpose"]),
            (&json!("APPLICATION"), &json!("application_cancelled"))
        );
        assert_eq!(told["message"]["subject"], one.code());
        for socket in &mut sockets[1..] {
            let told = socket.event().await;
            assert_eq!(
                (&told["about"], &told["message"]["purpose"]),
                (&json!("BAN"), &json!("ban_lifted"))
            );
        }
    });
}

#[test]
fn messages_that_came_while_somebody_was_away_come_after_the_cursor() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let to = || Recipient::Applicant(citizen.applicant().id());
        let mut socket = Socket::let_in(city.server().await, citizen.token()).await;
        socket.subscribe("1", MINE).await;
        let opened = socket.event().await;
        drop(socket);
        for day in 2..5 {
            city.at(&format!("2026-06-0{day}T01:00:00Z"));
            tell(city, to(), &day.to_string()).await;
        }

        let other = Server::start(&city.another_node(None).await).await;
        let mut socket = Socket::let_in(&other, citizen.token()).await;
        let after = format!("myEvents(after: {})", opened["cursor"]);
        socket
            .subscribe("1", &MINE.replace("myEvents", &after))
            .await;

        assert_eq!(socket.event().await["__typename"], "InboxOpened");
        let mut cursors = Vec::new();
        while cursors.len() < 3 {
            let told = socket.event().await;
            if told["message"]["purpose"] == "ban_lifted" {
                cursors.push(told["cursor"].clone());
            }
        }
        tell(city, to(), "one more").await;
        let told = socket.event().await;
        assert!(!cursors.contains(&told["cursor"]), "{told}");
    });
}

#[test]
fn an_account_that_applies_while_it_follows_is_told_as_the_applicant() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let account = city.signed_in(&person(1)).await;
        let mut socket = Socket::let_in(city.server().await, account.token()).await;
        socket.subscribe("1", MINE).await;
        assert_eq!(socket.event().await["__typename"], "InboxOpened");

        let applied = account.apply(person(1).input()).await;
        assert_eq!(applied["__typename"], "ApplicationSubmitted");

        let told = socket.event().await;
        assert_eq!(told["message"]["purpose"], "application_received");
    });
}

#[test]
fn a_session_that_has_ended_is_told_nothing_more() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (leaving, staying) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let server = city.server().await;
        let mut gone = Socket::let_in(server, leaving.token()).await;
        let mut there = Socket::let_in(server, staying.token()).await;
        for socket in [&mut gone, &mut there] {
            socket.subscribe("1", MINE).await;
            assert_eq!(socket.event().await["__typename"], "InboxOpened");
        }
        let input = json!({ "sessions": "ALL" });
        leaving.call("signOut", input, "count").await.accepted();

        for citizen in [&leaving, &staying] {
            tell(city, Recipient::Applicant(citizen.applicant().id()), "1").await;
        }

        assert_eq!(gone.closed().await, 4403);
        assert_eq!(there.event().await["__typename"], "MessageArrived");
    });
}
