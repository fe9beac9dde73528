//! Everything that the process logged, kept for tests of what must never be in a log.

use std::{
    io,
    sync::{Mutex, OnceLock},
};

use tracing_subscriber::fmt::MakeWriter;

static LINES: OnceLock<Lines> = OnceLock::new();

/// The log so far.
struct Lines(Mutex<Vec<u8>>);

/// Begins to keep every line of every level.
pub fn keep() {
    if LINES.set(Lines(Mutex::default())).is_ok() {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(Kept)
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    }
}

/// The lines kept so far.
#[must_use]
pub fn kept() -> String {
    let lines = LINES.get().expect("kept lines").0.lock().expect("no writer panicked");
    String::from_utf8_lossy(&lines).into_owned()
}

struct Kept;

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(lines) = LINES.get() {
            lines.0.lock().map_err(|_| io::Error::other("a writer panicked"))?.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
