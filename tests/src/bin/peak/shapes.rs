//! The same request over and over, for another code each time.
//!
//! A shape is a whole HTTP request with `CODE` where the code belongs. All codes are of the same length,
//! so that the request's length is known.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use entity::CityId;
use fairplate::domain::code::ApplicationCode;
use serde_json::{Value, json};
use verifier::text::Digest;

use crate::city::{CATEGORY, Crowd, GREAT, mixed};

/// What stands for the code.
pub(crate) const CODE: &str = "CODE";

/// The document of the screen on which a result is looked up.
const DOCUMENT: &str = include_str!("../../../../api/documents/Result.graphql");

/// The same question to Mercurius, whose schema is in `api/benches/peak.d/mercurius.mjs`.
const MERCURIUS: &str = "query Result($period: String!, $code: String!) {
  result(period: $period, code: $code) {
    period code draw category weight rank serial score isWinner
  }
}";

/// Codes that a thread of a client asks for.
const SAMPLE: u32 = 200_000;

/// Codes that a cache of answers has room for.
const HOT: u32 = 500;

/// Threads that may have a sample of their own.
const THREADS: u32 = 2;

/// Where a shape is.
pub(crate) fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join("shapes").join(name)
}

/// Where the codes for a thread are.
pub(crate) fn codes(folder: &Path, name: &str, thread: u32) -> PathBuf {
    folder.join(format!("{name}.{thread}"))
}

/// Writes all shapes, and the codes to put into them.
pub(crate) fn write(folder: &Path, crowd: &Crowd, city: CityId) {
    fs::create_dir_all(folder.join("shapes")).expect("a folder");
    let hash = Digest::of(DOCUMENT.as_bytes()).to_string();
    let variables = json!({ "period": GREAT, "code": CODE });
    let persisted = json!({ "version": 1, "sha256Hash": hash });
    let shapes = [
        // Nobody looks at the code here; the client has the same work with every shape.
        ("plain", get(&format!("/?{CODE}"))),
        ("static", get(&format!("/answer.json?{CODE}"))),
        ("get", get(&format!("/result/{GREAT}/{CODE}"))),
        (
            "trusted",
            get(&format!(
                "/graphql?documentId=sha256:{hash}&variables={}",
                escaped(&variables.to_string())
            )),
        ),
        (
            "persisted",
            post(&json!({
                "extensions": { "persistedQuery": persisted },
                "variables": variables,
            })),
        ),
        (
            "text",
            post(&json!({ "query": DOCUMENT, "variables": variables })),
        ),
        (
            "mercurius",
            post(&json!({ "query": MERCURIUS, "variables": variables })),
        ),
        (
            "postgraphile",
            post(&json!({
                "query": of_tables(city),
                "variables": { "code": CODE },
            })),
        ),
    ];
    for (name, shape) in shapes {
        fs::write(path(folder, name), shape).expect("written");
    }
    for thread in 0..THREADS {
        let places = (0..SAMPLE).map(|one| mixed(one * THREADS + thread) % u64::from(crowd.count));
        let sample = places.map(|place| crowd.code(u32::try_from(place).unwrap_or_default()));
        write_codes(&codes(folder, "codes", thread), sample);
        let hot = (0..HOT).map(|one| crowd.code(one * (crowd.count / HOT)));
        write_codes(&codes(folder, "hot", thread), hot);
    }
}

fn write_codes(path: &Path, codes: impl Iterator<Item = ApplicationCode>) {
    let mut text = String::new();
    for code in codes {
        text.push_str(code.as_str());
        text.push('\n');
    }
    fs::write(path, text).expect("written");
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

fn post(body: &Value) -> String {
    let body = body.to_string();
    assert_eq!(body.matches(CODE).count(), 1, "one code in {body}");
    let length = body.len() - CODE.len() + ApplicationCode::LEN;
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

/// The same question to `PostGraphile`, which names its fields after tables and keys.
fn of_tables(city: CityId) -> String {
    let key = format!(r#"cityId: {city}, drawId: "{GREAT}", category: "{CATEGORY}", code: $code"#);
    format!(
        "query Result($code: String!) {{
  poolEntryByCityIdAndDrawIdAndCategoryAndCode({key}) {{ drawId category code weight }}
  placementByCityIdAndDrawIdAndCategoryAndCode({key}) {{ placeRank serial score isWinner }}
}}"
    )
}

/// A text as it stands in a query string.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(byte.into());
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
