//! What tells a rehearsal's folder from a city's.

use super::{load_policy, origin};
use crate::{
    cli::Global,
    config::Config,
    error::{Error, Result},
    layout::Layout,
    service::rehearsal::ORIGIN_PREFIX,
};

/// Whether a folder is that of a rehearsal.
pub(in crate::cli) fn is_rehearsal(layout: &Layout) -> bool {
    layout.rehearsal_mark().exists()
}

/// Refuses what would take a rehearsal for the city: a folder that is marked, and one whose mark was
/// taken away but whose log is called one.
pub(in crate::cli) fn require_real(global: &Global, remedy: &str) -> Result<()> {
    let layout = global.layout();
    let config = Config::load(&layout)?;
    let is_called_so =
        origin(&config, &load_policy(&layout, &config.policy)?).starts_with(ORIGIN_PREFIX);
    if is_rehearsal(&layout) || is_called_so {
        return Err(Error::NotSetUp(format!(
            "{} is the folder of a rehearsal, which nobody may take for the city; {remedy}",
            layout.root().display()
        )));
    }
    Ok(())
}
