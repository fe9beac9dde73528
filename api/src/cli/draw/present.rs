//! `fairplate draw present`: a draw in the hall, as it becomes public.

/// One plain line a step.
mod lines;

/// The screen as lines.
mod frame;

/// What is read from far away.
mod digits;

/// The terminal that is drawn on.
mod screen;

use std::{
    io::{IsTerminal as _, stdout},
    pin::pin,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, interval};

use self::{frame::Scene, screen::Screen};
use crate::{
    App,
    domain::Locale,
    error::{Error, Result},
    http,
    service::{
        live::{DrawEvent, Live},
        wall::{self, Wall},
    },
};

/// How often the screen is drawn.
const TICK: Duration = Duration::from_millis(200);

/// What is shown, and how.
#[derive(Debug, Args)]
pub(super) struct Present {
    /// The draw
    id: String,
    /// Show where it stands, and end
    #[arg(long)]
    once: bool,
    /// As JSON, one line whenever something has become public
    #[arg(long)]
    json: bool,
}

impl Present {
    pub(super) async fn run(&self, app: &App, locale: Locale) -> Result<ExitCode> {
        let mut telling = Telling {
            is_json: self.json,
            locale,
            told: 0,
        };
        if self.once {
            telling.tell(&wall::read(app, &self.id).await?);
            return Ok(ExitCode::SUCCESS);
        }
        let live = Arc::new(Live::new(app.clone()));
        let news = live.follow_draw(&self.id, None, 0).await?;
        let news = pin!(news.take_until(tokio::signal::ctrl_c()));
        if self.json || !stdout().is_terminal() {
            self.follow(app, news, &mut telling).await?;
        } else {
            self.show(app, news, locale).await?;
            // What was on the screen stays behind it as lines.
            telling.tell(&wall::read(app, &self.id).await?);
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn follow(
        &self,
        app: &App,
        mut news: impl Stream<Item = Result<DrawEvent>> + Unpin,
        telling: &mut Telling,
    ) -> Result<()> {
        while let Some(event) = news.next().await {
            event?;
            let wall = wall::read(app, &self.id).await?;
            telling.tell(&wall);
            if wall.is_over() {
                break;
            }
        }
        Ok(())
    }

    /// Draws until the draw is over and everything was shown, or somebody interrupts.
    async fn show(
        &self,
        app: &App,
        mut news: impl Stream<Item = Result<DrawEvent>> + Unpin,
        locale: Locale,
    ) -> Result<()> {
        let mut wall = wall::read(app, &self.id).await?;
        let mut shown = Shown(None);
        shown.came(&wall);
        let mut screen = Screen::open();
        let mut tick = interval(TICK);
        while !shown.is_all(&wall) {
            let scene = Scene {
                wall: &wall,
                locale,
                now: app.clock.now(),
                since: shown.since(),
            };
            screen.draw(&scene.lines());
            tokio::select! {
                _ = tick.tick() => {}
                event = news.next(), if !wall.is_over() => {
                    let Some(event) = event else { break };
                    event?;
                    wall = wall::read(app, &self.id).await?;
                    shown.came(&wall);
                }
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted.map_err(Error::internal)?;
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Since when the end of the draw is shown: from its coming on, or from when somebody began to look.
struct Shown(Option<Instant>);

impl Shown {
    fn came(&mut self, wall: &Wall) {
        if wall.is_over() && self.0.is_none() {
            self.0 = Some(Instant::now());
        }
    }

    fn since(&self) -> Option<Duration> {
        self.0.map(|at| at.elapsed())
    }

    fn is_all(&self, wall: &Wall) -> bool {
        let since = self.since();
        since.is_some_and(|since| frame::length(wall) < since)
    }
}

/// What is told in lines, and how much of it was.
struct Telling {
    is_json: bool,
    locale: Locale,
    told: usize,
}

impl Telling {
    /// Prints what has not been printed.
    fn tell(&mut self, wall: &Wall) {
        if self.is_json {
            let steps = 1 + wall.steps().len();
            if self.told < steps {
                println!("{}", http::wall::figures(wall, None));
            }
            self.told = steps;
            return;
        }
        let lines = lines::of(wall, self.locale);
        for line in lines.iter().skip(self.told) {
            println!("{line}");
        }
        self.told = lines.len();
    }
}
