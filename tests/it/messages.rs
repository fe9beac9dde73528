//! What people are told, and where they read it.

use entity::message::{self, Channel, State};
use fairplate::{
    domain::{Locale, message::Purpose},
    service::messages::{self, Post, Recipient},
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, on_both_databases, people::person, stages::places,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

async fn rows(city: &TestCity, channel: Channel) -> Vec<message::Model> {
    message::Entity::find()
        .filter(message::Column::CityId.eq(city.app.city))
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
        let waiting = rows(city, Channel::Sms).await;
        assert!(waiting.iter().all(|row| row.state == State::Waiting));

        city.deliver().await;

        let sent = rows(city, Channel::Sms).await;
        assert_eq!(sent.len(), waiting.len());
        for row in sent {
            assert_eq!(
                (row.state, row.sealed, row.attempts),
                (State::Sent, None, 1)
            );
        }
        let inbox = rows(city, Channel::Inbox).await;
        assert!(
            inbox
                .iter()
                .all(|row| row.sealed.is_some() && row.read_at.is_none())
        );
    });
}

#[test]
fn letters_in_the_spool_are_for_nobody_else_on_the_machine() {
    use std::os::unix::fs::PermissionsExt as _;
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.apply(&person(1)).await;
        city.deliver().await;

        let folder = city.app.layout.spool().join("sms");
        let mode = |path: &std::path::Path| {
            let metadata = std::fs::metadata(path).expect("there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&folder), 0o700);
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a letter").path();
            assert!(
                path.extension().is_some_and(|end| end == "json"),
                "{path:?}"
            );
            assert_eq!(mode(&path), 0o600);
        }
    });
}

#[test]
fn what_is_told_stands_and_falls_with_the_change_that_it_tells_of() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let before = rows(city, Channel::Inbox).await.len();
        let post = || {
            let to = Recipient::Applicant(citizen.applicant().id());
            Post::new(to, Purpose::BanLifted, "", "2026-06-01")
        };
        let txn = store::begin(&city.app.db).await.expect("a transaction");
        messages::post(&city.app, &txn, post())
            .await
            .expect("written");
        txn.rollback().await.expect("rolled back");
        assert_eq!(rows(city, Channel::Inbox).await.len(), before);

        let mut was_new = Vec::new();
        for _ in 0..3 {
            let txn = store::begin(&city.app.db).await.expect("a transaction");
            was_new.push(
                messages::post(&city.app, &txn, post())
                    .await
                    .expect("written"),
            );
            txn.commit().await.expect("committed");
        }

        assert_eq!(was_new, [true, false, false]);
        assert_eq!(rows(city, Channel::Inbox).await.len(), before + 1);
    });
}

#[test]
fn a_letter_goes_out_in_the_language_of_its_recipient() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let post = Post::new(Recipient::Phone(&phone), Purpose::BanLifted, "", "1");
        let txn = store::begin(&city.app.db).await.expect("a transaction");
        messages::post(&city.app, &txn, post.in_language(Locale::En))
            .await
            .expect("written");
        txn.commit().await.expect("committed");

        city.deliver().await;

        let text = "[Hangzhou small-car quota lottery] Your ban is over: you may apply again.";
        assert_eq!(city.inbox_of(&phone), [text]);
    });
}

const INBOX: &str =
    "{ me { inbox { unreadCount nodes { id purpose subject title(locale: EN) text readAt } } } }";

#[test]
fn an_inbox_is_read_in_ones_own_language_and_by_nobody_else() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);

        let seen = one.ask(INBOX).await;

        let letter = seen.get("/me/inbox/nodes/0").clone();
        let text = format!(
            "您的202606期申请已提交，申请编码{}，审核结果将于2026年6月23日公布。",
            one.code()
        );
        assert_eq!(letter["text"], text);
        assert_eq!(
            (
                &letter["purpose"],
                &letter["subject"],
                &letter["title"],
                &letter["readAt"]
            ),
            (
                &json!("application_received"),
                &json!(one.code()),
                &json!("Application received"),
                &json!(null)
            )
        );
        let input = json!({ "messageId": letter["id"] });
        let fields = "message { id readAt }";
        for stranger in [
            other.call("markMessageRead", input.clone(), fields).await,
            city.officer()
                .await
                .call("markMessageRead", input.clone(), fields)
                .await,
        ] {
            assert_eq!(stranger.codes(), ["NOT_FOUND"]);
        }
        assert_eq!(
            Anonymous(city)
                .call("markMessageRead", input.clone(), fields)
                .await
                .codes(),
            ["UNAUTHENTICATED"]
        );
        assert_eq!(
            one.ask(INBOX).await.answer(),
            seen.answer(),
            "nothing was changed"
        );
        let first = one.call("markMessageRead", input.clone(), fields).await;
        city.clock.advance(60);
        let again = one.call("markMessageRead", input, fields).await;
        assert_eq!(first.get("/payload/message/readAt"), "2026-06-01T01:00:00Z");
        assert_eq!(first.answer(), again.answer());
        assert_eq!(one.ask(INBOX).await.get("/me/inbox/unreadCount"), "0");
        assert_eq!(other.ask(INBOX).await.get("/me/inbox/unreadCount"), "1");
    });
}

#[test]
fn joining_and_cancelling_are_told_in_the_inbox_alone() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        city.clock.advance(1);
        citizen.call_own("joinTier", "__typename").await;
        city.clock.advance(1);
        citizen.call_own("cancelApplication", "__typename").await;
        city.deliver().await;

        let seen = citizen.ask("{ me { inbox(first: 2) { nodes { purpose } pageInfo { hasNextPage endCursor } } } }").await;

        let purposes =
            json!([{ "purpose": "application_cancelled" }, { "purpose": "tier_joined" }]);
        assert_eq!(seen.get("/me/inbox/nodes"), &purposes);
        let cursor = seen
            .get("/me/inbox/pageInfo/endCursor")
            .as_str()
            .expect("a cursor")
            .to_owned();
        let next = citizen.ask(&format!("{{ me {{ inbox(after: \"{cursor}\") {{ nodes {{ purpose }} pageInfo {{ hasNextPage }} }} }} }}")).await;
        let rest = json!({ "nodes": [{ "purpose": "application_received" }], "pageInfo": { "hasNextPage": false } });
        assert_eq!(next.get("/me/inbox"), &rest);
        assert_eq!(city.inbox_of(&citizen.person.phone).len(), 1);
    });
}

#[test]
fn what_waits_for_officers_is_in_the_inbox_that_they_share() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let purpose = Purpose::TaskDue {
            task: "freeze".to_owned(),
            subject: "202606".to_owned(),
            on: city.app.today(),
        };
        let txn = store::begin(&city.app.db).await.expect("a transaction");
        let post = Post::new(Recipient::Officers, purpose, "202606", "freeze/202606");
        messages::post(&city.app, &txn, post)
            .await
            .expect("written");
        txn.commit().await.expect("committed");

        let seen = city.officer().await.ask(INBOX).await;

        assert_eq!(seen.get("/me/inbox/nodes/0/purpose"), "task_due");
        assert_eq!(seen.get("/me/inbox/unreadCount"), "1");
        let theirs = citizen.ask(INBOX).await;
        assert_eq!(
            theirs.get("/me/inbox/nodes").as_array().map(Vec::len),
            Some(1)
        );
        assert_eq!(
            theirs.get("/me/inbox/nodes/0/purpose"),
            "application_received"
        );
    });
}

#[test]
fn everybody_in_the_pool_is_told_the_result_once_it_is_public() {
    on_both_databases(async |city| {
        let citizens = city.closed(4, places(1, 1)).await;
        city.deliver().await;
        let told = async |citizen: &fairplate_tests::Citizen<'_>| {
            let document = "{ me { inbox { nodes { purpose text subject } } } }";
            let seen = citizen.ask(document).await;
            let letters = seen.get("/me/inbox/nodes").as_array().cloned();
            let letters = letters.expect("a list").into_iter();
            letters
                .filter(|letter| letter["purpose"] == "result_published")
                .collect::<Vec<_>>()
        };
        for citizen in &citizens {
            assert!(told(citizen).await.is_empty());
        }
        let officer = fairplate_tests::stages::officer();
        let finished = fairplate::service::ceremony::finish(&city.app, &officer, "202606");
        finished.await.expect("finished");

        city.deliver().await;
        city.deliver().await;

        let mut winners = 0;
        for citizen in &citizens {
            let [letter] = &told(citizen).await[..] else {
                panic!("one message")
            };
            let won = letter["text"].as_str().expect("a text").contains("已中签");
            let on_the_phone = city.inbox_of(&citizen.person.phone);
            assert_eq!(on_the_phone.iter().any(|text| text.contains("已中签")), won);
            assert_eq!(letter["subject"], citizen.code());
            winners += usize::from(won);
        }
        assert_eq!(winners, 1);
    });
}
