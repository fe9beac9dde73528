//! `fairplate migrate`.

use std::process::ExitCode;

use clap::Args;
use migration::{Migrator, MigratorTrait as _, Standing};

use super::{Global, start};
use crate::{
    config::Config,
    error::{Error, Result},
    service::rules,
    store,
};

/// Bring the database to this version, and set a new city up under the rules of the settings
#[derive(Debug, Args)]
#[command(
    after_help = "Example: fairplate --data /srv/fairplate migrate\n\nRunning it again changes nothing, and a city that is set up keeps the rules that it has adopted: others are proposed with `fairplate policy propose`. Steps only go forward: back up first."
)]
pub(super) struct Migrate {}

impl Migrate {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        apply(global).await?;
        let app = start::set_up(global).await?;
        println!(
            "{}: the database is current, and {} is adopted",
            app.policy.city.key, app.policy.key
        );
        let layout = global.layout();
        let offered = start::load_policy(&layout, &Config::load(&layout)?.policy)?;
        if offered.digest() != app.policy.digest() {
            println!(
                "the settings offer another text, which is not adopted: {}",
                rules::offer(&app.policy, &offered)
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Brings the database to this version.
pub(super) async fn apply(global: &Global) -> Result<()> {
    let layout = global.layout();
    std::fs::create_dir_all(layout.root()).map_err(|cause| {
        Error::NotSetUp(format!(
            "{} cannot be made: {cause}",
            layout.root().display()
        ))
    })?;
    let config = Config::load(&layout)?;
    let db = store::connect(&start::database_url(global, &config)?).await?;
    if let Standing::Newer(step) = Standing::of(&db).await? {
        return Err(Error::NotSetUp(start::of_a_newer_version(&step)));
    }
    Migrator::up(&db, None).await?;
    db.close().await?;
    Ok(())
}
