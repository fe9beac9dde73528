use async_graphql::{Variables, parser::parse_query};

use super::*;
use crate::graphql::trusted::OURS;

fn compiled(text: &str) -> Option<Compiled> {
    Compiled::of(&parse_query(text).expect("a document"))
}

/// What is written of a code that was in no pool.
fn answer_of(compiled: &Compiled, request: &Request) -> Option<String> {
    let mut text = String::new();
    let look_up = compiled.look_up(request, (1, 1))?;
    look_up.write(&Answer::NotInPool, &mut text)?;
    Some(text)
}

#[test]
fn a_text_is_written_as_json_has_it() {
    for value in ["", "202606", "摇号", "a\"b", "a\\b", "a\nb", "\u{7f}\u{1}"] {
        let mut text = String::new();
        push_text(&mut text, value);
        assert_eq!(text, json!(value).to_string());
    }
}

#[test]
fn the_document_of_the_house_is_understood() {
    let (_, text) = OURS
        .iter()
        .find(|(name, _)| *name == "Result")
        .expect("ours");
    let variables = serde_json::json!({ "period": "202606", "code": "7310582964477" });
    let request = Request::new("").variables(Variables::from_json(variables));
    let compiled = compiled(text).expect("understood");

    let asked = compiled.look_up(&request, (1, 1)).expect("asked").asked;

    assert_eq!((asked.period, asked.code), ("202606", "7310582964477"));
    assert_eq!(
        answer_of(&compiled, &request).as_deref(),
        Some(
            r#"{"result":{"__typename":"ResultNotInPool","period":"202606","code":"7310582964477","sentence":"本期摇号，该编码不存在！"}}"#
        )
    );
}

/// Whoever asks for winners alone is told nothing of the others, in an object.
#[test]
fn an_outcome_of_which_nothing_is_asked_is_an_empty_object() {
    let text =
        r#"{ result(period: "202606", code: "7310582964477") { ... on ResultWon { rank } } }"#;
    let compiled = compiled(text).expect("understood");

    let written = answer_of(&compiled, &Request::new(text));

    assert_eq!(written.as_deref(), Some(r#"{"result":{}}"#));
}

#[test]
fn what_is_not_one_plain_look_up_is_left_to_the_executor() {
    let result = r#"result(period: "202606", code: "7310582964477")"#;
    for understood in [
        format!("{{ {result} {{ code }} }}"),
        format!("{{ mine: {result} {{ what: __typename s: sentence(locale: EN) }} }}"),
        format!("query A {{ {result} {{ ...F }} }} fragment F on ResultWon {{ rank }}"),
        "query ($a: PeriodNumber!, $b: ApplicationCode!, $l: Locale! = EN) \
         { result(code: $b, period: $a) { sentence(locale: $l) } }"
            .to_owned(),
    ] {
        assert!(compiled(&understood).is_some(), "{understood}");
    }
    for left in [
        format!("{{ {result} {{ code }} viewer {{ __typename }} }}"),
        format!("{{ __typename {result} {{ code }} }}"),
        format!("{{ ... {{ {result} {{ code }} }} }}"),
        format!("{{ {result} @include(if: true) {{ code }} }}"),
        format!("{{ {result} {{ code @skip(if: false) }} }}"),
        format!("{{ {result} {{ rank }} }}"),
        format!("{{ {result} {{ unknown }} }}"),
        format!("{{ {result} {{ a: code a: period }} }}"),
        format!("{{ {result} {{ ... on Period {{ number }} }} }}"),
        format!("query A {{ {result} {{ code }} }} query B {{ {result} {{ code }} }}"),
        format!("mutation {{ {result} {{ code }} }}"),
        r#"{ result(period: ["202606"], code: "7310582964477") { code } }"#.to_owned(),
        r#"{ result(period: "202606") { code } }"#.to_owned(),
        "query ($a: PeriodNumber!, $b: ApplicationCode) { result(code: $b, period: $a) { code } }"
            .to_owned(),
        "query ($a: PeriodNumber!, $b: ApplicationCode!) { result(code: [$b], period: $a) { code } }"
            .to_owned(),
        "query ($a: PeriodNumber!, $b: ApplicationCode!, $l: Locale) \
         { result(code: $b, period: $a) { sentence(locale: $l) } }"
            .to_owned(),
        "query ($a: PeriodNumber!, $b: ApplicationCode!, $c: Int!) \
         { result(code: $b, period: $a) { code } }"
            .to_owned(),
    ] {
        assert!(compiled(&left).is_none(), "{left}");
    }
}

#[test]
fn a_request_that_needs_a_second_look_is_left_to_the_executor() {
    let text = "query A($a: PeriodNumber!, $b: ApplicationCode!, $l: Locale = EN) \
                { result(code: $b, period: $a) { sentence(locale: $l) } }";
    let compiled = compiled(text).expect("understood");
    let written = |variables: serde_json::Value, operation: Option<&str>| {
        let mut request = Request::new("").variables(Variables::from_json(variables));
        request.operation_name = operation.map(str::to_owned);
        answer_of(&compiled, &request)
    };
    let good = serde_json::json!({ "a": "202606", "b": "7310582964477" });
    assert!(written(good.clone(), None).is_some());
    assert!(written(good.clone(), Some("A")).is_some());
    assert!(written(good, Some("B")).is_none());
    for left in [
        serde_json::json!({ "a": "202606" }),
        serde_json::json!({ "a": 202_606, "b": "7310582964477" }),
        serde_json::json!({ "a": "202606", "b": null }),
        serde_json::json!({ "a": "202606", "b": "7310582964477", "l": "FR" }),
        serde_json::json!({ "a": "202606", "b": "7310582964477", "l": null }),
    ] {
        assert!(written(left.clone(), None).is_none(), "{left}");
    }
}
