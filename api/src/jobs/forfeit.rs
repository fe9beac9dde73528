//! Ends certificates whose last day has passed.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::certificates;

pub(super) const JOB: Job = Job {
    name: "forfeit",
    every: TimeDelta::minutes(1),
    run: |app, worker| {
        Box::pin(async move {
            Ok(Progress {
                count: certificates::forfeit_all(app, worker).await?,
                has_more: false,
            })
        })
    },
};
