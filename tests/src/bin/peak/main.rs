//! What `api/benches/peak` needs beside the programs of others: a city with a great published draw, the
//! server in each of its tiers, a bare handler to compare it with, and clients.

// The futures of a whole server in one program nest deeper than the compiler expects.
#![recursion_limit = "256"]

/// A published draw of millions, beside a small real one.
mod city;
/// The same request over and over, for another code each time.
mod shapes;
/// Servers.
mod serve;
/// A client that reads what it is told.
mod wire;
/// Whether the answers are right.
mod check;
/// Requests at moments that were fixed before.
mod load;
/// How soon a publication is served.
mod publish;

use std::{path::Path, time::Duration};

use fairplate::telemetry::{self, LogFormat};

const USAGE: &str = "one of
  city <folder> <postgres-url> <codes>
  serve <folder> <database-url> <listen> <tier> [redis-url]
  bare <listen>
  check <folder> <address> <shape>
  load <address> <shape-file> <codes-file> <rate> <seconds> <connections>
  publish <folder> <database-url> <number> <address>...";

fn main() {
    telemetry::start(LogFormat::Text, "info");
    // As the server's own program has it.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    runtime.expect("a runtime").block_on(run(&arguments));
}

async fn run(arguments: &[&str]) {
    match arguments {
        ["city", folder, server, codes] => {
            city::build(Path::new(folder), server, number(codes)).await;
        }
        ["serve", folder, url, listen, tier, redis @ ..] => {
            let redis = redis.first().copied();
            serve::city(Path::new(folder), url, address(listen), tier, redis).await;
        }
        ["bare", listen] => serve::bare(listen).await,
        ["check", folder, at, shape] => {
            check::answers(Path::new(folder), address(at), shape).await;
        }
        ["load", at, shape, codes, rate, seconds, connections] => {
            let plan = load::Plan {
                rate: number(rate),
                time: Duration::from_secs(number(seconds).into()),
                connections: number(connections),
            };
            let files = (Path::new(shape), Path::new(codes));
            load::run(address(at), files, plan).await;
        }
        ["publish", folder, url, which, nodes @ ..] if !nodes.is_empty() => {
            let nodes: Vec<_> = nodes.iter().map(|at| address(at)).collect();
            publish::one(Path::new(folder), url, number(which), &nodes).await;
        }
        _ => panic!("expected {USAGE}"),
    }
}

fn number(text: &str) -> u32 {
    text.parse().expect("a number")
}

fn address(text: &str) -> std::net::SocketAddr {
    text.parse().expect("an address with a port")
}
