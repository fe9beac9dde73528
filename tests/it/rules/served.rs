//! What a node tells of the rules while they change under it.

use std::time::Duration;

use fairplate::http::Options;
use fairplate_tests::{ceremony, on_both_databases, server::Server, stages::officer};
use verifier::text::Digest;

use super::longer_bans;

#[test]
fn an_answer_that_is_kept_for_others_is_none_under_the_rules_before() {
    on_both_databases(async |city| {
        let kept = Options {
            limits: None,
            kept_for: Duration::from_hours(1),
            ..Options::default()
        };
        let server = Server::start_with(&city.app, kept).await;
        let path = "/graphql?query=%7Bcity%7Bpolicy%7Bsha256%7D%7D%7D";
        let ask = async || {
            let told = server.send("GET", path, &[], "").await.json();
            told["data"]["city"]["policy"]["sha256"].clone()
        };
        let old = Digest(city.app.policy.digest()).to_string();
        assert_eq!([ask().await, ask().await], [&*old, &*old]);

        let text = longer_bans(&city.app);
        let new = Digest::of(text.as_bytes()).to_string();
        ceremony::change_rules(&city.app, &officer(), text)
            .await
            .expect("adopted");

        assert_eq!(ask().await, new);
    });
}
