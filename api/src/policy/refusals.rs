//! What a policy file is refused for, and with which line.

use super::{Fault, Policy, find_builtin};

pub(super) fn text_of(key: &str) -> &'static str {
    find_builtin(key).expect("built in").text
}

/// The text with one place changed, and the line of that place.
pub(super) fn changed(text: &str, from: &str, to: &str) -> (String, usize) {
    let at = text
        .find(from)
        .unwrap_or_else(|| panic!("no `{from}` to change"));
    let line = text[..at].matches('\n').count() + 1;
    (text.replacen(from, to, 1), line)
}

pub(super) fn shown(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// Changes one place of a built-in policy and expects exactly one fault: on the changed line, plus
/// `below`, with this field and message.
#[track_caller]
pub(super) fn refused(key: &str, from: &str, to: &str, below: isize, fault: &str) {
    let (text, line) = changed(text_of(key), from, to);
    let faults = Policy::parse("city.toml", &text).expect_err("a faulty file");
    assert_eq!(
        shown(&faults),
        [format!(
            "city.toml:{}: {fault}",
            line.checked_add_signed(below).expect("a line")
        )]
    );
}

#[test]
fn an_unknown_key_is_refused_at_any_depth() {
    let hangzhou = "hangzhou-2018";
    refused(
        hangzhou,
        "revision = 1",
        "color = 3\nrevision = 1",
        0,
        "color: unknown key; expected only application, calendar, category, certificate, city, form, \
         identity_type, instructions, key, licence_class, name, notice, participation, period, representatives, requirement, review, revision, tier",
    );
    refused(
        hangzhou,
        "participations = 24",
        "participations = 24\nmax = 48",
        1,
        "tier.threshold.max: unknown key; expected only accessed, confidence, confirm, participations, source",
    );
    refused(
        hangzhou,
        "months_min = 24",
        "months_min = 24\nmonths_max = 48",
        1,
        "requirement[12].months_max: unknown key; expected only accessed, code, confidence, \
         confirm, identity_types, months_min, remedy, rule, source",
    );
    refused(
        hangzhou,
        "zh = \"杭州市\", ",
        "zh = \"杭州市\", de = \"Hangzhou\", ",
        0,
        "city.name.de: unknown key; expected only en, zh",
    );
}

/// One place of the Hangzhou file, what it is changed to, and the fault.
const WRONG_VALUES: [(&str, &str, &str); 12] = [
    (
        "participations = 24",
        "participations = \"24\"",
        "tier.threshold.participations: expected a whole number, found string",
    ),
    (
        "participations = 24",
        "participations = -1",
        "tier.threshold.participations: expected a whole number from 1 to 1000, found -1",
    ),
    (
        "adds_to_count = false",
        "adds_to_count = 0",
        "tier.count.adds_to_count: expected true or false, found integer",
    ),
    (
        "id = 330100",
        "id = 330100.0",
        "city.id: expected a whole number, found float",
    ),
    (
        "first = \"201405\"",
        "first = \"201413\"",
        "period.first: `201413` is not a period number: write YYYYnn with nn from 01 to 12, or YYYYJn with n from 1 to 9",
    ),
    (
        "first = \"201405\"",
        "first = \"2014J1\"",
        "period.first: expected a regular period YYYYnn, found a tier period",
    ),
    (
        "shift = \"next-working-day\"",
        "shift = \"next-day\"",
        "calendar.draw.shift: expected next-working-day or never, found `next-day`",
    ),
    (
        "periods_per_year = 2",
        "periods_per_year = 5",
        "tier.cadence.periods_per_year: expected 1, 2, 3, 4 or 6, found 5",
    ),
    (
        "\"C5\"]",
        "\"C6\"]",
        "requirement[8].accepted: `C6` is not a licence class: expected A1 to C5, D, E, F, M, N or P",
    ),
    (
        "on = [\"win\"]",
        "on = [\"win\", \"lapse\"]",
        "participation.reset.on: expected win or forfeit, found `lapse`",
    ),
    (
        "key = \"hangzhou\"",
        "key = \"Hang Zhou\"",
        "city.key: expected small letters, digits and hyphens, found `Hang Zhou`",
    ),
    (
        "identity_types = [\"residence-permit\"]\nmonths_min",
        "identity_types = [\"students\"]\nmonths_min",
        "requirement[12].identity_types: `students` is not an identity type of this file",
    ),
];

#[test]
fn a_value_of_the_wrong_type_or_out_of_range_is_refused() {
    for (from, to, fault) in WRONG_VALUES {
        refused("hangzhou-2018", from, to, 0, fault);
    }
}

#[test]
fn a_rule_without_its_authority_is_refused() {
    let source = "source = \"GB/T 2260 (division code 330100); names as in the guide of 2018\"";
    let at_table = |key: &str| {
        let text = text_of(key);
        let table = text.find("[city]").expect("the table");
        let field = text.find(source).expect("the source");
        text[table..field].matches('\n').count()
    };
    let (text, line) = changed(text_of("hangzhou-2018"), source, "");
    let faults = Policy::parse("city.toml", &text).expect_err("no source");
    let table = line - at_table("hangzhou-2018");
    assert_eq!(
        shown(&faults),
        [format!("city.toml:{table}: city.source: missing; add it")]
    );

    let hangzhou = "hangzhou-2018";
    refused(
        hangzhou,
        source,
        "source = \" \"",
        0,
        "city.source: expected a text, found an empty one",
    );
    refused(
        hangzhou,
        "accessed = 2026-11-21",
        "accessed = 2026-11-21T08:00:00Z",
        0,
        "city.accessed: expected a date such as 2018-11-26, found datetime",
    );
    refused(
        hangzhou,
        "confidence = \"H\"",
        "confidence = \"high\"",
        0,
        "city.confidence: expected H or M or L, found `high`",
    );
    refused(
        hangzhou,
        "confidence = \"H\"",
        "confidence = \"H\"\nconfirm = { zh = \"是\", en = \"yes\" }",
        1,
        "city.confirm: only a rule of confidence L asks for a confirmation: remove this, or lower the confidence",
    );
    refused(
        hangzhou,
        "[city]",
        "[city]\nconfirm.zh = \"是\"\nconfirm.en = \"yes\"",
        1,
        "city.confirm: only a rule of confidence L asks for a confirmation: remove this, or lower the confidence",
    );
}

#[test]
fn a_weak_rule_says_what_is_to_be_confirmed() {
    let (text, line) = changed(
        text_of("hangzhou-2018"),
        "confidence = \"H\"",
        "confidence = \"L\"",
    );
    let faults = Policy::parse("city.toml", &text).expect_err("nothing to confirm");
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].line < line,
        "the table, for the key that is not there"
    );
    assert_eq!(faults[0].field, "city.confirm");
}

#[test]
fn a_tier_table_with_a_gap_or_an_overlap_is_refused_at_the_step() {
    let beijing = "beijing-2016";
    refused(
        beijing,
        "[[tier.weights.step]]\nfrom = 7\n",
        "[[tier.weights.step]]\nfrom = 8\n",
        0,
        "tier.weights.step[1]: gap in the table: this step starts at 8 where 7 comes next",
    );
    refused(
        beijing,
        "[[tier.weights.step]]\nfrom = 13\n",
        "[[tier.weights.step]]\nfrom = 12\n",
        0,
        "tier.weights.step[2]: overlap in the table: this step starts at 12 where 13 comes next",
    );
    refused(
        beijing,
        "[[tier.weights.step]]\nfrom = 73\n",
        "[[tier.weights.step]]\nfrom = 73\nuntil = 78\n",
        0,
        "tier.weights.step[12]: gap in the table: nothing covers 79 and above; leave `until` out of the last step",
    );
    refused(
        beijing,
        "until = 6\nweight = 1",
        "until = 6\nweight = 65536",
        1,
        "tier.weights.step[0].weight: expected a whole number from 0 to 65535, found 65536",
    );
}

#[test]
fn a_notice_keeps_its_placeholders_in_both_languages() {
    refused(
        "hangzhou-2018",
        "tier_joined = { zh = \"报名成功\"",
        "tier_joined = { zh = \"报名成功{name}\"",
        0,
        "notice.tier_joined: expected the placeholders none in the zh-CN text, found {name}",
    );
    refused(
        "hangzhou-2018",
        "of its review comes on {date}.\"",
        "of its review comes soon.\"",
        0,
        "notice.new_application: expected the placeholders {date} in the en text, found none",
    );
}

#[test]
fn a_tier_category_and_tier_periods_come_together() {
    refused(
        "beijing-2016",
        "periods = \"normal\"",
        "periods = \"tier\"",
        -2,
        "category: expected a category of tier periods exactly when the tier's mode is separate-pool",
    );
}

#[test]
fn what_must_be_there_once_is_refused_twice() {
    refused(
        "hangzhou-2018",
        "code = \"EMAIL_INVALID\"",
        "code = \"PHONE_INVALID\"",
        0,
        "requirement[3].code: `PHONE_INVALID` is there twice",
    );
    refused(
        "hangzhou-2018",
        "key = \"residence-permit\"",
        "key = \"local-household\"",
        0,
        "identity_type[1].key: `local-household` is there twice",
    );
}

#[test]
fn all_faults_come_out_at_once_in_the_order_of_their_lines() {
    let text = text_of("hangzhou-2018")
        .replacen("revision = 1", "revision = 0", 1)
        .replacen("validity_months = 12", "validity_months = 0", 1)
        .replacen("participations = 24", "participations = true", 1)
        .replacen("reminder = {", "reminders = {", 1);
    let faults = Policy::parse("city.toml", &text).expect_err("four faults");

    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "revision",
            "certificate.validity_months",
            "tier.threshold.participations",
            "notice.reminder",
            "notice.reminders",
        ]
    );
    assert!(faults.is_sorted_by_key(|fault| fault.line));
}

#[test]
fn the_last_reminder_comes_after_the_first() {
    refused(
        "hangzhou-2018",
        "last_days_before = 14",
        "last_days_before = 60",
        0,
        "certificate.reminder.last_days_before: expected fewer days than the 60 of `first_days_before`, found 60",
    );
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    let (text, line) = changed(text_of("hangzhou-2018"), "revision = 1", "revision 1");
    let faults = Policy::parse("city.toml", &text).expect_err("not TOML");
    assert_eq!((faults[0].line, faults[0].field.as_str()), (line, ""));
    assert!(shown(&faults)[0].starts_with(&format!("city.toml:{line}: ")));

    let (text, line) = changed(
        text_of("hangzhou-2018"),
        "revision = 1",
        "revision = 1\nrevision = 2",
    );
    let faults = Policy::parse("city.toml", &text).expect_err("a key twice");
    assert_eq!(faults[0].line, line + 1);

    assert!(Policy::parse("city.toml", "").is_err());
}

#[test]
fn a_word_that_is_there_twice_is_refused() {
    refused(
        "hangzhou-2018",
        "on = [\"win\"]",
        "on = [\"win\", \"win\"]",
        0,
        "participation.reset.on: expected distinct texts, found one twice",
    );
}

#[test]
fn a_notice_about_joining_is_unknown_where_nobody_joins() {
    refused(
        "beijing-2016",
        "period_list = {",
        "tier_joined = { zh = \"报名成功\", en = \"joined\" }\nperiod_list = {",
        0,
        "notice.tier_joined: unknown key; expected only accessed, confidence, confirm, new_application, \
         participation_count, period_list, reminder, representatives, source",
    );
}
