//! What a step of a ceremony leaves behind when nothing goes wrong, and where it was before: what
//! every disturbance is compared with.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use fairplate::store;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    TestCity, check_publication,
    city::Remains,
    database::Kind,
    faults::{Point, Recorder},
    publication::{assert_same, files_under},
    stages::PERIOD,
    steps::{STEPS, led_to, take},
};

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
    /// The indexes that look-ups are answered from after it.
    pub index: BTreeMap<PathBuf, Vec<u8>>,
    /// How many rows there are after it.
    pub counts: Counts,
}

impl Undisturbed {
    /// Leads a city to before a step, and takes the step in a copy of it.
    pub async fn of(kind: &Kind, step: &str) -> Self {
        let mut steps = STEPS.iter();
        let (step, at) = *steps.find(|it| it.0 == step).expect("a step");
        let before = led_to(kind, step, at).await.into_remains().await;
        let mut city = before.copy().await.open().await;
        city.at(at);
        let recorder = Arc::new(Recorder::default());
        city.app.observer = Arc::clone(&recorder) as _;
        take(&city.app, step).await.expect("a step without a crash");
        Self {
            step,
            at,
            before,
            points: recorder.points(),
            files: files_under(&city.app.layout.public()),
            index: files_under(&city.app.layout.root().join("index")),
            counts: count_rows(&city).await,
        }
    }

    /// The first place at which each of its effects happens.
    #[must_use]
    pub fn first_points(&self) -> Vec<Point> {
        let first = self.points.iter().filter(|point| point.nth == 1);
        first.cloned().collect()
    }

    /// A city has come to the same, with the same bytes; `told` says what it went through.
    pub async fn is_reached_by(&self, city: &TestCity, told: &str) {
        let layout = &city.app.layout;
        assert_same(&self.files, &files_under(&layout.public()));
        assert_same(&self.index, &files_under(&layout.root().join("index")));
        assert_eq!(count_rows(city).await, self.counts, "{told}");
        check_publication(city).await;
    }
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
        "unsigned_record",
        "checkpoint",
        "audit",
        "approval",
        "message",
        "certificate",
        "ban",
        "policy_version",
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
