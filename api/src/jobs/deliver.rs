//! Hands messages over.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::messages;

pub(super) const JOB: Job = Job {
    name: "deliver",
    every: TimeDelta::seconds(2),
    run: |app, worker| {
        Box::pin(async move {
            let delivered = messages::deliver(app, worker).await?;
            Ok(Progress {
                count: delivered.sent + delivered.dead,
                has_more: delivered.has_more,
            })
        })
    },
};
