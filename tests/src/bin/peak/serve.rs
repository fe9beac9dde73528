//! Servers.

use std::{net::SocketAddr, path::Path, sync::Arc};

use fairplate::{
    app::Unobserved,
    cache::{Cache, Shared},
    clock::SystemClock,
    config::Tier,
    http,
};
use fairplate_tests::city;
use poem::{Route, Server, get, handler, http::header, listener::TcpListener};

use crate::city::POLICY;

/// As long as an answer about a winner.
const ANSWER: &str = r#"{"period":"202612","code":"0486106556556","outcome":"WON","draw":"202612","category":"individual","weight":7,"rank":"12345","serial":"10012345","score":"00a1b2c3d4e5f607","of":"the bare handler"}"#;

/// Serves the city as `fairplate serve` does, to whoever asks however much.
pub(crate) async fn city(
    folder: &Path,
    url: &str,
    listen: SocketAddr,
    tier: &str,
    redis: Option<&str>,
) {
    let clock = Arc::new(SystemClock);
    let home = folder.join("city");
    let mut app = city::open(&home, url, POLICY, clock, Arc::new(Unobserved)).await;
    app.tier = match tier {
        "local+redis" => Tier::LocalRedis,
        "local" => Tier::Local,
        "redis" => Tier::Redis,
        "db" => Tier::Database,
        other => panic!("there is no tier {other}"),
    };
    let shared = redis.map(|url| {
        let key = app.data_key.blind_index("cache", "mac");
        Shared::new(url, key).expect("a Redis URL")
    });
    app.cache = Arc::new(Cache::new(shared));
    let options = http::Options {
        limits: None,
        ..http::Options::default()
    };
    http::serve(app, listen, options).await.expect("served");
}

#[handler]
fn answer() -> poem::Response {
    poem::Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(ANSWER)
}

/// Serves the same answer to everybody, with the framework under our server and nothing of ours.
pub(crate) async fn bare(listen: &str) {
    let server = Server::new(TcpListener::bind(listen.to_owned()));
    let routes = Route::new().at("/", get(answer));
    server.run(routes).await.expect("served");
}
