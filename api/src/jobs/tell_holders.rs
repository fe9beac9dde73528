//! Tells the holders of certificates.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::certificates;

pub(super) const JOB: Job = Job {
    name: "tell-holders",
    every: TimeDelta::minutes(1),
    run: |app, worker| {
        Box::pin(async move {
            let told = certificates::tell_holders(app, worker).await?;
            Ok(Progress {
                count: told.count,
                has_more: told.has_more,
            })
        })
    },
};
