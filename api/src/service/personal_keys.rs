//! Keys of personal data: which one is in use, and sealing everything again with a new one.
//!
//! A new key is used in two steps, so that no process ever meets a value that it cannot open. First
//! the key is made, and every process is started again and can read what it will seal. Then it is
//! put into use, and whatever earlier keys have sealed is sealed again with it, a piece at a time.

use ::entity::personal_key;
use sea_orm::ConnectionTrait;

use crate::{
    app::App,
    domain::actor::Operator,
    error::{Error, Result},
    service::trail,
    store::{
        self,
        sealed::{ALL, Column, Sealed},
    },
};

/// Values that one transaction seals again.
const PIECE_ROWS: u64 = 500;

/// Learns from the database which of the folder's keys is in use. Every process does so before it
/// seals anything.
///
/// # Errors
///
/// [`Error::NotSetUp`] when the folder's keys are not the city's, or when it lacks the one in use.
pub async fn learn(app: &App) -> Result<()> {
    let rows = store::personal_keys::list(&app.db, app.city).await?;
    for row in &rows {
        let generation = usize::try_from(row.generation).map_err(Error::internal)?;
        let is_ours = match app.data_key.find_id(generation) {
            Some(id) => id == row.key_id,
            None => false,
        };
        if !is_ours {
            return Err(Error::NotSetUp(format!(
                "the city's personal data is sealed with key {} (generation {generation}), which the folder of keys does not hold; copy it from the machine that made it",
                row.key_id
            )));
        }
    }
    let in_use = rows.last().map_or(1, |row| row.generation);
    let in_use = usize::try_from(in_use).map_err(Error::internal)?;
    // Generations without a gap are in the folder, so this one is.
    let _ = app.data_key.use_generation(in_use);
    Ok(())
}

/// Puts the folder's newest key into use; one that is in use already stays so.
pub async fn put_newest_into_use(app: &App, _: &Operator) -> Result<()> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let known = store::personal_keys::list(&txn, app.city).await?.len();
    for generation in known + 1..=app.data_key.generations() {
        let key_id = app.data_key.find_id(generation).unwrap_or_default();
        let row = personal_key::Model {
            city_id: app.city,
            generation: i32::try_from(generation).map_err(Error::internal)?,
            key_id: key_id.clone(),
            made_at: app.clock.now(),
        };
        store::personal_keys::insert(&txn, row).await?;
        let detail = serde_json::json!({ "generation": generation });
        let actor = "operator".to_owned();
        trail::note(app, &txn, actor, "personal_keys.use", &key_id, detail).await?;
    }
    txn.commit().await?;
    learn(app).await
}

/// How many values an earlier key has sealed.
pub async fn count_behind(app: &App) -> Result<u64> {
    let mut behind = 0;
    for column in ALL {
        behind += count_behind_in(app, &app.db, column).await?;
    }
    Ok(behind)
}

async fn count_behind_in(app: &App, db: &impl ConnectionTrait, column: &Column) -> Result<u64> {
    let key_id = app.data_key.id_bytes();
    store::sealed::count_behind(db, app.city, column, &key_id).await
}

/// Seals again, with the key in use, whatever an earlier one has sealed; gives how many values.
/// `progress` hears how many are done. Stopped at any moment and run again, it goes on where it
/// was; while it runs, the city goes on as ever.
///
/// # Errors
///
/// [`Error::Internal`] for a value that does not open: it was changed, or sealed with a key that
/// the folder does not hold.
pub async fn seal_again(
    app: &App,
    _: &Operator,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<u64> {
    let mut done = 0;
    for column in ALL {
        loop {
            let sealed = seal_piece(app, column).await?;
            if sealed == 0 {
                break;
            }
            done += sealed;
            progress(done);
        }
    }
    if 0 < done {
        let txn = store::begin(&app.db).await?;
        let detail = serde_json::json!({ "count": done });
        let (actor, key_id) = ("operator".to_owned(), app.data_key.id());
        trail::note(
            app,
            &txn,
            actor,
            "personal_keys.seal_again",
            &key_id,
            detail,
        )
        .await?;
        txn.commit().await?;
    }
    Ok(done)
}

async fn seal_piece(app: &App, column: &Column) -> Result<u64> {
    let key_id = app.data_key.id_bytes();
    let txn = store::begin(&app.db).await?;
    let piece = store::sealed::list_behind(&txn, app.city, column, &key_id, PIECE_ROWS).await?;
    let mut sealed = 0;
    for old in &piece {
        let new = seal(app, column, old)?;
        // Somebody who changes the row at the same moment seals it themselves; what they leave
        // behind is found by the next look.
        sealed += u64::from(store::sealed::replace(&txn, app.city, column, old, new).await?);
    }
    txn.commit().await?;
    Ok(sealed)
}

fn seal(app: &App, column: &Column, old: &Sealed) -> Result<Vec<u8>> {
    let place = old.place(app.city, column);
    let plain = app.data_key.unseal(&place, &old.value).map_err(|cause| {
        Error::internal(anyhow::Error::new(cause).context(format!(
            "the value sealed for {place} in {}.{}",
            column.table, column.column
        )))
    })?;
    Ok(app.data_key.seal(&place, &plain))
}
