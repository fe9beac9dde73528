//! The form under review.

use async_graphql::{Context, Description, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::Result,
    form::LicenceClass,
    outcome::{Echo, outcome, refusal},
    review::Review,
    scalars::{ApplicationCode, Date},
};
use crate::{
    domain::actor::Reviewer,
    service::{
        self,
        reviews::{EarlierReview, Viewed},
    },
};

/// Whose form is to be seen.
#[derive(InputObject)]
struct ViewFormInput {
    /// The application code.
    code: ApplicationCode,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of the wish to see a form.
#[derive(Union)]
enum ViewFormPayload {
    Viewed(FormViewed),
    NotClaimed(FormNotClaimed),
}

/// The form. That it was seen, and by whom, stands in the audit trail.
#[derive(SimpleObject)]
#[graphql(complex)]
struct FormViewed {
    /// The form.
    form: FormUnderReview,
}

/// The application is not claimed by you, or not any more; nothing was shown.
#[derive(Description)]
struct FormNotClaimed;

refusal! {
    bare FormNotClaimed:
    "只有领取了该申请的审核人员才能查看申请表，请先领取。",
    "Only whoever has claimed an application sees its form. Claim it first.",
}

/// Everything that a decision can rest on.
#[derive(Description)]
struct FormUnderReview {
    form: Box<service::reviews::FormUnderReview>,
    reviewer: Reviewer,
}

#[Object(use_type_description)]
impl FormUnderReview {
    /// The application.
    async fn application(&self) -> Application {
        Application::for_reviewer(self.form.application.clone(), &self.reviewer)
    }

    /// The applicant's name.
    async fn name(&self) -> &str {
        &self.form.form.name
    }

    /// Number of the identity document.
    async fn id_number(&self) -> &str {
        &self.form.form.id_number
    }

    /// Mobile phone number.
    async fn phone(&self) -> &str {
        &self.form.form.phone
    }

    /// E-mail address, if given.
    async fn email(&self) -> Option<&str> {
        self.form.form.email.as_deref()
    }

    /// Address in the city; null for an application from before this system.
    async fn address(&self) -> Option<&str> {
        self.form.form.address.as_deref()
    }

    /// Postcode; null for an application from before this system.
    async fn postcode(&self) -> Option<&str> {
        self.form.form.postcode.as_deref()
    }

    /// Issue date of the driving licence; null for an application from before this system.
    async fn licence_issued_on(&self) -> Option<Date> {
        self.form.form.licence_issued_on.map(Date)
    }

    /// Classes of the driving licence (准驾车型).
    async fn licence_classes(&self) -> Vec<LicenceClass> {
        let classes = self.form.form.licence_classes.iter();
        classes.map(|class| (*class).into()).collect()
    }

    /// Whether the applicant said that a small car registered in the city is in their name; null
    /// for an application from before this system.
    async fn owns_local_car(&self) -> Option<bool> {
        self.form.form.owns_local_car
    }

    /// Why the applicant thinks the refusal wrong, where they asked for a second look.
    async fn statement(&self) -> Option<&str> {
        self.form.statement.as_deref()
    }

    /// What was decided before, oldest first.
    #[graphql(complexity = "3 * child_complexity")]
    async fn reviews(&self) -> Vec<ReviewWithNote<'_>> {
        self.form.reviews.iter().map(ReviewWithNote).collect()
    }
}

/// A decision, with what was noted for colleagues.
#[derive(Description)]
struct ReviewWithNote<'a>(&'a EarlierReview);

#[Object(use_type_description)]
impl ReviewWithNote<'_> {
    /// The decision.
    async fn review(&self) -> Review {
        Review(self.0.row.clone())
    }

    /// Who decided.
    async fn reviewer(&self) -> &str {
        &self.0.row.officer
    }

    /// The note; no applicant sees it.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }
}

outcome!(FormViewed);

#[derive(Default)]
pub(super) struct FormMutation;

#[Object]
impl FormMutation {
    /// See the form of an application that you have claimed. A mutation, because every look leaves a
    /// line in the audit trail. Reviewers and officers only.
    async fn view_form(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: ViewFormInput,
    ) -> Result<ViewFormPayload> {
        let reviewer = ctx.actor().reviewer()?;
        let viewed = service::reviews::view_form(ctx.app(), &reviewer, &input.code.0).await?;
        Ok(match viewed {
            Viewed::Form(form) => {
                let form = FormUnderReview { form, reviewer };
                ViewFormPayload::Viewed(FormViewed { form })
            }
            Viewed::NotClaimed => ViewFormPayload::NotClaimed(FormNotClaimed),
        })
    }
}
