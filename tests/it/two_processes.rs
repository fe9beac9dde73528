//! Two processes of a city that share a Redis: what everybody asks for is looked up by one of them.

use std::{fs, thread};

use fairplate_tests::{
    city::run,
    operator::Operator,
    postgres_servers::PostgresServer,
    proxy::{Fault, Proxy},
    redis_servers::RedisServer,
    topology::Topology,
};

/// Lists that nobody has asked for before.
const LISTS: u32 = 10;

/// Who asks each of two nodes for the same one at once.
const ASKING: u32 = 8;

/// How much later the database answers: long enough that both nodes would ask it.
const LATE: std::time::Duration = std::time::Duration::from_millis(20);

/// A city without a job of its own, whose nodes share a Redis and believe whoever asks them.
fn city(database: String, redis: &str) -> Operator {
    let mut operator = Operator::in_an_empty_folder();
    operator.url = Some(database);
    let operator = operator.with_a_pool();
    fs::create_dir(operator.path().join("secrets")).expect("a folder");
    fs::write(operator.path().join("secrets/redis"), redis).expect("written");
    let settings = operator.path().join("fairplate.toml");
    let text = fs::read_to_string(&settings).expect("settings");
    let text = format!("redis_url_file = \"secrets/redis\"\n{text}")
        + "\n[worker]\nwith_serve = false\n\n[http]\ntrusted_proxies = [\"127.0.0.1/32\"]\n\n\
           [http.limits]\naddress = { burst = 100000000, per_second = 100000000 }\n\
           look_ups = { burst = 100000000, per_second = 100000000 }\n";
    fs::write(settings, text).expect("written");
    operator
}

/// How often the database was asked for the periods, so many of them.
fn count(log: &str, first: u32) -> usize {
    // One more than is shown says whether there are more.
    let limits = [first, first + 1];
    let lines: Vec<_> = log.lines().collect();
    let asked = lines.windows(2).filter(|pair| {
        let of_periods = pair[0].contains("FROM \"period\"");
        of_periods
            && limits.iter().any(|limit| {
                pair[0].ends_with(&format!("LIMIT {limit}"))
                    || pair[1].contains(&format!("= '{limit}'"))
            })
    });
    asked.count()
}

#[test]
fn of_two_processes_that_everybody_asks_for_one_list_one_asks_the_database() {
    let Some(postgres) = PostgresServer::start(&["log_statement=all"]) else {
        return;
    };
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    run(async {
        let (proxy, url) = Proxy::before(&postgres.url()).await;
        let operator = city(url, &format!("redis://{}", redis.address()));
        let topology = Topology::start(&operator);
        let nodes = [topology.node(1), topology.node(2)];
        proxy.set(Fault::Late(LATE));
        let mut statements = 0;
        for list in 0..LISTS {
            let first = 41 + 2 * list;
            let path = format!("graphql?query=%7Bperiods(first:{first})%7Bnodes%7Bnumber%7D%7D%7D");
            let told: Vec<String> = thread::scope(|scope| {
                let ask = |node: &str| {
                    let answer = ureq::get(format!("http://{node}/{path}")).call();
                    let answer = answer.expect("an answer").body_mut().read_to_string();
                    answer.expect("a text")
                };
                let everybody = (0..ASKING).flat_map(|_| &nodes);
                let asking: Vec<_> = everybody
                    .map(|node| scope.spawn(move || ask(node)))
                    .collect();
                let told = asking.into_iter().map(|one| one.join().expect("told"));
                told.collect()
            });
            assert!(told[0].contains("202606"), "{}", told[0]);
            assert!(told.iter().all(|one| *one == told[0]));
            let count = count(&postgres.log(), first);
            assert!((1..=2).contains(&count), "{count} statements for one list");
            statements += count;
        }
        eprintln!(
            "measured: {LISTS} lists, each asked for {} times of two processes: {statements} statements",
            2 * ASKING
        );
        // Without the lease each process asks for each list. A machine that has much else to do may
        // let Redis come too late now and then, and then both ask.
        assert!(
            statements <= 3 * LISTS as usize / 2,
            "{statements} statements for {LISTS} lists"
        );
        proxy.set(Fault::None);
    });
}
