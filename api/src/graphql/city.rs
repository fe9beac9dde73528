//! The city and its rules.

use async_graphql::{Context, Description, ID, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    form::{FormField, Instructions, LicenceClassLabel},
    global_id::Noun,
    locale::Locale,
    period::PeriodKind,
    scalars::{Bytes32, LocalizedText},
};
use crate::{
    app::App,
    policy::{self, Notice},
};

/// The city that this server works for.
#[derive(Description)]
pub(super) struct City<'a>(pub(super) &'a App);

#[Object(use_type_description)]
impl City<'_> {
    /// The city's id.
    pub(super) async fn id(&self) -> ID {
        Noun::City.id(self.0.city)
    }

    /// Short name for addresses and files, for example `hangzhou`.
    async fn key(&self) -> &str {
        &self.0.policy.city.key
    }

    /// Code of administrative divisions (GB/T 2260), for example 330100.
    async fn division(&self) -> i32 {
        self.0.city.0
    }

    /// Name of the city.
    async fn name(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.policy.city.name.get(locale.into())
    }

    /// Name of the city, in both languages.
    async fn localized_name(&self) -> LocalizedText {
        LocalizedText(self.0.policy.city.name.clone())
    }

    /// Name of the lottery.
    async fn programme(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.policy.city.programme.get(locale.into())
    }

    /// Name of the office that runs it.
    async fn office(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.policy.city.office.get(locale.into())
    }

    /// What the city tells every applicant beside the form (温馨提示): where results are looked up,
    /// how long a quota is valid, and what follows when it is not used.
    async fn reminder(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<String> {
        self.0.policy.find_notice(Notice::Reminder, locale.into())
    }

    /// The name that the city's records and its log carry; pin it together with the keys.
    async fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The rules in force.
    async fn policy(&self) -> Policy<'_> {
        Policy(&self.0.policy)
    }

    /// What people apply for.
    #[graphql(complexity = "10 * child_complexity")]
    async fn categories(&self) -> Vec<Category<'_>> {
        self.0.policy.categories.iter().map(Category).collect()
    }

    /// As what people apply.
    #[graphql(complexity = "5 * child_complexity")]
    async fn identity_types(&self) -> Vec<IdentityType<'_>> {
        let identity_types = self.0.policy.identity_types.iter();
        identity_types
            .map(|identity_type| IdentityType {
                app: self.0,
                identity_type,
            })
            .collect()
    }

    /// What the classes of a driving licence are called, in the order of the form.
    #[graphql(complexity = "16 * child_complexity")]
    async fn licence_classes(&self) -> Vec<LicenceClassLabel<'_>> {
        let classes = self.0.policy.licence_classes.iter();
        classes.map(LicenceClassLabel).collect()
    }

    /// The reasons that a review may refuse an application for.
    #[graphql(complexity = "20 * child_complexity")]
    async fn review_reasons(&self) -> Vec<ReviewReason> {
        self.0
            .policy
            .review_reasons
            .iter()
            .cloned()
            .map(ReviewReason)
            .collect()
    }
}

/// The text of the rules that a city works by. It is published beside every draw, and every signed
/// announcement names its digest.
#[derive(Description)]
struct Policy<'a>(&'a policy::Policy);

#[Object(use_type_description)]
impl Policy<'_> {
    /// Name of the text, for example `hangzhou-2018`.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Counts up with every change of the text.
    async fn revision(&self) -> u32 {
        self.0.revision
    }

    /// Name for people.
    async fn name(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.name.get(locale.into())
    }

    /// SHA-256 of the exact text.
    async fn sha256(&self) -> Bytes32 {
        Bytes32(self.0.digest())
    }

    /// The exact text (TOML), each rule with its source.
    async fn text(&self) -> &str {
        self.0.text()
    }

    /// Rules that rest on weak sources: periods they bear on open only after an officer has
    /// confirmed them.
    #[graphql(complexity = "10 * child_complexity")]
    async fn weak_rules(
        &self,
        #[graphql(default, desc = "Language of the texts.")] locale: Locale,
    ) -> Vec<WeakRule> {
        let rules = self.0.unconfirmed().into_iter();
        rules
            .map(|rule| WeakRule {
                what: rule.what.get(locale.into()).to_owned(),
                path: rule.path,
                source: rule.source,
            })
            .collect()
    }
}

/// A rule that rests on a weak source.
#[derive(SimpleObject)]
struct WeakRule {
    /// Where it stands in the text, for example `tier.threshold`.
    path: String,
    /// What is to be confirmed.
    what: String,
    /// What it rests on so far.
    source: String,
}

/// One category: its own quota, pool and result.
#[derive(Description)]
struct Category<'a>(&'a policy::Category);

#[Object(use_type_description)]
impl Category<'_> {
    /// Name in records and file names, for example `individual`.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// In which lottery it is drawn.
    async fn kind(&self) -> PeriodKind {
        self.0.period_kind.into()
    }

    /// Name for people.
    async fn name(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.name.get(locale.into())
    }

    /// Name for people, in both languages.
    async fn localized_name(&self) -> LocalizedText {
        LocalizedText(self.0.name.clone())
    }

    /// How winners are chosen, by the name that records use.
    async fn method(&self) -> &str {
        &self.0.method
    }
}

/// One way to be an applicant (身份类型).
#[derive(Description)]
struct IdentityType<'a> {
    app: &'a App,
    identity_type: &'a policy::IdentityType,
}

#[Object(use_type_description)]
impl IdentityType<'_> {
    /// What `startApplication` takes, for example `local-household`.
    async fn key(&self) -> &str {
        &self.identity_type.key
    }

    /// Name for people.
    async fn name(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.identity_type.name.get(locale.into())
    }

    /// Name for people, in both languages.
    async fn localized_name(&self) -> LocalizedText {
        LocalizedText(self.identity_type.name.clone())
    }

    /// What is read before the form (填报说明).
    async fn instructions(&self) -> Instructions<'_> {
        Instructions {
            app: self.app,
            identity_type: &self.identity_type.key,
        }
    }

    /// The fields of the form, in its order.
    #[graphql(complexity = "10 * child_complexity")]
    async fn fields(&self) -> Vec<FormField<'_>> {
        let fields = self.app.policy.fields_of(&self.identity_type.key);
        fields.map(FormField).collect()
    }
}

/// A reason for refusing an application.
#[derive(Description)]
pub(super) struct ReviewReason(pub(super) policy::ReviewReason);

#[Object(use_type_description)]
impl ReviewReason {
    /// The reason, for programs, for example `SOCIAL_INSURANCE_GAP`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The reason, for people.
    async fn text(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.text.get(locale.into())
    }

    /// The reason, for people, in both languages.
    async fn localized_text(&self) -> LocalizedText {
        LocalizedText(self.0.text.clone())
    }

    /// What the applicant can do about it.
    async fn remedy(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.remedy.get(locale.into())
    }
}

#[derive(Default)]
pub(super) struct CityQuery;

#[Object]
impl CityQuery {
    /// The city that this server works for, and the rules it works by.
    async fn city<'ctx>(&self, ctx: &Context<'ctx>) -> City<'ctx> {
        City(ctx.app())
    }
}
