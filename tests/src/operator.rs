//! The operator at the command line, with a data folder.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Output},
};

use chrono::{Datelike as _, Days, NaiveDate, TimeDelta};
use fairplate::{
    clock::{Clock as _, SystemClock},
    domain::{calendar::is_weekend, code::ApplicationCode},
};
use tempfile::TempDir;

use crate::{
    old_system::{IMPORT_HEADER, old_periods},
    people::person,
    programs,
};

/// What opens the operator's keys.
pub const PASSPHRASE: &str = "seven words that nobody says in a row";

/// A data folder, and the operator at it.
pub struct Operator {
    folder: TempDir,
    /// The database, where it is not the embedded one.
    pub url: Option<String>,
}

impl Operator {
    /// An empty folder.
    #[must_use]
    pub fn in_an_empty_folder() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            url: None,
        }
    }

    /// The data folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command in this folder, not yet run.
    #[must_use]
    pub fn command(&self, words: &str) -> Command {
        let mut command = programs::fairplate();
        command
            .arg("--data")
            .arg(self.path())
            .args(words.split_whitespace());
        if let Some(url) = &self.url {
            command.env("FAIRPLATE_DATABASE_URL", url);
        }
        command
    }

    /// Runs a command without a passphrase of its own.
    #[must_use]
    pub fn run(&self, words: &str) -> Output {
        self.command(words).output().expect("fairplate runs")
    }

    /// Runs a command with the passphrase; it has to succeed.
    pub fn done(&self, words: &str) {
        drop(self.output_of(words));
    }

    /// The same; gives what the command printed.
    #[must_use]
    pub fn output_of(&self, words: &str) -> String {
        let output = self
            .command(words)
            .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
            .output();
        let output = output.expect("fairplate runs");
        assert!(output.status.success(), "{words}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The file with the token of an officer's session; it is opened when it is asked for.
    #[must_use]
    pub fn session_of(&self, name: &str) -> String {
        let file = self.path().join(format!("{name}.session"));
        if !file.exists() {
            let token = self.output_of(&format!("session officer {name}"));
            fs::write(&file, token).expect("written");
        }
        file.display().to_string()
    }

    /// Proposes with a command; gives the approval's id and digest.
    #[must_use]
    pub fn proposed(&self, words: &str) -> (String, String) {
        let first = self.session_of("li");
        let printed = self.output_of(&format!("{words} --session-file {first}"));
        let word = |name: &str| {
            let found = printed.lines().find_map(|line| line.strip_prefix(name));
            found
                .unwrap_or_else(|| panic!("no {name} in {printed}"))
                .trim()
                .to_owned()
        };
        (word("approval "), word("digest "))
    }

    /// Has one officer propose something with a command, and another one approve of it.
    pub fn agreed(&self, words: &str) {
        let (id, digest) = self.proposed(words);
        let second = self.session_of("wang");
        self.done(&format!("approve {id} {digest} --session-file {second}"));
    }
}

impl Operator {
    /// Verifies every published draw with the program that strangers run; gives their number.
    #[must_use]
    pub fn verify_all(&self) -> usize {
        let draws = fs::read_dir(self.path().join("public/draws")).expect("draws");
        let mut count = 0;
        for draw in draws {
            let folder = draw.expect("a draw").path();
            let output = programs::verifier()
                .arg("draw")
                .arg(&folder)
                .arg("--no-state")
                .output();
            let output = output.expect("fairplate-verifier runs");
            assert!(output.status.success(), "{}: {output:?}", folder.display());
            assert!(String::from_utf8_lossy(&output.stdout).contains("VERIFIED"));
            count += 1;
        }
        count
    }

    /// A city under settings of its own, with two people in a period whose pool is frozen.
    #[must_use]
    pub fn with_a_frozen_pool() -> Self {
        Self::in_an_empty_folder().with_a_pool()
    }

    /// The same in this folder and its database.
    #[must_use]
    pub fn with_a_pool(self) -> Self {
        self.with_a_pool_after("key new")
    }

    /// The same, with keys that come from another call.
    #[must_use]
    pub fn with_a_pool_after(self, keys: &str) -> Self {
        let operator = self;
        fs::write(operator.path().join("calendar.toml"), working_today()).expect("written");
        let settings = "calendar = \"calendar.toml\"\n\n[beacon]\nsource = \"relays\"\nurls = []\nchain = \"chain.json\"\n\n[[witness]]\nname = \"w\"\nlocal = \"witness\"\n";
        for step in [keys, "key new-chain --id tests --period-secs 1"] {
            operator.done(step);
        }
        let witness = programs::fairplate()
            .arg("--data")
            .arg(operator.path().join("notary"))
            .args(["key", "new-witness", "--name", "witness.example/w"])
            .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
            .output();
        assert!(witness.expect("run").status.success());
        fs::rename(
            operator.path().join("notary/keys"),
            operator.path().join("witness"),
        )
        .expect("moved");
        fs::write(operator.path().join("fairplate.toml"), settings).expect("written");
        operator.done("migrate");
        let code = |number| ApplicationCode::from_number(number).to_string();
        let lines = [
            person(1).line(&code(271_828_182_845), "201405-201408"),
            person(2).line(&code(31_415_926_535), ""),
        ];
        fs::write(operator.path().join("p.csv"), old_periods()).expect("written");
        fs::write(
            operator.path().join("a.csv"),
            format!("{IMPORT_HEADER}{}\n", lines.join("\n")),
        )
        .expect("written");
        let folder = operator.path().display().to_string();
        operator.done(&format!(
            "import --periods {folder}/p.csv --applicants {folder}/a.csv"
        ));
        operator.agreed("policy confirm");
        operator.done("period open 202606 --from 2026-06-01 --until 2026-06-02 --review 2026-06-03 --draw 2026-06-04 --quota individual=1+1");
        for step in ["period close 202606", "period publish-review 202606"] {
            operator.done(step);
        }
        operator.agreed("draw freeze 202606");
        operator
    }
}

/// A calendar in which today and tomorrow are worked, so that a draw can be announced whenever the
/// tests run.
fn working_today() -> String {
    let today = (SystemClock.now() + TimeDelta::hours(8)).date_naive();
    let days = [today, today + Days::new(1)];
    let mut years = vec![days[0].year(), days[1].year()];
    years.dedup();
    let mut text = String::new();
    for year in years {
        let mut weekends = days.to_vec();
        weekends.retain(|day| day.year() == year && is_weekend(*day));
        // Weekdays off in another half of the year pay for them.
        let month = if today.month() <= 6 { 9 } else { 3 };
        let first = NaiveDate::from_ymd_opt(year, month, 1).expect("a day");
        let weekdays = first.iter_days().filter(|day| !is_weekend(*day));
        let holidays: Vec<_> = weekdays
            .take(1 + weekends.len())
            .map(|day| format!("{{ name = \"off\", from = {day}, until = {day} }}"))
            .collect();
        let weekends: Vec<_> = weekends.iter().map(NaiveDate::to_string).collect();
        writeln!(
            text,
            "[[year]]\nyear = {year}\nstatutory_days = 1\nholidays = [{}]\nworking_weekends = [{}]\nsource = \"invented\"\naccessed = 2026-11-21\nconfidence = \"H\"\n",
            holidays.join(", "),
            weekends.join(", "),
        )
        .expect("written");
    }
    text
}
