//! Answering an invitation to attend a draw, committing to a contribution to it, and who came.

use ::entity::representative;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};
use verifier::text::Digest;

use super::{
    context::ContextExt as _,
    error::{ApiError, Result},
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    representative::{Representative, RepresentativeState},
    scalars::{Bytes32, DateTime, PeriodNumber},
};
use crate::{
    domain::representative::{RepresentativeName, state_at},
    service::representatives::{self, Answered},
};

/// An invitation to attend a draw as a representative of the applicants (申请人代表).
#[derive(Description)]
pub(super) struct Invitation(pub(super) representative::Model);

#[Object(use_type_description)]
impl Invitation {
    /// The invitation's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Invitation.id(RepresentativeName::of(&self.0))
    }

    /// The name under which its holder is invited and contributes: the draw that picked them and
    /// their place in it, for example `202606R/3`.
    async fn name(&self) -> String {
        RepresentativeName::of(&self.0).to_string()
    }

    /// The period whose draw they are to attend.
    async fn period(&self) -> PeriodNumber {
        PeriodNumber(self.0.period_number.clone())
    }

    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> RepresentativeState {
        state_at(&self.0, ctx.app().clock.now()).into()
    }

    /// Until when it can be answered.
    async fn answer_by(&self) -> Option<DateTime> {
        self.0.answer_by.map(DateTime)
    }

    /// When it was answered; null until then.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime)
    }

    /// What its holder may bring to the draw.
    #[graphql(complexity = "5 + child_complexity")]
    async fn contribution(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<RepresentativeContribution>> {
        let app = ctx.app();
        let contribution = representatives::contribution(app, &self.0).await;
        let shown = contribution.map(|contribution| RepresentativeContribution {
            origin: app.origin.to_string(),
            draw: contribution.draw,
            name: contribution.name,
            commitment: contribution.commitment.map(|Digest(bytes)| Bytes32(bytes)),
            is_announced: contribution.is_announced,
            reveal_by: contribution.reveal_by.map(DateTime),
            is_revealed: contribution.is_revealed,
        });
        Some(shown.map_err(|error| ApiError::from(error).into()))
    }
}

/// What a representative may bring to a draw: a secret of 32 random bytes that nobody else knows,
/// sealed before the draw is announced and handed in after it with `revealContribution`. The
/// commitment is the SHA-256 of `fairplate/v1 sealed`, `origin`, `draw` and `name`, a line feed
/// behind each, and the secret's 32 bytes.
#[derive(SimpleObject)]
struct RepresentativeContribution {
    /// First of the three names that the commitment is made with: the city's log.
    origin: String,
    /// The second: the draw's public id.
    draw: String,
    /// The third: the contributor.
    name: String,
    /// The commitment that was handed in; null while there is none.
    commitment: Option<Bytes32>,
    /// Whether the draw is announced: a commitment cannot be handed in or replaced any more.
    is_announced: bool,
    /// Until when the secret may be revealed; null before the announcement.
    reveal_by: Option<DateTime>,
    /// Whether it was revealed.
    is_revealed: bool,
}

/// An answer to an invitation.
#[derive(InputObject)]
struct RespondToInvitationInput {
    /// The invitation.
    invitation: ID,
    /// The answer.
    answer: InvitationAnswer,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What somebody answers.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "representatives::Answer")]
enum InvitationAnswer {
    /// They will come.
    Accept,
    /// They will not.
    Decline,
}

/// What became of an answer.
#[derive(Union)]
enum RespondToInvitationPayload {
    Answered(InvitationAnswered),
    Before(InvitationAnsweredBefore),
    Expired(InvitationExpired),
}

/// The answer is recorded. Answering the same again gives this again.
#[derive(SimpleObject)]
#[graphql(complex)]
struct InvitationAnswered {
    /// The invitation.
    invitation: Invitation,
}

/// The other answer was given before, and stays; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct InvitationAnsweredBefore {
    /// The invitation.
    invitation: Invitation,
}

refusal! {
    InvitationAnsweredBefore:
    "您此前已答复过该邀请，原答复不变。",
    "You gave the other answer before, and it stays.",
}

/// The time for an answer was over; nothing was changed, and a reserve is called.
#[derive(SimpleObject)]
#[graphql(complex)]
struct InvitationExpired {
    /// The invitation.
    invitation: Invitation,
}

refusal! {
    InvitationExpired:
    "答复期限已过，名额已转给候补。",
    "The time for an answer is over, and a reserve is called.",
}

/// A commitment to a secret.
#[derive(InputObject)]
struct SealContributionInput {
    /// The invitation's id.
    invitation: ID,
    /// Public id of the draw that the commitment names, from `contribution { draw }`.
    draw: String,
    /// The commitment.
    commitment: Bytes32,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The commitment is kept, and will be announced.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SealContributionPayload {
    /// The invitation.
    invitation: Invitation,
}

/// Whether somebody came.
#[derive(InputObject)]
struct RecordAttendanceInput {
    /// The representative's id.
    representative: ID,
    /// Whether they came.
    attended: bool,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// It is written down.
#[derive(SimpleObject)]
#[graphql(complex)]
struct RecordAttendancePayload {
    /// The representative.
    representative: Representative,
}

/// The name of the invitation that an id names.
fn invitation_of(id: &ID) -> crate::Result<String> {
    Noun::Invitation.key("invitation", id)
}

outcome!(
    InvitationAnswered,
    SealContributionPayload,
    RecordAttendancePayload
);

#[derive(Default)]
pub(super) struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Answer an invitation to attend a draw, once. Where somebody declines, the next reserve is
    /// called at once. The applicant only.
    async fn respond_to_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: RespondToInvitationInput,
    ) -> Result<RespondToInvitationPayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let (id, answer) = (invitation_of(&input.invitation)?, input.answer.into());
        let answering = representatives::respond(app, applicant, &id, answer);
        Ok(match once::answer(app, asked, answering).await? {
            Answered::Recorded(row) => RespondToInvitationPayload::Answered(InvitationAnswered {
                invitation: Invitation(row),
            }),
            Answered::Before(row) => RespondToInvitationPayload::Before(InvitationAnsweredBefore {
                invitation: Invitation(row),
            }),
            Answered::TooLate(row) => RespondToInvitationPayload::Expired(InvitationExpired {
                invitation: Invitation(row),
            }),
        })
    }

    /// Hand in the commitment to a secret, before the period's draw is announced. Until then a
    /// later commitment takes the place of an earlier. The applicant only, who has accepted.
    async fn seal_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The commitment.")] input: SealContributionInput,
    ) -> Result<SealContributionPayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let commitment = Digest(input.commitment.0);
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let (id, draw) = (invitation_of(&input.invitation)?, &input.draw);
        let sealing = representatives::seal(app, applicant, &id, draw, commitment);
        Ok(SealContributionPayload {
            invitation: Invitation(once::answer(app, asked, sealing).await?),
        })
    }

    /// Write down whether a representative came to the draw. Officers only.
    async fn record_attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and whether they came.")] input: RecordAttendanceInput,
    ) -> Result<RecordAttendancePayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let id: String = Noun::Representative.key("representative", &input.representative)?;
        let recording = representatives::record_attendance(app, officer, &id, input.attended);
        let row = once::answer(app, asked, recording).await?;
        Ok(RecordAttendancePayload {
            representative: Representative(row),
        })
    }
}
