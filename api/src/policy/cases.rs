//! Runs the cases beside the policy files, and asks that they leave no rule out.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Check, Policy, Text, Tier, builtin, working_days};
use crate::domain::{
    Facts, LicenceClass, Locale, PeriodDates, PeriodKind, Standing, ViolationCode, calendar,
    certificate, eligibility,
    tier::{self, Candidate},
    weight,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    applicant: Changes,
    case: Vec<Case>,
    weight: Vec<WeightCase>,
    pool: Vec<Pool>,
    dates: Vec<Dates>,
    certificate: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    facts: Changes,
    violations: Vec<String>,
}

/// Facts by name; a fact that a case does not name is the applicant's.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
struct Changes(toml::Table);

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Periods {
    Normal,
    Tier,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightCase {
    periods: Periods,
    count: u32,
    #[serde(default)]
    classes: Vec<String>,
    weight: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    periods: Periods,
    candidate: Member,
    is_in: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    is_valid: bool,
    has_joined: bool,
    count: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dates {
    period: String,
    apply_from: toml::value::Datetime,
    apply_until: toml::value::Datetime,
    review_publish_on: toml::value::Datetime,
    representatives_on: Option<toml::value::Datetime>,
    draw_on: toml::value::Datetime,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    issued_on: toml::value::Datetime,
    expires_on: toml::value::Datetime,
    ban: Option<Ban>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    from: toml::value::Datetime,
    until: toml::value::Datetime,
}

fn all() -> Vec<(Policy, Cases)> {
    let cases = [
        include_str!("../../policies/hangzhou-2018.cases.toml"),
        include_str!("../../policies/beijing-2016.cases.toml"),
    ];
    assert_eq!(cases.len(), builtin().len(), "every policy has its cases");
    let policies = builtin().iter().map(|it| it.policy().expect(it.key));
    let cases = cases.map(|text| toml::from_str::<Cases>(text).expect("cases"));
    policies.zip(cases).collect()
}

fn date(datetime: &toml::value::Datetime) -> NaiveDate {
    datetime.to_string().parse().expect("a date")
}

fn classes(codes: &[String]) -> Vec<LicenceClass> {
    let class = |code: &String| LicenceClass::from_code(code).expect(code);
    codes.iter().map(class).collect()
}

fn kind(periods: &Periods) -> PeriodKind {
    match periods {
        Periods::Normal => PeriodKind::Normal,
        Periods::Tier => PeriodKind::Tier,
    }
}

impl Changes {
    fn over(&self, applicant: &Self) -> toml::Table {
        let mut facts = applicant.0.clone();
        facts.extend(self.0.clone());
        facts
    }
}

/// The codes of what an applicant with these facts violates.
fn violations(policy: &Policy, facts: &toml::Table) -> Vec<String> {
    let known = [
        "as_of",
        "identity_type",
        "identity_number",
        "phone",
        "email",
        "address",
        "postcode",
        "licence_issued_on",
        "licence_classes",
        "owns_local_car",
        "holds_certificate",
        "banned_until",
        "social_insurance_months",
        "residence_permit_until",
    ];
    assert!(
        facts.keys().all(|key| known.contains(&key.as_str())),
        "{facts:?}"
    );
    let text = |key: &str| facts[key].as_str().expect(key);
    let flag = |key: &str| facts[key].as_bool().expect(key);
    let day = |key: &str| facts.get(key)?.as_datetime().map(date);
    let codes = facts["licence_classes"].clone().try_into::<Vec<String>>();
    let months = facts.get("social_insurance_months");
    let facts = Facts {
        as_of: day("as_of").expect("as_of"),
        identity_type: text("identity_type"),
        identity_number: text("identity_number"),
        phone: text("phone"),
        email: Some(text("email")).filter(|email| !email.is_empty()),
        address: text("address"),
        postcode: text("postcode"),
        licence_issued_on: day("licence_issued_on"),
        licence_classes: &classes(&codes.expect("licence_classes")),
        owns_local_car: flag("owns_local_car"),
        holds_certificate: flag("holds_certificate"),
        banned_until: day("banned_until"),
        social_insurance_months: months.and_then(|months| months.as_integer()?.try_into().ok()),
        residence_permit_until: day("residence_permit_until"),
    };
    let found = eligibility::violations(policy, &facts);
    found
        .iter()
        .map(|violation| violation.code.to_string())
        .collect()
}

#[test]
fn the_cases_of_every_policy_come_out_as_they_say() {
    for (policy, cases) in all() {
        for case in &cases.case {
            let facts = case.facts.over(&cases.applicant);
            assert_eq!(
                violations(&policy, &facts),
                case.violations,
                "{}",
                case.name
            );
        }
    }
}

/// A passing case says nothing about a rule that it does not touch, so it has to name a fact of
/// the rule's own, or be the applicant who meets everything.
#[test]
fn every_requirement_has_a_case_that_it_refuses_and_one_that_it_passes() {
    for (policy, cases) in all() {
        for requirement in &policy.requirements {
            let code = requirement.check.code();
            let refused = cases
                .case
                .iter()
                .any(|case| case.violations.contains(&code.to_string()));
            let passed = cases.case.iter().any(|case| {
                let facts = case.facts.over(&cases.applicant);
                let applies =
                    requirement.applies_to(facts["identity_type"].as_str().expect("a key"));
                let is_known = match requirement.check {
                    Check::SocialInsurance { .. } => facts.contains_key("social_insurance_months"),
                    Check::ResidencePermit => facts.contains_key("residence_permit_until"),
                    _ => true,
                };
                applies && is_known && !case.violations.contains(&code.to_string())
            });
            assert!(refused, "{}: no case violates {code}", policy.key);
            assert!(passed, "{}: no case passes {code}", policy.key);
        }
    }
}

#[test]
fn every_way_to_fail_is_a_rule_of_each_city() {
    for (policy, _) in all() {
        let codes: BTreeSet<ViolationCode> = policy
            .requirements
            .iter()
            .map(|it| it.check.code())
            .collect();
        assert_eq!(codes, BTreeSet::from(ViolationCode::ALL), "{}", policy.key);
    }
}

#[test]
fn the_weights_of_every_policy_come_out_as_its_cases_say() {
    for (policy, cases) in all() {
        for case in &cases.weight {
            let standing = Standing {
                count_for_tier: case.count,
                classes: &classes(&case.classes),
            };
            let weight = match case.periods {
                Periods::Normal => weight::weight_in_normal_pool(&policy.tier, standing),
                Periods::Tier => weight::weight_in_tier_pool(&policy.tier, standing),
            };
            assert_eq!(weight, case.weight, "{} at {}", policy.key, case.count);
        }
        if let Tier::WeightedEntries { ladder, .. } = &policy.tier {
            let tried: BTreeSet<u32> = cases.weight.iter().map(|case| case.count).collect();
            for step in ladder.steps() {
                assert!(tried.contains(&step.from), "no case at {}", step.from);
                assert!(step.until.is_none_or(|until| tried.contains(&until)));
            }
        }
    }
}

#[test]
fn the_pools_of_every_policy_take_whom_its_cases_say() {
    for (policy, cases) in all() {
        for period_kind in [PeriodKind::Normal, PeriodKind::Tier] {
            let of_kind = cases
                .pool
                .iter()
                .filter(|case| kind(&case.periods) == period_kind);
            let mut outcomes = BTreeSet::new();
            for case in of_kind {
                let candidate = Candidate {
                    is_valid: case.candidate.is_valid,
                    has_joined: case.candidate.has_joined,
                    count_for_tier: case.candidate.count,
                };
                let is_in = tier::is_in_pool(&policy.tier, period_kind, candidate);
                assert_eq!(is_in, case.is_in, "{} {candidate:?}", policy.key);
                outcomes.insert(is_in);
            }
            let expected = if policy.find_cadence(period_kind).is_some() {
                2
            } else {
                1
            };
            assert_eq!(outcomes.len(), expected, "{} {period_kind:?}", policy.key);
        }
    }
}

#[test]
fn the_dates_of_every_policy_come_out_as_its_cases_say() {
    let working_days = working_days().expect("the calendar");
    for (policy, cases) in all() {
        let mut shifted = BTreeSet::new();
        for case in &cases.dates {
            let number = case.period.parse().expect("a period number");
            let dates = calendar::dates_of(number, policy.cadence, &policy.schedule, &working_days);
            let expected = PeriodDates {
                apply_from: date(&case.apply_from),
                apply_until: date(&case.apply_until),
                review_publish_on: date(&case.review_publish_on),
                representatives_on: case.representatives_on.as_ref().map(date),
                draw_on: date(&case.draw_on),
            };
            assert_eq!(dates, Ok(expected), "{} {number}", policy.key);
            shifted.insert(expected.draw_on.format("%d").to_string() != "26");
        }
        assert_eq!(
            shifted.len(),
            2,
            "{}: a draw on its day and one moved",
            policy.key
        );
    }
}

#[test]
fn certificates_and_bans_of_every_policy_end_when_its_cases_say() {
    for (policy, cases) in all() {
        for case in &cases.certificate {
            let terms = policy.certificate;
            let expires_on = certificate::expires_on(date(&case.issued_on), terms.validity_months);
            assert_eq!(expires_on, date(&case.expires_on), "{}", policy.key);
            assert_eq!(terms.ban_months > 0, case.ban.is_some(), "{}", policy.key);
            if let Some(expected) = &case.ban {
                let ban = certificate::ban_after(expires_on, terms.ban_months);
                assert_eq!(
                    (ban.from, ban.until),
                    (date(&expected.from), date(&expected.until))
                );
            }
        }
    }
}

/// Numbers in sentences for people are written by hand; these must not drift from the rule.
#[test]
fn what_people_are_told_agrees_with_the_rules() {
    for (policy, _) in all() {
        let months = policy.certificate.validity_months.to_string();
        for locale in Locale::ALL {
            let reminder = policy.find_notice(super::Notice::Reminder, locale);
            assert!(
                reminder.expect("a reminder").contains(&months),
                "{}",
                policy.key
            );
        }
        for requirement in &policy.requirements {
            if let Check::SocialInsurance { months_min } = requirement.check {
                let Text { zh, en } = &requirement.rule;
                let months = months_min.to_string();
                assert!(
                    zh.contains(&months) && en.contains(&months),
                    "{}",
                    policy.key
                );
            }
        }
    }
}
