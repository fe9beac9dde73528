//! The report for programs and for people, field by field.

use fairplate_verifier::{
    Report,
    language::Language,
    report::{Marks, Status, Style},
    steps::Step,
};
use serde_json::{Value, json};

use crate::city::{Scenario, time};

/// Numbers, ids, and what must hold, as every report has them.
const STEPS: [(&str, &str); 15] = [
    ("files", "every file of the draw is there"),
    ("signatures", "the city's record key signed every record"),
    ("records", "the records are well formed and name each other"),
    ("inclusion", "the records are in the public log, in order"),
    ("witnesses", "the witnesses saw the log with these records"),
    ("uniqueness", "the log announces this draw once"),
    ("policy", "the city's rules are the announced ones"),
    ("contributions", "the contributions open their seals"),
    ("chain", "the beacon and its round are the announced ones"),
    ("beacon", "the beacon signed the round"),
    ("timeline", "announce, close and beacon came in time"),
    ("seed", "the seed follows from announce, close and beacon"),
    ("pools", "the pools are the announced ones"),
    ("results", "the results follow from the seed and the pools"),
    ("amends", "amends keep to those who were drawn"),
];

#[track_caller]
fn assert_steps(report: &Report, shown: &Value) {
    assert_eq!(report.steps.len(), STEPS.len());
    for ((number, (id, title)), answer) in (1..).zip(STEPS).zip(&report.steps) {
        assert_eq!((answer.id(), answer.title()), (id, title));
        assert_eq!(Step::ALL[number - 1].title(), title);
        let failure = answer.failure.as_ref().map(|failure| {
            json!({
                "file": failure.file,
                "line": failure.line,
                "expected": failure.expected,
                "found": failure.found,
            })
        });
        let status = match answer.status {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::NotChecked => "not-checked",
            other => panic!("{other:?}"),
        };
        let expected = json!({
            "number": number,
            "id": id,
            "title": title,
            "status": status,
            "checked": answer.checked,
            "failed": answer.failed,
            "failure": failure,
        });
        assert_eq!(shown["steps"][number - 1], expected);
    }
}

#[test]
fn a_draws_report_has_its_steps_categories_and_conclusion() {
    let report = Scenario::new().verify();
    let shown = report.to_json();
    assert_steps(&report, &shown);
    assert_eq!(shown["conclusion"], json!({ "kind": "drawn", "amends": 0 }));
    assert_eq!(
        shown["categories"],
        json!([
            {
                "category": "individual",
                "applicants": 300,
                "tickets": 900,
                "winners": 7,
                "reserves": 3,
            },
            {
                "category": "electric",
                "applicants": 4,
                "tickets": 0,
                "winners": 2,
                "reserves": 1,
            },
        ])
    );
    let style = Style {
        language: Language::English,
        marks: Marks::Words,
    };
    let text = report.to_text(style);
    for (number, (id, title)) in (1..).zip(STEPS) {
        let line = format!("{number:>2} {id:<13} ok {title}\n");
        assert!(text.contains(&line), "{line}{text}");
    }
}

#[test]
fn a_refuted_draws_report_has_the_finding_and_a_called_off_ones_the_reason() {
    let mut scenario = Scenario::new();
    let tamper = ["result-electric.csv", "1,1204100000013", "1,1204100000014"];
    let [file, old, new] = tamper.map(str::to_owned);
    scenario.tampers.push((file, old, new));
    let report = scenario.verify();
    let shown = report.to_json();
    assert_steps(&report, &shown);
    let failure = &shown["steps"][13]["failure"];
    assert_eq!(
        (&failure["file"], &failure["line"]),
        (&json!("result-electric.csv"), &json!(1))
    );

    let mut scenario = Scenario::new();
    scenario.void = Some(time("2026-07-26T06:00:30Z"));
    let shown = scenario.verify().to_json();
    assert_eq!(shown["conclusion"]["kind"], "void", "{shown:#}");
    let reason = shown["conclusion"]["reason"].as_str().expect("a reason");
    assert!(!reason.is_empty());
}

#[test]
fn a_status_has_one_word_for_programs() {
    let words = [
        (Status::Passed, "passed"),
        (Status::Failed, "failed"),
        (Status::Missing, "missing"),
        (Status::Unwitnessed, "unwitnessed"),
        (Status::Unsupported, "unsupported"),
        (Status::NotChecked, "not-checked"),
    ];
    for (status, word) in words {
        assert_eq!(status.id(), word);
    }
}
