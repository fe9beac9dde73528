//! What the steps say of themselves: how much they looked at, how far they have come, and what is
//! to blame to the line.

use std::collections::BTreeMap;

use fairplate_verifier::{
    Options, Report, Verdict,
    bundle::Bundle,
    log::{Checkpoint, InclusionBundle, LogFolder, inclusion_proof, root_hash},
    note::Note,
    report::Status,
    steps::{Progress, Step, verify},
};

use crate::city::{Files, Scenario, write_files};

const RESULT: &str = "result-individual.csv";

fn files(scenario: &Scenario) -> Files {
    let files = scenario.files().into_iter();
    files.filter(|(name, _)| !name.contains('/')).collect()
}

fn check(scenario: &Scenario, files: Files) -> (Report, Vec<Progress>) {
    let mut told = Vec::new();
    let report = verify(
        Ok(Bundle::of_files(files)),
        &scenario.trust(),
        &Options::default(),
        &mut |progress| told.push(progress),
    );
    (report, told)
}

/// The announce's words for the category `individual`.
fn announced(scenario: &Scenario) -> Vec<String> {
    let announce = String::from_utf8(files(scenario)["announce.note"].clone()).expect("text");
    let line = announce
        .lines()
        .find(|line| line.starts_with("pool individual"));
    let words = line.expect("a category").split(' ').map(str::to_owned);
    words.collect()
}

#[test]
fn every_step_says_how_much_it_looked_at() {
    let scenario = Scenario::new();
    let (report, _) = check(&scenario, files(&scenario));
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    let checked = report.steps.iter().map(|answer| answer.checked);
    assert_eq!(
        checked.collect::<Vec<_>>(),
        [12, 3, 12, 9, 3, 0, 1, 2, 4, 1, 3, 1, 10, 17, 0],
        "{report}"
    );
}

#[test]
fn progress_grows_to_the_bytes_of_all_pools() {
    let scenario = Scenario::new();
    let files = files(&scenario);
    let pools = files.iter().filter(|(name, _)| name.starts_with("pool-"));
    let bytes: u64 = pools.map(|(_, bytes)| bytes.len() as u64).sum();
    let (_, told) = check(&scenario, files);
    let begun: Vec<Step> = told
        .iter()
        .filter(|progress| progress.done == 0)
        .map(|progress| progress.step)
        .collect();
    assert_eq!(begun, Step::ALL);
    let pools = told.iter().filter(|progress| progress.step == Step::Pools);
    let pools: Vec<&Progress> = pools.collect();
    assert!(pools.is_sorted_by_key(|progress| progress.done), "{told:?}");
    assert!(pools.len() > 2, "{told:?}");
    let last = pools.last().expect("a pool");
    assert_eq!((last.done, last.total), (bytes, bytes));
}

#[test]
fn a_pool_that_is_not_the_announced_one_is_not_drawn_from() {
    let words = announced(&Scenario::new());
    for changed in 5..10 {
        let mut others = words.clone();
        let flipped = if others[changed].starts_with('1') {
            "2"
        } else {
            "1"
        };
        others[changed].replace_range(..1, flipped);
        let mut scenario = Scenario::new();
        let edit = (
            "announce.note".to_owned(),
            words.join(" "),
            others.join(" "),
        );
        scenario.edits.push(edit);
        let (report, _) = check(&scenario, files(&scenario));
        let drawn: Vec<&str> = report
            .categories
            .iter()
            .map(|category| category.category.as_str())
            .collect();
        assert_eq!(drawn, ["electric"], "{others:?}");
        let pools = report.find_step(Step::Pools).expect("a step");
        assert_eq!(
            (pools.status, pools.failed),
            (Status::Failed, 1),
            "{others:?}"
        );
        let results = report.find_step(Step::Results).expect("a step");
        assert_eq!((results.status, results.checked), (Status::Passed, 5));
    }
}

/// Three hundred are drawn, so that the file has two groups of lines.
fn everybody_is_drawn() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.pools[0].quota = 290;
    scenario.pools[0].reserve = 10;
    scenario
}

#[test]
fn a_result_that_differs_names_its_first_line() {
    let scenario = everybody_is_drawn();
    let files = files(&scenario);
    let text = String::from_utf8(files[RESULT].clone()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 300);
    let end = "the end of the file";
    let mut cases: BTreeMap<u64, (String, String, String)> = BTreeMap::new();
    for line in [1, 2, 128, 255, 256, 257, 258, 300] {
        let whole = lines[line - 1];
        let last = if whole.ends_with('f') { 'e' } else { 'f' };
        let changed = format!("{}{last}", &whole[..whole.len() - 1]);
        let other = text.replace(whole, &changed);
        cases.insert(line as u64, (other, whole.to_owned(), changed));
    }
    for (line, (other, expected, found)) in cases {
        assert_blamed(&scenario, &files, &other, (line, &expected, &found));
    }
    let shorter = lines[..299].join("\n") + "\n";
    assert_blamed(&scenario, &files, &shorter, (300, lines[299], end));
    let half = lines[..256].join("\n") + "\n";
    assert_blamed(&scenario, &files, &half, (257, lines[256], end));
    let longer = format!("{text}301,A,1,0\nmore\n");
    assert_blamed(&scenario, &files, &longer, (301, end, "301,A,1,0"));
    let (cut, rest) = (&text[..text.len() - 3], &lines[299][..lines[299].len() - 2]);
    assert_blamed(&scenario, &files, cut, (300, lines[299], rest));
    assert_blamed(&scenario, &files, "", (1, lines[0], end));
    let first = format!("{}\n", lines[1]);
    assert_blamed(&scenario, &files, &first, (1, lines[0], lines[1]));
}

#[track_caller]
fn assert_blamed(scenario: &Scenario, files: &Files, result: &str, blamed: (u64, &str, &str)) {
    let mut files = files.clone();
    files.insert(RESULT.to_owned(), result.as_bytes().to_vec());
    let (report, _) = check(scenario, files);
    let results = report.find_step(Step::Results).expect("a step");
    assert_eq!(
        (results.status, results.failed),
        (Status::Failed, 1),
        "{report}"
    );
    let failure = results.failure.as_ref().expect("a failure");
    let (line, expected, found) = blamed;
    assert_eq!(failure.file, RESULT);
    assert_eq!(
        (
            failure.line,
            failure.expected.as_str(),
            failure.found.as_str()
        ),
        (Some(line), expected, found)
    );
}

/// The announce is logged once more behind the close, and the folder proves this later place.
#[test]
fn a_record_that_was_logged_after_the_one_that_names_it_is_refuted() {
    let mut scenario = Scenario::new();
    let announce = Note::parse(&files(&scenario)["announce.note"]).expect("a note");
    scenario.hidden.push(("result".to_owned(), announce.text));
    let folder = tempfile::tempdir().expect("a folder");
    write_files(&scenario.files(), folder.path());
    let log = LogFolder::open(&folder.path().join("log"), &scenario.log.key).expect("a log");
    let leaves = &log.leaves[..3];
    assert_eq!(leaves[0], leaves[2]);
    let checkpoint = Checkpoint {
        origin: log.checkpoint.origin.clone(),
        size: 3,
        root: root_hash(leaves),
    };
    let mut checkpoint = Note::new(checkpoint.to_string()).expect("a text");
    scenario.log.sign(&mut checkpoint);
    scenario.witness.cosign(&mut checkpoint, scenario.announced);
    let proof = InclusionBundle {
        index: 2,
        proof: inclusion_proof(leaves, 2),
        checkpoint,
    };
    let mut files = files(&scenario);
    files.insert(
        "announce.tlog-proof".to_owned(),
        proof.to_string().into_bytes(),
    );
    let (report, _) = check(&scenario, files);
    let first = report.first_failure().expect("a failure");
    assert_eq!((first.step, first.failed), (Step::Inclusion, 1), "{report}");
    let failure = first.failure.as_ref().expect("a failure");
    let shown = (failure.file.as_str(), failure.found.as_str());
    assert_eq!(shown, ("close.tlog-proof", "1"), "{report}");
    assert_eq!(report.verdict, Verdict::False);
}

#[test]
fn a_time_that_nobody_could_look_at_is_not_called_right() {
    let mut late = Scenario::new();
    late.announced = late.closes;
    for (scenario, status) in [
        (Scenario::new(), Status::NotChecked),
        (late, Status::Failed),
    ] {
        let mut files = files(&scenario);
        files.remove("close.tlog-proof");
        let (report, _) = check(&scenario, files);
        let answer = report.find_step(Step::Timeline).expect("a step");
        assert_eq!(answer.status, status, "{report}");
    }
}
