//! A published draw of millions, beside a small real one.
//!
//! The small draw is led through the city's own ceremony. The great one is written as rows and files that
//! say the same things: its pool, its places, its publication and its index. It has no records, and
//! serving it needs none.

use std::{
    fs,
    io::BufWriter,
    path::{Path, PathBuf},
};

use entity::{draw, draw_pool, period, placement, publication};
use fairplate::{
    App,
    domain::code::ApplicationCode,
    index::{self, Built, Source},
    service::{publication::pool_name, rules},
    store::{
        self,
        bulk::{self, Load, Table, Value},
    },
};
use fairplate_tests::{
    TestCity,
    city::Remains,
    database::{Kind, TestDatabase},
    stages::{PERIOD, places},
};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use uuid::Uuid;
use verifier::{
    draw::{Outcome, Place},
    pool::PoolWriter,
    record::{Announce, Method, PoolLine},
    root::FileSummary,
    text::{Digest, Time},
};

use crate::shapes;

/// Key of the rules that the city runs under.
pub(crate) const POLICY: &str = "hangzhou-2018";

/// The great draw, and its period.
pub(crate) const GREAT: &str = "202612";

/// Draws whose results are prepared and not published, and their periods.
pub(crate) const LATER: [&str; 3] = ["202701", "202702", "202703"];

/// Category of its only pool.
pub(crate) const CATEGORY: &str = "individual";

const WINNERS: u32 = 20_000;
const RESERVES: u32 = 2_000;

/// Rows that are sent together.
const PIECE: usize = 20_000;

const ENTRIES: Table = Table {
    name: "pool_entry",
    columns: &[
        "city_id",
        "draw_id",
        "category",
        "code",
        "applicant_id",
        "weight",
    ],
};

/// Everybody in the pool of the great draw, in the order of the file.
pub(crate) struct Crowd {
    /// How many there are.
    pub(crate) count: u32,
}

impl Crowd {
    /// A code; they ascend with the place, and their distances are uneven.
    pub(crate) fn code(&self, place: u32) -> ApplicationCode {
        let stride = 1_000_000_000_000 / u64::from(self.count);
        ApplicationCode::from_number(u64::from(place) * stride + mixed(place) % stride)
    }

    /// A code that nobody has.
    pub(crate) fn nobody(&self) -> ApplicationCode {
        let stride = 1_000_000_000_000 / u64::from(self.count);
        ApplicationCode::from_number((mixed(0) % stride + 1) % stride)
    }

    fn weight(place: u32) -> u16 {
        1 + u16::try_from(mixed(place) >> 40 & 7).unwrap_or_default()
    }

    /// Winners and reserves.
    fn placed(&self) -> (u32, u32) {
        (WINNERS.min(self.count / 10), RESERVES.min(self.count / 100))
    }

    /// Those who were placed, best first: all over the pool.
    fn outcome(&self) -> Outcome {
        let (winners, reserves) = self.placed();
        let count = winners + reserves;
        let mut ranked: Vec<u32> = (0..count).collect();
        ranked.sort_unstable_by_key(|one| mixed(*one));
        let places = (1u64..).zip(ranked).map(|(rank, one)| Place {
            rank,
            code: self
                .code(one * (self.count / count))
                .as_str()
                .parse()
                .expect("a code"),
            serial: u64::from(one) + 1,
            score: rank << 32 | mixed(one) >> 32,
        });
        Outcome {
            places: places.collect(),
            winners: winners.into(),
            reserves: reserves.into(),
            cut_off: None,
        }
    }
}

/// Numbers that look like chance and are the same each time (the finaliser of `SplitMix64`).
pub(crate) fn mixed(number: u32) -> u64 {
    let one = (u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let two = (one ^ one >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let three = (two ^ two >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    three ^ three >> 31
}

/// Makes the city in `<folder>/city`, writes the URL of its database to `<folder>/database`, and what
/// clients need beside them.
pub(crate) async fn build(folder: &Path, server: &str, codes: u32) {
    let home = tempfile::tempdir_in(folder).expect("a folder");
    let kind = Kind::Postgres(server.to_owned());
    let database = TestDatabase::create(&kind, home.path()).await;
    let city = TestCity::open(POLICY, database, home).await;
    rules::set_up(&city.app).await.expect("a city");
    drop(city.finished(6, places(2, 1)).await);
    let crowd = Crowd { count: codes };
    add(&city.app, &crowd).await;
    shapes::write(folder, &crowd, city.app.city);
    let Remains {
        database,
        folder: home,
        ..
    } = city.into_remains().await;
    fs::write(folder.join("database"), database.url()).expect("written");
    fs::write(folder.join("size"), codes.to_string()).expect("written");
    // Whoever started the database ends it.
    std::mem::forget(database);
    fs::rename(home.keep(), folder.join("city")).expect("moved");
}

async fn add(app: &App, crowd: &Crowd) {
    let outcome = crowd.outcome();
    let (pool, file) = write_pool(app, crowd);
    add_rows(app, GREAT, 2, file).await;
    let mut load = Load::begin(&app.db).await.expect("a load");
    load_entries(app, &mut load, crowd).await;
    load.commit().await.expect("committed");
    add_places(app, &outcome).await;
    bulk::analyze(&app.db).await.expect("looked at");
    let built = build_index(app, GREAT, &pool, &outcome, file);
    let row = publication_of(app, GREAT, 2, built.sha256, built.bytes);
    let row = row.into_active_model();
    row.insert(&app.db).await.expect("a publication");
    for (sequence, draw) in (3..).zip(LATER) {
        add_rows(app, draw, sequence, file).await;
        build_index(app, draw, &pool, &outcome, file);
    }
}

/// The row that makes a draw of this city public.
pub(crate) fn publication_of(
    app: &App,
    draw: &str,
    epoch: i64,
    sha256: Digest,
    bytes: u64,
) -> publication::Model {
    publication::Model {
        city_id: app.city,
        epoch,
        draw_id: draw.to_owned(),
        period_number: draw.to_owned(),
        result_hash: result_of(draw).0.to_vec(),
        index_sha256: sha256.0.to_vec(),
        index_bytes: i64::try_from(bytes).expect("a length"),
        published_at: app.clock.now(),
    }
}

/// The hash that stands for a result record.
pub(crate) fn result_of(draw: &str) -> Digest {
    Digest::of(draw.as_bytes())
}

/// The rows of a period and its draw, like those of the small one.
async fn add_rows(app: &App, id: &str, sequence: i64, file: FileSummary) {
    let like = store::periods::get(&app.db, app.city, PERIOD).await;
    let period = period::Model {
        number: id.to_owned(),
        ..like.expect("a period")
    };
    let period = period.into_active_model().insert(&app.db).await;
    period.expect("a period's row");
    let like = store::draws::get(&app.db, app.city, PERIOD).await;
    let draw = draw::Model {
        id: id.to_owned(),
        period_number: id.to_owned(),
        sequence,
        ..like.expect("a draw")
    };
    let draw = draw.into_active_model().insert(&app.db).await;
    draw.expect("a draw's row");
    let like = store::draws::list_pools(&app.db, app.city, PERIOD).await;
    let like = like.expect("pools").swap_remove(0);
    assert_eq!(like.category, CATEGORY, "the pool of the small draw");
    let signed = |number: u64| i64::try_from(number).expect("a number");
    let pool = draw_pool::Model {
        draw_id: id.to_owned(),
        quota: WINNERS.into(),
        reserve: RESERVES.into(),
        pool_rows: signed(file.rows),
        tickets: signed(file.tickets),
        bytes: signed(file.bytes),
        root: file.root.0.to_vec(),
        sha256: file.sha256.0.to_vec(),
        ..like
    };
    let pool = pool.into_active_model().insert(&app.db).await;
    pool.expect("a pool's row");
}

fn write_pool(app: &App, crowd: &Crowd) -> (PathBuf, FileSummary) {
    let folder = app.layout.draw(GREAT);
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(pool_name(CATEGORY));
    let file = BufWriter::new(fs::File::create(&path).expect("a file"));
    let mut pool = PoolWriter::new(file);
    for place in 0..crowd.count {
        let pushed = pool.push(crowd.code(place).as_str(), Crowd::weight(place));
        pushed.expect("a line");
    }
    let (_, summary) = pool.finish().expect("written");
    (path, summary)
}

async fn load_entries(app: &App, load: &mut Load, crowd: &Crowd) {
    let mut piece = load.piece();
    for place in 0..crowd.count {
        let code = crowd.code(place);
        let row = [
            Value::Int(app.city.0.into()),
            Value::Text(GREAT),
            Value::Text(CATEGORY),
            Value::Text(code.as_str()),
            Value::Uuid(Uuid::from_u128(u128::from(place))),
            Value::Int(Crowd::weight(place).into()),
        ];
        piece.push(&row).expect("a row");
        if piece.rows() == PIECE {
            load.write(&ENTRIES, &mut piece).await.expect("rows");
        }
    }
    load.write(&ENTRIES, &mut piece).await.expect("rows");
}

async fn add_places(app: &App, outcome: &Outcome) {
    let rows = outcome.places.iter().map(|place| placement::Model {
        city_id: app.city,
        draw_id: GREAT.to_owned(),
        category: CATEGORY.to_owned(),
        place_rank: i64::try_from(place.rank).expect("a rank"),
        code: place.code.to_string(),
        serial: i64::try_from(place.serial).expect("a serial"),
        score: place.score.to_be_bytes().to_vec(),
        is_winner: place.rank <= outcome.winners,
    });
    let txn = store::begin(&app.db).await.expect("a transaction");
    let added = store::placements::insert(&txn, rows.collect()).await;
    added.expect("places");
    txn.commit().await.expect("committed");
}

fn build_index(app: &App, draw: &str, pool: &Path, outcome: &Outcome, file: FileSummary) -> Built {
    let announce = Announce {
        origin: app.origin.to_string(),
        draw: draw.to_owned(),
        sequence: 2,
        issued: Time(0),
        trail: None,
        policy: result_of(""),
        previous: result_of(""),
        pools: vec![PoolLine {
            category: CATEGORY.to_owned(),
            method: Method::ScoreV1,
            quota: WINNERS.into(),
            reserve: RESERVES.into(),
            file,
        }],
        sealed: Vec::new(),
        open: Vec::new(),
        window_secs: 0,
        margin_secs: 0,
        closes: Time(0),
        chain: result_of(""),
        round: 1,
    };
    let source = Source {
        announce: &announce,
        result: result_of(draw),
        categories: vec![(pool.to_owned(), outcome.clone())],
    };
    let place = app.layout.index(draw);
    fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
    index::build(&place, &source).expect("an index")
}
