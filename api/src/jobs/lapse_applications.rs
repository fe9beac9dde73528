//! Ends applications whose last day has passed.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::renewals;

pub(super) const JOB: Job = Job {
    name: "lapse_applications",
    every: TimeDelta::hours(1),
    run: |app, worker| {
        Box::pin(async move {
            let swept = renewals::lapse(app, worker).await?;
            Ok(Progress {
                count: swept.count,
                has_more: swept.has_more,
            })
        })
    },
};
