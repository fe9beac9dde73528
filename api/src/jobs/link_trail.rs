//! Links new rows of the audit trail to those before them.

use chrono::TimeDelta;

use super::{Job, Progress};
use crate::service::trail;

pub(super) const JOB: Job = Job {
    name: "link_trail",
    every: TimeDelta::seconds(1),
    run: |app, worker| {
        Box::pin(async move {
            let linked = trail::link(app, worker).await?;
            Ok(Progress {
                count: linked.count,
                has_more: linked.has_more,
            })
        })
    },
};
