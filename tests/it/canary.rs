//! Personal data stays where it is sealed: marked people are led through every flow there is, and
//! looked for in everything that is left behind.
//!
//! A new flow belongs into [`live_through_it`], and what it makes that is secret (a password, a token,
//! a one-time code) into its [`Secrets`].

mod secrets;
mod staff;

use std::sync::Arc;

use entity::{audit, certificate, message};
use fairplate::{
    cache::Shared,
    domain::{actor::Operator, code::ApplicationCode},
    service::{applications, personal_keys, results, sessions},
    store,
    telemetry::{Telemetry, Traces},
};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, check_publication,
    city::{databases, run_on_this_thread},
    ids::{Noun, id_of},
    logs::Log,
    people::{Person, person},
    publication::files_under,
    receiver::Receiver,
    server::Server,
    settings,
    stages::{PERIOD, places},
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Statement};
use serde_json::json;

use secrets::{Secrets, absent};

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
    for table in tables(city).await {
        let sql = format!("SELECT COALESCE(string_agg(t::text, ' '), '') AS whole FROM {table} t");
        text.push_str(&texts(city, &sql, "whole").await.concat());
    }
    text.into_bytes()
}

/// Every table there is.
async fn tables(city: &TestCity) -> Vec<String> {
    let sql = "SELECT table_name::text AS name FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
    let tables = texts(city, sql, "name").await;
    assert!(20 < tables.len(), "{tables:?}");
    tables
}

/// One column of what a statement finds.
async fn texts(city: &TestCity, sql: &str, column: &str) -> Vec<String> {
    let statement = Statement::from_string(city.app.db.get_database_backend(), sql);
    let rows = city.app.db.query_all_raw(statement).await.expect("read");
    let texts = rows
        .iter()
        .map(|row| row.try_get("", column).expect("text"));
    texts.collect()
}

/// Everything that citizens and officers do, and everything that the city does by itself. Gives
/// what was answered, and what nobody else may ever see.
async fn live_through_it(city: &TestCity) -> (Vec<String>, Secrets) {
    let mut secrets = Secrets::default();
    let mut spoken = live_through_a_period(city, &mut secrets).await;
    spoken.extend(staff::live_through_it(city, &mut secrets).await);
    let citizens = winners(city).await;
    city.deliver().await;
    for (number, code) in citizens {
        let token = sessions::open_for_code(&city.app, &Operator, &code).await;
        let token = token.expect("a session");
        let server = city.server().await;
        let input = json!({ "number": number });
        let document = "mutation($input: SurrenderCertificateInput!) { surrenderCertificate(input: $input) { __typename } }";
        let given = server
            .post(Some(&token), document, json!({ "input": input }))
            .await;
        spoken.push(given.body().to_string());
        let mine = "{ me { certificates { number status } bans { endsOn } applications { nodes { code } } } }";
        spoken.push(
            server
                .post(Some(&token), mine, json!({}))
                .await
                .body()
                .to_string(),
        );
        let wrong = json!({ "input": { "number": token } });
        spoken.push(server.post(Some(&token), document, wrong).await.refusal());
        secrets.tokens.push(token);
        // The last winner keeps theirs too long.
        city.at("2027-07-01T01:00:00Z");
    }
    city.deliver().await;
    personal_keys::put_newest_into_use(&city.app, &Operator)
        .await
        .expect("in use");
    let sealed = personal_keys::seal_again(&city.app, &Operator, &mut |_| {}).await;
    assert_eq!(sealed.expect("sealed again"), 0, "there is one key");
    (spoken, secrets)
}

/// Numbers of certificates, with the codes that won them.
async fn winners(city: &TestCity) -> Vec<(String, String)> {
    let mut winners = Vec::new();
    let held = certificate::Entity::find().all(&city.app.db).await;
    for row in held.expect("certificates") {
        let won = applications::get(&city.app, row.application_id).await;
        winners.push((row.number, won.expect("an application").code));
    }
    assert_eq!(winners.len(), 2);
    winners
}

/// Everything that is done with passwords and one-time codes, well and badly.
async fn live_through_an_account(city: &TestCity, secrets: &mut Secrets) -> Vec<String> {
    let (anybody, somebody) = (Anonymous(city), canary(53));
    let phone = &somebody.phone;
    let entered = "__typename ... on SignedIn { token deviceToken }";
    let mut spoken = Vec::new();
    let mut device = json!({ "label": "canary's own" });
    let first = secrets.type_in("seven canaries in a mine");
    for (purpose, mutation) in [
        ("REGISTER", "register"),
        ("SIGN_IN", "signInWithCode"),
        ("RESET_PASSWORD", "resetPassword"),
        ("RECOVER_CODES", "recoverApplicationCodes"),
    ] {
        city.clock.advance(61);
        let code = city.code_for(phone, purpose).await;
        secrets.keep_code(&code);
        let mut input = json!({ "code": code });
        match mutation {
            "register" => input["password"] = first.clone(),
            "resetPassword" => input["password"] = secrets.type_in("eight canaries on a wire"),
            "signInWithCode" => input["device"] = device.take(),
            _ => {}
        }
        let fields = if mutation == "recoverApplicationCodes" {
            "__typename"
        } else {
            entered
        };
        for _ in 0..2 {
            let reply = anybody.call(mutation, input.clone(), fields).await;
            secrets.keep_tokens(reply.get("/payload"));
            spoken.push(reply.get("/payload/__typename").to_string());
        }
    }
    for password in ["nine canaries in no mine", "eight canaries on a wire"] {
        let password = secrets.type_in(password);
        let signed_in = city
            .sign_in(phone, password.as_str().expect("a password"), json!(null))
            .await;
        secrets.keep_tokens(&signed_in);
        spoken.push(signed_in["__typename"].to_string());
    }
    let short = secrets.type_in("canary 53");
    let code = json!({ "request": "none", "code": secrets.typed[1].clone() });
    let input = json!({ "code": code, "password": short });
    spoken.push(
        anybody
            .call("register", input, "__typename")
            .await
            .refusal(),
    );
    spoken.extend(change_password_and_phone(city, secrets).await);
    spoken
}

/// What only somebody who has signed in can do with them.
async fn change_password_and_phone(city: &TestCity, secrets: &mut Secrets) -> Vec<String> {
    let account = city.signed_in(&canary(53)).await;
    secrets.tokens.extend(account.token().map(str::to_owned));
    let mut spoken = Vec::new();
    let (wrong, right) = ("ten canaries too many", "eight canaries on a wire");
    for current in [wrong, right] {
        let input = json!({
            "current": secrets.type_in(current),
            "new": secrets.type_in("eleven canaries moult in May"),
        });
        let reply = account.call("changePassword", input, "__typename").await;
        spoken.push(reply.body().to_string());
    }
    city.clock.advance(61);
    let shown = "... on PhoneChangeRequested { leave { request } take { request } }";
    let input = json!({ "phone": canary(54).phone });
    let asked = account.call("requestPhoneChange", input, shown).await;
    let asked = asked.get("/payload").clone();
    city.deliver().await;
    let mut codes = json!({});
    for (side, phone) in [("leave", canary(53).phone), ("take", canary(54).phone)] {
        codes[side] = json!({ "request": asked[side]["request"], "code": city.code_of(&phone) });
        secrets.keep_code(&codes[side]);
    }
    let mut swapped = codes.clone();
    swapped["leave"] = codes["take"].clone();
    for codes in [swapped, codes] {
        let reply = account.call("changePhone", codes, "__typename").await;
        spoken.push(reply.body().to_string());
    }
    spoken
}

/// Applying, being imported, being refused by mistake, being drawn and being looked up.
async fn live_through_a_period(city: &TestCity, secrets: &mut Secrets) -> Vec<String> {
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
    spoken.extend(live_through_an_account(city, secrets).await);
    let account = city.signed_in(&canary(50)).await;
    secrets.tokens.extend(account.token().map(str::to_owned));
    let mut form = canary(50).input();
    form["email"] = "canary@mail.example".into();
    for _ in 0..2 {
        spoken.push(account.apply(form.clone()).await.to_string());
    }
    let sent = city.code_of(&canary(50).phone);
    secrets
        .typed
        .push(sent.expect("the code that confirmed it"));
    let choice = json!({ "category": "lorry", "identityType": "local-household" });
    let reply = account.call("startApplication", choice, "__typename").await;
    spoken.push(reply.refusal());
    form["postcode"] = json!([canary(50).id_number]);
    let given = json!({ "draft": id_of(Noun::ApplicationDraft, uuid::Uuid::nil()), "form": form });
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
            let collector = Receiver::answering(&[]);
            let traces = Traces::to(collector.address(), 1.0).expect("an address");
            city.app.telemetry = Arc::new(Telemetry::tracing_to(traces));
            store::watch(&mut city.app.db, &city.app.telemetry);
            let log = Log::keep();
            let people = [50, 51, 52, 53, 54].map(canary);
            let mut words = words(&people);
            let (spoken, secrets) = live_through_it(&city).await;
            assert!(10 < secrets.typed.len() && 8 < secrets.tokens.len());

            let plain = &words[..words.len() / 2];
            let spoken = spoken.join("\n");
            absent("an answer", spoken.as_bytes(), plain);
            absent("an answer", spoken.as_bytes(), &secrets.typed);
            assert!(spoken.contains("PasswordChanged") && spoken.contains("PhoneChanged"));
            assert!(spoken.contains("StaffSignedIn") && spoken.contains("PasskeyRegistered"));
            words.extend(secrets.tokens);
            words.extend(secrets.typed);
            absent("the log", log.text().as_bytes(), &words);
            assert!(log.text().contains("period.number"), "the log was kept");
            absent("the trail", trail(&city).await.as_bytes(), &words);
            for path in ["/readyz", "/metrics"] {
                let (_, bytes) = city.server().await.get(path).await;
                absent(path, &bytes, &words);
            }
            let (status, numbers) = Server::start_telling(&city.app).await.get("/metrics").await;
            assert_eq!(status, 200);
            absent("the metrics", &numbers, &words);
            city.app.telemetry.traces.close();
            let spans = collector.received().into_iter();
            let spans: String = spans.map(|sent| sent.body).collect();
            assert!(spans.contains("/graphql") && spans.contains("INSERT"));
            absent("the traces", spans.as_bytes(), &words);
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
            absent("Redis", &redis(), &words);
            check_publication(&city).await;
        });
    }
}

/// Every key of Redis with its value.
fn redis() -> Vec<u8> {
    let Some(url) = settings::find_redis() else {
        return Vec::new();
    };
    let mut redis = redis::Client::open(url).expect("Redis");
    let keys: Vec<String> = redis::Commands::keys(&mut redis, "*").expect("keys");
    let mut dump = Vec::new();
    for key in keys {
        dump.extend_from_slice(key.as_bytes());
        // Other tests' values end meanwhile, and have other types.
        let value: Result<Option<Vec<u8>>, _> = redis::Commands::get(&mut redis, &key);
        dump.extend(value.ok().flatten().unwrap_or_default());
    }
    dump
}
