//! Tells applicants of review results that have become public.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::reviews;

pub(super) const JOB: Job = Job {
    name: "reviews",
    every: TimeDelta::seconds(30),
    run: |app, worker| {
        Box::pin(async move {
            let told = reviews::tell_public(app, worker).await?;
            Ok(Progress {
                count: told.count,
                has_more: told.has_more,
            })
        })
    },
};
