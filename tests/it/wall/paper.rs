//! The protocol of a ceremony: what it says is what the folder says, whoever prints it.

use std::{collections::BTreeSet, fs, io::BufReader};

use fairplate::layout::Layout;
use fairplate_tests::{
    TestCity, ceremony,
    city::moment,
    keys, on_both_databases,
    server::Server,
    stages::{CONTRIBUTORS, PERIOD, places},
};
use qrcodegen::{QrCode, QrCodeEcc};
use verifier::{
    beacon::Chain,
    draw::draw_scored,
    log::{Checkpoint, InclusionBundle},
    note::Note,
    pool::read_pool,
    record::{Announce, Record, ResultRecord, commitment},
    score,
    text::Digest,
};

use super::file;

/// Every value of 64 hex digits in a text.
fn digests(text: &str) -> BTreeSet<String> {
    let pieces = text.split(|c: char| !c.is_ascii_hexdigit());
    let digests = pieces.filter(|piece| piece.len() == 64);
    digests.map(str::to_owned).collect()
}

fn text_of(city: &TestCity, name: &str) -> String {
    Note::parse(&file(city, name)).expect("a note").text
}

fn proof(city: &TestCity) -> InclusionBundle {
    InclusionBundle::parse(&file(city, "result.tlog-proof")).expect("a proof")
}

/// What the verifier's functions make of the published folder.
fn computed(city: &TestCity) -> BTreeSet<String> {
    let (announce, close) = (text_of(city, "announce.note"), text_of(city, "close.note"));
    let result = text_of(city, "result.note");
    let terms = Announce::parse(&announce).expect("an announce");
    let drawn = ResultRecord::parse(&result).expect("a result");
    let (announced, closed) = (Record::hash(&announce), Record::hash(&close));
    let seed = score::seed(announced, closed, &drawn.signature);
    let pool = file(city, "pool-individual.csv");
    let summary = read_pool(&pool[..]).expect("a pool");
    let key = score::category_key(seed, "individual");
    let (quota, reserve) = (terms.pools[0].quota, terms.pools[0].reserve);
    let (outcome, _) = draw_scored(BufReader::new(&pool[..]), key, quota, reserve).expect("drawn");
    let placed = outcome.write(std::io::sink()).expect("summed up");
    let chain = Chain::parse(&file(city, "chain.json")).expect("a chain");
    let mut all = vec![
        announced,
        closed,
        Record::hash(&result),
        Digest::of(&file(city, "policy.toml")),
        summary.sha256,
        summary.root,
        placed.sha256,
        placed.root,
        chain.hash,
        Digest::of(&drawn.signature),
        seed,
    ];
    for (name, secret) in CONTRIBUTORS {
        all.push(commitment(keys::ORIGIN, PERIOD, name, &secret));
        all.push(Digest(secret));
    }
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn every_digest_that_is_shown_is_what_the_verifier_computes_from_the_folder() {
    on_both_databases(async |city| {
        city.finished(300, places(7, 3)).await;
        let hall = city.hall();
        let computed = computed(city);

        for lang in ["zh-CN", "en"] {
            let paper = hall.protocol(lang).await;
            assert_eq!(digests(&paper), computed, "{lang}");
            let is_warned = ["REHEARSAL: ", "演练："].map(|word| paper.contains(word));
            assert_eq!(is_warned, [false; 2], "no rehearsal");
        }
        assert_eq!(hall.figures().await["isRehearsal"], false);

        let checkpoint = Checkpoint::parse(&proof(city).checkpoint.text).expect("a checkpoint");
        let mut with_checkpoint = computed;
        with_checkpoint.insert(checkpoint.root.to_string());
        assert_eq!(digests(&hall.figures().await.to_string()), with_checkpoint);
        assert_eq!(
            digests(&hall.lines().join("\n"))
                .difference(&with_checkpoint)
                .count(),
            0
        );
    });
}

#[test]
fn every_place_of_the_result_file_is_on_the_paper_in_its_order() {
    on_both_databases(async |city| {
        city.finished(40, places(7, 3)).await;
        let page = city.hall().protocol("en").await;
        let result = String::from_utf8(file(city, "result-individual.csv")).expect("text");
        let mut rest = page.as_str();
        for line in result.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            let shown = format!("<span>{}</span><code>{}</code>", fields[0], fields[1]);
            rest = rest.split_once(&shown).expect(line).1;
        }
        assert!(!rest.contains("<li"), "and nobody else");
        assert_eq!(page.matches("<li class=\"won\">").count(), 7);
    });
}

#[test]
fn a_protocol_is_the_same_on_every_node_and_at_every_time() {
    on_both_databases(async |city| {
        city.finished(5, places(2, 1)).await;
        let hall = city.hall();
        let pages = [hall.protocol("zh-CN").await, hall.protocol("en").await];
        assert_ne!(pages[0], pages[1]);

        // Another node has a folder of its own, and makes it of the records.
        let folder = tempfile::tempdir().expect("a folder");
        let mut other = city.another_node(None).await;
        other.layout = Layout::new(folder.path());
        ceremony::recover(&other).await.expect("published there");
        let server = Server::start(&other).await;
        city.at("2026-09-01T00:00:00Z");

        for (lang, page) in ["zh-CN", "en"].into_iter().zip(&pages) {
            let (status, bytes) = server
                .get(&format!("/draw/{PERIOD}/protocol?lang={lang}"))
                .await;
            assert_eq!(status, 200);
            assert!(bytes == page.as_bytes(), "{lang}: another node");
            assert!(hall.protocol(lang).await == *page, "{lang}: later");
            let file = folder.path().join("protocol.html");
            let words = format!(
                "draw protocol {PERIOD} --lang {lang} --output {}",
                file.display()
            );
            assert_eq!(hall.printed(&words), "");
            assert!(
                fs::read(&file).expect("written") == page.as_bytes(),
                "{lang}: a file"
            );
        }
        assert!(
            moment("2026-09-01T00:00:00Z") == other.clock.now(),
            "one clock for both"
        );
    });
}

/// The dark modules of the picture, without its white border: rows of columns.
fn modules(page: &str) -> Vec<Vec<bool>> {
    let svg = page.split_once("<svg class=\"qr\"").expect("a picture").1;
    let side = svg.split_once("viewBox=\"0 0 ").expect("its size").1;
    let side: usize = side
        .split_once(' ')
        .expect("its side")
        .0
        .parse()
        .expect("a number");
    let path = svg
        .split_once("<path class=\"dark\" d=\"")
        .expect("a path")
        .1;
    let path = path.split_once('"').expect("its end").0;
    let mut rows = vec![vec![false; side]; side];
    for run in path.split('M').filter(|run| !run.is_empty()) {
        let (column, rest) = run.split_once(',').expect("a column");
        let (row, rest) = rest.split_once('h').expect("a row");
        let length = rest.split_once('v').expect("a length").0;
        let number = |text: &str| text.parse::<usize>().expect("a number");
        let (column, length) = (number(column), number(length));
        rows[number(row)][column..column + length].fill(true);
    }
    let inner = |cells: Vec<bool>| cells[4..side - 4].to_vec();
    assert!(
        rows[..4]
            .iter()
            .chain(&rows[side - 4..])
            .flatten()
            .all(|dark| !dark)
    );
    rows[4..side - 4].iter().cloned().map(inner).collect()
}

#[test]
fn the_code_on_the_paper_is_the_checkpoint() {
    on_both_databases(async |city| {
        city.finished(3, places(1, 1)).await;
        let note = proof(city).checkpoint.to_string();

        let page = city.hall().protocol("zh-CN").await;

        let code = QrCode::encode_binary(note.as_bytes(), QrCodeEcc::Medium).expect("a code");
        let size = code.size();
        let row = |y| (0..size).map(|x| code.get_module(x, y)).collect::<Vec<_>>();
        assert!(modules(&page) == (0..size).map(row).collect::<Vec<_>>());
        let shown = note.replace('&', "&amp;");
        assert!(
            page.contains(&format!("<pre>{shown}</pre>")),
            "the same text beside it"
        );
    });
}
