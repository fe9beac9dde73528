//! Plans the periods that come next.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::periods;

pub(super) const JOB: Job = Job {
    name: "plan_periods",
    every: TimeDelta::hours(1),
    run: |app, worker| {
        Box::pin(async move {
            let planned = periods::plan_ahead(app, worker).await?;
            Ok(Progress {
                count: planned.len() as u64,
                has_more: false,
            })
        })
    },
};
