//! The public schema: it translates names and nothing more. A resolver has three lines: who, do,
//! show.
//!
//! Every description here is the text that users of the API read; the SDL of `docs/api` is printed
//! from it. Expected outcomes are payload types, refusals are errors with a code ([`error`]).

/// How much a client may still ask for.
pub mod allowance;
/// What a resolver reaches for.
mod context;
/// What a document may cost, before it is executed.
pub mod document;
/// Errors on their way out.
pub mod error;
/// Documents that are known by their hash.
pub mod trusted;
/// One opaque name for everything that has an identity.
pub mod global_id;
/// The two languages.
mod locale;
/// What the answers of all mutations have in common.
mod outcome;
/// Keys under which a mutation is done once.
mod once;
/// Pages of long lists.
mod page;
/// Dates, codes, numbers and digests.
mod scalars;
/// What hangs on rows that were listed together.
mod together;

/// Applications.
mod application;
/// The carry-over of quota.
mod carry_over;
/// Bans.
mod ban;
/// Certificates.
mod certificate;
/// The city and its rules.
mod city;
/// Draws with their records and files.
mod draw;
/// The signed records of a draw.
mod record;
/// A draw, live.
mod draw_progress;
/// How often somebody has taken part.
mod participation;
/// Periods.
mod period;
/// Who attends a draw for the applicants.
mod representative;
/// The days of periods, and which days are worked.
mod calendar;
/// What waits for an officer.
mod officer;
/// How long an application is valid.
mod validity;
/// What became of a code.
mod result;
/// Decisions on applications.
mod review;
/// What waits for a reviewer.
mod queue;
/// Who works on which review.
mod claim;
/// The form under review.
mod form_under_review;
/// Second looks.
mod second_look;
/// Applications that may be one person's.
mod duplicate;
/// The audit trail.
mod trail;
/// Everything that has an identity, by its id.
mod node;
/// What the verifier says of a draw.
mod verdict;
/// Who is signed in.
mod viewer;

/// Records that wait for a signature from elsewhere.
mod unsigned;
/// What no officer can do alone.
mod approval;
/// Amending a result.
mod amend;
/// The ceremony.
mod ceremony;
/// What a second officer says.
mod deciding;
/// Opening a commitment.
mod contribution;
/// Answering an invitation, and sealing a contribution.
mod invitation;
/// Leading a period to the freeze.
mod opening;
/// Another key that signs records.
mod record_key;
/// Another text of the rules.
mod rules_change;
/// Messages.
mod message;
/// The inbox, live.
mod inbox_events;
/// Messages on their way.
mod outgoing;
/// Making periods, and moving their days.
mod planning;
/// Joining the tier, and cancelling.
mod standing;
/// Renewing.
mod renewal;

/// Accounts: opening one, and signing in.
mod account;
/// One-time codes.
mod one_time_code;
/// Passwords that are changed or forgotten.
mod password;
/// Another phone.
mod phone;
/// Sessions, device by device.
mod session;
/// Staff: signing in with a password, and setting it up.
mod staff;
/// Staff: signing in with a passkey, and registering one.
mod passkey;

/// The form, its fields and its instructions.
mod form;
/// Applying, step by step.
mod draft;
/// Confirming an application.
mod submission;

pub(crate) use calendar::milestone_text;
pub(crate) use result::{Compiled, Given, LookUp, Variable};

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, SchemaBuilder};

use crate::{app::App, service::live::Live};

// Both roots are made of groups: the futures of one flat list nest deeper than a compiler goes.

/// Everything that can be asked. Nothing here changes anything.
#[derive(MergedObject, Default)]
pub struct Query(CityQueries, DrawQueries, PersonQueries, OfficeQueries);

/// What a city publishes.
#[derive(MergedObject, Default)]
pub struct CityQueries(
    node::NodeQuery,
    city::CityQuery,
    period::PeriodQuery,
    calendar::CalendarQuery,
);

/// Draws, those who lead them, and what came of them.
#[derive(MergedObject, Default)]
pub struct DrawQueries(
    officer::OfficerQuery,
    approval::ApprovalQuery,
    draw::DrawQuery,
    representative::RepresentativeQuery,
    result::ResultQuery,
);

/// What somebody has, and reviews.
#[derive(MergedObject, Default)]
pub struct PersonQueries(
    viewer::ViewerQuery,
    application::ApplicationQuery,
    queue::QueueQuery,
    duplicate::DuplicateQuery,
);

/// What the office keeps.
#[derive(MergedObject, Default)]
pub struct OfficeQueries(
    trail::TrailQuery,
    outgoing::OutgoingQuery,
    certificate::CertificateQuery,
    carry_over::CarryOverQuery,
    allowance::AllowanceQuery,
);

/// Everything that can be done. Each mutation takes one `input` and gives one payload; what the
/// rules of the city decide is part of the payload, and an error is a mistake of the caller's or a
/// fault of ours.
#[derive(MergedObject, Default)]
pub struct Mutation(
    AccessMutations,
    ApplicationMutations,
    ReviewMutations,
    DrawMutations,
    OfficeMutations,
);

/// Who somebody is.
#[derive(MergedObject, Default)]
pub struct AccessMutations(
    one_time_code::OneTimeCodeMutation,
    account::AccountMutation,
    password::PasswordMutation,
    phone::PhoneMutation,
    session::SessionMutation,
    staff::StaffMutation,
    passkey::PasskeyMutation,
);

/// What applicants do.
#[derive(MergedObject, Default)]
pub struct ApplicationMutations(
    draft::DraftMutation,
    submission::SubmissionMutation,
    standing::StandingMutation,
    renewal::RenewalMutation,
);

/// What reviewers do, and what is planned for them.
#[derive(MergedObject, Default)]
pub struct ReviewMutations(
    planning::PlanningMutation,
    review::ReviewMutation,
    claim::ClaimMutation,
    form_under_review::FormMutation,
    second_look::SecondLookMutation,
    duplicate::DuplicateMutation,
);

/// What leads to a result.
#[derive(MergedObject, Default)]
pub struct DrawMutations(
    opening::OpeningMutation,
    ceremony::CeremonyMutation,
    record_key::RecordKeyMutation,
    rules_change::RulesChangeMutation,
    deciding::ApprovalMutation,
    contribution::ContributionMutation,
);

/// What comes of results, and what people are told.
#[derive(MergedObject, Default)]
pub struct OfficeMutations(
    message::MessageMutation,
    outgoing::OutgoingMutation,
    certificate::CertificateMutation,
    ban::BanMutation,
    amend::AmendMutation,
    invitation::InvitationMutation,
);

/// Everything that can be followed. A subscription asks for one field; each event is told when it is
/// public, and carries a cursor to go on from after a reconnect.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    draw_progress::DrawSubscription,
    inbox_events::InboxSubscription,
);

/// The schema of one city.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// How deep a document may nest; introspection by common tools needs 15.
const DEPTH: usize = 15;

/// How much a document may cost. A field costs one; a list costs its length times what it holds.
const COMPLEXITY: usize = 1_000;

/// The schema over a city, ready to execute. Without `introspection` the schema does not describe
/// itself.
#[must_use]
pub fn build(app: App, introspection: bool) -> Schema {
    let builder = builder()
        .limit_depth(DEPTH)
        .limit_complexity(COMPLEXITY)
        .extension(error::Coded)
        .extension(allowance::Metered)
        .data(verdict::Verdicts::default())
        .data(Arc::new(Live::new(app.clone())))
        .data(app);
    if introspection {
        builder.finish()
    } else {
        builder.disable_introspection().finish()
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .register_output_type::<outcome::Outcome>()
    .register_output_type::<outcome::Refusal>()
}

/// The schema as text (SDL), as it is committed under `docs/api`. It is the same for every city.
#[must_use]
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .include_specified_by()
        .use_space_ident();
    let text = builder().finish().sdl_with_options(options);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Error, Object, Request};

    use super::*;

    struct Probe;

    #[Object]
    impl Probe {
        async fn slow(&self) -> i32 {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            1
        }

        async fn fast(&self) -> i32 {
            2
        }

        async fn child(&self) -> Option<Child> {
            Some(Child)
        }
    }

    struct Child;

    #[Object]
    impl Child {
        async fn fails(&self) -> Result<i32, Error> {
            tokio::task::yield_now().await;
            Err(Error::new("no"))
        }
    }

    /// Two properties that some releases of the library lack; an upgrade must not bring that back.
    #[tokio::test]
    async fn fields_come_in_the_order_asked_and_a_failed_field_nulls_its_parent() {
        let schema = async_graphql::Schema::new(Probe, EmptyMutation, EmptySubscription);

        let ordered = schema.execute(Request::new("{ slow fast }")).await;
        let nulled = schema
            .execute(Request::new("{ fast child { fails } }"))
            .await;

        assert_eq!(ordered.data.to_string(), "{slow: 1, fast: 2}");
        assert_eq!(nulled.data.to_string(), "{fast: 2, child: null}");
        assert_eq!(nulled.errors.len(), 1);
    }

    #[test]
    fn the_schema_is_printed_without_a_city() {
        let sdl = sdl();
        for line in [
            "type Query {",
            "type Mutation {",
            "scalar Date ",
            "scalar DateTime ",
        ] {
            assert!(sdl.contains(line), "{line}");
        }
        assert!(sdl.lines().all(|line| line.trim_end() == line));
    }
}
