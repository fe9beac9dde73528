//! A new key of personal data.

use std::{collections::BTreeSet, fs, sync::Arc};

use entity::{ApplicantId, applicant};
use fairplate::{
    app::{ID_NUMBER, PHONE},
    domain::{actor, code::ApplicationCode},
    service::personal_keys::{count_behind, learn, put_newest_into_use, seal_again},
    signer::PersonalKeys,
    store::{self, sealed},
};
use fairplate_tests::{
    TestCity,
    city::{databases, run},
    keys,
    neighbour::NEIGHBOUR,
    operator::Operator,
    people::{Person, person},
    stages::places,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, Statement,
};
use tempfile::TempDir;

/// A folder with the key of the tests and one more.
fn two_keys() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let there = keys::folder().join("personal.key");
    fs::copy(there, folder.path().join("personal.key")).expect("copied");
    let first = PersonalKeys::open(folder.path(), &keys::passphrase()).expect("a key");
    let second = first.add(folder.path(), &keys::passphrase());
    assert_eq!(second.expect("another key"), 2);
    folder
}

/// A city on each database whose processes were started again with two keys.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a story is a closure, not a reference to one"
)]
fn with_two_keys(story: impl AsyncFn(&TestCity)) {
    let folder = two_keys();
    for kind in databases() {
        run(async {
            let mut city = TestCity::create("hangzhou-2018", &kind).await;
            let keys = PersonalKeys::open(folder.path(), &keys::passphrase()).expect("keys");
            city.app.data_key = Arc::new(keys);
            learn(&city.app).await.expect("in use");
            story(&city).await;
        });
    }
}

async fn rotate(city: &TestCity) -> u64 {
    put_newest_into_use(&city.app, &actor::Operator)
        .await
        .expect("in use");
    let sealed = seal_again(&city.app, &actor::Operator, &mut |_| {}).await;
    sealed.expect("sealed again")
}

/// Somebody found as a look-up finds them, with what is sealed of them.
async fn find(city: &TestCity, wanted: &Person) -> Option<(ApplicantId, String)> {
    let app = &city.app;
    let index = app.data_key.blind_index(ID_NUMBER, &wanted.id_number);
    let found = store::applicants::find_by_id_number(&app.db, app.city, &index).await;
    let row = found.expect("an answer")?;
    let phone = app.data_key.blind_index(PHONE, &wanted.phone).to_vec();
    assert_eq!(row.phone_index, phone);
    let known = app.unseal_person(row.id, &row.sealed).expect("unsealed");
    Some((row.id, known.name.clone()))
}

#[test]
fn everything_is_sealed_again_and_everybody_is_found_as_before() {
    with_two_keys(async |city| {
        city.opened(places(1, 0)).await;
        let (one, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let before = (
            find(city, &one.person).await,
            find(city, &other.person).await,
        );
        assert_eq!(
            before.0,
            Some((one.application.applicant_id, one.person.name.clone()))
        );
        assert_eq!(count_behind(&city.app).await.expect("none"), 0);
        let neighbours = neighbours(city).await;

        let sealed = rotate(city).await;

        assert!(
            8 <= sealed,
            "{sealed}: four people, four applications, and their messages"
        );
        assert_eq!(count_behind(&city.app).await.expect("none"), 0);
        let after = (
            find(city, &one.person).await,
            find(city, &other.person).await,
        );
        assert_eq!(after, before);
        assert_eq!(find(city, &person(3)).await, None);
        assert_eq!(neighbours, self::neighbours(city).await);
        assert_eq!(rotate(city).await, 0, "twice changes nothing");
        city.deliver().await;
        assert_eq!(city.inbox_of(&one.person.phone).len(), 1);
    });
}

async fn neighbours(city: &TestCity) -> Vec<applicant::Model> {
    applicant::Entity::find()
        .filter(applicant::Column::CityId.eq(NEIGHBOUR))
        .all(&city.app.db)
        .await
        .expect("a neighbour")
}

#[test]
fn a_rotation_that_was_stopped_goes_on_and_the_city_works_meanwhile() {
    with_two_keys(async |city| {
        let code = |number: u32| ApplicationCode::from_number(u64::from(number) + 9_000_000);
        let lines: Vec<_> = (0..520)
            .map(|number| person(number).line(&code(number).to_string(), "201405"))
            .collect();
        assert_eq!(city.import(&lines, false).await.refusals, []);
        put_newest_into_use(&city.app, &actor::Operator)
            .await
            .expect("in use");
        assert_eq!(count_behind(&city.app).await.expect("all"), 1_040);

        let (stop, stopped) = tokio::sync::oneshot::channel();
        let mut stop = Some(stop);
        let mut progress = |_| {
            if let Some(stop) = stop.take() {
                stop.send(()).expect("somebody waits");
            }
        };
        tokio::select! {
            biased;
            _ = stopped => {}
            _ = seal_again(&city.app, &actor::Operator, &mut progress) => panic!("it was not stopped"),
        }

        // It is stopped at the next moment it waits. A commit that was on its way then still comes
        // true, so that what is left can only become less.
        let left = count_behind(&city.app).await.expect("the rest");
        assert!((1..=540).contains(&left), "{left}");
        for number in [0, 519] {
            assert!(find(city, &person(number)).await.is_some(), "{number}");
        }
        city.opened(places(1, 0)).await;
        city.apply(&person(800)).await;
        let after = count_behind(&city.app).await.expect("the rest");
        assert!((1..=left).contains(&after), "{after}");
        assert!((1..=after).contains(&rotate(city).await));
        assert_eq!(count_behind(&city.app).await.expect("none"), 0);
        for number in [0, 519, 800] {
            assert!(find(city, &person(number)).await.is_some(), "{number}");
        }
    });
}

#[test]
fn a_process_without_the_key_in_use_does_not_start() {
    with_two_keys(async |city| {
        rotate(city).await;
        let stale = city.another_node(None).await;
        let refused = learn(&stale).await.expect_err("one key");
        let sentence = refused.to_string();
        assert!(sentence.contains("(generation 2)"), "{sentence}");
        assert!(
            sentence.ends_with("copy it from the machine that made it"),
            "{sentence}"
        );
        assert_eq!(city.app.data_key.generation(), 2);
    });
}

#[test]
fn the_operator_calls_twice_and_what_was_sealed_before_still_opens() {
    let operator = Operator::with_a_frozen_pool();
    let first = operator.output_of("key rotate-data");
    assert!(
        first.contains("key 2 of personal data is made and not yet in use"),
        "{first}"
    );
    let second = operator.output_of("key rotate-data");
    assert!(
        second.contains("key 2 of personal data is in use, and 4 values are sealed"),
        "{second}"
    );
    assert!(
        operator
            .path()
            .join("keys/personal-2/personal.key")
            .exists()
    );
    let third = operator.output_of("key rotate-data");
    assert!(third.contains("key 3 of personal data is made"), "{third}");
    operator.done("draw status 202606");
}

/// Columns of bytes that nothing personal is sealed in: digests, indexes and what is public anyway.
const NOT_SEALED: &[&str] = &[
    "account.phone_index",
    "audit.link",
    "contact_index.digest",
    "applicant.id_number_index",
    "applicant.phone_index",
    "application_draft.instructions_digest",
    "approval.decided_session",
    "approval.digest",
    "approval.proposed_device",
    "approval.proposed_session",
    "certificate.policy_digest",
    "city.policy_digest",
    "contribution.commitment",
    "device.token_hash",
    "draw.policy_digest",
    "draw_pool.root",
    "draw_pool.sha256",
    "idempotency_key.content",
    "idempotency_key.name",
    "one_time_code.code_hash",
    "one_time_code.phone_index",
    "passkey.credential_hash",
    "passkey_challenge.invitation_hash",
    "password_guess.phone_index",
    "period.policy_digest",
    "placement.score",
    "policy_version.digest",
    "publication.index_sha256",
    "publication.result_hash",
    "record.hash",
    "record.leaf",
    "representative.commitment",
    "session.device_hash",
    "session.token_hash",
    "staff.invitation_hash",
];

#[test]
fn every_sealed_column_of_the_schema_is_sealed_again() {
    with_two_keys(async |city| {
        let mut expected: BTreeSet<String> =
            NOT_SEALED.iter().map(|name| (*name).to_owned()).collect();
        let sealed = sealed::ALL.iter();
        expected.extend(sealed.map(|it| format!("{}.{}", it.table, it.column)));

        assert_eq!(columns_of_bytes(city).await, expected);
    });
}

/// Every column of bytes. `SQLite` keeps identifiers as bytes as well: all but one are named `id`.
async fn columns_of_bytes(city: &TestCity) -> BTreeSet<String> {
    let sql = if city.database().is_postgres() {
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns
            WHERE table_schema = current_schema() AND data_type = 'bytea'"
    } else {
        "SELECT m.name || '.' || c.name AS name FROM sqlite_master m, pragma_table_info(m.name) c
            WHERE m.type = 'table' AND c.type = 'BLOB' AND c.name <> 'id' AND substr(c.name, -3) <> '_id'
            AND c.name <> 'sent_through'"
    };
    let statement = Statement::from_string(city.app.db.get_database_backend(), sql);
    let rows = city.app.db.query_all_raw(statement).await.expect("columns");
    let names = rows
        .iter()
        .map(|row| row.try_get("", "name").expect("a name"));
    names.collect()
}
