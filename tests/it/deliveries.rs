//! Handing letters over: at least once, under one name, later again when they are not taken.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::message::{self, Channel, State};
use fairplate::{
    App,
    beacon::Limits,
    domain::{
        actor::Worker,
        message::{CodeUse, Purpose},
    },
    notify::{
        Letter, Mail, MailServer, Security, Sending, Signed, Transport, Transports, signature,
    },
    service::messages::{self, Post, Recipient},
    store,
};
use fairplate_tests::{
    Asks as _, TestCity,
    mail_server::MailHost,
    on_both_databases,
    people::person,
    receiver::{Answer, Received, Receiver},
    stages::places,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

const SECRET: &str = "sixteen letters and more";

/// A node of the city that sends short messages through this transport.
async fn node_with(city: &TestCity, sms: Arc<dyn Transport>) -> App {
    let mut app = city.another_node(None).await;
    let spool = app.layout.spool();
    app.transports = Arc::new(Transports {
        sms,
        ..Transports::spooled(&spool)
    });
    app
}

fn gateway(city: &TestCity, receiver: &Receiver) -> Arc<dyn Transport> {
    let limits = Limits {
        overall: Duration::from_millis(400),
        ..Limits::default()
    };
    let clock = Arc::clone(&city.app.clock);
    Arc::new(Signed::gateway(
        receiver.address(),
        SECRET.to_owned(),
        limits,
        clock,
    ))
}

/// Hands over everything that is due.
async fn deliver(app: &App) {
    while messages::deliver(app, &Worker)
        .await
        .expect("delivered")
        .has_more
    {}
}

/// Writes a one-time code for a phone; it is good for five minutes.
async fn post_code(city: &TestCity, phone: &str, occasion: &str) {
    let purpose = Purpose::OneTimeCode {
        allows: CodeUse::SignIn,
        code: "483920".to_owned(),
        minutes: 5,
    };
    let until = city.app.clock.now() + TimeDelta::minutes(5);
    let post = Post::new(Recipient::Phone(phone), purpose, "", occasion).until(until);
    let txn = store::begin(&city.app.db).await.expect("a transaction");
    messages::post(&city.app, &txn, post)
        .await
        .expect("written");
    txn.commit().await.expect("committed");
}

/// Letters to phones, whatever became of them, the oldest first.
async fn letters(city: &TestCity) -> Vec<message::Model> {
    let ours = message::Entity::find().filter(message::Column::CityId.eq(city.app.city));
    let mut rows = ours
        .filter(message::Column::Channel.ne(Channel::Inbox))
        .all(&city.app.db)
        .await
        .expect("messages");
    rows.sort_by_key(|row| (row.created_at, row.id));
    rows
}

fn key(received: &Received) -> &str {
    &received.headers["idempotency-key"]
}

fn body(received: &Received) -> Value {
    serde_json::from_str(&received.body).expect("JSON")
}

const PHONE: &str = "13700000001";

#[test]
fn a_gateway_is_sent_signed_json_under_the_messages_own_name() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let node = node_with(city, gateway(city, &receiver)).await;
        post_code(city, PHONE, "1").await;

        deliver(&node).await;
        deliver(&node).await;

        let [received] = &receiver.received()[..] else {
            panic!("one request")
        };
        let [row] = &letters(city).await[..] else {
            panic!("one letter")
        };
        assert_eq!(key(received), row.id.to_string());
        let headers = &received.headers;
        let signed = signature(
            SECRET,
            &headers["fairplate-timestamp"],
            received.body.as_bytes(),
        );
        assert_eq!(headers["fairplate-signature"], format!("v1={signed}"));
        let body = body(received);
        assert_eq!(
            (&body["to"], &body["template"], &body["values"]),
            (
                &json!(PHONE),
                &json!("one_time_code.sign_in"),
                &json!({ "code": "483920", "minutes": "5" })
            )
        );
        assert_eq!((row.state, row.sealed.as_deref()), (State::Sent, None));
    });
}

#[test]
fn what_is_not_taken_is_tried_again_later_under_the_same_name() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[Answer::Status(503, ""), Answer::Silence]);
        let node = node_with(city, gateway(city, &receiver)).await;
        post_code(city, PHONE, "1").await;

        deliver(&node).await;
        let failed = letters(city).await.remove(0);
        assert_eq!((failed.state, failed.attempts), (State::Waiting, 1));
        assert_eq!(failed.failure.as_deref(), Some("the receiver answered 503"));
        deliver(&node).await;
        assert_eq!(receiver.received().len(), 1, "not before it is due");
        city.clock.advance(30);
        deliver(&node).await;
        let stalled = letters(city).await.remove(0);
        assert_eq!(
            stalled.failure.as_deref(),
            Some("the receiver did not answer within 400 ms")
        );
        city.clock.advance(60);
        deliver(&node).await;

        let row = letters(city).await.remove(0);
        assert_eq!(
            (row.state, row.attempts, row.failure),
            (State::Sent, 3, None)
        );
        let received = receiver.received();
        assert_eq!(received.len(), 3);
        assert!(
            received
                .iter()
                .all(|request| key(request) == row.id.to_string())
        );
    });
}

/// Hands over, and dies before it can say so.
struct Dying(Arc<dyn Transport>);

impl Transport for Dying {
    fn describe(&self) -> String {
        self.0.describe()
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            self.0.send(letter).await?;
            std::future::pending().await
        })
    }
}

#[test]
fn a_crash_after_the_hand_over_sends_it_again_under_the_same_name_and_loses_nothing() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let dying = node_with(city, Arc::new(Dying(gateway(city, &receiver)))).await;
        let survivor = node_with(city, gateway(city, &receiver)).await;
        city.opened(places(1, 1)).await;
        city.apply(&person(1)).await;
        let waiting = letters(city).await.len();

        let crashed = tokio::time::timeout(Duration::from_secs(2), deliver(&dying)).await;
        assert!(crashed.is_err(), "it was cut off in the middle");
        let before: Vec<_> = receiver
            .received()
            .iter()
            .map(|one| key(one).to_owned())
            .collect();
        assert!(!before.is_empty());
        deliver(&survivor).await;
        assert_eq!(
            receiver.received().len(),
            before.len(),
            "the dead one's claims still run"
        );
        city.clock.advance(2 * 60);
        deliver(&survivor).await;

        let rows = letters(city).await;
        assert_eq!(rows.len(), waiting);
        assert!(rows.iter().all(|row| row.state == State::Sent), "{rows:?}");
        let keys: Vec<_> = receiver
            .received()
            .iter()
            .map(|one| key(one).to_owned())
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
            letters(city)
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
        let row = letters(city).await.remove(0);
        assert_eq!((row.state, row.attempts), (State::Sent, 1));
        let received = receiver.received();
        assert_eq!(key(&received[0]), key(&received[1]));
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
        let row = letters(city).await.remove(0);
        assert_eq!((row.state, row.sealed), (State::Dead, None));
        let officer = city.officer().await;
        let again = officer.call(
            "resendMessage",
            json!({ "messageId": row.id.to_string() }),
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
        let txn = store::begin(&node.db).await.expect("a transaction");
        let post = Post::new(Recipient::Phone(PHONE), Purpose::BanLifted, "", "1");
        messages::post(&node, &txn, post).await.expect("written");
        txn.commit().await.expect("committed");

        for _ in 0..12 {
            deliver(&node).await;
            city.clock.advance(60 * 60);
        }

        let row = letters(city).await.remove(0);
        assert_eq!((row.state, row.attempts), (State::Dead, 10));
        assert!(row.sealed.is_some());
        assert_eq!(receiver.received().len(), 10);
    });
}

fn mail(host: &MailHost) -> Arc<dyn Transport> {
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port: host.port(),
        security: Security::None,
        credentials: None,
        timeout: Duration::from_secs(5),
    };
    Arc::new(Mail::new(&server, "摇号 <no-reply@city.example>").expect("a transport"))
}

#[test]
fn a_mail_goes_through_a_mail_server_and_names_itself() {
    on_both_databases(async |city| {
        let host = MailHost::answering(&["450 later"]);
        let mut node = city.another_node(None).await;
        let spool = node.layout.spool();
        node.transports = Arc::new(Transports {
            email: mail(&host),
            ..Transports::spooled(&spool)
        });
        city.opened(places(1, 1)).await;
        let mut form = person(1).form();
        form.email = Some("someone@mail.example".to_owned());
        city.submit_form(&person(1), &form).await;

        deliver(&node).await;
        assert!(host.mails().is_empty());
        city.clock.advance(30);
        deliver(&node).await;

        let [mail] = &host.mails()[..] else {
            panic!("one mail")
        };
        let rows = letters(city).await;
        let row = rows
            .iter()
            .find(|row| row.channel == Channel::Email)
            .expect("a letter");
        assert_eq!(mail.to, "someone@mail.example");
        let name = format!("<{}@city.example>", row.id);
        assert_eq!(mail.header("message-id"), Some(name.as_str()));
        assert_eq!((row.state, row.attempts), (State::Sent, 2));
    });
}

#[test]
fn an_address_that_the_mail_server_refuses_is_dead_and_stands_in_no_reason() {
    on_both_databases(async |city| {
        let host = MailHost::answering(&["550 someone@mail.example unknown"]);
        let mut node = city.another_node(None).await;
        let spool = node.layout.spool();
        node.transports = Arc::new(Transports {
            email: mail(&host),
            ..Transports::spooled(&spool)
        });
        let purpose = Purpose::BanLifted;
        let to = Recipient::Email("someone@mail.example");
        let txn = store::begin(&node.db).await.expect("a transaction");
        messages::post(&node, &txn, Post::new(to, purpose, "", "1"))
            .await
            .expect("written");
        txn.commit().await.expect("committed");

        deliver(&node).await;

        let row = letters(city).await.remove(0);
        assert_eq!(row.state, State::Dead);
        assert_eq!(row.failure.as_deref(), Some("the mail server answered 550"));
        let seen = city.officer().await.ask(DEAD).await;
        let address = seen.get("/messages/edges/0/node/maskedAddress").clone();
        assert_eq!(address, json!("s***@mail.example"));
    });
}

#[test]
fn the_citys_own_systems_are_told_of_events_without_personal_data() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let mut node = city.another_node(None).await;
        let webhook = Signed::webhook(
            receiver.address(),
            SECRET.to_owned(),
            Limits::default(),
            Arc::clone(&node.clock),
        );
        let spool = node.layout.spool();
        node.transports = Arc::new(Transports {
            webhook: Some(Arc::new(webhook)),
            ..Transports::spooled(&spool)
        });
        city.opened(places(1, 1)).await;
        let (submitted, _) = city.submit(&person(1)).await;

        deliver(&node).await;

        let [received] = &receiver.received()[..] else {
            panic!("one event")
        };
        let fairplate::service::applications::Submitted::Accepted(application) = submitted else {
            panic!("an application")
        };
        let body = body(received);
        assert_eq!(
            (&body["topic"], &body["subject"], &body["facts"]),
            (
                &json!("application.submitted"),
                &json!(application.code),
                &json!({ "period": "202606" })
            )
        );
        let person = person(1);
        for word in [person.name, person.id_number, person.phone, person.address] {
            assert!(!received.body.contains(&word), "{word}");
        }
    });
}
