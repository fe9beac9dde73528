//! Applying, step by step.

use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::{ApiError, Result},
    form::{ApplicationForm, ApplicationFormInput, FieldKey, FormField, Instructions},
    global_id::Noun,
    outcome::{Echo, outcome, refusal},
    scalars::{Bytes32, DateTime},
    submission::{AlreadyApplied, Violation},
};
use crate::{
    domain::draft::Step,
    service::{
        self,
        drafts::{self, Acknowledged, Shown, Started},
    },
};

/// An application on its way. It can be left and gone on with, on another device too.
#[derive(Description)]
pub(super) struct Draft(pub(super) Box<Shown>);

#[Object(name = "ApplicationDraft", use_type_description)]
impl Draft {
    /// The draft's id, which mutations take.
    pub(super) async fn id(&self) -> ID {
        Noun::ApplicationDraft.id(self.0.id)
    }

    /// The category applied for, a key of the policy.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// The identity type, a key of the policy.
    async fn identity_type(&self) -> &str {
        &self.0.identity_type
    }

    /// Where it stands.
    async fn step(&self) -> ApplicationStep {
        self.0.step.into()
    }

    /// What is read before the form.
    async fn instructions<'a>(&'a self, ctx: &Context<'a>) -> Instructions<'a> {
        Instructions {
            app: ctx.app(),
            identity_type: &self.0.identity_type,
        }
    }

    /// When the instructions were acknowledged; null before, and when they were changed since.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.0.acknowledged_at.map(DateTime)
    }

    /// The fields of the form, in its order.
    #[graphql(complexity = "10 * child_complexity")]
    async fn fields<'a>(&'a self, ctx: &Context<'a>) -> Vec<FormField<'a>> {
        let fields = ctx.app().policy.fields_of(&self.0.identity_type);
        fields.map(FormField).collect()
    }

    /// What is filled in so far; empty once it is an application, which has the form then.
    async fn form(&self, ctx: &Context<'_>) -> ApplicationForm {
        ApplicationForm::of_draft(ctx.app(), &self.0.identity_type, self.0.form.clone())
    }

    /// Required fields that are not filled in.
    async fn missing_fields(&self) -> Vec<FieldKey> {
        self.0.missing.iter().copied().map(Into::into).collect()
    }

    /// Requirements that what is filled in does not meet.
    #[graphql(complexity = "5 * child_complexity")]
    async fn violations(&self) -> Vec<Violation> {
        self.0.violations.iter().cloned().map(Violation).collect()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Until when it is kept, unless it is changed.
    async fn kept_until(&self) -> DateTime {
        DateTime(self.0.kept_until)
    }

    /// The application that came of it.
    #[graphql(complexity = "5 + child_complexity")]
    async fn application(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Application>> {
        let row = service::applications::get(ctx.app(), self.0.application?).await;
        Some(
            row.map(Application::own)
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}

/// The four steps of applying.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Step")]
pub(super) enum ApplicationStep {
    /// Read the instructions (填报说明).
    Instructions,
    /// Fill in the form (申报填写).
    Form,
    /// Confirm with the code of a text message (短信确认).
    SmsConfirm,
    /// It is an application (完成申请).
    Done,
}

/// What to apply for, and as what.
#[derive(InputObject)]
struct StartApplicationInput {
    /// The category, a key of the policy, for example `individual`.
    category: String,
    /// The identity type (身份类型), a key of the policy.
    identity_type: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of starting.
#[derive(Union)]
enum StartApplicationPayload {
    Started(ApplicationStarted),
    Already(AlreadyApplied),
}

/// Here is the draft: a new one, or the one that was left.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationStarted {
    /// The draft.
    draft: Draft,
}

/// Which instructions were read.
#[derive(InputObject)]
struct AcknowledgeInstructionsInput {
    /// The draft's id.
    draft: ID,
    /// SHA-256 of the instructions as they were shown.
    sha256: Bytes32,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of acknowledging.
#[derive(Union)]
enum AcknowledgeInstructionsPayload {
    Acknowledged(InstructionsAcknowledged),
    Changed(InstructionsChanged),
}

/// The form may be filled in.
#[derive(SimpleObject)]
#[graphql(complex)]
struct InstructionsAcknowledged {
    /// The draft.
    draft: Draft,
}

/// The instructions read otherwise now; nothing was noted. Show them again.
#[derive(SimpleObject)]
#[graphql(complex)]
struct InstructionsChanged {
    /// The draft, with the instructions as they are.
    draft: Draft,
}

refusal! {
    InstructionsChanged:
    "填报说明已更新，请重新阅读并确认。",
    "The instructions read otherwise now. Read them again and acknowledge them.",
}

/// What is filled in.
#[derive(InputObject)]
struct SaveApplicationFormInput {
    /// The draft's id.
    draft: ID,
    /// The fields that change; the others stay.
    form: ApplicationFormInput,
    #[graphql(flatten)]
    echo: Echo,
}

/// The form is saved, whatever is wrong with it.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SaveApplicationFormPayload {
    /// The draft, with what is missing and what the rules do not admit.
    draft: Draft,
}

/// Which draft is thrown away.
#[derive(InputObject)]
struct DiscardDraftInput {
    /// The draft's id.
    draft: ID,
    #[graphql(flatten)]
    echo: Echo,
}

/// The draft is gone.
#[derive(SimpleObject)]
#[graphql(complex)]
struct DiscardDraftPayload {
    /// Its id.
    draft: ID,
}

outcome!(
    ApplicationStarted,
    InstructionsAcknowledged,
    SaveApplicationFormPayload,
    DiscardDraftPayload
);

#[derive(Default)]
pub(super) struct DraftMutation;

#[Object]
impl DraftMutation {
    /// Start an application (个人申请), or go on with the one that was left. Accounts only.
    async fn start_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Category and identity type.")] input: StartApplicationInput,
    ) -> Result<StartApplicationPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let started = drafts::start(app, holder, &input.category, &input.identity_type).await?;
        Ok(match started {
            Started::Draft(draft) => StartApplicationPayload::Started(ApplicationStarted {
                draft: Draft(draft),
            }),
            Started::AlreadyApplied => StartApplicationPayload::Already(AlreadyApplied),
        })
    }

    /// Acknowledge that the instructions were read (填报说明). Accounts only.
    async fn acknowledge_instructions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft, and what was read.")] input: AcknowledgeInstructionsInput,
    ) -> Result<AcknowledgeInstructionsPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let id = Noun::ApplicationDraft.key("draft", &input.draft)?;
        Ok(
            match drafts::acknowledge(app, holder, id, input.sha256.0).await? {
                Acknowledged::Done(draft) => {
                    let draft = Draft(draft);
                    AcknowledgeInstructionsPayload::Acknowledged(InstructionsAcknowledged { draft })
                }
                Acknowledged::Changed(draft) => {
                    let draft = Draft(draft);
                    AcknowledgeInstructionsPayload::Changed(InstructionsChanged { draft })
                }
            },
        )
    }

    /// Save the form, or a part of it (申报填写). A code that was sent for other content is good no
    /// longer. Accounts only.
    async fn save_application_form(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft, and what is filled in.")] input: SaveApplicationFormInput,
    ) -> Result<SaveApplicationFormPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let id = Noun::ApplicationDraft.key("draft", &input.draft)?;
        let given = input.form;
        let shown = drafts::save(app, holder, id, |form| given.apply(form)).await?;
        Ok(SaveApplicationFormPayload {
            draft: Draft(Box::new(shown)),
        })
    }

    /// Throw a draft away. Accounts only.
    async fn discard_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: DiscardDraftInput,
    ) -> Result<DiscardDraftPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        drafts::discard(
            app,
            holder,
            Noun::ApplicationDraft.key("draft", &input.draft)?,
        )
        .await?;
        Ok(DiscardDraftPayload { draft: input.draft })
    }
}
