//! Opens periods on their first day, closes them after their last one, and publishes review results
//! on their day.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::periods;

pub(super) const JOB: Job = Job {
    name: "advance_periods",
    every: TimeDelta::minutes(1),
    run: |app, worker| {
        Box::pin(async move {
            let passed = periods::pass_all(app, worker).await?;
            Ok(Progress {
                count: passed.len() as u64,
                has_more: false,
            })
        })
    },
};
