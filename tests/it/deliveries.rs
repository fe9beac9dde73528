//! Handing letters over: at least once, under one name, later again when they are not taken.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use entity::message::State;
use fairplate::{
    App,
    domain::{
        actor::Worker,
        message::{CodeUse, Purpose},
    },
    notify::{Letter, Sending, Transport},
    service::messages::{self, Post, Recipient},
};
use fairplate_tests::{
    Asks as _, TestCity,
    ids::{Noun, id_of},
    letters::{deliver, gateway},
    on_both_databases,
    people::person,
    receiver::{Answer, Receiver},
    stages::places,
};
use serde_json::json;
use tokio::sync::Notify;

/// A node of the city that sends short messages through this transport.
async fn node_with(city: &TestCity, sms: Arc<dyn Transport>) -> App {
    city.sending(|transports| transports.sms = sms).await
}

/// Writes a one-time code for a phone; it is good for five minutes.
async fn post_code(city: &TestCity, phone: &str, occasion: &str) {
    let purpose = Purpose::OneTimeCode {
        allows: CodeUse::SignIn,
        code: "483920".to_owned(),
        minutes: 5,
    };
    let until = city.app.clock.now() + TimeDelta::minutes(5);
    city.post(Post::new(Recipient::Phone(phone), purpose, "", occasion).until(until))
        .await;
}

const PHONE: &str = "13700000001";

#[test]
fn what_is_not_taken_is_tried_again_later_under_the_same_name() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[Answer::Status(503, ""), Answer::Silence]);
        let node = node_with(city, gateway(city, &receiver)).await;
        post_code(city, PHONE, "1").await;

        deliver(&node).await;
        let failed = city.letters().await.remove(0);
        assert_eq!((failed.state, failed.attempts), (State::Waiting, 1));
        assert_eq!(failed.failure.as_deref(), Some("the receiver answered 503"));
        deliver(&node).await;
        assert_eq!(receiver.received().len(), 1, "not before it is due");
        city.clock.advance(30);
        deliver(&node).await;
        let stalled = city.letters().await.remove(0);
        assert_eq!(
            stalled.failure.as_deref(),
            Some("the receiver did not answer within 2000 ms")
        );
        city.clock.advance(60);
        deliver(&node).await;

        let row = city.letters().await.remove(0);
        assert_eq!(
            (row.state, row.attempts, row.failure),
            (State::Sent, 3, None)
        );
        let arrived = receiver.received();
        assert_eq!(arrived.len(), 3);
        assert!(
            arrived
                .iter()
                .all(|request| request.key() == row.id.to_string())
        );
    });
}

/// Hands over, and never comes to say so.
struct Dying {
    way: Arc<dyn Transport>,
    left: AtomicUsize,
    all: Notify,
}

impl Transport for Dying {
    fn describe(&self) -> String {
        self.way.describe()
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            self.way.send(letter).await?;
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.all.notify_one();
            }
            std::future::pending().await
        })
    }
}

#[test]
fn a_crash_after_the_hand_over_sends_it_again_under_the_same_name_and_loses_nothing() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let survivor = node_with(city, gateway(city, &receiver)).await;
        city.opened(places(1, 1)).await;
        city.apply(&person(1)).await;
        let waiting = city.letters().await.len();
        let dying = Arc::new(Dying {
            way: gateway(city, &receiver),
            left: AtomicUsize::new(waiting),
            all: Notify::new(),
        });
        let node = node_with(city, Arc::clone(&dying) as _).await;

        tokio::select! {
            () = deliver(&node) => panic!("nothing can be written down any more"),
            () = dying.all.notified() => {}
        }
        let before: Vec<_> = receiver
            .received()
            .iter()
            .map(|one| one.key().to_owned())
            .collect();
        assert_eq!(before.len(), waiting);
        deliver(&survivor).await;
        assert_eq!(
            receiver.received().len(),
            before.len(),
            "the dead one's claims still run"
        );
        city.clock.advance(2 * 60);
        deliver(&survivor).await;

        let rows = city.letters().await;
        assert_eq!(rows.len(), waiting);
        assert!(rows.iter().all(|row| row.state == State::Sent), "{rows:?}");
        let keys: Vec<_> = receiver
            .received()
            .iter()
            .map(|one| one.key().to_owned())
            .collect();
        for name in &before {
            assert_eq!(keys.iter().filter(|key| key == &name).count(), 2);
        }
    });
}

#[test]
fn two_nodes_at_once_send_everything_once() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let one = node_with(city, gateway(city, &receiver)).await;
        let other = node_with(city, gateway(city, &receiver)).await;
        for number in 0..30 {
            post_code(city, &person(number).phone, "1").await;
        }

        let (first, second) = tokio::join!(
            messages::deliver(&one, &Worker),
            messages::deliver(&other, &Worker)
        );

        let sent = first.expect("delivered").sent + second.expect("delivered").sent;
        assert_eq!((sent, receiver.received().len()), (30, 30));
        assert!(
            city.letters()
                .await
                .iter()
                .all(|row| row.state == State::Sent)
        );
    });
}

const DEAD: &str = "{ messages(state: DEAD) { totalCount edges { node { id purpose maskedAddress attempts failure state } } } }";
const RESEND: &str = "__typename ... on MessageWaiting { message { state attempts } } ... on MessageNotDead { message { state } } ... on MessageExpired { message { state } }";

#[test]
fn a_refused_letter_is_dead_and_an_officer_sends_it_again() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[Answer::Status(422, "13700000001 unknown")]);
        let node = node_with(city, gateway(city, &receiver)).await;
        post_code(city, PHONE, "1").await;
        deliver(&node).await;
        let officer = city.officer().await;

        let seen = officer.ask(DEAD).await;

        let node_seen = seen.get("/messages/edges/0/node");
        let id = node_seen["id"].clone();
        assert_eq!(seen.get("/messages/totalCount"), "1");
        assert_eq!(
            (&node_seen["maskedAddress"], &node_seen["failure"]),
            (&json!("137****0001"), &json!("the receiver answered 422"))
        );
        let again = officer
            .call("resendMessage", json!({ "messageId": id }), RESEND)
            .await;
        assert_eq!(again.get("/payload/__typename"), "MessageWaiting");
        let twice = officer
            .call("resendMessage", json!({ "messageId": id }), RESEND)
            .await;
        assert_eq!(twice.get("/payload/__typename"), "MessageNotDead");
        deliver(&node).await;
        let row = city.letters().await.remove(0);
        assert_eq!((row.state, row.attempts), (State::Sent, 1));
        let arrived = receiver.received();
        assert_eq!(arrived[0].key(), arrived[1].key());
    });
}

#[test]
fn a_one_time_code_that_would_come_too_late_is_given_up_and_forgotten() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[Answer::Status(500, "")]);
        let node = node_with(city, gateway(city, &receiver)).await;
        post_code(city, PHONE, "1").await;
        deliver(&node).await;
        city.clock.advance(5 * 60);

        deliver(&node).await;

        assert_eq!(receiver.received().len(), 1);
        let row = city.letters().await.remove(0);
        assert_eq!((row.state, row.sealed), (State::Dead, None));
        let officer = city.officer().await;
        let again = officer.call(
            "resendMessage",
            json!({ "messageId": id_of(Noun::OutgoingMessage, row.id) }),
            RESEND,
        );
        let expected = json!({ "__typename": "MessageExpired", "message": { "state": "DEAD" } });
        assert_eq!(again.await.get("/payload"), &expected);
    });
}

#[test]
fn after_ten_tries_a_letter_is_given_up_and_keeps_what_it_says() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[const { Answer::Status(500, "") }; 10]);
        let node = node_with(city, gateway(city, &receiver)).await;
        let post = Post::new(Recipient::Phone(PHONE), Purpose::BanLifted, "", "1");
        city.post(post).await;

        for _ in 0..12 {
            deliver(&node).await;
            city.clock.advance(60 * 60);
        }

        let row = city.letters().await.remove(0);
        assert_eq!((row.state, row.attempts), (State::Dead, 10));
        assert!(row.sealed.is_some());
        assert_eq!(receiver.received().len(), 10);
    });
}
