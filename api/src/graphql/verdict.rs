//! What the verifier says of a draw.

use std::{sync::Arc, time::Duration};

use ::entity::draw;
use async_graphql::{Description, Enum, Object, SimpleObject};
use moka::future::Cache;
use verifier::report;

use super::scalars::Long;
use crate::{
    app::App,
    error::{Error, Result},
    service::publication,
};

/// Verdicts of this process, by draw and by how far the draw had come: a whole verification is not
/// something to do at every request, nor twice at once.
pub(super) struct Verdicts(Cache<(String, i32), Arc<report::Report>>);

/// How many verdicts are kept.
const VERDICTS_MAX: u64 = 64;

/// How long a verdict is kept. It is about files, and files can be damaged.
const VERDICT_AGE: Duration = Duration::from_mins(5);

impl Default for Verdicts {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(VERDICTS_MAX)
                .time_to_live(VERDICT_AGE)
                .build(),
        )
    }
}

impl Verdicts {
    /// What the verifier says of the published folder of a draw.
    pub(super) async fn get(&self, app: &App, row: &draw::Model) -> Result<Arc<report::Report>> {
        let verifying = async { publication::verdict(app, &row.id).await.map(Arc::new) };
        let verified = self
            .0
            .try_get_with((row.id.clone(), row.epoch), verifying)
            .await;
        verified.map_err(|cause: Arc<Error>| Error::internal(anyhow::anyhow!("{cause:?}")))
    }
}

/// The answer of the verifier.
#[derive(Description)]
pub(super) struct Report(pub(super) Arc<report::Report>);

#[Object(use_type_description)]
impl Report {
    /// The answer in one word.
    async fn verdict(&self) -> Verdict {
        self.0.verdict.into()
    }

    /// What was checked, in the order of the specification.
    async fn steps(&self) -> Option<async_graphql::Result<Vec<Step>>> {
        let steps: std::result::Result<Vec<_>, _> = self.0.steps.iter().map(Step::of).collect();
        Some(steps.map_err(|cause| super::error::ApiError::from(Error::internal(cause)).into()))
    }
}

/// The answer in one word.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "report::Verdict")]
enum Verdict {
    /// Everything was checked, and enough witnesses had seen it in time.
    Verified,
    /// Everything was checked, but not enough witnesses vouch for when.
    VerifiedUnwitnessed,
    /// Something is not there yet; nothing that is there is wrong.
    Incomplete,
    /// Something is wrong.
    False,
    /// The draw follows a later version of the protocol than this server knows.
    Unsupported,
}

/// How one step ended.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "report::Status")]
enum StepStatus {
    /// Everything it looks at is as it must be.
    Passed,
    /// Something is wrong.
    Failed,
    /// Something it needs is not there.
    Missing,
    /// Not enough witnesses cosigned.
    Unwitnessed,
    /// A later version of the protocol.
    Unsupported,
    /// It could not run because of an earlier step.
    NotChecked,
}

/// One step of a verification.
#[derive(SimpleObject)]
struct Step {
    /// The step's stable name, as the specification numbers it.
    key: String,
    /// The same as `key`.
    #[graphql(deprecation = "since 2026-11-28, for an `id` is what `node` takes; ask for `key`")]
    id: String,
    /// What it looks at, in English.
    title: String,
    /// How it ended.
    status: StepStatus,
    /// How many things it looked at.
    checked: Long,
    /// How many of them were wrong.
    failed: Long,
    /// The first that was wrong or missing: the file, what was expected and what was found.
    first_failure: Option<String>,
}

impl Step {
    fn of(answer: &report::StepAnswer) -> std::result::Result<Self, std::num::TryFromIntError> {
        Ok(Self {
            key: answer.id().to_owned(),
            id: answer.id().to_owned(),
            title: answer.title().to_owned(),
            status: answer.status.into(),
            checked: answer.checked.try_into()?,
            failed: answer.failed.try_into()?,
            first_failure: answer.failure.as_ref().map(ToString::to_string),
        })
    }
}
