//! Connections: every page of every size, forward and backward, gives exactly the list.

use fairplate_tests::{
    Anonymous, Asks, TestCity, ceremony, on_both_databases,
    people::person,
    stages::{officer, places},
};
use serde_json::{Value, json};

/// A connection: where it stands, what tells its rows apart, and its other arguments.
struct Connection {
    before: &'static str,
    field: &'static str,
    arguments: &'static str,
    row: &'static str,
    behind: &'static str,
}

const PERIODS: Connection = Connection {
    before: "",
    field: "periods",
    arguments: "",
    row: "id",
    behind: "",
};
const APPLICATIONS: Connection = Connection {
    before: "me {",
    field: "applications",
    behind: "}",
    ..PERIODS
};
const INBOX: Connection = Connection {
    field: "inbox",
    ..APPLICATIONS
};
const TRAIL: Connection = Connection {
    field: "auditTrail",
    ..PERIODS
};
const MESSAGES: Connection = Connection {
    field: "messages",
    arguments: "state: WAITING, ",
    ..PERIODS
};
const QUEUE: Connection = Connection {
    field: "reviewQueue",
    row: "application { id }",
    ..PERIODS
};
const APPROVALS: Connection = Connection {
    before: "officer {",
    field: "approvals",
    behind: "}",
    ..PERIODS
};
const FLAGS: Connection = Connection {
    field: "duplicateFlags",
    ..PERIODS
};

impl Connection {
    async fn page(&self, actor: &impl Asks, span: &str) -> Value {
        let Self {
            before,
            field,
            arguments,
            row,
            behind,
        } = self;
        let document = format!(
            "{{ {before} page: {field}({arguments}{span}) {{ nodes {{ {row} }} edges {{ cursor node {{ {row} }} }} \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} {behind} }}"
        );
        let reply = actor.ask(&document).await;
        let answer = reply.answer();
        let page = ["/page", "/me/page", "/officer/page"]
            .iter()
            .find_map(|place| answer.pointer(place));
        let page = page.expect("a page").clone();
        let edges = page["edges"].as_array().expect("edges");
        let nodes: Vec<&Value> = edges.iter().map(|edge| &edge["node"]).collect();
        assert_eq!(json!(nodes), page["nodes"]);
        let first = edges.first().map_or(&Value::Null, |edge| &edge["cursor"]);
        let last = edges.last().map_or(&Value::Null, |edge| &edge["cursor"]);
        assert_eq!(&page["pageInfo"]["startCursor"], first);
        assert_eq!(&page["pageInfo"]["endCursor"], last);
        page
    }

    /// The rows of a page alone: a whole list of edges costs more than a document may.
    async fn rows(&self, actor: &impl Asks, span: &str) -> Vec<Value> {
        let Self {
            before,
            field,
            arguments,
            row,
            behind,
        } = self;
        let document = format!(
            "{{ {before} page: {field}({arguments}{span}) {{ nodes {{ {row} }} }} {behind} }}"
        );
        let reply = actor.ask(&document).await;
        let answer = reply.answer();
        let page = ["/page", "/me/page", "/officer/page"]
            .iter()
            .find_map(|place| answer.pointer(place));
        let nodes = page.expect("a page")["nodes"].as_array();
        nodes.expect("nodes").clone()
    }

    /// The pages of a size, one behind the other.
    async fn forward(&self, actor: &impl Asks, size: usize) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.page(actor, &format!("first: {size}{after}")).await;
            rows.extend(page["nodes"].as_array().expect("nodes").clone());
            let lies = &page["pageInfo"];
            assert_eq!(lies["hasPreviousPage"], !after.is_empty());
            if lies["hasNextPage"] == false {
                return rows;
            }
            after = format!(", after: {}", lies["endCursor"]);
        }
    }

    /// The pages of a size, from the end of the list to its beginning.
    async fn backward(&self, actor: &impl Asks, size: usize) -> Vec<Value> {
        let (mut rows, mut before) = (Vec::new(), String::new());
        loop {
            let page = self.page(actor, &format!("last: {size}{before}")).await;
            let mut ahead = page["nodes"].as_array().expect("nodes").clone();
            ahead.append(&mut rows);
            rows = ahead;
            let lies = &page["pageInfo"];
            assert_eq!(lies["hasNextPage"], !before.is_empty());
            if lies["hasPreviousPage"] == false {
                return rows;
            }
            before = format!(", before: {}", lies["startCursor"]);
        }
    }

    async fn assert_whole(&self, actor: &impl Asks, at_least: usize) {
        let whole = self.rows(actor, "first: 100").await;
        assert!(at_least <= whole.len(), "{}: {}", self.field, whole.len());
        assert_eq!(self.rows(actor, "last: 100").await, whole, "{}", self.field);
        for size in [1, 2, 3, 7, 60] {
            let (there, back) = (
                self.forward(actor, size).await,
                self.backward(actor, size).await,
            );
            assert_eq!(there, whole, "{} in pages of {size}", self.field);
            assert_eq!(back, whole, "{} in pages of {size}", self.field);
        }
        for wrong in [
            "first: 0",
            "first: 101",
            "last: 0",
            "last: -1",
            "first: 1, last: 1",
        ] {
            let Self {
                before,
                field,
                arguments,
                row,
                behind,
            } = self;
            let document = format!(
                "{{ {before} {field}({arguments}{wrong}) {{ nodes {{ {row} }} }} {behind} }}"
            );
            let codes = actor.ask(&document).await;
            assert_eq!(codes.codes(), ["INVALID_INPUT"], "{field}({wrong})");
        }
    }
}

/// Somebody with three applications, of which they have cancelled two.
async fn insistent(city: &TestCity) -> fairplate_tests::Citizen<'_> {
    let mut citizen = city.apply(&person(1)).await;
    for _ in 0..2 {
        citizen.call_own("cancelApplication", "__typename").await;
        city.clock.advance(1);
        citizen = city.apply(&person(1)).await;
    }
    citizen
}

#[test]
fn pages_of_any_size_give_exactly_the_list_forward_and_backward() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        for (number, month) in [("202608", 8), ("202609", 9), ("202610", 10)] {
            city.open_period(number, month, places(1, 0)).await;
        }
        for (number, same) in [(2, 20), (3, 30), (4, 40)] {
            city.apply_twins(number, same).await;
        }
        let citizen = insistent(city).await;

        PERIODS.assert_whole(&Anonymous(city), 5).await;
        APPLICATIONS.assert_whole(&citizen, 3).await;
        INBOX.assert_whole(&citizen, 3).await;
        TRAIL.assert_whole(&city.auditor("wu").await, 9).await;
        MESSAGES.assert_whole(&city.officer().await, 5).await;
        QUEUE.assert_whole(&city.reviewer("fang").await, 7).await;
        FLAGS.assert_whole(&city.reviewer("fang").await, 3).await;
        for _ in 0..3 {
            let confirming = ceremony::confirm_rules(&city.app, &officer()).await;
            confirming.expect("confirmed");
        }
        APPROVALS.assert_whole(&city.officer().await, 4).await;
    });
}

#[test]
fn rows_that_come_in_ahead_move_no_page() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        for number in 1..=3 {
            city.apply(&person(number)).await;
        }
        let auditor = city.auditor("wu").await;
        let mut newcomers = 100..;
        for size in [4, 9] {
            let whole = TRAIL.rows(&auditor, "first: 100").await;
            let (mut read, mut after) = (Vec::new(), String::new());
            loop {
                let page = TRAIL.page(&auditor, &format!("first: {size}{after}")).await;
                read.extend(page["nodes"].as_array().expect("nodes").clone());
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = format!(", after: {}", page["pageInfo"]["endCursor"]);
                // Two come in between one page and the next.
                if read.len() <= 2 * size {
                    city.clock.advance(1);
                    let newcomer = newcomers.next().expect("a number");
                    city.apply(&person(newcomer)).await;
                }
            }
            assert_eq!(read, whole, "in pages of {size}");
            let grown = TRAIL.rows(&auditor, "first: 100").await;
            assert!(whole.len() < grown.len());
        }
    });
}

#[test]
fn a_cursor_of_another_list_is_refused_everywhere() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let periods = PERIODS.page(&officer, "first: 1").await;
        let cursor = &periods["pageInfo"]["endCursor"];
        for connection in [TRAIL, MESSAGES, QUEUE, FLAGS, INBOX, APPROVALS] {
            for bound in ["after", "before"] {
                let Connection {
                    before,
                    field,
                    arguments,
                    row,
                    behind,
                } = &connection;
                let document = format!(
                    "{{ {before} {field}({arguments}{bound}: {cursor}) {{ nodes {{ {row} }} }} {behind} }}"
                );
                let reply = officer.ask(&document).await;
                assert_eq!(reply.codes(), ["INVALID_INPUT"], "{field}({bound})");
            }
        }
    });
}
