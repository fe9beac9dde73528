//! Reminds applicants whose applications end soon.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::renewals;

pub(super) const JOB: Job = Job {
    name: "remind_of_renewals",
    every: TimeDelta::hours(1),
    run: |app, worker| {
        Box::pin(async move {
            let swept = renewals::remind(app, worker).await?;
            Ok(Progress {
                count: swept.count,
                has_more: swept.has_more,
            })
        })
    },
};
