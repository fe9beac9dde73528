//! One draw's folder, put together from the database in the staging folder.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{BufWriter, IntoInnerError},
};

use ::entity::{checkpoint, draw, draw_pool, record};
use anyhow::Context as _;
use sea_orm::ConnectionTrait;
use verifier::{
    draw::{Outcome, Place},
    log::{InclusionBundle, inclusion_proof},
    pool::{Code, PoolWriter},
    text::Digest,
};

use super::{cosigned, files, pool_name, published::read_digest, result_name, staging};
use crate::{
    app::App,
    domain::phase::record_kind_name,
    error::{Error, Result},
    service::{log, trust::Policies},
    store,
};

/// A draw's folder in staging.
pub(super) struct Staged {
    /// Where it is.
    pub(super) place: staging::Place,
    /// Whether it holds the record that ends a draw, a result or a void.
    pub(super) has_ended: bool,
    /// Its files, in the order in which they become public: what a record speaks of comes before
    /// the record.
    pub(super) names: Vec<String>,
}

/// Puts together every file that the records of a draw speak of.
pub(super) async fn stage(app: &App, row: &draw::Model) -> Result<Staged> {
    let (records, checkpoints) = published_records(app, &row.id).await?;
    let ends =
        |record: &record::Model| matches!(record.kind, record::Kind::Result | record::Kind::Void);
    let mut staged = Staged {
        place: staging::Place::make(app, &row.id).map_err(files::unwritten)?,
        has_ended: records.iter().any(ends),
        names: Vec::new(),
    };
    let pools = store::draws::list_pools(&app.db, app.city, &row.id).await?;

    let policy = store::policies::find(&app.db, app.city, &row.policy_digest).await?;
    staged.write(
        "policy.toml",
        policy
            .map(|policy| policy.content)
            .unwrap_or_default()
            .as_bytes(),
    )?;
    staged.write(
        "chain.json",
        row.chain.as_deref().unwrap_or_default().as_bytes(),
    )?;
    for pool in &pools {
        staged.write_pool(app, pool).await?;
    }
    if records
        .iter()
        .any(|record| record.kind == record::Kind::Result)
    {
        for pool in &pools {
            staged.write_result(app, pool).await?;
        }
    }
    staged.write_records(app, &records, &checkpoints).await?;
    files::settle(staged.place.path()).map_err(files::unwritten)?;
    Ok(staged)
}

/// The records of a draw that may be public, behind the changes of keys that lead to them, with the
/// log's checkpoints: another process may have committed a record that its witnesses have not
/// cosigned yet, and will publish it itself.
async fn published_records(
    app: &App,
    draw: &str,
) -> Result<(Vec<record::Model>, Vec<checkpoint::Model>)> {
    let mut records = store::records::list_of_draw(&app.db, app.city, draw).await?;
    let checkpoints = store::records::list_checkpoints(&app.db, app.city).await?;
    let policies = Policies::of(app, &app.db).await?;
    let is_cosigned = |record: &record::Model| {
        let of_record = |row: &&checkpoint::Model| row.size == record.log_index + 1;
        let row = checkpoints.iter().find(of_record);
        row.is_some_and(|row| policies.is_vouched_for(row))
    };
    records.retain(is_cosigned);
    let end = records.last().map_or(0, |last| last.log_index);
    // Whoever has pinned an earlier key follows these to the keys that signed the draw.
    let mut published = store::records::list_changes_of_keys(&app.db, app.city, end).await?;
    published.retain(is_cosigned);
    published.append(&mut records);
    Ok((published, checkpoints))
}

impl Staged {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        files::write_durably(&self.place.path().join(name), bytes).map_err(files::unwritten)?;
        self.names.push(name.to_owned());
        Ok(())
    }

    /// The pool file, from the frozen lines; a public file with the announced digest is linked
    /// instead of written again.
    async fn write_pool(&mut self, app: &App, pool: &draw_pool::Model) -> Result<()> {
        let name = pool_name(&pool.category);
        let path = self.place.path().join(&name);
        let public = app.layout.draw(&pool.draw_id).join(&name);
        self.names.push(name);
        if read_digest(&public).is_ok_and(|digest| digest.0[..] == pool.sha256[..])
            && fs::hard_link(&public, &path).is_ok()
        {
            return Ok(());
        }
        let file = File::create_new(&path)
            .context("creating a pool file")
            .map_err(files::unwritten)?;
        let mut writer = PoolWriter::new(BufWriter::new(file));
        let mut after = String::new();
        loop {
            let lines =
                store::pools::list_lines(&app.db, app.city, &pool.draw_id, &pool.category, &after)
                    .await?;
            let Some((last, _)) = lines.last() else { break };
            after.clone_from(last);
            for (code, weight) in &lines {
                let weight = u16::try_from(*weight).map_err(Error::internal)?;
                let written = writer.push(code, weight).context("writing a pool file");
                written.map_err(files::unwritten)?;
            }
        }
        let finished = writer.finish().context("writing a pool file");
        let (buffer, written) = finished.map_err(files::unwritten)?;
        let file = buffer.into_inner().map_err(IntoInnerError::into_error);
        file.and_then(|file| file.sync_all())
            .context("writing a pool file")
            .map_err(files::unwritten)?;
        if written.sha256 != log::digest(&pool.sha256)? {
            return Err(Error::internal(anyhow::anyhow!(
                "the pool {} of draw {} in the database is not the frozen one",
                pool.category,
                pool.draw_id
            )));
        }
        Ok(())
    }

    /// The result file, from the placements.
    async fn write_result(&mut self, app: &App, pool: &draw_pool::Model) -> Result<()> {
        let mut bytes = Vec::new();
        outcome(&app.db, app, pool)
            .await?
            .write(&mut bytes)
            .map_err(Error::internal)?;
        self.write(&result_name(&pool.category), &bytes)
    }

    /// The records with their proofs, each under the checkpoint that first held it.
    async fn write_records(
        &mut self,
        app: &App,
        records: &[record::Model],
        checkpoints: &[checkpoint::Model],
    ) -> Result<()> {
        let leaves: Vec<Digest> = log::leaves(&app.db, app).await?;
        for record in records {
            let size = record.log_index + 1;
            let row = checkpoints
                .iter()
                .find(|row| row.size == size)
                .ok_or_else(|| {
                    Error::internal(anyhow::anyhow!("the log has no checkpoint of size {size}"))
                })?;
            let tree = leaves
                .get(..usize::try_from(size).map_err(Error::internal)?)
                .unwrap_or_default();
            let index = u64::try_from(record.log_index).map_err(Error::internal)?;
            let bundle = InclusionBundle {
                index,
                proof: inclusion_proof(tree, index),
                checkpoint: cosigned(row)?,
            };
            let name = file_stem(record);
            self.write(&format!("{name}.tlog-proof"), bundle.to_string().as_bytes())?;
            self.write(&format!("{name}.note"), record.note.as_bytes())?;
        }
        Ok(())
    }
}

/// Who was placed in a category.
pub(in crate::service) async fn outcome(
    db: &impl ConnectionTrait,
    app: &App,
    pool: &draw_pool::Model,
) -> Result<Outcome> {
    let rows = store::placements::list(db, app.city, &pool.draw_id, &pool.category).await?;
    let winners = rows.iter().filter(|row| row.is_winner).count() as u64;
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        places.push(Place {
            rank: u64::try_from(row.place_rank).map_err(Error::internal)?,
            code: row.code.parse::<Code>().map_err(Error::internal)?,
            serial: u64::try_from(row.serial).map_err(Error::internal)?,
            score: u64::from_be_bytes(row.score[..].try_into().map_err(Error::internal)?),
        });
    }
    Ok(Outcome {
        winners,
        reserves: places.len() as u64 - winners,
        places,
        cut_off: None,
    })
}

/// How the files of a record are called, without their endings.
pub(in crate::service) fn file_stem(record: &record::Model) -> Cow<'_, str> {
    match record.kind {
        kind @ (record::Kind::Announce
        | record::Kind::Close
        | record::Kind::Result
        | record::Kind::Void) => record_kind_name(kind).into(),
        record::Kind::Amend => format!("amend-{}", record.number).into(),
        record::Kind::Keys => record.draw_id.as_str().into(),
    }
}
