//! How long letters are kept.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::message::{self, Channel, State};
use fairplate::{
    domain::{
        Purpose,
        actor::{Officer, Worker},
    },
    service::{
        messages::{self, Post, Recipient, Resent},
        retention,
    },
};
use fairplate_tests::{
    TestCity,
    letters::{deliver, gateway},
    neighbour::NEIGHBOUR,
    on_both_databases,
    people::person,
    receiver::{Answer, Receiver},
    stages::places,
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

/// How many letters of our city there are: handed over, given up, waiting, in inboxes; and those of
/// the neighbour.
async fn letters(city: &TestCity) -> [usize; 5] {
    let all = message::Entity::find().all(&city.app.db).await;
    let all = all.expect("letters");
    let count = |is: &dyn Fn(&message::Model) -> bool| all.iter().filter(|row| is(row)).count();
    let out = |row: &message::Model, state| {
        row.city_id == city.app.city && row.channel != Channel::Inbox && row.state == state
    };
    [
        count(&|row| out(row, State::Sent)),
        count(&|row| out(row, State::Dead)),
        count(&|row| out(row, State::Waiting)),
        count(&|row| row.city_id == city.app.city && row.channel == Channel::Inbox),
        count(&|row| row.city_id == NEIGHBOUR),
    ]
}

/// One letter of each kind, and a neighbour's that was handed over; gives the one that is dead.
async fn written(city: &TestCity) -> message::Model {
    let receiver = Receiver::answering(&[Answer::Status(200, ""), Answer::Status(400, "")]);
    let sms = gateway(city, &receiver);
    let node = city.sending(|ways| ways.sms = Arc::clone(&sms)).await;
    city.opened(places(2, 1)).await;
    // The bystanders of the stage have been told something as well.
    message::Entity::delete_many()
        .exec(&city.app.db)
        .await
        .expect("removed");
    city.apply(&person(1)).await;
    deliver(&node).await;
    let post = |occasion| {
        Post::new(
            Recipient::Phone("13700000001"),
            Purpose::BanLifted,
            "",
            occasion,
        )
    };
    city.post(post("dead")).await;
    deliver(&node).await;
    city.post(post("waiting")).await;
    let mut rows = city.letters().await;
    let sent = rows.iter().find(|row| row.state == State::Sent);
    let theirs = message::Model {
        city_id: NEIGHBOUR,
        ..sent.expect("a letter that was handed over").clone()
    };
    let theirs = theirs.into_active_model().insert(&city.app.db).await;
    theirs.expect("written");
    rows.retain(|row| row.state == State::Dead);
    rows.remove(0)
}

#[test]
fn letters_are_removed_when_they_were_kept_long_enough_and_one_that_waits_stays() {
    on_both_databases(async |city| {
        written(city).await;
        let began = city.app.clock.now();
        let purge = async |days| {
            city.clock.set(began + TimeDelta::days(days));
            retention::purge(&city.app, &Worker).await.expect("purged");
            letters(city).await
        };
        assert_eq!(letters(city).await, [1, 1, 1, 1, 1]);

        assert_eq!(purge(90).await, [1, 1, 1, 1, 1]);
        assert_eq!(purge(91).await, [0, 1, 1, 1, 1]);
        assert_eq!(purge(366).await, [0, 1, 1, 1, 1]);
        assert_eq!(purge(367).await, [0, 0, 1, 1, 1]);
        assert_eq!(purge(1_096).await, [0, 0, 1, 1, 1]);
        assert_eq!(purge(1_097).await, [0, 0, 1, 0, 1]);

        let trail = city
            .trail_of(&city.app.policy.city.key, "retention.purge")
            .await;
        assert!(3 <= trail.len(), "{trail:?}");
        assert!(trail.iter().all(|actor| actor == "calendar"), "{trail:?}");
        let again = retention::purge(&city.app, &Worker).await.expect("purged");
        assert_eq!((again.count, again.has_more), (0, false));
    });
}

#[test]
fn a_letter_that_was_given_up_can_be_sent_again_for_a_year() {
    on_both_databases(async |city| {
        let dead = written(city).await;
        city.clock.advance(365 * 86_400);
        retention::purge(&city.app, &Worker).await.expect("purged");
        let officer = Officer::new("zhou");

        let resent = messages::resend(&city.app, &officer, dead.id).await;

        assert!(matches!(resent, Ok(Resent::Waiting(_))), "{resent:?}");
        city.clock.advance(2 * 86_400);
        retention::purge(&city.app, &Worker).await.expect("purged");
        assert_eq!(letters(city).await, [0, 0, 2, 1, 1]);
    });
}
