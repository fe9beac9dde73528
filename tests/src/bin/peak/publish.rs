//! How soon a publication is served.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fairplate::{App, app::Unobserved, clock::SystemClock, store};
use fairplate_tests::city;
use futures_util::future::join_all;
use verifier::text::Digest;

use crate::{
    city::{LATER, POLICY, publication_of},
    shapes,
    wire::Wire,
};

/// How often a node is asked.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// Makes one of the prepared results public, and prints after how many milliseconds each node answers
/// from it.
pub(crate) async fn one(folder: &Path, url: &str, which: u32, nodes: &[SocketAddr]) {
    let draw = LATER[which as usize];
    let (home, clock) = (folder.join("city"), Arc::new(SystemClock));
    let app = city::open(&home, url, POLICY, clock, Arc::new(Unobserved)).await;
    let index = fs::read(app.layout.index(draw)).expect("an index");
    let sha256 = Digest::of(&index);
    let codes = fs::read_to_string(shapes::codes(folder, "codes", 0)).expect("codes");
    let code = codes.lines().next().expect("a code");
    for node in nodes {
        assert!(!tells(*node, draw, code).await, "{draw} is public already");
    }
    let committed = publish(&app, draw, sha256, index.len() as u64).await;
    let waiting = nodes.iter().map(|node| async {
        while !tells(*node, draw, code).await {
            tokio::time::sleep(ASK_EVERY).await;
        }
        committed.elapsed().as_millis().to_string()
    });
    println!("{}", join_all(waiting).await.join(" "));
}

/// The transaction of the server's own publication.
async fn publish(app: &App, draw: &str, sha256: Digest, bytes: u64) -> Instant {
    let txn = store::begin(&app.db).await.expect("a transaction");
    store::cities::lock(&txn, app.city).await.expect("the lock");
    let epoch = store::publications::find_epoch(&txn, app.city).await;
    let row = publication_of(app, draw, epoch.expect("an epoch") + 1, sha256, bytes);
    let added = store::publications::insert(&txn, row).await;
    added.expect("a publication");
    txn.commit().await.expect("committed");
    Instant::now()
}

/// Whether a node answers from the result of a draw's period.
async fn tells(node: SocketAddr, draw: &str, code: &str) -> bool {
    let request = format!("GET /result/{draw}/{code} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut wire = Wire::to(node).await.expect("a connection");
    let answer = wire.ask(request.as_bytes()).await.expect("an answer");
    let body = String::from_utf8_lossy(answer.body);
    assert_eq!(answer.status, 200, "{body}");
    body.contains(r#""weight":"#)
}
