//! Tells those who took part that a result is public.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::circulars;

pub(super) const JOB: Job = Job {
    name: "announce-results",
    every: TimeDelta::minutes(1),
    run: |app, worker| {
        Box::pin(async move {
            Ok(Progress {
                count: circulars::announce_results(app, worker).await?,
                has_more: false,
            })
        })
    },
};
