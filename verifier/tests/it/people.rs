//! What single people ask: their tickets, their receipt, two draws side by side, an old draw again.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fairplate_verifier::{
    Options, Trust, Verdict,
    bundle::Bundle,
    receipt::{Receipt, check, make},
    report::Status,
    steps::Step,
};

use crate::city::{Files, Scenario, pool, time, write_files};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example")
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairplate-verifier"));
    command
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
        .expect("a run")
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_ticket_is_explained_in_words() {
    let example = example();
    let example = example.to_str().expect("a path");
    let output = run(&["ticket", example, "8801109990001", "--trust-folder"]);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let text = shown(&output);
    assert!(text.contains("        43  023aa1640bbc761c  ←"), "{text}");
    assert!(text.contains("3 tickets; the best is 43"), "{text}");
    assert!(
        text.contains("rank 1 of 5 applicants; the first 2 win: this code won"),
        "{text}"
    );

    let output = run(&[
        "ticket",
        example,
        "0486106556966",
        "--trust-folder",
        "--lang",
        "zh-CN",
    ]);
    let text = shown(&output);
    assert!(text.contains("本编码为候补第 1 名（共 1 名）"), "{text}");

    let output = run(&["ticket", example, "5422103493799", "--trust-folder"]);
    assert!(shown(&output).contains("rank 2 of 5 applicants; the first 2 win: this code won"));

    let output = run(&["ticket", example, "NOBODY", "--trust-folder"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_receipt_is_made_and_checked_with_the_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.receipt");
    let file = file.to_str().expect("a path");
    let example = example();
    let path = |name: &str| example.join(name).to_str().expect("a path").to_owned();
    let made = run(&["receipt", "make", &path(""), "91330102128", "--out", file]);
    assert_eq!(made.status.code(), Some(0));
    let (trust, records) = (path("trust.policy"), path("records.vkey"));
    let pins = ["--trust", &trust, "--records", &records];
    let output = run(&[&["receipt", "check", file][..], &pins].concat());
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    assert!(
        shown(&output).contains("won with rank 1 of 25"),
        "{}",
        shown(&output)
    );

    let text = std::fs::read_to_string(file).expect("a receipt");
    std::fs::write(file, text.replace("rank 1\n", "rank 2\n")).expect("a file");
    let output = run(&[&["receipt", "check", file][..], &pins].concat());
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
}

fn bundle(scenario: &Scenario) -> Bundle {
    let files = scenario.files();
    Bundle::of_files(
        files
            .into_iter()
            .filter(|(name, _)| !name.contains('/'))
            .collect(),
    )
}

#[test]
fn everybody_of_every_pool_has_a_receipt() {
    let scenario = Scenario::new();
    let bundle = bundle(&scenario);
    let trust = scenario.trust();
    let (mut winners, mut reserves) = (0, 0);
    for category in ["individual", "electric"] {
        let pool = bundle
            .find(&format!("pool-{category}.csv"))
            .expect("memory does not fail");
        let pool = String::from_utf8(pool.expect("a pool")).expect("text");
        for line in pool.lines() {
            let code = line.split(',').next().expect("a code");
            let receipt = make(&bundle, code.parse().expect("a code")).expect("a receipt");
            let text = receipt.to_string();
            assert_eq!(Receipt::parse(&text).expect("a receipt"), receipt);
            let (report, standing) = check(&receipt, &trust, &Options::default());
            assert_eq!(report.verdict, Verdict::Verified, "{report}");
            let standing = standing.expect("a standing");
            winners += u32::from(standing.has_won());
            reserves += u32::from(standing.rank.is_some() && !standing.has_won());
        }
    }
    assert_eq!((winners, reserves), (7 + 2, 3 + 1));
}

/// Any change of the lines a receipt adds to the records is refuted, or no receipt any more.
#[test]
fn every_single_byte_of_a_receipts_own_lines_counts() {
    let scenario = Scenario::new();
    let bundle = bundle(&scenario);
    let trust = scenario.trust();
    let result = bundle
        .find("result-individual.csv")
        .expect("memory does not fail");
    let result = String::from_utf8(result.expect("a result")).expect("text");
    let winner = result
        .split(',')
        .nth(1)
        .expect("a code")
        .parse()
        .expect("a code");
    let receipt = make(&bundle, winner).expect("a receipt");
    let text = receipt.to_string().into_bytes();
    let records = text
        .windows(5)
        .position(|bytes| bytes == b"file ")
        .expect("files");
    let groups = b"file pool-group";
    let groups = text
        .windows(groups.len())
        .position(|bytes| bytes == groups)
        .expect("a group");
    for at in (0..records).chain(groups..text.len()) {
        let mut changed = text.clone();
        changed[at] ^= 1;
        let Ok(changed) = String::from_utf8(changed) else {
            continue;
        };
        let Ok(receipt) = Receipt::parse(&changed) else {
            continue;
        };
        let (report, _) = check(&receipt, &trust, &Options::default());
        assert_ne!(report.verdict, Verdict::Verified, "byte {at}: {report}");
    }
}

/// A rank beyond the first group of a result, and what its receipt says.
#[test]
fn a_rank_beyond_256_has_a_receipt_of_its_group() {
    let mut scenario = Scenario::new();
    (scenario.pools[0].quota, scenario.pools[0].reserve) = (280, 15);
    let bundle = bundle(&scenario);
    let result = bundle.find("result-individual.csv").expect("a result");
    let result = String::from_utf8(result.expect("a result")).expect("text");
    for rank in [256, 257, 270, 281] {
        let line = result.lines().nth(rank - 1).expect("a line");
        let code = line.split(',').nth(1).expect("a code");
        let receipt = make(&bundle, code.parse().expect("a code")).expect("a receipt");
        let (report, standing) = check(&receipt, &scenario.trust(), &Options::default());
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        let standing = standing.expect("a standing");
        assert_eq!(standing.rank, Some(rank as u64));
        assert_eq!(standing.has_won(), rank <= 280);
    }
}

/// What its records do not have, a receipt cannot show; the records' own step has the finding.
#[test]
fn a_receipt_without_readable_records_says_nothing_of_its_person() {
    let plain = Scenario::new();
    let code = "1204100000007".parse().expect("a code");
    let sound = make(&bundle(&plain), code).expect("a receipt");
    for kind in ["announce", "result"] {
        // The signature does not fit the text any more.
        let (old, new) = (
            format!("fairplate/v1 {kind}\n"),
            format!("fairplate/v2 {kind}\n"),
        );
        let text = sound.to_string();
        assert!(text.contains(&old), "{text}");
        let receipt = Receipt::parse(&text.replace(&old, &new)).expect("a receipt");
        let (report, standing) = check(&receipt, &plain.trust(), &Options::default());
        assert_eq!(standing, None);
        assert_ne!(report.verdict, Verdict::Verified, "{report}");
        for step in [Step::Pools, Step::Results] {
            let answer = report.find_step(step).expect("a step");
            assert_eq!(answer.status, Status::NotChecked, "{report}");
        }
    }
    let mut other = sound;
    "taxi".clone_into(&mut other.category);
    let (report, standing) = check(&other, &plain.trust(), &Options::default());
    assert_eq!(standing, None);
    let first = report.first_failure().expect("a failure");
    assert_eq!(first.step, Step::Pools, "{report}");
    let failure = first.failure.as_ref().expect("a failure");
    assert_eq!(failure.found, "taxi");
}

#[test]
fn a_receipt_shows_the_step_that_refutes_it() {
    let scenario = Scenario::new();
    let receipt = make(&bundle(&scenario), "1204100000007".parse().expect("a code"));
    let mut receipt = receipt.expect("a receipt");
    receipt.first_ticket += 1;
    let (report, standing) = check(&receipt, &scenario.trust(), &Options::default());
    assert_eq!(
        report.first_failure().map(|answer| answer.step),
        Some(Step::Pools)
    );
    assert_eq!(standing, None);
}

#[test]
fn a_log_is_rebuilt_from_its_files() {
    let scenario = Scenario::new();
    let folder = tempfile::tempdir().expect("a folder");
    let trust = scenario.trust();
    let mut files: Files = scenario.files();
    files.insert(
        "trust.policy".to_owned(),
        trust.policy.to_string().into_bytes(),
    );
    files.insert(
        "records.vkey".to_owned(),
        format!("{}\n", trust.records).into_bytes(),
    );
    write_files(&files, folder.path());
    let log = folder.path().join("log");
    let check = |log: &Path| run(&["log", "check", log.to_str().expect("a path"), "--no-state"]);
    let output = check(&log);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    assert!(
        shown(&output).contains("3 entries, 2 files"),
        "{}",
        shown(&output)
    );
    assert!(
        shown(&output).contains("     1 close 202607"),
        "{}",
        shown(&output)
    );

    let tile = log.join("tile/0/000.p/3");
    let mut bytes = std::fs::read(&tile).expect("a tile");
    bytes[40] ^= 1;
    std::fs::write(&tile, bytes).expect("a tile");
    let output = check(&log);
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert!(
        shown(&output).contains("tile/0/000.p/3"),
        "{}",
        shown(&output)
    );
}

/// The later draw's pool: the earlier one without its winners, one code added, one weight grown.
fn next_period(earlier: &Files, weight: &str) -> Scenario {
    let text = |name: &str| String::from_utf8(earlier[name].clone()).expect("text");
    let result = text("result-individual.csv");
    let winners: Vec<&str> = result
        .lines()
        .take(7)
        .filter_map(|line| line.split(',').nth(1))
        .collect();
    let pool = text("pool-individual.csv");
    let mut lines: Vec<String> = pool
        .lines()
        .filter(|line| !winners.iter().any(|winner| line.starts_with(winner)))
        .map(str::to_owned)
        .collect();
    let grown = lines
        .iter_mut()
        .find(|line| line.ends_with(",1"))
        .expect("a line");
    *grown = grown.replace(",1", weight);
    lines.push("9999999999999,1".to_owned());
    let mut scenario = Scenario::new();
    scenario.pools[0].bytes = (lines.join("\n") + "\n").into_bytes();
    let step = |from, until, weight| {
        format!("[[tier.weights.step]]\nfrom = {from}\nuntil = {until}\nweight = {weight}\n")
    };
    let steps: String = (1..=5)
        .map(|weight| step(weight * 6 - 5, weight * 6, weight))
        .collect();
    let edit = ("policy.toml", "# the rules of linan\n", steps.as_str());
    scenario
        .edits
        .push((edit.0.to_owned(), edit.1.to_owned(), edit.2.to_owned()));
    scenario.published = time("2026-07-26T06:12:00Z");
    scenario
}

/// What `audit` says of two draws of one city.
fn audited(trust: &Trust, earlier: &Files, later: &Files) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, files) in [("earlier", earlier), ("later", later)] {
        write_files(files, &folder.path().join("draws").join(name));
    }
    let keys = [
        ("trust.policy", trust.policy.to_string()),
        ("records.vkey", format!("{}\n", trust.records)),
    ];
    let keys = keys.map(|(name, text)| (name.to_owned(), text.into_bytes()));
    write_files(&Files::from(keys), folder.path());
    let path = |name: &str| {
        let path = folder.path().join("draws").join(name);
        path.to_str().expect("a path").to_owned()
    };
    run(&["audit", &path("earlier"), &path("later")])
}

#[test]
fn two_draws_are_compared_by_their_policys_table() {
    let earlier = Scenario::new();
    assert_eq!(earlier.pools[0].bytes, pool(300));
    let files = earlier.files();
    for (weight, code, verdict) in [(",2", Some(0), "0 against"), (",3", Some(1), "1 against")] {
        let later = next_period(&files, weight).files();
        let output = audited(&earlier.trust(), &files, &later);
        assert_eq!(output.status.code(), code, "{}", shown(&output));
        let text = shown(&output);
        let counts = "individual: 293 codes in both pools, 1 with another weight, 1 added, \
                      0 removed without winning, 7 winners; ";
        assert!(text.contains(&(counts.to_owned() + verdict)), "{text}");
    }
}

/// Where the amend stands in the log before the later announcement, whoever lost their place has not won,
/// and whoever moved up is not in that pool any more.
#[test]
fn an_amend_counts_for_the_pools_that_were_announced_after_it() {
    let plain = Scenario::new().files();
    let result = String::from_utf8(plain["result-individual.csv"].clone()).expect("text");
    let code = |rank: usize| {
        let line = result.lines().nth(rank - 1).expect("a place");
        line.split(',').nth(1).expect("a code").to_owned()
    };
    let mut earlier = Scenario::new();
    let text = format!(
        "fairplate/v1 amend\norigin linan.example/draws\ndraw 202607\nresult $RESULT\n\
         issued 2026-08-01T00:00:00Z\ndrop individual 1 {} forged papers\n\
         promote individual 8 {}\n",
        code(1),
        code(8)
    );
    let amended = time("2026-08-01T00:00:10Z");
    earlier.more.push(("amend-1".to_owned(), text, amended));
    // The amend is entry 3 of the log.
    for (entries_before, counts) in [
        (0, "0 removed without winning, 7 winners; 0 against"),
        (4, "1 removed without winning, 7 winners; 1 against"),
    ] {
        let mut later = next_period(&plain, ",2");
        let others = (0..entries_before).map(|_| ("announce".to_owned(), "another\n".to_owned()));
        later.hidden = others.collect();
        let output = audited(&earlier.trust(), &earlier.files(), &later.files());
        let text = shown(&output);
        assert!(text.contains(counts), "{entries_before}: {text}");
    }
}

#[test]
fn an_old_draw_is_replayed() {
    let arguments = ["--seed", "026498", "--total", "2235804", "--quota", "20195"];
    let output = run(&[&["legacy-beijing"][..], &arguments].concat());
    let text = shown(&output);
    assert!(
        text.starts_with("       1 2128975\n       2 1841977\n"),
        "{text}"
    );
    assert!(text.ends_with("   20195 1953236\n"), "{text}");
}
