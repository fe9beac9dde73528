//! Reminds officers of reviews that are due soon.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::periods;

pub(super) const JOB: Job = Job {
    name: "remind_reviewers",
    every: TimeDelta::hours(1),
    run: |app, worker| {
        Box::pin(async move {
            let count = periods::remind_of_reviews(app, worker).await?;
            Ok(Progress {
                count,
                has_more: false,
            })
        })
    },
};
