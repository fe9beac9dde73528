//! Processes that die between two effects, and processes that meet at one.
//!
//! One binary, `fairplate-ceremony`, runs one step of a ceremony with a clock that stands still; its
//! observer kills it, with a signal that nothing can catch, or makes it wait for another one.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio, exit},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fairplate::app::{Effect, Observer};

use crate::{
    city::Remains,
    failing_disk::{FailingDisk, Failure},
    programs,
    token::SoftToken,
};

/// A place between two effects of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The step, as its effects name it.
    pub step: String,
    /// The effect that has just happened, as in `Committed`.
    pub stage: String,
    /// Which of the step's effects of this name, from 1.
    pub nth: usize,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.step, self.stage, self.nth)
    }
}

/// Writes down every effect, so that a table of faults misses none.
#[derive(Default)]
pub struct Recorder(Mutex<Vec<Point>>);

impl Recorder {
    /// What happened so far.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        self.0.lock().expect("no recorder panicked").clone()
    }
}

impl Observer for Recorder {
    fn reached(&self, effect: Effect) {
        let mut points = self.0.lock().expect("no recorder panicked");
        let (step, stage) = (effect.step.to_owned(), format!("{:?}", effect.stage));
        let earlier = points
            .iter()
            .filter(|point| point.step == step && point.stage == stage);
        let nth = earlier.count() + 1;
        points.push(Point { step, stage, nth });
    }
}

/// One step in a process of its own.
pub struct Process {
    command: Command,
}

impl Process {
    /// A step at a moment, in a city that no other process of this test serves.
    #[must_use]
    pub fn of(remains: &Remains, step: &str, at: &str) -> Self {
        let mut command = programs::ceremony();
        command
            .arg(remains.folder.path())
            .arg(remains.database.url())
            .args([&remains.policy, at, step])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { command }
    }

    /// It makes good what a crash left before it does anything else, as a server does.
    #[must_use]
    pub fn recovering(mut self) -> Self {
        self.command.arg("--recover");
        self
    }

    /// It finds a token.
    #[must_use]
    pub fn with(mut self, token: &SoftToken) -> Self {
        token.stand_under(&mut self.command);
        self
    }

    /// It dies at a point.
    #[must_use]
    pub fn dying_at(mut self, point: &Point) -> Self {
        self.command.arg("--die").arg(point.to_string());
        self
    }

    /// It dies after so many effects.
    #[must_use]
    pub fn dying_after(mut self, effects: u64) -> Self {
        self.command.arg("--die-after").arg(effects.to_string());
        self
    }

    /// It runs on a disk whose n-th call below these folders fails.
    #[must_use]
    pub fn on_a_disk(
        mut self,
        disk: &FailingDisk,
        folders: &[PathBuf],
        failure: Failure,
        nth: u32,
    ) -> Self {
        disk.stand_under(&mut self.command, folders, failure, nth);
        self
    }

    /// It waits at a point until two have come to the meeting place; `start` is before everything
    /// that it does, and `end` after it.
    #[must_use]
    pub fn meeting_at(mut self, point: &str, place: &Path) -> Self {
        self.command.arg("--meet").arg(point).arg(place);
        self
    }

    /// Starts it.
    #[must_use]
    pub fn start(mut self) -> Child {
        self.command.spawn().expect("fairplate-ceremony starts")
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(self) -> Output {
        self.start()
            .wait_with_output()
            .expect("fairplate-ceremony ends")
    }
}

/// The observer inside such a process.
#[derive(Default)]
pub struct Fate {
    /// Where the process dies: `step/Stage/nth`.
    pub dies_at: Option<String>,
    /// After how many effects, whatever they are, the process dies.
    pub dies_after: Option<usize>,
    /// Where it waits, and the folder in which those who wait leave a file.
    pub meets_at: Option<(String, PathBuf)>,
    recorder: Recorder,
    met: AtomicUsize,
}

impl Fate {
    /// Waits for the other one, at most a minute.
    pub fn meet(&self, place: &Path) {
        if self.met.fetch_add(1, Ordering::SeqCst) != 0 {
            return;
        }
        let own = place.join(std::process::id().to_string());
        File::create(own).expect("a sign of being here");
        let since = Instant::now();
        while fs::read_dir(place).expect("a meeting place").count() < 2 {
            if Duration::from_mins(1) < since.elapsed() {
                eprintln!("nobody else came to {}", place.display());
                exit(99);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Observer for Fate {
    fn reached(&self, effect: Effect) {
        self.recorder.reached(effect);
        let points = self.recorder.points();
        let here = points.last().map(Point::to_string);
        let is_enough = self.dies_after == Some(points.len());
        if is_enough || here.is_some() && here == self.dies_at {
            let own = std::process::id().to_string();
            let killed = Command::new("kill").args(["-KILL", &own]).status();
            panic!("expected to be dead, found {killed:?}");
        }
        if let Some((point, place)) = &self.meets_at
            && here.as_ref() == Some(point)
        {
            self.meet(place);
        }
    }
}
