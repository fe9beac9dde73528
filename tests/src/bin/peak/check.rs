//! Whether the answers are right: compared with what the index says.

use std::{fs, net::SocketAddr, path::Path};

use fairplate::{
    index::{Entry, Index},
    layout::Layout,
};
use serde_json::Value;
use verifier::text::Digest;

use crate::{
    city::{Crowd, GREAT, result_of},
    shapes::{self, CODE},
    wire::Wire,
};

/// Codes that are asked for out of all, and out of those who were placed.
const ANY: usize = 400;
const PLACED: usize = 100;

/// Asks a server for some codes and ends the program where an answer is wrong.
pub(crate) async fn answers(folder: &Path, address: SocketAddr, shape: &str) {
    let path = Layout::new(folder.join("city")).index(GREAT);
    let sha256 = Digest::of(&fs::read(&path).expect("an index"));
    let index = Index::open(&path, GREAT, result_of(GREAT), sha256).expect("an index");
    let request = fs::read_to_string(shapes::path(folder, shape)).expect("a shape");
    let listed = fs::read_to_string(shapes::codes(folder, "codes", 0)).expect("codes");
    let placed = |code: &&str| {
        index
            .look_up(code)
            .is_some_and(|entry| entry.place.is_some())
    };
    let size = fs::read_to_string(folder.join("size")).expect("how many there are");
    let count = size.parse().expect("a number");
    let nobody = Crowd { count }.nobody();
    let mut asked: Vec<&str> = listed.lines().take(ANY).collect();
    asked.extend(listed.lines().filter(placed).take(PLACED));
    asked.push(nobody.as_str());
    let mut wire = Wire::to(address).await.expect("a connection");
    for code in &asked {
        let answer = wire.ask(request.replace(CODE, code).as_bytes()).await;
        let answer = answer.expect("an answer");
        let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
        let found = (
            number(&body, &["weight"]),
            number(&body, &["rank", "placeRank"]),
        );
        let is_right = answer.status == 200 && found == expected(index.look_up(code));
        assert!(
            is_right,
            "{shape} of {code}: status {}, {body}, where the index says {:?}",
            answer.status,
            index.look_up(code)
        );
    }
}

fn expected(entry: Option<Entry<'_>>) -> (Option<u64>, Option<u64>) {
    let place = entry.as_ref().and_then(|entry| entry.place);
    (
        entry.map(|entry| entry.weight.into()),
        place.map(|place| place.rank.into()),
    )
}

/// The number, as such or as a text, that stands under one of these names anywhere in an answer.
fn number(value: &Value, names: &[&str]) -> Option<u64> {
    let Value::Object(fields) = value else {
        return None;
    };
    let found = names.iter().find_map(|name| fields.get(*name));
    let found = found.and_then(|value| match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    });
    found.or_else(|| fields.values().find_map(|inner| number(inner, names)))
}
