//! Removes what nobody needs any more.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::retention;

pub(super) const JOB: Job = Job {
    name: "purge",
    every: TimeDelta::hours(1),
    run: |app, worker| {
        Box::pin(async move {
            let count = retention::purge(app, worker).await?;
            Ok(Progress {
                count,
                has_more: false,
            })
        })
    },
};
