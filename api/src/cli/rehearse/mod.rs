//! `fairplate rehearse`: a period's whole ceremony on a copy, before it is done in earnest.
//!
//! The city is read over a connection that cannot write, and its keys are not opened. Everything else
//! is a city of its own in a marked folder: keys, witnesses, beacon chain, contributors and officers,
//! all played by this process. The days are the period's own, on a stopped clock, so that what depends
//! on a day comes out as it will.

mod city;
mod folder;
mod report;
mod steps;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use verifier::{Trust, trust::published_policies};

use self::{
    city::City,
    report::{Report, Step, Untouched},
    steps::Days,
};
use super::{
    Global,
    demo::exit_code,
    playing::Stages,
    progress::{Progress, Tell},
    start,
};
use crate::{
    App,
    clock::StoppedClock,
    domain::Locale,
    error::{Error, Result},
    layout::Layout,
    service::{
        publication,
        rehearsal::{
            self, Copied, Source,
            separation::{self, Check, Finding, Side},
            untouched::State,
        },
    },
};

/// Run a period's whole ceremony on a copy, and prove that nothing of it can be taken for the city's
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fairplate --data /srv/fairplate rehearse 202607\n  fairplate --data /srv/fairplate rehearse 202607 --folder /srv/rehearsal --replace --json\n\n\
    The city goes on meanwhile: it is read, never written, and no key of it is needed. Look at what \
    came out with `fairplate --data <folder> serve --rehearsal`; remove the folder when it has served.\n\n\
    Exit codes: 0 verified and kept apart; 1 refuted, or something could be taken for the city's; 2 \
    the call or the settings are wrong."
)]
pub(super) struct Rehearse {
    /// The period
    period: String,
    /// The folder of the rehearsal; else `rehearsals/<period>` in the data folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Remove the rehearsal that is there already
    #[arg(long)]
    replace: bool,
    /// The report as JSON
    #[arg(long)]
    json: bool,
}

/// The stages of a rehearsal, told and timed.
struct Told {
    stages: Stages,
    steps: Vec<Step>,
    locale: Locale,
}

impl Told {
    fn done(&mut self, name: &'static str, zh: &str, en: &str) {
        let what = match self.locale {
            Locale::ZhCn => zh,
            Locale::En => en,
        };
        let seconds = self.stages.done(what);
        self.steps.push(Step { name, seconds });
    }
}

/// The rehearsal's city, with what it needs of the other one.
struct Made {
    app: App,
    at_home: Global,
    clock: StoppedClock,
    days: Days,
    /// Origin of the city's log.
    origin: String,
    copied: Copied,
}

impl Rehearse {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let mut told = Told {
            stages: Stages::start(),
            steps: Vec::new(),
            locale: global.lang,
        };
        let city = City::open(global).await?;
        let before = State::of(&city.db, city.id, &city.layout).await?;
        let made = self.make(global, &city, &mut told).await?;
        let app = &made.app;
        let draw = steps::run(app, &made.clock, &self.period, &made.days, &mut told).await?;
        let verdict = publication::verdict(app, &draw).await?;
        told.done(
            "verify",
            "公开文件已核验",
            "the published folder is verified",
        );
        let separation = separate(&city, &made, &draw).await?;
        let after = State::of(&city.db, city.id, &city.layout).await?;
        told.done(
            "separation",
            "演练与真实摇号互不混淆，已逐项检查",
            "what keeps the rehearsal and the city apart is checked",
        );
        let report = Report {
            period: self.period.clone(),
            draw,
            folder: app.layout.root().display().to_string(),
            origin: app.origin.to_string(),
            steps: told.steps,
            copied: made.copied,
            pools: report::pools(app, &verdict).await?,
            verdict: verdict.verdict.to_string(),
            separation,
            city: Untouched::between(&before, &after),
            peak_memory_bytes: report::peak_memory_bytes(),
        };
        report.print(global.lang, self.json)?;
        let is_apart = report.separation.iter().all(|finding| finding.passed);
        Ok(ExitCode::from(if is_apart {
            exit_code(verdict.verdict)
        } else {
            1
        }))
    }

    /// Makes the rehearsal's city, and copies into it what the draw needs.
    async fn make(&self, global: &Global, city: &City, told: &mut Told) -> Result<Made> {
        let source = Source::open(&city.db, city.id, &self.period).await?;
        let folder = self.folder.clone().unwrap_or_else(|| {
            let all = city.layout.root().join("rehearsals");
            all.join(&self.period)
        });
        folder::prepare(&folder, &source, self.replace)?;
        let days = Days::of(&source.period);
        let at_home = folder::make(global, &folder, city, &source, &days)?;
        super::migrate::apply(&at_home).await?;
        let clock = StoppedClock::at(days.freeze);
        let options = start::Options {
            clock: Arc::new(clock.clone()),
            observer: Arc::new(Tell::new()),
            sets_up: true,
        };
        let app = start::open_with(&at_home, options).await?;
        told.done(
            "city",
            "演练城市的文件夹、密钥与数据库已就绪",
            "the rehearsal's folder, keys and database are there",
        );
        // The source ends here: the city keeps what a reader still sees.
        let copied = copy(&source, &app).await?;
        told.done("copy", "所需数据已复制", "what the draw needs is copied");
        Ok(Made {
            app,
            at_home,
            clock,
            days,
            origin: source.city.origin,
            copied,
        })
    }
}

async fn copy(source: &Source, app: &App) -> Result<Copied> {
    let mut progress = Progress::start("copied", source.count().await?);
    rehearsal::copy(source, app, &mut |done| progress.at(done)).await
}

/// What keeps the two apart, the refusal of the server among it.
async fn separate(city: &City, made: &Made, draw: &str) -> Result<Vec<Finding>> {
    let app = &made.app;
    let ours = Side {
        layout: app.layout.clone(),
        origin: app.origin.to_string(),
        trust: Some(published_trust(&app.layout)?),
        chain: app.chain.as_ref().clone(),
    };
    let theirs = city.side(&made.origin)?;
    let mut findings = separation::check(theirs, ours, draw.to_owned()).await?;
    let refused = start::require_real(&made.at_home, "to look at it, give --rehearsal").err();
    findings.push(Finding {
        check: Check::ServerRefuses,
        passed: refused.is_some(),
        found: refused.map(|cause| cause.to_string()).unwrap_or_default(),
    });
    Ok(findings)
}

/// What the public pins of a city that has published something.
fn published_trust(layout: &Layout) -> Result<Trust> {
    let public = layout.public();
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|cause| Error::NotSetUp(format!("{} cannot be read: {cause}", path.display())))
    };
    let policies = published_policies(&public);
    let policies: Result<Vec<_>> = policies.iter().map(|path| read(path)).collect();
    Trust::parse_all(&policies?, &read(&public.join("records.vkey"))?)
        .map_err(|cause| Error::NotSetUp(format!("{}: {cause}", public.display())))
}
