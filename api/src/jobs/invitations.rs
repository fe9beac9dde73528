//! Calls reserves in place of representatives who did not answer.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::representatives;

pub(super) const JOB: Job = Job {
    name: "invitations",
    every: TimeDelta::minutes(1),
    run: |app, worker| {
        Box::pin(async move {
            Ok(Progress {
                count: representatives::expire_due(app, worker).await?,
                has_more: false,
            })
        })
    },
};
