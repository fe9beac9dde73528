//! The page for a new operator, followed to the letter in one terminal.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use fairplate_tests::{programs, publication::files_under, topology};

use crate::docs::{Fence, fences};

const PAGES: [&str; 2] = ["first-draw.md", "first-draw.zh-CN.md"];

/// Where the page has the city, the witness and the beacon listen.
const ADDRESSES: [&str; 3] = ["127.0.0.1:8000", "127.0.0.1:8010", "127.0.0.1:8020"];

/// What the page says is answered, in this order.
const ANSWERS: [&str; 7] = [
    "hangzhou-2018: approved by wang",
    "8 applicants and 5 participations written; 0 lines refused",
    "period 202606 is REVIEW_PUBLISHED",
    "draw 202606 is FROZEN",
    "draw 202606 is ANNOUNCED",
    "draw 202606 is CLOSED",
    "draw 202606 is FINISHED",
];

/// How long the page gives Wang and the contributors, and how long a test does.
const WAITS: (&str, &str) = ("'3 minutes'", "'40 seconds'");

/// What the page saves a reader who waits as long as it says, at the least.
const SAVED: Duration = Duration::from_secs(140);

/// How long the whole may take whoever follows the page.
const PROMISED: Duration = Duration::from_mins(15);

fn text(page: &str) -> String {
    fs::read_to_string(topology::guide().join(page)).expect("the page")
}

fn marked<'a>(shown: &'a [Fence], mark: &str) -> Vec<&'a Fence> {
    let found = shown.iter().filter(|fence| fence.is("sh", mark));
    found.collect()
}

/// All that a reader pastes, in order; the announcement once more after a second officer who came
/// too late.
fn pasted(page: &str) -> String {
    let text = text(page);
    let shown = fences(page, &text);
    let follow = marked(&shown, "follow");
    let (announce, late) = (marked(&shown, "announce"), marked(&shown, "late"));
    assert_eq!((announce.len(), late.len()), (1, 1));
    let known = follow.len() + announce.len() + late.len();
    assert_eq!(text.matches("```sh").count(), known, "a command is not run");

    let again = format!("{0}{1}{0}", announce[0].body, late[0].body);
    let bodies = shown.iter().filter_map(|fence| {
        if fence.is("sh", "announce") {
            return Some(again.as_str());
        }
        fence.is("sh", "follow").then_some(fence.body.as_str())
    });
    bodies.collect()
}

/// The same with our programs, free ports and a shorter wait.
fn in_this_place(script: &str) -> String {
    let taken = ADDRESSES.map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let mut script = script.to_owned();
    let mut put = |shown: &str, here: &str| {
        assert!(script.contains(shown), "the page shows {shown}");
        script = script.replace(shown, here);
    };
    for (shown, listener) in ADDRESSES.iter().zip(&taken) {
        let free = listener.local_addr().expect("an address");
        put(shown, &free.to_string());
    }
    put(
        "$PWD/target/debug",
        &programs::folder().display().to_string(),
    );
    put(WAITS.0, WAITS.1);
    script
}

/// Pastes all of it into one shell, whose services end with it.
fn paste(script: &str, home: &Path) -> Output {
    let script = format!("trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{script}");
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("HOME", home)
        .env("LC_ALL", "C");
    for name in [
        "FAIRPLATE_DATABASE_URL",
        "FAIRPLATE_LANG",
        "FAIRPLATE_LISTEN",
        "FAIRPLATE_METRICS",
        "FAIRPLATE_SESSION_FILE",
        "FAIRPLATE_TOKEN_PIN",
    ] {
        shell.env_remove(name);
    }
    shell.output().expect("bash")
}

/// The screen shows what the page says: three services that run, the beacon's warning alone, and
/// every answer in its turn.
fn shows_what_the_page_says(screen: &str) {
    let services = screen.lines().filter(|line| line.starts_with('['));
    let running = services.filter(|line| line.contains(" Running "));
    assert_eq!(running.count(), 3, "{screen}");
    assert_eq!(screen.matches(" WARN ").count(), 1, "{screen}");
    let place_of = |answer: &&str| {
        let found = screen.lines().position(|line| line == *answer);
        found.unwrap_or_else(|| panic!("expected {answer} in {screen}"))
    };
    let places: Vec<usize> = ANSWERS.iter().map(place_of).collect();
    assert!(places.is_sorted(), "{places:?}: {screen}");
    for page in PAGES {
        let text = text(page);
        for answer in ANSWERS {
            let shown = format!("`{answer}`");
            assert!(text.contains(&shown), "{page} shows {answer}");
        }
    }
}

#[test]
fn whoever_follows_the_page_leads_a_period_from_the_freeze_to_a_verified_draw() {
    let home = tempfile::tempdir().expect("a folder");
    let began = Instant::now();

    let output = paste(&in_this_place(&pasted(PAGES[0])), home.path());

    let errors = String::from_utf8_lossy(&output.stderr);
    let screen = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{errors}\n{screen}");
    assert!(began.elapsed() + SAVED < PROMISED, "{:?}", began.elapsed());
    shows_what_the_page_says(&screen);
    let shown = fences(PAGES[0], &text(PAGES[0])).into_iter();
    let verdict = shown.filter(|fence| fence.is("text", "verdict"));
    let verdict: String = verdict.map(|fence| fence.body).collect();
    assert!(verdict.starts_with("VERIFIED: "), "{verdict}");
    assert!(screen.contains(&verdict), "{screen}");

    let place = home.path().join("first-draw");
    let read = |name: &str| fs::read_to_string(place.join(name)).expect("a file");
    for key in ["trust.policy", "records.vkey"] {
        let published = read(&format!("city/public/{key}"));
        assert_eq!(read(&format!("auditor/{key}")), published, "{key}");
    }
    let close = read("city/public/draws/202606/close.note");
    for name in ["court", "university", "newspaper"] {
        let reveal = read(&format!("{name}/mine.reveal"));
        let secret = reveal.lines().find_map(|line| line.strip_prefix("secret "));
        let line = format!("\nreveal {name}.example/c1 {}\n", secret.expect("a secret"));
        assert!(close.contains(&line), "{name}: {close}");
    }
    let kept = files_under(&place.join("notary/logs"));
    let cosigned = kept.keys().filter(|path| {
        let folder = path.parent().expect("a folder");
        folder.ends_with("cosigned")
    });
    assert_eq!(cosigned.count(), 3, "announce, close and result");
    for lang in ["en", "zh-CN"] {
        let protocol = read(&format!("protocol.{lang}.html"));
        assert!(protocol.contains("newspaper.example/c1"), "{lang}");
    }
}

#[test]
fn both_languages_of_the_page_for_a_new_operator_show_the_same_commands() {
    let [english, chinese] = PAGES.map(|page| fences(page, &text(page)));
    let bodies = |fences: Vec<Fence>| -> Vec<String> {
        fences.into_iter().map(|fence| fence.body).collect()
    };
    assert_eq!(bodies(english), bodies(chinese));
    let [english, chinese] = PAGES.map(pasted);
    assert_eq!(english, chinese);
}
