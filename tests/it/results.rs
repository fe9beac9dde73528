//! What anybody may ask of a published period, and where the answer comes from.

use fairplate::{
    App,
    domain::code::ApplicationCode,
    service::results::{self, Answer},
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, check_publication,
    neighbour::neighbours_code,
    on_both_databases,
    stages::{PERIOD, places},
};
use serde_json::{Value, json};

async fn result(city: &TestCity, period: &str, code: &str) -> Value {
    let document = format!(
        "{{ result(period: \"{period}\", code: \"{code}\") {{ __typename sentence(locale: ZH_CN) \
         ... on ResultWon {{ rank serial }} ... on ResultReserve {{ rank serial }} ... on ResultNotSelected {{ weight }} }} }}"
    );
    Anonymous(city).ask(&document).await.get("/result").clone()
}

#[test]
fn everybody_can_look_up_what_became_of_a_code() {
    on_both_databases(async |city| {
        let citizens = city.finished(4, places(1, 1)).await;
        let placed =
            store::placements::list(&city.app.db, city.app.city, PERIOD, "individual").await;
        let placed = placed.expect("places");
        let of = |rank: usize| (&placed[rank].code, json!(placed[rank].serial.to_string()));

        let won = result(city, PERIOD, of(0).0).await;
        let reserve = result(city, PERIOD, of(1).0).await;
        let neither = citizens
            .iter()
            .find(|one| placed.iter().all(|place| place.code != one.code()));
        let not_selected = result(city, PERIOD, neither.expect("somebody").code()).await;

        assert_eq!(
            won,
            json!({ "__typename": "ResultWon", "sentence": "本期摇号，该编码已中签！", "rank": "1", "serial": of(0).1 })
        );
        assert_eq!(
            reserve,
            json!({ "__typename": "ResultReserve", "sentence": "本期摇号，该编码未中签！已列入候补名单。", "rank": "2", "serial": of(1).1 })
        );
        assert_eq!(
            not_selected,
            json!({ "__typename": "ResultNotSelected", "sentence": "本期摇号，该编码未中签！", "weight": 1 })
        );
        // A code of the neighbouring city is nobody's here.
        let absent = result(city, PERIOD, &neighbours_code()).await;
        assert_eq!(
            absent,
            json!({ "__typename": "ResultNotInPool", "sentence": "本期摇号，该编码不存在！" })
        );
    });
}

#[test]
fn a_result_that_is_not_public_is_not_told() {
    on_both_databases(async |city| {
        let citizens = city.closed(4, places(1, 1)).await;

        let asked = result(city, PERIOD, citizens[0].code()).await;

        assert_eq!(
            asked,
            json!({ "__typename": "ResultNotPublished", "sentence": "本期摇号结果尚未公布。" })
        );
    });
}

/// PostgreSQL holds no text with U+0000: whoever sends one has made a mistake, and not we.
#[test]
fn a_text_that_cannot_be_one_is_the_callers_mistake() {
    on_both_databases(async |city| {
        let document = "query ($id: String!) { draw(publicId: $id) { publicId } }";
        let server = city.server().await;

        let reply = server
            .post(None, document, json!({ "id": "2026\u{0}06" }))
            .await;

        let codes = reply.codes();
        assert!(codes.is_empty() || codes == ["INVALID_INPUT"], "{codes:?}");
        assert_eq!(codes.is_empty(), !city.is_on_postgres());
        let good = server.post(None, document, json!({ "id": "202606" })).await;
        assert!(good.codes().is_empty());
    });
}

#[test]
fn a_slip_of_the_finger_is_told_from_a_code_that_is_not_in_the_pool() {
    on_both_databases(async |city| {
        let citizens = city.finished(2, places(1, 1)).await;
        let mut code = citizens[0].code().to_owned().into_bytes();
        code[5] = if code[5] == b'9' { b'0' } else { code[5] + 1 };
        let mistyped = String::from_utf8(code).expect("digits");
        for (period, code, codes) in [
            (PERIOD, mistyped.as_str(), ["INVALID_INPUT"]),
            (PERIOD, "123", ["INVALID_INPUT"]),
            ("202601", citizens[0].code(), ["NOT_FOUND"]),
        ] {
            let document =
                format!("{{ result(period: \"{period}\", code: \"{code}\") {{ __typename }} }}");
            assert_eq!(
                Anonymous(city).ask(&document).await.codes(),
                codes,
                "{code}"
            );
        }
        check_publication(city).await;
    });
}

/// The answers to every code of the pool, and to one that is not in it.
async fn answers(app: &App, codes: &[String]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for code in codes {
        answers.push(results::find(app, PERIOD, code).await.expect("an answer"));
    }
    answers
}

async fn codes(city: &TestCity) -> Vec<String> {
    let citizens = city.finished(6, places(2, 1)).await;
    let mut codes: Vec<_> = citizens
        .iter()
        .map(|citizen| citizen.code().to_owned())
        .collect();
    codes.push(ApplicationCode::from_number(7).to_string());
    codes
}

#[test]
fn an_answer_from_memory_is_the_answer_of_the_database() {
    on_both_databases(async |city| {
        let codes = codes(city).await;
        let fresh = city.another_node(None).await;

        let first = answers(&fresh, &codes).await;
        fresh.db.clone().close().await.expect("closed");
        let node = App {
            db: city.app.db.clone(),
            ..fresh
        };
        let again = answers(&node, &codes).await;

        assert_eq!(again, first);
        assert!(first.iter().any(|answer| matches!(answer, Answer::Won(_))));
        assert_eq!(first.last(), Some(&Answer::NotInPool));
    });
}
