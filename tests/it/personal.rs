//! Personal data stays where it is sealed.

use entity::{audit, message};
use fairplate::{cache::Shared, domain::code::ApplicationCode, service::results};
use fairplate_tests::{
    Asks as _, TestCity, check_publication,
    city::{databases, run_on_this_thread},
    logs::Log,
    people::{Person, person},
    publication::files_under,
    settings,
    stages::{PERIOD, places},
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Statement};
use serde_json::json;

/// Somebody whose every word is found again if it is anywhere.
fn canary(number: u32) -> Person {
    let mut canary = person(number);
    canary.name = format!("金丝雀{number}");
    canary.address = format!("金丝巷{number}弄");
    canary
}

/// Words that may stand nowhere, in plain and as a database prints bytes.
fn words(people: &[Person]) -> Vec<String> {
    let plain = people.iter().flat_map(
        |Person {
             name,
             id_number,
             phone,
             address,
         }| {
            [
                name.clone(),
                id_number.clone(),
                phone.clone(),
                address.clone(),
            ]
        },
    );
    let plain: Vec<String> = plain.chain(["canary@mail.example".to_owned()]).collect();
    let hex = plain.iter().map(|word| {
        word.bytes()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    });
    let hex: Vec<String> = hex.collect();
    plain.into_iter().chain(hex).collect()
}

fn absent(place: &str, text: &[u8], words: &[String]) {
    for word in words {
        let is_there = text
            .windows(word.len())
            .any(|window| window == word.as_bytes());
        assert!(!is_there, "{word} stands in {place}");
    }
}

/// Every row of the trail, as text.
async fn trail(city: &TestCity) -> String {
    let audits = audit::Entity::find()
        .all(&city.app.db)
        .await
        .expect("a trail");
    let messages = message::Entity::find()
        .all(&city.app.db)
        .await
        .expect("messages");
    assert!(
        4 < audits.len() && 2 < messages.len(),
        "the story has left a trail"
    );
    format!("{audits:?}\n{messages:?}")
}

/// Everything that the database keeps, as it lies on disk or as the server prints it.
async fn stored(city: &TestCity) -> Vec<u8> {
    if !city.database().is_postgres() {
        let files = files_under(city.folder()).into_iter();
        let database = files.filter(|(path, _)| path.to_string_lossy().starts_with("fairplate.db"));
        return database.flat_map(|(_, bytes)| bytes).collect();
    }
    let mut text = String::new();
    for table in [
        "applicant",
        "application",
        "review",
        "second_look",
        "contact_index",
        "duplicate_flag",
        "session",
        "account",
        "one_time_code",
        "password_guess",
        "device",
        "application_draft",
        "message",
        "participation",
        "pool_entry",
    ] {
        let sql = format!("SELECT COALESCE(string_agg(t::text, ' '), '') AS whole FROM {table} t");
        let statement = Statement::from_string(city.app.db.get_database_backend(), sql);
        let row = city
            .app
            .db
            .query_one_raw(statement)
            .await
            .expect("read")
            .expect("a row");
        text.push_str(&row.try_get::<String>("", "whole").expect("text"));
    }
    text.into_bytes()
}

/// Applying, being imported, being refused by mistake, being drawn and being looked up.
async fn live_through_a_period(city: &TestCity) -> Vec<String> {
    let mut spoken = Vec::new();
    let code = ApplicationCode::from_number(123_123).to_string();
    let bad = canary(52).line(&code, "201405").replace("C1", "c1");
    let refused = city
        .import(&[canary(51).line(&code, "201405"), bad], false)
        .await;
    spoken.push(format!("{:?}", refused.refusals));
    city.import(&[canary(51).line(&code, "201405")], false)
        .await;
    city.opened(places(2, 1)).await;
    let account = city.signed_in(&canary(50)).await;
    let mut form = canary(50).input();
    form["email"] = "canary@mail.example".into();
    for _ in 0..2 {
        spoken.push(account.apply(form.clone()).await.to_string());
    }
    let choice = json!({ "category": "lorry", "identityType": "local-household" });
    let reply = account.call("startApplication", choice, "__typename").await;
    spoken.push(reply.refusal());
    form["postcode"] = json!([canary(50).id_number]);
    let given = json!({ "draft": "none", "form": form });
    let reply = account
        .call("saveApplicationForm", given, "draft { id }")
        .await;
    spoken.push(reply.refusal());
    let citizens = city.finished_from_open().await;
    for citizen in &citizens {
        spoken.push(
            citizen
                .own("code notice review { decision }")
                .await
                .to_string(),
        );
    }
    results::find(&city.app, PERIOD, &code)
        .await
        .expect("an answer");
    spoken
}

#[test]
fn a_canary_is_found_nowhere() {
    for kind in databases() {
        run_on_this_thread(async {
            let mut city = TestCity::create("hangzhou-2018", &kind).await;
            let shared =
                settings::find_redis().map(|url| Shared::new(&url, [1; 32]).expect("Redis"));
            city.app = city.another_node(shared).await;
            let log = Log::keep();
            let words = words(&[canary(50), canary(51), canary(52)]);

            let spoken = live_through_a_period(&city).await;

            absent(
                "an answer",
                spoken.join("\n").as_bytes(),
                &words[..words.len() / 2],
            );
            absent("the log", log.text().as_bytes(), &words);
            assert!(log.text().contains("period.number"), "the log was kept");
            absent("the trail", trail(&city).await.as_bytes(), &words);
            for (path, bytes) in files_under(&city.app.layout.public()) {
                absent(&path.display().to_string(), &bytes, &words);
            }
            let stored = stored(&city).await;
            absent("the database", &stored, &words);
            let public = ApplicationCode::from_number(123_123).to_string();
            assert!(
                stored.windows(13).any(|window| window == public.as_bytes()),
                "it was looked at"
            );
            absent("Redis", keys_of_redis().as_bytes(), &words);
            check_publication(&city).await;
        });
    }
}

fn keys_of_redis() -> String {
    let Some(url) = settings::find_redis() else {
        return String::new();
    };
    let mut redis = redis::Client::open(url).expect("Redis");
    let keys: Vec<String> = redis::Commands::keys(&mut redis, "*").expect("keys");
    keys.join("\n")
}
