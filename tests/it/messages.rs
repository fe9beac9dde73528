//! What people are told, on which way, and how often.

use entity::message::{self, Channel, State};
use fairplate_tests::{TestCity, on_both_databases, people::person, stages::places};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

async fn rows(city: &TestCity, channel: Channel) -> Vec<message::Model> {
    message::Entity::find()
        .filter(message::Column::Channel.eq(channel))
        .all(&city.app.db)
        .await
        .expect("messages")
}

#[test]
fn whoever_applies_is_told_on_the_phone_that_it_is_in() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        assert!(city.inbox_of(&one.person.phone).is_empty());

        city.deliver().await;
        city.deliver().await;

        for citizen in [&one, &other] {
            let code = citizen.code();
            let text = format!(
                "【杭州市小客车总量调控指标摇号】您的202606期申请已提交，申请编码{code}，审核结果将于2026年6月23日公布。"
            );
            assert_eq!(city.inbox_of(&citizen.person.phone), [text]);
        }
    });
}

#[test]
fn what_was_delivered_keeps_neither_address_nor_text() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.apply(&person(1)).await;
        assert!(
            rows(city, Channel::Sms)
                .await
                .iter()
                .all(|row| row.state == State::Waiting)
        );

        city.deliver().await;

        let sent = rows(city, Channel::Sms).await;
        assert!(!sent.is_empty());
        for row in sent {
            assert_eq!(
                (row.state, row.sealed, row.attempts),
                (State::Sent, None, 1)
            );
        }
        let read_at_leisure = rows(city, Channel::Inbox).await;
        assert!(
            read_at_leisure
                .iter()
                .all(|row| row.sealed.is_some() && row.read_at.is_none())
        );
    });
}
