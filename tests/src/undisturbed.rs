//! What a step of a ceremony leaves behind when nothing goes wrong, and where it was before: what
//! every disturbance is compared with.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use entity::draw;
use fairplate::{Result, service::approvals::Action, store};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    TestCity, ceremony,
    city::Remains,
    database::Kind,
    faults::{Point, Recorder},
    publication::files_under,
    stages::{
        ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, officer, places, reveals, terms,
    },
};

/// Who takes part.
const PEOPLE: u32 = 9;

/// Why it is voided, as the other process has it.
const FLOODED: &str = "the hall was flooded";

/// When most stories amend a result.
pub const AMEND_AT: &str = "2026-07-03T02:00:00Z";

/// The steps of a ceremony, with when each is taken.
pub const STEPS: &[(&str, &str)] = &[
    ("freeze", FREEZE_AT),
    ("announce", ANNOUNCE_AT),
    ("close", CLOSE_AT),
    ("finish", FINISH_AT),
    ("void", CLOSE_AT),
    ("resume", ANNOUNCE_AT),
    ("amend", AMEND_AT),
];

/// Every table, with how many rows a city of one draw has in it.
pub type Counts = BTreeMap<&'static str, i64>;

/// A step without a disturbance.
pub struct Undisturbed {
    /// The step.
    pub step: &'static str,
    /// When it is taken.
    pub at: &'static str,
    /// The city before it.
    pub before: Remains,
    /// Its effects.
    pub points: Vec<Point>,
    /// The public files after it.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// How many rows there are after it.
    pub counts: Counts,
}

impl Undisturbed {
    /// Leads a city to before a step, and takes the step in a copy of it.
    pub async fn of(kind: &Kind, step: &str) -> Self {
        let mut steps = STEPS.iter();
        let (step, at) = *steps.find(|it| it.0 == step).expect("a step");
        let city = TestCity::create("hangzhou-2018", kind).await;
        match step {
            "freeze" => drop(city.reviewed(PEOPLE, places(3, 2)).await),
            "announce" | "resume" => drop(city.frozen(PEOPLE, places(3, 2)).await),
            "close" | "void" => drop(city.announced(PEOPLE, places(3, 2)).await),
            "amend" => drop(city.finished(PEOPLE, places(3, 2)).await),
            _ => drop(city.closed(PEOPLE, places(3, 2)).await),
        }
        city.at(at);
        prepare(&city, step).await;
        let before = city.into_remains().await;
        let mut city = before.copy().await.open().await;
        city.at(at);
        let recorder = Arc::new(Recorder::default());
        city.app.observer = Arc::clone(&recorder) as _;
        take(&city, step).await.expect("a step without a crash");
        Self {
            step,
            at,
            before,
            points: recorder.points(),
            files: files_under(&city.app.layout.public()),
            counts: count_rows(&city).await,
        }
    }

    /// The first place at which each of its effects happens.
    #[must_use]
    pub fn first_points(&self) -> Vec<Point> {
        let first = self.points.iter().filter(|point| point.nth == 1);
        first.cloned().collect()
    }
}

/// Proposes what a record is made of. The record says where the audit trail ended, the proposal is in
/// it, and its id is random: it is made once for all who are compared. What is resumed is an
/// announcement that waits for its witness.
async fn prepare(city: &TestCity, step: &str) {
    let draw = PERIOD.to_owned();
    let action = match step {
        "announce" => Action::AnnounceDraw {
            draw,
            terms: terms(PERIOD),
        },
        "void" => Action::VoidDraw {
            draw,
            reason: FLOODED.to_owned(),
        },
        "amend" => {
            let drops = vec![ceremony::first_of(&city.app, PERIOD).await];
            Action::AmendResult { draw, drops }
        }
        "resume" => {
            let app = city.without_its_witness();
            let waiting = ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD)).await;
            return drop(waiting.expect_err("a record that waits"));
        }
        _ => return,
    };
    let proposed = ceremony::propose(&city.app, &officer(), action).await;
    proposed.expect("proposed");
}

/// Takes a step in this process.
pub async fn take(city: &TestCity, step: &str) -> Result<Option<draw::Model>> {
    let (app, officer) = (&city.app, officer());
    let taken = match step {
        "freeze" => ceremony::freeze(app, &officer, PERIOD).await,
        "announce" => ceremony::announce(app, &officer, PERIOD, terms(PERIOD)).await,
        "close" => ceremony::close(app, &officer, PERIOD, reveals()).await,
        "finish" => ceremony::finish(app, &officer, PERIOD).await,
        "amend" => ceremony::amend(app, &officer, PERIOD).await,
        "resume" => return ceremony::recover(app).await.map(|()| None),
        _ => ceremony::void(app, &officer, PERIOD, FLOODED).await,
    };
    taken.map(Some)
}

/// Ids are random, so rows are counted; the frozen pool's digest is compared as well.
pub async fn count_rows(city: &TestCity) -> Counts {
    let mut counts = Counts::new();
    for table in [
        "period",
        "application",
        "participation",
        "draw",
        "draw_pool",
        "pool_entry",
        "contribution",
        "placement",
        "record",
        "checkpoint",
        "audit",
        "approval",
        "message",
        "certificate",
        "quota_line",
        "publication",
    ] {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS rows_there FROM {table}");
        let statement = Statement::from_string(city.app.db.get_database_backend(), sql);
        let row = city.app.db.query_one_raw(statement).await;
        let row = row.expect("counted").expect("a row");
        counts.insert(table, row.try_get("", "rows_there").expect("a count"));
    }
    let pools = store::draws::list_pools(&city.app.db, city.app.city, PERIOD).await;
    for pool in pools.expect("pools") {
        let half = i64::from_be_bytes(pool.sha256[..8].try_into().expect("eight bytes"));
        counts.insert("digest of the pool", half);
    }
    counts
}
