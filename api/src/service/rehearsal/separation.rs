//! Whether a rehearsal and its city can be taken for one another: what each one's trust says of what the
//! other one has published, and what they share.

use std::{collections::BTreeSet, fs, path::Path};

use serde::Serialize;
use verifier::{
    Options, Report, Trust, Verdict,
    beacon::Chain,
    note::{Note, VerifierKey},
    verify_folder,
};

use super::ORIGIN_PREFIX;
use crate::{
    beacon::REHEARSAL_PREFIX,
    error::{Error, Result},
    layout::Layout,
};

/// What the public pins of a city, and where it looks for what the city has published.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its files.
    pub layout: Layout,
    /// Origin of its log.
    pub origin: String,
    /// What is pinned; none of a city that has no keys yet.
    pub trust: Option<Trust>,
    /// The chain of its draws.
    pub chain: Chain,
}

/// One thing that keeps the two apart.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Whether it keeps them apart.
    pub passed: bool,
    /// What was found, for a person.
    pub found: String,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    /// The city's trust refutes the rehearsal's draw.
    CityRefutesRehearsal,
    /// The rehearsal's trust refutes each record that the city has published.
    RehearsalRefutesCity,
    /// No key is both sides'.
    KeysDiffer,
    /// The logs have other names, and the rehearsal's says what it is.
    OriginsDiffer,
    /// The beacon's chains are others, and the rehearsal's says what it is.
    ChainsDiffer,
    /// The server does not serve the rehearsal's folder unless it is told that it is one.
    ServerRefuses,
}

/// Looks at all of it.
pub async fn check(city: Side, rehearsal: Side, draw: String) -> Result<Vec<Finding>> {
    let checking = tokio::task::spawn_blocking(move || {
        let keys = [&city, &rehearsal].map(keys_of);
        let shared: Vec<_> = keys[0].intersection(&keys[1]).collect();
        Ok(vec![
            city_refutes(&city, &rehearsal, &draw),
            rehearsal_refutes(&city, &rehearsal)?,
            Finding {
                check: Check::KeysDiffer,
                passed: shared.is_empty(),
                found: format!(
                    "{} keys of the city, {} of the rehearsal, {} of both",
                    keys[0].len(),
                    keys[1].len(),
                    shared.len()
                ),
            },
            origins(&city, &rehearsal),
            chains(&city, &rehearsal),
        ])
    });
    checking.await.map_err(Error::internal)?
}

/// The public halves of a side's keys; a beacon's key is a key too.
fn keys_of(side: &Side) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::from([side.chain.public_key.to_vec()]);
    if let Some(trust) = &side.trust {
        keys.insert(trust.records.public().to_vec());
        for policy in trust.policies() {
            keys.insert(policy.log().public().to_vec());
            keys.extend(policy.witnesses().map(|(_, key)| key.public().to_vec()));
        }
    }
    keys
}

fn city_refutes(city: &Side, rehearsal: &Side, draw: &str) -> Finding {
    let (passed, found) = match &city.trust {
        None => (true, "the city has no keys yet".to_owned()),
        Some(trust) => {
            let report = verify(&rehearsal.layout, draw, trust);
            (report.verdict == Verdict::False, said(&report))
        }
    };
    Finding {
        check: Check::CityRefutesRehearsal,
        passed,
        found,
    }
}

fn rehearsal_refutes(city: &Side, rehearsal: &Side) -> Result<Finding> {
    let trust = rehearsal
        .trust
        .as_ref()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("the rehearsal has published nothing")))?;
    let (mut notes, mut believed) = (0_u64, Vec::new());
    let mut newest = None;
    for draw in names_in(&city.layout.draws()) {
        let folder = city.layout.draw(&draw);
        for name in names_in(&folder) {
            let is_note = Path::new(&name)
                .extension()
                .is_some_and(|extension| extension == "note");
            if is_note {
                notes += 1;
                if believes(&folder.join(&name), &trust.records) {
                    believed.push(format!("{draw}/{name}"));
                }
            }
        }
        newest = Some(draw);
    }
    let mut found = format!("{notes} records of the city, {} believed", believed.len());
    let mut passed = believed.is_empty();
    if let Some(draw) = newest {
        let report = verify(&city.layout, &draw, trust);
        passed &= report.verdict == Verdict::False;
        found = format!("{found}; draw {draw}: {}", said(&report));
    }
    Ok(Finding {
        check: Check::RehearsalRefutesCity,
        passed,
        found,
    })
}

fn believes(path: &Path, key: &VerifierKey) -> bool {
    let note = fs::read(path).map(|bytes| Note::parse(&bytes));
    matches!(note, Ok(Ok(note)) if note.verify(key).is_ok())
}

/// The names in a folder, in order; none where there is no folder.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(std::result::Result::ok);
    let mut names: Vec<_> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn verify(layout: &Layout, draw: &str, trust: &Trust) -> Report {
    let options = Options {
        log: Some(layout.log()),
        ..Options::default()
    };
    verify_folder(&layout.draw(draw), trust, &options, &mut |_| {})
}

/// The verdict, and the step that came to it.
fn said(report: &Report) -> String {
    match report.first_failure() {
        Some(step) => format!("{} by the step `{}`", report.verdict, step.id()),
        None => report.verdict.to_string(),
    }
}

fn origins(city: &Side, rehearsal: &Side) -> Finding {
    Finding {
        check: Check::OriginsDiffer,
        passed: city.origin != rehearsal.origin
            && rehearsal.origin == format!("{ORIGIN_PREFIX}{}", city.origin),
        found: rehearsal.origin.clone(),
    }
}

fn chains(city: &Side, rehearsal: &Side) -> Finding {
    let (ours, theirs) = (&rehearsal.chain, &city.chain);
    Finding {
        check: Check::ChainsDiffer,
        passed: ours.hash != theirs.hash && ours.beacon_id.starts_with(REHEARSAL_PREFIX),
        found: format!("{} ({})", ours.beacon_id, ours.hash),
    }
}
