//! The report for programs.
//!
//! One object. `schema` is `fairplate-verifier/report/1`; a field that changes its meaning or goes
//! away gets another number, a field that is added does not.
//!
//! | field | what it is |
//! |---|---|
//! | `verdict` | `VERIFIED`, `VERIFIED-UNWITNESSED`, `INCOMPLETE`, `FALSE` or `UNSUPPORTED` |
//! | `origin`, `draw` | texts, or null when the announce could not be read |
//! | `conclusion` | `{"kind":"drawn","amends":n}`, `{"kind":"void","reason":text}` or null |
//! | `steps` | in order: `number`, `id`, `title`, `status` (`passed`, `failed`, `missing`, `unwitnessed`, `unsupported`, `not-checked`), `checked`, `failed`, `failure` (null, or `file`, `line` or null, `expected`, `found`) |
//! | `categories` | `category`, `applicants`, `tickets`, `winners`, `reserves` |
//! | `keys` | changes of the record keys that were followed: `epoch`, `index` or null, `keys`: verifier keys |
//! | `timeline` | `announced`, `closes`, `closed`, `beacon`, `published`: times or null |

use serde_json::{Value, json};

use crate::{
    report::{CategoryReport, Conclusion, Failure, FollowedKeys, Report, Status, StepAnswer},
    text::Time,
};

/// The name and version of the report's form.
pub const SCHEMA: &str = "fairplate-verifier/report/1";

impl Report {
    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let keys: Vec<Value> = self.keys.iter().map(followed_keys).collect();
        let time = |time: Option<Time>| time.map(|time| time.to_string());
        let steps: Vec<Value> = self.steps.iter().map(step).collect();
        let categories: Vec<Value> = self.categories.iter().map(category).collect();
        json!({
            "schema": SCHEMA,
            "verdict": self.verdict.to_string(),
            "origin": self.origin,
            "draw": self.draw,
            "conclusion": self.conclusion.as_ref().map(conclusion),
            "steps": steps,
            "categories": categories,
            "keys": keys,
            "timeline": {
                "announced": time(self.timeline.announced),
                "closes": time(self.timeline.closes),
                "closed": time(self.timeline.closed),
                "beacon": time(self.timeline.beacon),
                "published": time(self.timeline.published),
            },
        })
    }
}

impl Status {
    /// The status's word in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::Unwitnessed => "unwitnessed",
            Self::Unsupported => "unsupported",
            Self::NotChecked => "not-checked",
        }
    }
}

fn step(answer: &StepAnswer) -> Value {
    let failure = |failure: &Failure| {
        json!({
            "file": failure.file,
            "line": failure.line,
            "expected": failure.expected,
            "found": failure.found,
        })
    };
    json!({
        "number": answer.step.number(),
        "id": answer.id(),
        "title": answer.title(),
        "status": answer.status.id(),
        "checked": answer.checked,
        "failed": answer.failed,
        "failure": answer.failure.as_ref().map(failure),
    })
}

fn category(report: &CategoryReport) -> Value {
    json!({
        "category": report.category,
        "applicants": report.applicants,
        "tickets": report.tickets,
        "winners": report.winners,
        "reserves": report.reserves,
    })
}

fn followed_keys(change: &FollowedKeys) -> Value {
    let keys: Vec<String> = change.keys.iter().map(ToString::to_string).collect();
    json!({ "epoch": change.epoch, "index": change.index, "keys": keys })
}

fn conclusion(conclusion: &Conclusion) -> Value {
    match conclusion {
        Conclusion::Drawn { amends } => json!({ "kind": "drawn", "amends": amends }),
        Conclusion::Void { reason } => json!({ "kind": "void", "reason": reason }),
    }
}
