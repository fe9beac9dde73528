//! Progress of long work: a bar on a terminal, a line a step otherwise.

use std::{io::IsTerminal as _, sync::Mutex};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::{Effect, Observer};

/// Shows how far something is.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    total: u64,
    told: u64,
}

impl Progress {
    /// Begins to show progress towards a total.
    pub(super) fn start(what: &str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let template = "  {msg} [{bar:30}] {human_pos}/{human_len} {eta}";
            bar.set_style(
                ProgressStyle::with_template(template)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.set_message(what.to_owned());
            bar
        });
        Self {
            bar,
            what: what.to_owned(),
            total,
            told: 0,
        }
    }

    /// So many are done. Without a terminal every tenth of the way is a line.
    pub(super) fn at(&mut self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        let step = (self.total / 10).max(1);
        if done / step != self.told / step && done < self.total {
            eprintln!("  {}: {done} of {}", self.what, self.total);
        }
        self.told = done;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Tells every effect of a ceremony as a line.
pub(super) struct Tell {
    last: Mutex<Option<Effect>>,
}

impl Tell {
    pub(super) fn new() -> Self {
        Self {
            last: Mutex::new(None),
        }
    }
}

impl Observer for Tell {
    fn reached(&self, effect: Effect) {
        let Ok(mut last) = self.last.lock() else {
            return;
        };
        // One line for the files of a step, however many they are. A proposal binds nobody yet: it is
        // printed itself.
        if *last != Some(effect) && effect.step != "propose" {
            eprintln!("  {}: {}", effect.step, effect.stage.name());
        }
        *last = Some(effect);
    }
}
