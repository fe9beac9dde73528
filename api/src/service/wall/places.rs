//! Who was placed, from the published result files.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
};

use anyhow::Context as _;
use verifier::record::OutcomeLine;

use crate::{
    app::App,
    error::{Error, Result},
    service::publication,
};

/// Places of a category that are read; its file has them all.
pub const PLACES_MAX: usize = 2_000;

/// One line of a result file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1; winners first, then the reserves.
    pub rank: u64,
    /// The application code.
    pub code: String,
    /// The best ticket's public number; `-` where chance had no part.
    pub serial: String,
    /// Its score, 16 hex digits; `-` where chance had no part.
    pub score: String,
}

/// The first places of each category.
pub(super) async fn read(
    app: &App,
    draw: &str,
    outcomes: &[OutcomeLine],
) -> Result<Vec<Vec<Place>>> {
    let folder = app.layout.draw(draw);
    let files: Vec<_> = outcomes
        .iter()
        .map(|outcome| folder.join(publication::result_name(&outcome.category)))
        .collect();
    let reading = tokio::task::spawn_blocking(move || {
        let read = |path: &std::path::PathBuf| -> anyhow::Result<Vec<Place>> {
            let about = || format!("reading {}", path.display());
            let file = File::open(path).with_context(about)?;
            let lines = BufReader::new(file).lines().take(PLACES_MAX);
            let places = lines.map(|line| place(&line?));
            places.collect::<anyhow::Result<_>>().with_context(about)
        };
        files.iter().map(read).collect::<anyhow::Result<_>>()
    });
    let read = reading.await.map_err(Error::internal)?;
    read.map_err(Error::internal)
}

fn place(line: &str) -> anyhow::Result<Place> {
    let fields: Vec<&str> = line.split(',').collect();
    let [rank, code, serial, score] = fields[..] else {
        anyhow::bail!("a line has not four fields");
    };
    Ok(Place {
        rank: rank.parse()?,
        code: code.to_owned(),
        serial: serial.to_owned(),
        score: score.to_owned(),
    })
}
