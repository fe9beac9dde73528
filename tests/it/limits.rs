//! How much one client may ask for.

use fairplate::{
    cache::Shared,
    config::{Limits, Rate},
    domain::code::ApplicationCode,
    http::{Options, Proxies},
};
use fairplate_tests::{
    TestCity, on_both_databases,
    people::person,
    proxy::{Fault, Proxy},
    server::{Sent, Server},
    settings,
    stages::PERIOD,
};
use serde_json::json;

const CITY: &str = "{ city { key origin } rateLimit { limit cost remaining resetAt } }";

fn rate(burst: u32, per_second: u32) -> Rate {
    Rate { burst, per_second }
}

/// Wide limits, for one of them to be made narrow.
fn wide() -> Limits {
    let wide = rate(1_000_000, 1_000_000);
    Limits {
        address: wide,
        account: wide,
        look_ups: wide,
        entrances: wide,
    }
}

async fn limited(city: &TestCity, limits: Limits) -> Server {
    let options = Options {
        limits: Some(limits),
        ..Options::default()
    };
    Server::start_with(&city.app, options).await
}

async fn ask(server: &Server, headers: &[(&str, &str)], document: &str) -> Sent {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let body = json!({ "query": document }).to_string();
    server.send("POST", "/graphql", &all, body).await
}

/// The remaining units that an answer tells.
fn remaining(sent: &Sent) -> u64 {
    let cost = &sent.json()["extensions"]["cost"];
    cost["remaining"]
        .as_u64()
        .unwrap_or_else(|| panic!("{sent:?}"))
}

#[test]
fn an_answer_says_what_it_cost_and_what_is_left() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(100, 10),
            ..wide()
        };
        let server = limited(city, limits).await;

        let sent = ask(&server, &[], CITY).await;

        // One for the request, eight for the fields; ten come back each second.
        let json = sent.json();
        let shown = json!({
            "limit": 100, "requested": 8, "remaining": 91, "resetAt": "2026-06-01T01:00:00Z",
        });
        assert_eq!(json["extensions"]["cost"], shown, "{json}");
        let field = &json["data"]["rateLimit"];
        assert_eq!(
            (&field["limit"], &field["cost"]),
            (&shown["limit"], &shown["requested"])
        );
        assert_eq!(field["remaining"], shown["remaining"]);

        let path = "/graphql?query=%7B%20rateLimit%20%7B%20remaining%20%7D%20%7D";
        let fetched = server.send("GET", path, &[], "").await;
        assert_eq!(fetched.json(), json!({ "data": { "rateLimit": null } }));
        assert_eq!(remaining(&ask(&server, &[], CITY).await), 91 - 3 - 9);
    });
}

#[test]
fn whoever_has_used_up_everything_waits_and_then_goes_on() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(20, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        assert_eq!(ask(&server, &[], CITY).await.status, 200);
        assert_eq!(ask(&server, &[], CITY).await.status, 200);

        let refused = ask(&server, &[], CITY).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (429, "RATE_LIMITED")
        );
        assert_eq!(refused.json().get("data"), None);
        let wait: i64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=9).contains(&wait), "{wait}");
        city.clock.advance(wait);
        assert_eq!(ask(&server, &[], CITY).await.status, 200);
    });
}

#[test]
fn nothing_is_executed_for_whoever_has_used_up_everything() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(4, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let document = format!(
            "mutation {{ requestCode(input: {{ phone: \"{}\", purpose: REGISTER }}) {{ __typename }} }}",
            person(1).phone
        );
        assert_eq!(ask(&server, &[], "{ city { key } }").await.status, 200);

        let refused = ask(&server, &[], &document).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (429, "RATE_LIMITED")
        );
        city.deliver().await;
        assert_eq!(city.code_of(&person(1).phone), None);
    });
}

#[test]
fn an_account_that_has_used_up_everything_takes_nothing_from_its_neighbours() {
    on_both_databases(async |city| {
        let limits = Limits {
            account: rate(20, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let bearer = async |number| {
            let signed_in = city.register(&person(number)).await;
            format!("Bearer {}", signed_in["token"].as_str().expect("a token"))
        };
        let (greedy, neighbour) = (bearer(1).await, bearer(2).await);
        let greedy = [("authorization", greedy.as_str())];
        while ask(&server, &greedy, CITY).await.status == 200 {}
        let anybody = remaining(&ask(&server, &[], CITY).await);

        for _ in 0..3 {
            let refused = ask(&server, &greedy, CITY).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (429, "RATE_LIMITED")
            );
        }

        let neighbour = [("authorization", neighbour.as_str())];
        assert_eq!(remaining(&ask(&server, &neighbour, CITY).await), 12);
        // Three refused requests cost their address one each, and an answered one what it cost.
        let left = remaining(&ask(&server, &[], CITY).await);
        assert_eq!(anybody - left, 3 + 9 + 9);
    });
}

#[test]
fn only_a_trusted_proxy_is_believed_for_whom_it_asks() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(10, 1),
            ..wide()
        };
        let untrusted = limited(city, limits).await;
        let forwarded = |address| [("x-forwarded-for", address)];
        assert_eq!(
            ask(&untrusted, &forwarded("203.0.113.1"), CITY)
                .await
                .status,
            200
        );
        assert_eq!(
            ask(&untrusted, &forwarded("203.0.113.2"), CITY)
                .await
                .status,
            429
        );

        let config = fairplate::config::HttpConfig {
            trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
            ..Default::default()
        };
        let options = Options {
            limits: Some(limits),
            proxies: Proxies::from(&config),
            ..Options::default()
        };
        let trusted = Server::start_with(&city.app, options).await;
        assert_eq!(
            ask(&trusted, &forwarded("203.0.113.1"), CITY).await.status,
            200
        );
        assert_eq!(
            ask(&trusted, &forwarded("203.0.113.2"), CITY).await.status,
            200
        );
        let spoofed = forwarded("203.0.113.9, 203.0.113.1");
        assert_eq!(ask(&trusted, &spoofed, CITY).await.status, 429);
    });
}

#[test]
fn look_ups_by_code_are_counted_in_whatever_way_they_are_asked() {
    on_both_databases(async |city| {
        let limits = Limits {
            look_ups: rate(3, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let code = ApplicationCode::from_number(7);
        let path = format!("/result/{PERIOD}/{code}");
        let field = format!("result(period: \"{PERIOD}\", code: \"{code}\") {{ __typename }}");
        let certificate = "certificate(number: \"0000000000000000\")";
        assert_eq!(server.get(&path).await.0, 404);
        let both = format!("{{ a: {field} {certificate} }}");
        assert_eq!(ask(&server, &[], &both).await.status, 200);

        assert_eq!(server.get(&path).await.0, 429);
        for document in [format!("{{ {field} }}"), format!("{{ {certificate} }}")] {
            let refused = ask(&server, &[], &document).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (429, "RATE_LIMITED")
            );
        }
        assert_eq!(
            ask(&server, &[], CITY).await.status,
            200,
            "a bystander's question"
        );
        city.clock.advance(1);
        assert_eq!(server.get(&path).await.0, 404);
    });
}

#[test]
fn operations_that_take_a_password_are_counted_by_address() {
    on_both_databases(async |city| {
        let limits = Limits {
            entrances: rate(2, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let document = format!(
            "mutation {{ signIn(input: {{ phone: \"{}\", password: \"a wrong one\" }}) {{ __typename }} }}",
            person(1).phone
        );
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(ask(&server, &[], &document).await.status);
        }
        assert_eq!(statuses, [200, 200, 429]);
        assert_eq!(ask(&server, &[], CITY).await.status, 200);
    });
}

/// Two nodes count together; where what they count in is away, each counts its own.
#[test]
fn who_tries_to_enter_is_counted_by_all_nodes_together() {
    let Some(url) = settings::find_redis() else {
        return;
    };
    on_both_databases(async |city| {
        let (proxy, url) = Proxy::before(&url).await;
        let key = fairplate::ids::random();
        let store = || Shared::with_patience(&url, key, settings::PATIENT).expect("an address");
        let node = async || {
            let options = Options {
                limits: Some(Limits {
                    entrances: rate(2, 1),
                    ..wide()
                }),
                shared_limits: Some(store()),
                ..Options::default()
            };
            Server::start_with(&city.another_node(None).await, options).await
        };
        let (one, other) = (node().await, node().await);
        let document = format!(
            "mutation {{ signIn(input: {{ phone: \"{}\", password: \"a wrong one\" }}) {{ __typename }} }}",
            person(1).phone
        );
        let mut statuses = Vec::new();
        for server in [&one, &other, &one, &other] {
            statuses.push(ask(server, &[], &document).await.status);
        }
        assert_eq!(statuses, [200, 200, 429, 429]);
        assert_eq!(
            ask(&other, &[], CITY).await.status,
            200,
            "no attempt to enter"
        );

        proxy.set(Fault::Reset);
        let mut statuses = Vec::new();
        for server in [&one, &one, &one, &other] {
            statuses.push(ask(server, &[], &document).await.status);
        }
        assert_eq!(statuses, [200, 200, 429, 200]);
    });
}
