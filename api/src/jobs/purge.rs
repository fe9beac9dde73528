//! Removes what nobody needs any more.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::retention;

pub(super) const JOB: Job = Job {
    name: "purge",
    every: TimeDelta::hours(1),
    run: |app, worker| {
        Box::pin(async move {
            let purged = retention::purge(app, worker).await?;
            Ok(Progress {
                count: purged.count,
                has_more: purged.has_more,
            })
        })
    },
};
