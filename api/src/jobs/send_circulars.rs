//! Makes messages to everybody in a period into each person's own.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::circulars;

pub(super) const JOB: Job = Job {
    name: "send_circulars",
    every: TimeDelta::seconds(10),
    run: |app, worker| {
        Box::pin(async move {
            let sent = circulars::send(app, worker).await?;
            Ok(Progress {
                count: sent.count,
                has_more: sent.has_more,
            })
        })
    },
};
