//! The file as a whole.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{
    ApplicationTerms, Cadence, Category, CertificateTerms, City, Fault, Field, IdentityType,
    Notice, Paragraph, Representatives, Requirement, ResetEvent, ReviewReason, ReviewTerms, Rule,
    Schedule, Scope, Text, Tier, WeakRule, category, city, form, identity_type, instructions,
    notice::{self, Notices},
    reader::{self, Section},
    representatives, requirement, review, schedule, terms, tier,
};
use crate::domain::{LicenceClass, Locale, PeriodKind, PeriodNumber, participation::Counting};

/// A city's rules, read and checked.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The policy's name, for example `hangzhou-2018`.
    pub key: String,
    /// Counts up with every change of the file.
    pub revision: u32,
    /// Name for people.
    pub name: Text,
    /// The city.
    pub city: City,
    /// How often it draws.
    pub cadence: Cadence,
    /// The programme's first period; years of participation are shown from its year on.
    pub first_period: PeriodNumber,
    /// On which days.
    pub schedule: Schedule,
    /// What people apply for.
    pub categories: Vec<Category>,
    /// As what they apply.
    pub identity_types: Vec<IdentityType>,
    /// What stands above the form.
    pub form_title: Text,
    /// What the form asks of them, in its order.
    pub fields: Vec<Field>,
    /// What the classes of a driving licence are called, in the order of the form.
    pub licence_classes: Vec<(LicenceClass, Text)>,
    /// What they have to fulfil.
    pub requirements: Vec<Requirement>,
    /// Why a reviewer may refuse them.
    pub review_reasons: Vec<ReviewReason>,
    /// How long reviews may take.
    pub review: ReviewTerms,
    /// How long an application lives.
    pub application: ApplicationTerms,
    /// How long a won quota lives.
    pub certificate: CertificateTerms,
    /// How applicant representatives are chosen, where the city has them.
    pub representatives: Option<Representatives>,
    /// What makes the count that the tier looks at begin again.
    pub reset_on: Vec<ResetEvent>,
    /// How waiting is rewarded.
    pub tier: Tier,
    instructions: Vec<Paragraph>,
    notices: Notices,
    rules: Vec<Rule>,
    text: String,
    digest: [u8; 32],
}

impl Policy {
    /// Reads a policy file; `file` is its name in messages. All faults are reported, in the order of
    /// their lines.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let (mut policy, rules) = reader::read(file, text, read)?;
        policy.rules = rules;
        text.clone_into(&mut policy.text);
        policy.digest = Sha256::digest(text.as_bytes()).into();
        Ok(policy)
    }

    /// SHA-256 of the file's exact text, as the signed records name it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The file's exact text, as it is published beside a draw.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every rule with its authority, in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that an operator must confirm before a real period opens under them.
    #[must_use]
    pub fn unconfirmed(&self) -> Vec<WeakRule> {
        let is_separate = matches!(self.tier, Tier::SeparatePool { .. });
        self.rules
            .iter()
            .filter_map(|rule| {
                let what = rule.confirm.clone()?;
                let is_of_tier = rule.path == "tier" || rule.path.starts_with("tier.");
                Some(WeakRule {
                    path: rule.path.clone(),
                    line: rule.line,
                    what,
                    source: rule.source.clone(),
                    scope: if is_separate && is_of_tier {
                        Scope::TierPeriods
                    } else {
                        Scope::EveryPeriod
                    },
                })
            })
            .collect()
    }

    /// The identity type of that key.
    #[must_use]
    pub fn find_identity_type(&self, key: &str) -> Option<&IdentityType> {
        self.identity_types.iter().find(|it| it.key == key)
    }

    /// The fields of the form that applicants of an identity type fill in, in its order.
    pub fn fields_of(&self, identity_type: &str) -> impl Iterator<Item = &Field> {
        let fields = self.fields.iter();
        fields.filter(move |field| field.applies_to(identity_type))
    }

    /// What applicants of an identity type read before they fill it in.
    pub fn instructions_of(&self, identity_type: &str) -> impl Iterator<Item = &Paragraph> {
        let paragraphs = self.instructions.iter();
        paragraphs.filter(move |paragraph| paragraph.applies_to(identity_type))
    }

    /// SHA-256 of those instructions: which text it was that somebody acknowledged.
    #[must_use]
    pub fn instructions_digest(&self, identity_type: &str) -> [u8; 32] {
        instructions::digest(self.instructions_of(identity_type))
    }

    /// The review reason of that code.
    #[must_use]
    pub fn find_review_reason(&self, code: &str) -> Option<&ReviewReason> {
        self.review_reasons
            .iter()
            .find(|reason| reason.code == code)
    }

    /// The category of that key in periods of that kind.
    #[must_use]
    pub fn find_category(&self, key: &str, period_kind: PeriodKind) -> Option<&Category> {
        self.categories
            .iter()
            .find(|category| category.key == key && category.period_kind == period_kind)
    }

    /// How many periods of a kind a year has; nothing for tier periods in a city without them.
    #[must_use]
    pub fn find_cadence(&self, period_kind: PeriodKind) -> Option<Cadence> {
        match (period_kind, &self.tier) {
            (PeriodKind::Normal, _) => Some(self.cadence),
            (PeriodKind::Tier, Tier::SeparatePool { cadence, .. }) => Some(*cadence),
            (PeriodKind::Tier, Tier::WeightedEntries { .. } | Tier::None) => None,
        }
    }

    /// Which lines of the participation ledger count.
    #[must_use]
    pub fn counting(&self) -> Counting {
        Counting {
            first_year: self.first_period.year(),
            tier_periods_count: matches!(
                self.tier,
                Tier::SeparatePool {
                    adds_to_count: true,
                    ..
                }
            ),
        }
    }

    /// A notice in a language, or nothing where the city has none of the kind.
    #[must_use]
    pub fn find_notice(&self, notice: Notice, locale: Locale) -> Option<String> {
        notice.render(&self.notices, locale)
    }
}

fn read(root: &Section<'_>) -> Option<Policy> {
    let key = city::key(root);
    let revision = root.number("revision", 1..=1_000_000);
    let name = root.bilingual("name");
    let city = within(root, "city", city::read);
    let period = within(root, "period", schedule::read_period);
    let schedule = within(root, "calendar", schedule::read);
    let application = within(root, "application", terms::read_application);
    let certificate = within(root, "certificate", terms::read_certificate);
    let representatives = root.find_section("representatives");
    let representatives = representatives.map(|section| representatives::read(&section));
    representatives::check(root, schedule.as_ref(), representatives.is_some());
    let reset_on = within(root, "participation", terms::read_reset);
    let tier = root.section("tier");
    let (tier, has_joining) = tier.map_or((None, None), |section| tier::read(&section));
    let categories = root.sections("category");
    let categories = categories.and_then(|sections| category::read_all(&sections));
    let (identity_types, requirements) = people(root);
    let keys = identity_types.as_ref().map(|types| keys_of(types));
    let papers = papers(root, keys.as_ref(), has_joining);
    let reviewing = within(root, "review", review::read);
    let notices = root.section("notice");
    let notices = notices.and_then(|section| notice::read_all(&section, has_joining));
    check_categories(root, categories.as_deref(), tier.as_ref());
    let (cadence, first_period) = period?;
    let ((form_title, fields), licence_classes, instructions) = papers?;
    let (review_reasons, review) = reviewing?;
    Some(Policy {
        key: key?,
        revision: revision?,
        name: name?,
        city: city?,
        cadence,
        first_period,
        schedule: schedule?,
        categories: categories?,
        form_title,
        fields,
        licence_classes,
        requirements: requirements?,
        review_reasons,
        review,
        application: application?,
        certificate: certificate?,
        representatives: representatives.map_or(Some(None), |read| read.map(Some))?,
        reset_on: reset_on?,
        tier: tier?,
        identity_types: identity_types?,
        instructions,
        notices: notices?,
        rules: Vec::new(),
        text: String::new(),
        digest: [0; 32],
    })
}

/// What a section of this name says, which has to be there.
fn within<T>(
    root: &Section<'_>,
    name: &'static str,
    read: impl FnOnce(&Section<'_>) -> Option<T>,
) -> Option<T> {
    root.section(name).and_then(|section| read(&section))
}

fn people(root: &Section<'_>) -> (Option<Vec<IdentityType>>, Option<Vec<Requirement>>) {
    let identity_types = root.sections("identity_type");
    let identity_types = identity_types.and_then(|sections| identity_type::read_all(&sections));
    let requirements = root.sections("requirement").and_then(|sections| {
        let known = identity_types.as_ref().map(|types| keys_of(types));
        requirement::read_all(&sections, known.as_ref())
    });
    (identity_types, requirements)
}

/// The form, the names of the licence classes, and the instructions.
type Papers = (
    (Text, Vec<Field>),
    Vec<(LicenceClass, Text)>,
    Vec<Paragraph>,
);

fn papers(
    root: &Section<'_>,
    identity_types: Option<&BTreeSet<&str>>,
    has_joining: Option<bool>,
) -> Option<Papers> {
    let fields = root.section("form");
    let fields = fields.and_then(|section| form::read_all(&section, identity_types, has_joining));
    let classes = root.section("licence_class");
    let classes = classes.and_then(|section| form::read_licence_classes(&section));
    let instructions = root.section("instructions");
    let instructions =
        instructions.and_then(|section| instructions::read_all(&section, identity_types));
    Some((fields?, classes?, instructions?))
}

fn keys_of(identity_types: &[IdentityType]) -> BTreeSet<&str> {
    identity_types.iter().map(|it| it.key.as_str()).collect()
}

/// A tier category without tier periods would never be drawn, and tier periods without a category
/// would have nothing to draw.
fn check_categories(root: &Section<'_>, categories: Option<&[Category]>, tier: Option<&Tier>) {
    let (Some(categories), Some(tier)) = (categories, tier) else {
        return;
    };
    let has_tier_category = categories
        .iter()
        .any(|category| category.period_kind == PeriodKind::Tier);
    let has_tier_periods = matches!(tier, Tier::SeparatePool { .. });
    if has_tier_category != has_tier_periods {
        root.fault(
            "category",
            "expected a category of tier periods exactly when the tier's mode is separate-pool",
        );
    } else if categories
        .iter()
        .all(|category| category.period_kind == PeriodKind::Tier)
    {
        root.fault(
            "category",
            "expected a category of normal periods, found none",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::find_builtin;

    fn policy(key: &str) -> Policy {
        find_builtin(key)
            .expect("built in")
            .policy()
            .expect("valid")
    }

    #[test]
    fn a_tier_category_is_found_only_where_there_are_tier_periods() {
        let (hangzhou, beijing) = (policy("hangzhou-2018"), policy("beijing-2016"));
        for (policy, kind, is_there) in [
            (&hangzhou, PeriodKind::Normal, true),
            (&hangzhou, PeriodKind::Tier, true),
            (&beijing, PeriodKind::Normal, true),
            (&beijing, PeriodKind::Tier, false),
        ] {
            let category = policy.find_category("individual", kind);
            assert_eq!(category.is_some(), is_there);
            assert!(category.is_none_or(|category| category.period_kind == kind));
            assert_eq!(policy.find_cadence(kind).is_some(), is_there);
            assert_eq!(policy.find_category("unit", kind), None);
        }
        assert_eq!(hangzhou.find_cadence(PeriodKind::Tier), Cadence::new(2));
        assert_eq!(
            hangzhou.find_cadence(PeriodKind::Normal),
            Some(Cadence::MONTHLY)
        );
    }

    #[test]
    fn years_of_participation_begin_with_the_programme() {
        let (hangzhou, beijing) = (policy("hangzhou-2018"), policy("beijing-2016"));
        assert_eq!(hangzhou.counting().first_year, 2014);
        assert_eq!(beijing.counting().first_year, 2011);
        assert!(!hangzhou.counting().tier_periods_count);
        assert!(!beijing.counting().tier_periods_count);

        let file = find_builtin("hangzhou-2018").expect("built in");
        let text = file
            .text
            .replacen("adds_to_count = false", "adds_to_count = true", 1);
        let other = Policy::parse("city.toml", &text).expect("valid");
        assert!(other.counting().tier_periods_count);
    }

    #[test]
    fn reasons_and_identity_types_are_found_by_their_names_alone() {
        let beijing = policy("beijing-2016");
        for reason in &beijing.review_reasons {
            assert_eq!(beijing.find_review_reason(&reason.code), Some(reason));
        }
        for identity_type in &beijing.identity_types {
            assert_eq!(
                beijing.find_identity_type(&identity_type.key),
                Some(identity_type)
            );
        }
        assert_eq!(beijing.find_review_reason("BECAUSE"), None);
        assert_eq!(beijing.find_identity_type("LOCAL-HOUSEHOLD"), None);
    }

    #[test]
    fn winning_begins_the_count_again_in_hangzhou_and_forfeiting_in_beijing() {
        assert_eq!(policy("hangzhou-2018").reset_on, [ResetEvent::Win]);
        assert_eq!(policy("beijing-2016").reset_on, [ResetEvent::Forfeit]);
    }
}
