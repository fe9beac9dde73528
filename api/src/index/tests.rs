use std::{path::PathBuf, sync::Arc};

use verifier::{
    draw::Outcome,
    pool::{Code, PoolWriter},
    record::{Announce, Record},
};

use super::*;

/// The terms of the example draw, with pools of our own.
fn announce(pools: &[(&str, verifier::root::FileSummary)]) -> Announce {
    let note = include_str!("../../../verifier/vectors/accept/example/announce.note");
    let text = verifier::note::Note::parse(note.as_bytes())
        .expect("a note")
        .text;
    let Record::Announce(mut announce) = Record::parse(&text).expect("a record") else {
        panic!("an announce")
    };
    let line = announce.pools[0].clone();
    let with = |(name, file): &(&str, verifier::root::FileSummary)| {
        let mut line = line.clone();
        (line.category, line.file) = ((*name).to_owned(), *file);
        line
    };
    announce.pools = pools.iter().map(with).collect();
    announce
}

struct City {
    folder: tempfile::TempDir,
}

impl City {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn pool(&self, category: &str, codes: &[&str]) -> (PathBuf, verifier::root::FileSummary) {
        let path = self.folder.path().join(category);
        let mut writer = PoolWriter::new(std::fs::File::create(&path).expect("a file"));
        for (place, code) in codes.iter().enumerate() {
            let weight = u16::try_from(place + 1).expect("few");
            writer.push(code, weight).expect("a line");
        }
        let (_, summary) = writer.finish().expect("finished");
        (path, summary)
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }
}

fn outcome(winners: u64, places: &[(&str, u64, u64)]) -> Outcome {
    let place = |(rank, (code, serial, score)): (usize, &(&str, u64, u64))| verifier::draw::Place {
        rank: rank as u64 + 1,
        code: code.parse::<Code>().expect("a code"),
        serial: *serial,
        score: *score,
    };
    Outcome {
        places: places.iter().enumerate().map(place).collect(),
        winners,
        reserves: places.len() as u64 - winners,
        cut_off: None,
    }
}

const CODES: [&str; 4] = [
    "0486106556963",
    "1093571038269",
    "7310582964477",
    "9999999999999",
];
const OLD: [&str; 3] = ["A1", "A10", "ZHEJIANG000000000000000000000009"];
const RESULT: Digest = Digest([7; 32]);

/// A draw of two categories, one with codes of an older system.
fn built(city: &City) -> (Built, String) {
    let (individual, one) = city.pool("individual", &CODES);
    let (unit, other) = city.pool("unit", &OLD);
    let announce = announce(&[("individual", one), ("unit", other)]);
    let source = Source {
        announce: &announce,
        result: RESULT,
        categories: vec![
            (
                individual,
                outcome(1, &[(CODES[2], 4, 11), (CODES[0], 1, 12)]),
            ),
            (unit, outcome(1, &[(OLD[1], 3, u64::MAX)])),
        ],
    };
    let built = build(&city.index(), &source).expect("built");
    (built, announce.draw.clone())
}

#[test]
fn every_code_of_every_category_is_found_with_what_the_draw_made_of_it() {
    let city = City::new();
    let (built, draw) = built(&city);
    let index = Index::open(&city.index(), &draw, RESULT, built.sha256).expect("opened");

    let placed = |rank, is_winner, serial, score| {
        Some(Place {
            rank,
            is_winner,
            serial,
            score,
        })
    };
    for (code, category, weight, place) in [
        (CODES[0], "individual", 1, placed(2, false, 1, 12)),
        (CODES[1], "individual", 2, None),
        (CODES[2], "individual", 3, placed(1, true, 4, 11)),
        (CODES[3], "individual", 4, None),
        (OLD[0], "unit", 1, None),
        (OLD[1], "unit", 2, placed(1, true, 3, u64::MAX)),
        (OLD[2], "unit", 3, None),
    ] {
        let entry = Entry {
            category,
            weight,
            place,
        };
        assert_eq!(index.look_up(code), Some(entry), "{code}");
    }
    for absent in [
        "0486106556964",
        "0000000000000",
        "A",
        "A11",
        "",
        "48610655696",
        "０",
    ] {
        assert_eq!(index.look_up(absent), None, "{absent}");
    }
}

#[test]
fn the_same_files_give_the_same_index_and_twelve_bytes_a_code() {
    let (one, other) = (City::new(), City::new());
    let (first, _) = built(&one);
    let (second, _) = built(&other);
    assert_eq!(first, second);
    let bytes = std::fs::read(one.index()).expect("read");
    assert_eq!(bytes.len() as u64, first.bytes);
    let head = bytes
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .expect("a head")
        + 2;
    assert_eq!(bytes.len() - head, 4 * 12 + 2 * 12 + 3 * (32 + 6) + 12);
}

#[test]
fn a_changed_a_cut_and_a_foreign_file_are_refused() {
    let city = City::new();
    let (built, draw) = built(&city);
    let whole = std::fs::read(city.index()).expect("read");
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(city.index(), &changed).expect("written");
        let refused = Index::open(&city.index(), &draw, RESULT, built.sha256);
        assert!(
            matches!(refused, Err(IndexError::Changed { .. })),
            "byte {at}"
        );
        std::fs::write(city.index(), &whole[..at]).expect("written");
        let refused = Index::open(&city.index(), &draw, RESULT, built.sha256);
        assert!(
            matches!(refused, Err(IndexError::Changed { .. })),
            "cut at {at}"
        );
    }
    std::fs::write(city.index(), &whole).expect("written");
    for (draw, result) in [("209901", RESULT), (draw.as_str(), Digest([8; 32]))] {
        let refused = Index::open(&city.index(), draw, result, built.sha256);
        assert!(matches!(refused, Err(IndexError::Foreign { .. })), "{draw}");
    }
}

/// Whoever could give a file a digest of its own still cannot make it say what no index says.
#[test]
fn a_head_that_does_not_fit_its_rows_is_refused() {
    let city = City::new();
    let (_, draw) = built(&city);
    let whole = std::fs::read(city.index()).expect("read");
    let head = whole
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .expect("a head")
        + 2;
    let text = String::from_utf8(whole[..head].to_vec()).expect("text");
    for (from, to) in [
        ("results/1", "results/2"),
        ("results/1", "pools/1"),
        (" digits 4 ", " digits 5 "),
        (" digits 4 ", " digits 18446744073709551615 "),
        (" digits 4 ", " numbers 4 "),
        (" 4 1 1\n", " 4 3 2\n"),
        (" 4 1 1\n", " 4 1 1 \n"),
        (" 4 1 1\n", " 4 18446744073709551615 1\n"),
        ("\n\n", "\n"),
    ] {
        let mut bytes = text.replacen(from, to, 1).into_bytes();
        assert_ne!(bytes, text.as_bytes(), "{from}");
        bytes.extend_from_slice(&whole[head..]);
        std::fs::write(city.index(), &bytes).expect("written");
        let sha256 = Digest(Sha256::digest(&bytes).into());
        let refused = Index::open(&city.index(), &draw, RESULT, sha256);
        assert!(
            matches!(
                refused,
                Err(IndexError::Version(_) | IndexError::Malformed(_))
            ),
            "{to}: {refused:?}"
        );
    }
}

#[test]
fn an_index_of_another_pool_is_not_built() {
    let city = City::new();
    let (pool, summary) = city.pool("individual", &CODES);
    let announced = announce(&[("individual", summary)]);
    city.pool("individual", &CODES[..3]);
    let build = |places: &[(&str, u64, u64)]| {
        let source = Source {
            announce: &announced,
            result: RESULT,
            categories: vec![(pool.clone(), outcome(0, places))],
        };
        build(&city.index(), &source)
    };
    for places in [&[][..], &[(CODES[3], 1, 1)]] {
        assert!(matches!(build(places), Err(IndexError::Source(_))));
    }
}

#[test]
fn a_node_keeps_the_newest_and_never_goes_back() {
    let city = City::new();
    let (built, draw) = built(&city);
    let open = || {
        let index = Index::open(&city.index(), &draw, RESULT, built.sha256);
        Some(Arc::new(index.expect("opened")))
    };
    let loaded = Loaded::default();
    let add = |epoch, period: &str| {
        loaded.add(Opened {
            published: Arc::new(Published {
                epoch,
                period: period.to_owned(),
                draw: draw.clone(),
                result: RESULT,
                sha256: built.sha256,
                bytes: built.bytes,
            }),
            index: open(),
        });
    };
    assert_eq!(
        (loaded.epoch(), loaded.find("202606").is_some()),
        (0, false)
    );
    add(2, "202607");
    add(1, "202606");
    assert_eq!(
        (loaded.epoch(), loaded.find("202606").is_some()),
        (2, false)
    );
    add(3, "202608");
    assert_eq!(loaded.epoch(), 3);
    for period in ["202607", "202608"] {
        assert!(loaded.find(period).is_some(), "{period}");
    }
}

#[test]
fn a_node_says_that_nothing_is_out_only_where_it_has_looked() {
    let loaded = Loaded::default();
    loaded.wait_for("202606");
    assert!(!loaded.is_waited_for("202606"), "it has not looked");
    let now = std::time::Instant::now();
    loaded.looked(now);
    assert!(loaded.is_waited_for("202606"));
    assert!(
        !loaded.is_waited_for("202607"),
        "it knows of no such period"
    );
    let long_ago = now.checked_sub(std::time::Duration::from_mins(1));
    loaded.looked(long_ago.expect("a minute of running"));
    assert!(!loaded.is_waited_for("202606"), "that is too long ago");
}

/// What the index and the buckets, each asked for its own codes, say of a code.
fn buckets_of(index: &Index, count: usize) -> Vec<Bucket> {
    let cut: Vec<_> = Buckets::of(index).collect();
    assert_eq!(cut.len(), count);
    cut.into_iter()
        .zip(0..)
        .map(|((number, bytes), place)| {
            assert_eq!(number, place);
            Bucket::read(bytes).expect("a bucket")
        })
        .collect()
}

#[test]
fn buckets_say_of_every_code_what_the_index_says_and_make_it_again() {
    let city = City::new();
    let (built, draw) = built(&city);
    let index = Index::open(&city.index(), &draw, RESULT, built.sha256).expect("opened");
    assert_eq!(count(built.bytes), 1);
    let buckets = buckets_of(&index, 1);

    for code in CODES.iter().chain(&OLD).chain(&["0486106556964", "A", ""]) {
        assert_eq!(buckets[0].look_up(code), index.look_up(code), "{code}");
    }
    assert_eq!(buckets[0].draw(), draw);
    assert_eq!(assemble(&buckets).expect("made"), index.bytes());
}

#[test]
fn a_large_result_falls_evenly_into_its_buckets() {
    let city = City::new();
    let codes: Vec<String> = (0..5_000)
        .map(|number| format!("{:013}", number * 37))
        .collect();
    let names: Vec<&str> = codes.iter().map(String::as_str).collect();
    let (pool, file) = city.pool("individual", &names);
    let announce = announce(&[("individual", file)]);
    let source = Source {
        announce: &announce,
        result: RESULT,
        categories: vec![(pool, outcome(1, &[(names[4_000], 9, 1), (names[7], 3, 2)]))],
    };
    let built = build(&city.index(), &source).expect("built");
    let index = Index::open(&city.index(), &announce.draw, RESULT, built.sha256).expect("opened");
    let count = count(built.bytes);
    assert_eq!(count, 39);
    let buckets = buckets_of(&index, 39);

    for code in &names {
        let bucket = &buckets[bucket_of(code, count) as usize];
        assert_eq!(bucket.look_up(code), index.look_up(code), "{code}");
        assert!(index.look_up(code).is_some(), "{code}");
    }
    let longest = Buckets::of(&index).map(|(_, bytes)| bytes.len()).max();
    assert!(longest.expect("buckets") < 200 * 13, "{longest:?}");
    assert_eq!(assemble(&buckets).expect("made"), index.bytes());
}

#[test]
fn buckets_that_are_cut_missing_or_of_another_result_make_nothing() {
    let city = City::new();
    let (built, draw) = built(&city);
    let index = Index::open(&city.index(), &draw, RESULT, built.sha256).expect("opened");
    let (_, whole) = Buckets::of(&index).next().expect("a bucket");

    for length in 0..whole.len() {
        let cut = Bucket::read(whole[..length].to_vec());
        // A bucket may well end behind a row; then rows are missing.
        let made = cut.and_then(|bucket| assemble(&[bucket]));
        assert!(
            matches!(made, Err(IndexError::Malformed(_) | IndexError::Version(_))),
            "{length}"
        );
    }
    let read = || Bucket::read(whole.clone()).expect("a bucket");
    assert!(assemble(&[]).is_err());
    assert!(assemble(&[read(), read()]).is_err());
    let other = String::from_utf8_lossy(&whole).contains(&draw);
    assert!(other, "the head names the draw");
    let renamed = [
        b"fairplate results/1\ndraw 209901",
        &whole[19 + 1 + 5 + draw.len()..],
    ]
    .concat();
    let renamed = Bucket::read(renamed).expect("a bucket");
    assert!(assemble(&[read(), renamed]).is_err());
}
