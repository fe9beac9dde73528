//! Opening a commitment that a draw has announced.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    draw::Draw,
    error::Result,
    outcome::{Echo, outcome, refusal},
    scalars::Bytes32,
};
use crate::service::ceremony::{self, Revealed};

/// A secret that opens a commitment.
#[derive(InputObject)]
struct RevealContributionInput {
    /// Public id of the draw that has announced the commitment, for example `202606`.
    draw: String,
    /// The contributor's name, as announced.
    name: String,
    /// The secret.
    secret: Bytes32,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of a secret.
#[derive(Union)]
enum RevealContributionPayload {
    Revealed(ContributionRevealed),
    NotAnnounced(CommitmentNotAnnounced),
    Wrong(SecretDoesNotOpen),
    Closed(ContributionsClosed),
}

/// The secret is kept, and will stand in the draw's `close`. Revealing it again gives this again.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ContributionRevealed {
    /// The draw.
    draw: Draw,
    /// The contributor.
    name: String,
}

/// The draw is not announced yet, or without a commitment under this name. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct CommitmentNotAnnounced {
    /// The draw.
    draw: Draw,
}

refusal! {
    CommitmentNotAnnounced:
    "该次摇号尚未公告，或公告中没有此名称的承诺值。请查看摇号公告；在公告列出您的承诺值之前，请勿将随机数交给任何人。",
    "The draw is not announced yet, or its announce has no commitment under this name. Look at the \
     announce, and give the secret to nobody before your commitment stands in it.",
}

/// The secret is not the one that the announced commitment was made from. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SecretDoesNotOpen {
    /// The draw.
    draw: Draw,
}

refusal! {
    SecretDoesNotOpen:
    "该随机数与公告的承诺值不符，未做任何更改。请交出生成该承诺值时所用的随机数。",
    "The secret does not open the announced commitment, and nothing was changed. Hand in the one that \
     the commitment was made from.",
}

/// The draw takes no contributions any more. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ContributionsClosed {
    /// The draw.
    draw: Draw,
}

refusal! {
    ContributionsClosed:
    "该次摇号已不再接受随机数，未做任何更改。",
    "The draw takes no contributions any more, and nothing was changed.",
}

outcome!(ContributionRevealed);

#[derive(Default)]
pub(super) struct ContributionMutation;

#[Object]
impl ContributionMutation {
    /// Hand in the secret of a commitment that a draw has announced, before its contributions close.
    /// Anybody who holds it: the secret has to open the commitment, and that is the proof.
    /// `fairplate-verifier contribute open` says first whether the announce carries the commitment.
    async fn reveal_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret.")] input: RevealContributionInput,
    ) -> Result<RevealContributionPayload> {
        let (draw, secret) = (&input.draw, &input.secret.0);
        let revealed = ceremony::reveal(ctx.app(), draw, &input.name, secret).await?;
        Ok(match revealed {
            Revealed::Kept(row) => RevealContributionPayload::Revealed(ContributionRevealed {
                draw: row.into(),
                name: input.name,
            }),
            Revealed::NotAnnounced(row) => {
                RevealContributionPayload::NotAnnounced(CommitmentNotAnnounced { draw: row.into() })
            }
            Revealed::Wrong(row) => {
                RevealContributionPayload::Wrong(SecretDoesNotOpen { draw: row.into() })
            }
            Revealed::Closed(row) => {
                RevealContributionPayload::Closed(ContributionsClosed { draw: row.into() })
            }
        })
    }
}
