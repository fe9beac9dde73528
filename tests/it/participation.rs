//! How often somebody has taken part.

use fairplate::{
    domain::{actor::Operator, code::ApplicationCode},
    service::sessions,
    store,
};
use fairplate_tests::{
    Asks as _, TestCity, check_publication,
    ids::draw_id,
    on_both_databases, on_both_databases_in,
    people::person,
    server::Server,
    stages::{PERIOD, places},
};
use serde_json::{Value, json};

const COUNTED: &str = "me { applications { nodes { participation(asOf: $asOf) { asOf count countForTier years { year periods } } } } }";

/// The code of an imported person.
fn code(number: u64) -> String {
    ApplicationCode::from_number(700_000_000_000 - number * 1_234_567).to_string()
}

/// What an imported person sees of their own participation as of a day.
async fn counted(city: &TestCity, code: &str, as_of: &str) -> Value {
    let token = sessions::open_for_code(&city.app, &Operator, code)
        .await
        .expect("a session");
    let server: &Server = city.server().await;
    let document = format!("query($asOf: Date) {{ {COUNTED} }}");
    let reply = server
        .post(Some(&token), &document, json!({ "asOf": as_of }))
        .await;
    reply.get("/me/applications/nodes/0/participation").clone()
}

#[test]
fn the_example_of_the_guide_counts_fifteen_in_five_years_of_which_the_first_is_empty() {
    on_both_databases(async |city| {
        let guide = "201509-201511 201601-201603 201709-201712 201801-201805";
        let lines = [
            person(2).line(&code(2), "201405-201605"),
            person(1).line(&code(1), guide),
            person(3).line(&code(3), ""),
        ];
        assert_eq!(city.import(&lines, false).await.refusals, []);

        let seen = counted(city, &code(1), "2018-11-10").await;

        let years = json!([
            { "year": 2014, "periods": [] },
            { "year": 2015, "periods": ["201509", "201510", "201511"] },
            { "year": 2016, "periods": ["201601", "201602", "201603"] },
            { "year": 2017, "periods": ["201709", "201710", "201711", "201712"] },
            { "year": 2018, "periods": ["201801", "201802", "201803", "201804", "201805"] },
        ]);
        let expected =
            json!({ "asOf": "2018-11-10", "count": 15, "countForTier": 15, "years": years });
        assert_eq!(seen, expected);
    });
}

#[test]
fn the_city_says_its_own_words_above_the_list_and_beside_the_form() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let citizen = city.apply(&person(1)).await;

        let seen = citizen
            .ask("{ city { reminder(locale: ZH_CN) } me { applications { nodes { maskedCode participation { count zh: listNotice(locale: ZH_CN) en: listNotice(locale: EN) } } } } }")
            .await;

        let text = |pointer: &str| seen.get(pointer).as_str().expect("a text").to_owned();
        let reminder = text("/city/reminder");
        assert!(
            reminder.contains("12个月") && reminder.contains("两年"),
            "{reminder}"
        );
        assert!(text("/me/applications/nodes/0/participation/zh").starts_with("特别说明"));
        assert!(text("/me/applications/nodes/0/participation/en").contains("period"));
        assert_eq!(seen.get("/me/applications/nodes/0/participation/count"), 0);
        assert!(text("/me/applications/nodes/0/maskedCode").contains('*'));
    });
}

#[test]
fn a_new_applicant_sees_no_participation_and_empty_years() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;

        let seen = citizen
            .own(
                "participation(asOf: \"2016-01-01\") { count countForTier years { year periods } }",
            )
            .await;

        let years = json!([
            { "year": 2014, "periods": [] },
            { "year": 2015, "periods": [] },
            { "year": 2016, "periods": [] },
        ]);
        assert_eq!(
            seen["participation"],
            json!({ "count": 0, "countForTier": 0, "years": years })
        );
    });
}

#[test]
fn a_count_as_of_an_earlier_day_leaves_out_what_was_published_later() {
    on_both_databases(async |city| {
        let lines = [
            person(1).line(&code(1), "201509-201511 201601"),
            person(2).line(&code(2), "201509"),
        ];
        city.import(&lines, false).await;

        // The result of a period is published on the 26th.
        for (day, count) in [
            ("2015-09-25", 0),
            ("2015-09-26", 1),
            ("2015-11-26", 3),
            ("2026-05-31", 4),
        ] {
            assert_eq!(counted(city, &code(1), day).await["count"], count, "{day}");
        }
    });
}

#[test]
fn whoever_was_in_the_pool_has_taken_part_once_the_result_is_public() {
    on_both_databases(async |city| {
        let citizens = city.closed(5, places(2, 1)).await;
        let fields = "participation { count years { year periods } }";
        let before = citizens[3].own(fields).await;

        let input = json!({ "draw": draw_id(PERIOD) });
        city.officer()
            .await
            .call("finishDraw", input, "draw { id }")
            .await
            .accepted();

        assert_eq!(before["participation"]["count"], 0);
        for citizen in &citizens {
            let after = citizen.own(fields).await;
            assert_eq!(after["participation"]["count"], 1);
            assert_eq!(
                after["participation"]["years"][12],
                json!({ "year": 2026, "periods": [PERIOD] })
            );
            let day_before = citizen
                .own("participation(asOf: \"2026-06-29\") { count }")
                .await;
            assert_eq!(day_before["participation"]["count"], 0);
        }
        check_publication(city).await;
    });
}

#[test]
fn winning_begins_the_count_of_the_tier_again_and_leaves_the_total() {
    on_both_databases(async |city| {
        city.import(&[person(1).line(&code(1), "201509-201608")], false)
            .await;
        city.finished(0, places(1, 0)).await;

        let won = counted(city, &code(1), "2026-06-30").await;
        let before = counted(city, &code(1), "2026-06-29").await;

        assert_eq!(
            (&won["count"], &won["countForTier"]),
            (&json!(13), &json!(0))
        );
        assert_eq!(
            (&before["count"], &before["countForTier"]),
            (&json!(12), &json!(12))
        );
    });
}

#[test]
fn waiting_adds_tickets_where_the_city_weights_entries() {
    on_both_databases_in("beijing-2016", async |city| {
        // Up to six participations are one entry, seven to twelve are two, the next one is three.
        let waits: [(u32, usize, i32); 5] =
            [(1, 0, 1), (2, 6, 1), (3, 7, 2), (4, 12, 2), (5, 13, 3)];
        let old: Vec<String> = (11..14)
            .flat_map(|year| (1..=6).map(move |n| format!("20{year}0{n}")))
            .collect();
        let lines: Vec<_> = waits
            .iter()
            .map(|(who, count, _)| {
                person(*who).line(&code(u64::from(*who)), &old[..*count].join(" "))
            })
            .collect();
        let periods = format!(
            "period,published_on\n{},2014-01-26\n",
            old.join(",2014-01-26\n")
        );
        let report = city
            .try_import(&periods, &lines, false)
            .await
            .expect("a report");
        assert_eq!(report.refusals, []);

        city.frozen(0, places(1, 1)).await;

        for (who, _, weight) in waits {
            let (db, code) = (&city.app.db, code(u64::from(who)));
            let entry = store::pools::find(db, city.app.city, PERIOD, "individual", &code).await;
            assert_eq!(
                entry.expect("an answer").expect("in the pool").weight,
                weight,
                "{who}"
            );
        }
    });
}
