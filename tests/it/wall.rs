//! A draw on the wall of a hall, in the operator's terminal, and on paper: at each step the same, and
//! nothing of it before it is public.

mod paper;

use fairplate_tests::{
    Anonymous, Asks as _, TestCity,
    ceremony::{self, Reveals, recover},
    check_publication,
    hall::Hall,
    keys, on_both_databases,
    stages::{
        ANNOUNCE_AT, BALL_MACHINE, CLOSE_AT, CLOSES_AT, CONTRIBUTORS, FINISH_AT, FREEZE_AT, PERIOD,
        ROUND_AT, officer, places, reveals, terms,
    },
};
use serde_json::{Value, json};
use verifier::text::Digest;

/// A file of the published draw.
fn file(city: &TestCity, name: &str) -> Vec<u8> {
    std::fs::read(city.app.layout.draw(PERIOD).join(name)).expect(name)
}

fn sha256(city: &TestCity, name: &str) -> String {
    Digest::of(&file(city, name)).to_string()
}

/// What the notary alone brings; the other contributor stays away.
fn without_the_representative() -> Reveals {
    let mut brought = reveals();
    brought.sealed.truncate(1);
    brought
}

async fn announced(city: &TestCity, hall: &Hall<'_>, frozen: &(Value, String)) {
    assert_eq!(frozen.0["phase"], "FROZEN");
    assert_eq!(frozen.0["frozenAt"], FREEZE_AT);
    for none in [
        "records",
        "pools",
        "contributions",
        "openValues",
        "outcomes",
    ] {
        assert_eq!(frozen.0[none], json!([]), "{none}");
    }
    let lonely = city.without_its_witness();
    let refused = ceremony::announce(&lonely, &officer(), PERIOD, terms(PERIOD)).await;
    refused.expect_err("nobody cosigns");
    assert_eq!(
        city.draw(PERIOD).await.phase,
        entity::draw::Phase::Announced
    );
    assert!(
        hall.everything().await == *frozen,
        "nothing is shown that waits for its witness"
    );

    recover(&city.app).await.expect("cosigned and published");
    let (shown, all) = hall.everything().await;
    assert_eq!(shown["phase"], "ANNOUNCED");
    assert_eq!(
        (&shown["closesAt"], &shown["beacon"]["at"]),
        (&json!(CLOSES_AT), &json!(ROUND_AT))
    );
    let pool = &shown["pools"][0];
    assert_eq!(pool["label"]["zh-CN"], "个人增量指标");
    assert_eq!(
        (&pool["applicants"], &pool["quota"]),
        (&json!(6), &json!(2))
    );
    let digest = sha256(city, "pool-individual.csv");
    assert_eq!(pool["sha256"], digest);
    assert_eq!(all.matches(&digest).count(), 4, "once on each of the four");
    for (name, secret) in CONTRIBUTORS {
        let commitment = verifier::record::commitment(keys::ORIGIN, PERIOD, name, &secret);
        assert!(all.matches(&commitment.to_string()).count() >= 4, "{name}");
        assert!(!all.contains(&Digest(secret).to_string()), "{name}");
    }
    assert_eq!(shown["contributions"][0]["state"], "SEALED");
    assert_eq!(
        shown["openValues"][0],
        json!({ "label": BALL_MACHINE, "value": null })
    );
    let cosigned = json!({ "witness": keys::WITNESS, "at": ANNOUNCE_AT });
    assert_eq!(shown["records"][0]["cosignatures"], json!([cosigned]));
    assert_eq!(shown["records"][0]["cosignedAt"], ANNOUNCE_AT);
}

async fn closed(city: &TestCity, hall: &Hall<'_>) {
    city.at(CLOSE_AT);
    ceremony::close(&city.app, &officer(), PERIOD, without_the_representative())
        .await
        .expect("closed");
    let (shown, all) = hall.everything().await;
    assert_eq!(shown["phase"], "CLOSED");
    let (notary, representative) = (&shown["contributions"][0], &shown["contributions"][1]);
    assert_eq!(notary["state"], "REVEALED");
    assert_eq!(notary["secret"], Digest(CONTRIBUTORS[0].1).to_string());
    assert_eq!(representative["state"], "MISSING");
    assert_eq!(representative["secret"], Value::Null);
    assert!(!all.contains(&Digest(CONTRIBUTORS[1].1).to_string()));
    assert!(all.contains("missing: not revealed") && all.contains("未揭示"));
    assert_eq!(shown["openValues"][0]["value"], "374478");
    assert_eq!(shown["beacon"]["signature"], Value::Null);
}

async fn finished(city: &TestCity, hall: &Hall<'_>) {
    let before = hall.everything().await;
    city.at(FINISH_AT);
    let refused = ceremony::finish(&city.without_its_witness(), &officer(), PERIOD).await;
    refused.expect_err("nobody cosigns");
    assert_eq!(city.draw(PERIOD).await.phase, entity::draw::Phase::Finished);
    assert!(
        hall.everything().await == before,
        "nothing of a result waits in public"
    );

    recover(&city.app).await.expect("cosigned and published");
    let (shown, all) = hall.everything().await;
    assert_eq!(shown["phase"], "FINISHED");
    let result = String::from_utf8(file(city, "result-individual.csv")).expect("text");
    let codes: Vec<&str> = result
        .lines()
        .filter_map(|line| line.split(',').nth(1))
        .collect();
    let told = shown["outcomes"][0]["winnerPlaces"]
        .as_array()
        .expect("winners");
    let told: Vec<&str> = told
        .iter()
        .filter_map(|place| place["code"].as_str())
        .collect();
    assert_eq!(
        told,
        codes[..2],
        "the winners in their order, and no reserve"
    );
    assert_eq!(
        shown["outcomes"][0]["sha256"],
        sha256(city, "result-individual.csv")
    );
    for value in [&shown["seed"], &shown["beacon"]["signature"]] {
        assert_eq!(all.matches(value.as_str().expect("a value")).count(), 4);
    }
    let note = shown["checkpoint"]["note"].as_str().expect("a note");
    let proof = String::from_utf8(file(city, "result.tlog-proof")).expect("text");
    assert!(
        proof.ends_with(note),
        "the checkpoint is that of the last record"
    );
}

#[test]
fn every_step_is_shown_alike_everywhere_and_nothing_before_it_is_public() {
    on_both_databases(async |city| {
        city.frozen(6, places(2, 1)).await;
        let hall = city.hall();
        let frozen = hall.everything().await;
        announced(city, &hall, &frozen).await;
        closed(city, &hall).await;
        finished(city, &hall).await;
        check_publication(city).await;
    });
}

#[test]
fn whoever_follows_without_a_terminal_is_told_each_step_when_it_is_public() {
    on_both_databases(async |city| {
        city.announced(4, places(2, 1)).await;
        let hall = city.hall();
        let known = hall.lines();
        let mut following = hall.follow();
        for line in &known {
            assert_eq!(following.next_line().as_ref(), Some(line));
        }
        ceremony::close(&city.app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        let closed = hall.lines();
        assert!(known.len() < closed.len());
        for line in &closed[known.len()..] {
            assert_eq!(following.next_line().as_ref(), Some(line));
        }
        city.at(FINISH_AT);
        ceremony::finish(&city.app, &officer(), PERIOD)
            .await
            .expect("finished");
        let finished = hall.lines();
        for line in &finished[closed.len()..] {
            assert_eq!(following.next_line().as_ref(), Some(line));
        }
        assert_eq!(following.next_line(), None, "it ends with the draw");
        following.end();
    });
}

/// A name and a reason that a city could sign, and that would be markup elsewhere.
const HOSTILE: &str = "<img/src=x/onerror=alert(1)>\"'&amp;";

#[test]
fn what_a_record_says_is_text_wherever_it_is_shown() {
    on_both_databases(async |city| {
        city.frozen(3, places(1, 1)).await;
        let mut terms = terms(PERIOD);
        HOSTILE.clone_into(&mut terms.sealed[0].name);
        ceremony::announce(&city.app, &officer(), PERIOD, terms)
            .await
            .expect("announced");
        let reason = format!("停电 {HOSTILE} \u{202e}gpj");
        ceremony::void(&city.app, &officer(), PERIOD, &reason)
            .await
            .expect("voided");

        let hall = city.hall();
        let (shown, _) = hall.everything().await;

        assert_eq!(
            (&shown["phase"], &shown["seed"]),
            (&json!("VOIDED"), &Value::Null)
        );
        assert_eq!(shown["void"]["reason"], reason);
        assert_eq!(shown["contributions"][0]["name"], HOSTILE);
        for lang in ["zh-CN", "en"] {
            let page = hall.protocol(lang).await;
            assert!(
                !page.contains("<img") && !page.contains("<script"),
                "{lang}"
            );
            let escaped = "&lt;img/src=x/onerror=alert(1)&gt;&quot;&#39;&amp;amp;";
            assert_eq!(
                page.matches(escaped).count(),
                2,
                "{lang}: the name and the reason"
            );
        }
        let lines = hall.lines().join("\n");
        assert!(
            lines.contains("gpj") && !lines.contains('\u{202e}'),
            "{lines}"
        );
        check_publication(city).await;
    });
}

#[test]
fn the_pages_load_nothing_from_elsewhere_and_speak_the_readers_language() {
    on_both_databases(async |city| {
        city.announced(2, places(1, 1)).await;
        let hall = city.hall();
        for page in ["wall", "protocol"] {
            let sent = hall
                .fetch(page, &[("accept-language", "en-GB,zh;q=0.5")])
                .await;
            assert_eq!((sent.status, sent.header("content-language")), (200, "en"));
            assert_eq!(sent.header("vary"), "accept-language");
            let policy = sent.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(
                !policy.contains("unsafe") && !policy.contains("http"),
                "{policy}"
            );
            let named = hall
                .fetch(&format!("{page}?lang=zh"), &[("accept-language", "en")])
                .await;
            assert_eq!(named.header("content-language"), "zh-CN");
            let plain = hall.fetch(page, &[]).await;
            assert_eq!(plain.header("content-language"), "zh-CN");
        }
        let sent = hall.fetch("protocol", &[]).await;
        let known = [("if-none-match", sent.header("etag"))];
        assert_eq!(hall.fetch("protocol", &known).await.status, 304);
        let server = city.server().await;
        for (path, status) in [
            ("/wall/wall.js", 200),
            ("/wall/wall.rs", 404),
            ("/draw/209901/wall.json", 404),
            ("/draw/209901/protocol", 404),
        ] {
            let sent = server.send("GET", path, &[], Vec::new()).await;
            assert_eq!(sent.status, status, "{path}");
            let posted = server.send("POST", path, &[], Vec::new()).await;
            assert_eq!(posted.status, 405, "{path}");
        }
        for words in ["draw present 209901 --once", "draw protocol 209901"] {
            let output = hall.run(words);
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            assert!(output.stdout.is_empty(), "{output:?}");
        }
        // A bystander asks what everybody may ask, and is answered meanwhile.
        let reply = Anonymous(city).ask("{ __typename }").await;
        assert_eq!(reply.get("/__typename"), "Query");
    });
}
