//! Requests at moments that were fixed before: a server that is slow is not asked less for it, and how
//! long an answer took counts from the moment at which it was to be asked for.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{task::JoinSet, time::Instant};

use crate::{shapes::CODE, wire::Wire};

/// Connections that are opened together.
const TOGETHER: usize = 64;

/// Before the first request.
const LEAD: Duration = Duration::from_millis(100);

/// How much is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Requests a second.
    pub(crate) rate: u32,
    /// For how long.
    pub(crate) time: Duration,
    /// Connections that share them: the next request goes over the first that is free.
    pub(crate) connections: u32,
}

/// What is to be sent, and what of it was taken.
struct Work {
    before: Vec<u8>,
    after: Vec<u8>,
    codes: Vec<String>,
    plan: Plan,
    start: Instant,
    next: AtomicU32,
}

/// What came of it.
#[derive(Default)]
struct Outcome {
    /// Microseconds that each good answer took.
    good: Vec<u32>,
    /// Those who were told to come again.
    shed: u32,
    /// Everything else.
    failed: u32,
}

/// Runs a plan and prints what came of it, in numbers: asked, good, shed and failed a second, and the
/// median, the 99th percentile and the longest time of the good answers in milliseconds.
pub(crate) async fn run(address: SocketAddr, (shape, codes): (&Path, &Path), plan: Plan) {
    let shape = fs::read_to_string(shape).expect("a shape");
    let (before, after) = shape.split_once(CODE).expect("a place for the code");
    let codes = fs::read_to_string(codes).expect("codes");
    let mut wires = Vec::new();
    while wires.len() < plan.connections as usize {
        let more = TOGETHER.min(plan.connections as usize - wires.len());
        let opened = futures_util::future::join_all((0..more).map(|_| Wire::to(address))).await;
        wires.extend(opened.into_iter().map(|wire| wire.expect("a connection")));
    }
    let work = Arc::new(Work {
        before: before.into(),
        after: after.into(),
        codes: codes.lines().map(str::to_owned).collect(),
        plan,
        start: Instant::now() + LEAD,
        next: AtomicU32::new(0),
    });
    let mut asking = JoinSet::new();
    for wire in wires {
        asking.spawn(ask(Arc::clone(&work), wire, address));
    }
    let mut sum = Outcome::default();
    while let Some(one) = asking.join_next().await {
        let one = one.expect("no panic");
        sum.good.extend(one.good);
        sum.shed += one.shed;
        sum.failed += one.failed;
    }
    print(&mut sum, plan);
}

async fn ask(work: Arc<Work>, mut wire: Wire, address: SocketAddr) -> Outcome {
    let mut outcome = Outcome::default();
    let mut request = Vec::new();
    let end = work.start + work.plan.time;
    loop {
        let number = work.next.fetch_add(1, Ordering::Relaxed);
        let due = work.start + Duration::from_secs(1) * number / work.plan.rate;
        if end <= due || end <= Instant::now() {
            return outcome;
        }
        if Instant::now() < due {
            tokio::time::sleep_until(due).await;
        }
        request.clear();
        request.extend_from_slice(&work.before);
        let code = &work.codes[number as usize % work.codes.len()];
        request.extend_from_slice(code.as_bytes());
        request.extend_from_slice(&work.after);
        match wire.ask(&request).await.map(|answer| answer.status) {
            Ok(200) => {
                let micros = due.elapsed().as_micros();
                outcome.good.push(u32::try_from(micros).unwrap_or(u32::MAX));
            }
            Ok(429 | 503) => outcome.shed += 1,
            Ok(_) => outcome.failed += 1,
            Err(_) => {
                outcome.failed += 1;
                match Wire::to(address).await {
                    Ok(new) => wire = new,
                    Err(_) => return outcome,
                }
            }
        }
    }
}

fn print(sum: &mut Outcome, plan: Plan) {
    sum.good.sort_unstable();
    let good = sum.good.len();
    let at = |share: usize| {
        let place = (good * share / 1000).min(good.saturating_sub(1));
        f64::from(sum.good.get(place).copied().unwrap_or_default()) / 1000.0
    };
    let a_second = |count: u32| f64::from(count) / plan.time.as_secs_f64();
    let good = u32::try_from(good).unwrap_or(u32::MAX);
    println!(
        "{:.0} {:.0} {:.0} {:.0} {:.2} {:.2} {:.2}",
        a_second(good + sum.shed + sum.failed),
        a_second(good),
        a_second(sum.shed),
        a_second(sum.failed),
        at(500),
        at(990),
        at(1000),
    );
}
