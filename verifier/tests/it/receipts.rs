//! Receipts: how small they stay in the largest draws, that each has one spelling, and which step
//! refutes a wrong one.

use std::{fmt::Write as _, fs, io::Read as _, path::Path};

use fairplate_verifier::{
    Digest, Options, Trust, Verdict,
    bundle::Bundle,
    note::KeyKind,
    pool::{Code, PoolWriter},
    rank::RankWriter,
    receipt::{Receipt, check, make},
    record::Method,
    steps::Step,
};

use crate::city::{Files, Pair, Pool, Scenario};

/// What a receipt may have at most, in bytes.
const LIMIT: usize = 12_288;

fn bundle(scenario: &Scenario) -> Bundle {
    let files: Files = scenario.files();
    let files = files.into_iter().filter(|(name, _)| !name.contains('/'));
    Bundle::of_files(files.collect())
}

/// Numbers that look like chance and come again.
fn number(place: u64) -> u64 {
    let Digest(bytes) = Digest::of(&place.to_be_bytes());
    let (words, _) = bytes.as_chunks::<8>();
    u64::from_be_bytes(words[0])
}

/// Codes of thirteen digits, spread over all of them.
fn codes(rows: u64, seed: u64) -> Vec<String> {
    let numbers = (0..rows).map(|row| number(seed + row) % 10_000_000_000_000);
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|code| format!("{code:013}"))
        .collect()
}

fn chance_of(code: &str) -> u64 {
    number(code.parse().expect("a number"))
}

/// Three million applicants and 31 million tickets, a queue of a million, and four hundred units;
/// five contributors, two witnesses, a log of some dozen records, and an audit trail of millions of
/// rows.
fn largest() -> Scenario {
    let mut scenario = Scenario::new();
    let mut individual = PoolWriter::new(Vec::new());
    for code in codes(3_000_000, 0) {
        let weight = u16::try_from(chance_of(&code) % 20 + 1);
        individual
            .push(&code, weight.expect("at most 20"))
            .expect("an ascending pool");
    }
    let mut queue = RankWriter::new(Vec::new());
    for code in codes(1_000_000, 1 << 40) {
        let chance = chance_of(&code);
        // Ten years of milliseconds.
        let time = 1_450_000_000_000 + chance % 315_360_000_000;
        let points = u32::try_from(chance >> 40 & 127).expect("at most 127");
        queue.push(&code, points, time).expect("an ascending queue");
    }
    let written = "memory does not fail";
    scenario.pools = vec![
        Pool {
            category: "individual".to_owned(),
            method: Method::ScoreV1,
            quota: 20_000,
            reserve: 2_000,
            bytes: individual.finish().expect(written).0,
        },
        Pool {
            category: "new-energy".to_owned(),
            method: Method::RankV1,
            quota: 60_000,
            reserve: 2_000,
            bytes: queue.finish().expect(written).0,
        },
        Pool {
            category: "unit".to_owned(),
            method: Method::ScoreV1,
            quota: 50,
            reserve: 10,
            bytes: crate::city::pool(400),
        },
    ];
    scenario.more_contributors = (1..4)
        .map(|place| format!("deputy-{place}.example/c1"))
        .collect();
    scenario.second_witness = Some(Pair::new("university.example/w1", KeyKind::CosignatureV1));
    for record in 0..40 {
        let text = format!("fairplate/v1 announce\nrecord {record} of earlier draws\n");
        scenario.hidden.push(("announce".to_owned(), text));
    }
    tell_of_the_trail(&mut scenario);
    scenario
}

/// Has each record say where an audit trail of millions of rows ended.
fn tell_of_the_trail(scenario: &mut Scenario) {
    for (rows, record, issued) in [
        (30_000_000, "announce", "issued 2026-07-25T01:00:00Z\n"),
        (30_100_000, "close", "issued 2026-07-26T06:00:10Z\n"),
        (30_200_000, "result", "issued 2026-07-26T06:10:30Z\n"),
    ] {
        let link = Digest::of(record.as_bytes());
        scenario.edits.push((
            format!("{record}.note"),
            issued.to_owned(),
            format!("{issued}trail {rows} {link}\n"),
        ));
    }
}

fn listed(bundle: &Bundle, category: &str, rank: usize) -> Code {
    let name = format!("result-{category}.csv");
    let stream = bundle.open(&name).expect("memory does not fail");
    let mut file = String::new();
    let mut stream = stream.expect("a result");
    stream.read_to_string(&mut file).expect("text");
    let line = file.lines().nth(rank - 1).expect("a place");
    let code = line.split(',').nth(1).expect("a code");
    code.parse().expect("a code")
}

#[test]
fn nobodys_receipt_in_the_largest_draw_has_more_than_twelve_kilobytes() {
    let scenario = largest();
    let bundle = bundle(&scenario);
    let trust = scenario.trust();
    let mut shown = String::new();
    for (category, rank) in [
        ("individual", 1),
        ("individual", 19_999),
        ("individual", 21_500),
        ("new-energy", 1),
        ("new-energy", 61_000),
        ("unit", 60),
    ] {
        let receipt = make(&bundle, listed(&bundle, category, rank)).expect("a receipt");
        let (report, standing) = check(&receipt, &trust, &Options::default());
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        assert_eq!(standing.expect("a standing").rank, Some(rank as u64));
        let bytes = receipt.to_string().len();
        writeln!(shown, "{category} {rank}: {bytes}").expect("text");
        assert!(bytes <= LIMIT, "{shown}");
    }
    println!("{shown}");
}

fn pool_of(codes: &[String]) -> Vec<u8> {
    let mut writer = PoolWriter::new(Vec::new());
    for code in codes {
        writer.push(code, 3).expect("an ascending pool");
    }
    writer.finish().expect("memory does not fail").0
}

/// Codes that are no numbers of one length, in three ways.
#[test]
fn codes_that_are_no_numbers_of_one_length_stand_in_lines() {
    let lettered = (0..300).map(|row| format!("HZ{row:05}")).collect();
    let longest = (0..300).map(|row| format!("{row:020}")).collect();
    let uneven: Vec<String> = (100..400).map(|row| format!("{row}")).collect();
    let uneven = [vec!["0".to_owned()], uneven].concat();
    for codes in [lettered, longest, uneven] {
        let mut scenario = Scenario::new();
        scenario.pools[0].bytes = pool_of(&codes);
        let bundle = bundle(&scenario);
        let first: Code = codes[0].parse().expect("a code");
        for code in [first, listed(&bundle, "individual", 1)] {
            let receipt = make(&bundle, code).expect("a receipt");
            let text = receipt.to_string();
            assert!(text.contains(&format!("\n{},3\n", codes[1])), "{text}");
            assert_eq!(Receipt::parse(&text).expect("a receipt"), receipt);
            let (report, _) = check(&receipt, &scenario.trust(), &Options::default());
            assert_eq!(report.verdict, Verdict::Verified, "{report}");
        }
    }
}

#[test]
fn codes_of_nineteen_digits_stand_in_columns_and_the_first_serial_is_shown() {
    let codes: Vec<String> = (0..300).map(|row| format!("{row:019}")).collect();
    let mut scenario = Scenario::new();
    scenario.pools[0].bytes = pool_of(&codes);
    let bundle = bundle(&scenario);
    for row in [0_usize, 1, 255, 256, 299] {
        let receipt = make(&bundle, codes[row].parse().expect("a code")).expect("a receipt");
        assert!(receipt.to_string().contains("\nrows "), "{receipt}");
        let (report, standing) = check(&receipt, &scenario.trust(), &Options::default());
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        let standing = standing.expect("a standing");
        let serial = 3 * row as u64 + 1;
        assert_eq!((standing.first_serial, standing.weight), (Some(serial), 3));
    }
}

/// The receipt of the example draw's first winner among the units.
fn unit() -> (Receipt, Trust) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    let read = |name: &str| fs::read(folder.join(name)).expect("a key file");
    let trust = Trust::parse(&read("trust.policy"), &read("records.vkey")).expect("its keys");
    let bundle = Bundle::open_folder(&folder).expect("the example");
    let code = listed(&bundle, "unit", 1);
    (make(&bundle, code).expect("a receipt"), trust)
}

fn line<'a>(text: &'a str, head: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(head));
    line.expect("a line of the receipt")
}

#[track_caller]
fn assert_group_refuted(receipt: &Receipt, trust: &Trust, file: &str, text: String, step: Step) {
    assert_ne!(text.as_bytes(), receipt.files[file], "{file}");
    let mut other = receipt.clone();
    other.files.insert(file.to_owned(), text.into_bytes());
    let (report, standing) = check(&other, trust, &Options::default());
    assert_eq!(report.verdict, Verdict::False, "{other}: {report}");
    let first = report.first_failure().map(|answer| answer.step);
    assert_eq!(first, Some(step), "{other}: {report}");
    assert_eq!(standing.and_then(|standing| standing.rank), None, "{other}");
}

#[test]
fn a_group_in_another_spelling_is_refuted() {
    let (receipt, trust) = unit();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    let lines = fs::read_to_string(path.join("pool-unit.csv")).expect("the pool");
    let first = usize::try_from(receipt.row - receipt.row % 256).expect("a row");
    let lines: String = lines.split_inclusive('\n').skip(first).take(256).collect();
    let group = |file: &str| String::from_utf8(receipt.files[file].clone()).expect("text");
    let (pool, result) = (group("pool-group"), group("result-group"));
    let weights = line(&pool, "weights ");
    for text in [
        lines.clone(),
        pool.replace("rows 256", "rows 255"),
        pool.replace("rows 256", "rows 257"),
        pool.replace("rows 256", "rows 0256"),
        pool.clone() + "\n",
        pool.clone() + weights + "\n",
        pool.replace(weights, "weights 4 0 -"),
        pool.replace("weights", "points"),
        String::new(),
    ] {
        assert_group_refuted(&receipt, &trust, "pool-group", text, Step::Pools);
    }
    for text in [
        result.replace(line(&result, "serials "), "serials 1 1 0 -"),
        result.replace("serials ", "serials +"),
        result.replace("serials", "places"),
        lines,
    ] {
        assert_group_refuted(&receipt, &trust, "result-group", text, Step::Results);
    }
}

#[test]
fn a_column_wider_than_its_numbers_is_refuted() {
    let scenario = Scenario::new();
    let bundle = bundle(&scenario);
    let mut receipt = make(&bundle, listed(&bundle, "electric", 1)).expect("a receipt");
    let group = String::from_utf8(receipt.files["pool-group"].clone()).expect("text");
    // Points 10, 60, 60 and 0, in six bits each.
    assert!(group.contains("\npoints 0 6 K88A\n"), "{group}");
    for wider in [
        "points 0 7 FPHgAA==",
        "points 0 6 K88AAA==",
        "points 00 6 K88A",
    ] {
        let other = group.replace("points 0 6 K88A", wider);
        receipt
            .files
            .insert("pool-group".to_owned(), other.into_bytes());
        let (report, standing) = check(&receipt, &scenario.trust(), &Options::default());
        assert_eq!(report.verdict, Verdict::False, "{wider}: {report}");
        let first = report.first_failure().map(|answer| answer.step);
        assert_eq!((first, standing), (Some(Step::Pools), None), "{wider}");
    }
}

#[test]
fn a_receipt_with_another_chain_is_refuted() {
    let (receipt, trust) = unit();
    let text = receipt.to_string();
    let chain = line(&text, "chain ");
    let other = text.replace(chain, &chain.replace("chain 3 ", "chain 4 "));
    let other = Receipt::parse(&other).expect("a receipt");
    let (report, _) = check(&other, &trust, &Options::default());
    let first = report.first_failure().map(|answer| answer.step);
    assert_eq!(first, Some(Step::Chain), "{report}");
}

#[test]
fn a_head_in_another_spelling_is_no_receipt() {
    let (receipt, _) = unit();
    let text = receipt.to_string();
    assert_eq!(Receipt::parse(&text).expect("a receipt"), receipt);
    let path = line(&text, "pool-path ");
    let result_path = line(&text, "result-path ");
    assert_eq!(result_path, "result-path -");
    let chain = line(&text, "chain ");
    for (old, new) in [
        (path, "pool-path "),
        (path, "pool-path AAAA"),
        (path, &path.replace('=', "")),
        (result_path, "result-path"),
        (result_path, "result-path - "),
        (chain, &chain.replace("chain 3 ", "chain 03 ")),
        (chain, &chain.replace("chain 3 ", "chain 0 ")),
        (chain, &chain.replace("chain 3 1", "chain 3 +1")),
        (chain, &chain.replace(" quicknet", "")),
        (chain, &chain.replace(" quicknet", " quick/net")),
        (chain, &(chain.to_owned() + " 1")),
    ] {
        let other = text.replace(old, new);
        assert_ne!(other, text, "{new}");
        assert!(Receipt::parse(&other).is_err(), "{new}");
    }
}
