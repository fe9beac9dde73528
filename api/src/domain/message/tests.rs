use super::*;
use crate::domain::Locale;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn code() -> String {
    "7621447539689".to_owned()
}

fn number() -> String {
    "HZ2026060001".to_owned()
}

fn period() -> String {
    "202606".to_owned()
}

/// One of each.
fn every_purpose() -> Vec<Purpose> {
    let mut all = plain_purposes();
    all.extend(purposes_by_cause());
    all.extend(purposes_by_outcome());
    all
}

/// Those that have one text each.
fn plain_purposes() -> Vec<Purpose> {
    let (until, at) = (day("2026-07-09"), moment("2026-06-01T17:30:00Z"));
    vec![
        Purpose::CodeRecovered { code: code() },
        Purpose::ApplicationReceived {
            code: code(),
            period: period(),
            review_publish_on: until,
        },
        Purpose::ApplicationCancelled { code: code() },
        Purpose::RenewalDue {
            code: code(),
            until,
        },
        Purpose::ApplicationRenewed {
            code: code(),
            until,
        },
        Purpose::ApplicationLapsed { code: code() },
        Purpose::TierJoined { code: code() },
        Purpose::RepresentativeInvited {
            period: period(),
            draw_on: until,
            answer_by: at,
        },
        Purpose::ReserveCalled {
            period: period(),
            draw_on: until,
            answer_by: at,
        },
        Purpose::PlaceGained {
            period: period(),
            code: code(),
        },
        Purpose::CertificateIssued {
            number: number(),
            until,
        },
        Purpose::CertificateExpiring {
            number: number(),
            until,
        },
        Purpose::BanLifted,
        Purpose::SignInFromNewDevice {
            device: "a phone".to_owned(),
            at,
        },
        Purpose::PhoneChanged { at },
        Purpose::PasswordChanged { at },
        Purpose::TaskDue {
            task: "freeze".to_owned(),
            subject: period(),
            on: until,
        },
    ]
}

/// Those whose text depends on what is asked for or moved.
fn purposes_by_cause() -> Vec<Purpose> {
    let until = day("2026-07-09");
    let codes = CodeUse::ALL.map(|allows| Purpose::OneTimeCode {
        allows,
        code: "483920".to_owned(),
        minutes: 5,
    });
    let days = [
        MovedDay::ApplicationsEnd,
        MovedDay::ReviewPublication,
        MovedDay::Draw,
    ];
    let moved = days.map(|day| Purpose::PeriodMoved {
        period: period(),
        day,
        from: until,
        to: until,
    });
    codes.into_iter().chain(moved).collect()
}

/// Those whose text depends on what was decided.
fn purposes_by_outcome() -> Vec<Purpose> {
    let until = day("2026-07-09");
    let decided = [(true, None), (false, None), (false, Some(until))];
    let reviews = decided.map(|(approved, second_look_until)| Purpose::ReviewPublished {
        code: code(),
        approved,
        second_look_until,
    });
    let answers = [true, false];
    let looks = answers.map(|approved| Purpose::SecondLookDecided {
        code: code(),
        approved,
    });
    let results = answers.map(|won| Purpose::ResultPublished {
        period: period(),
        code: code(),
        won,
    });
    let forfeits = [None, Some(until)].map(|banned_until| Purpose::CertificateForfeited {
        number: number(),
        banned_until,
    });
    let losses = [None, Some(number())].map(|certificate| Purpose::PlaceLost {
        period: period(),
        code: code(),
        certificate,
    });
    let all = reviews.into_iter().chain(looks).chain(losses);
    all.chain(results).chain(forfeits).collect()
}

#[test]
fn every_purpose_has_a_title_and_a_text_in_both_languages_and_none_is_like_another() {
    let mut seen = std::collections::BTreeSet::new();
    for purpose in every_purpose() {
        for locale in Locale::ALL {
            let wording = purpose.wording(locale);
            assert!(!wording.title.is_empty(), "{purpose:?}");
            assert!(10 < wording.text.len(), "{purpose:?}: {}", wording.text);
            assert!(
                !wording.text.contains(['{', '}', '\n']),
                "one filled-in line: {}",
                wording.text
            );
            assert!(
                seen.insert(wording.text.clone()),
                "a text of its own: {}",
                wording.text
            );
        }
    }
}

#[test]
fn a_purpose_keeps_its_name_and_its_values() {
    for purpose in every_purpose() {
        let written = serde_json::to_value(&purpose).expect("written");
        assert_eq!(written["purpose"], purpose.key());
        let read: Purpose = serde_json::from_value(written).expect("read");
        assert_eq!(read, purpose);
    }
}

#[test]
fn a_one_time_code_says_what_it_is_for_and_is_told_to_nobody_else() {
    for purpose in every_purpose() {
        let Purpose::OneTimeCode { allows, .. } = &purpose else {
            continue;
        };
        assert_eq!(purpose.reach(), Reach::Address, "{allows:?}");
        let (zh, en) = (purpose.wording(Locale::ZhCn), purpose.wording(Locale::En));
        assert!(zh.text.contains("483920") && zh.text.contains("5分钟"));
        assert!(en.text.contains("483920") && en.text.contains("5 minutes"));
        assert!(zh.text.contains("请勿告诉任何人"), "{}", zh.text);
        assert!(!zh.title.contains("483920") && !en.title.contains("483920"));
    }
}

#[test]
fn a_moment_is_told_in_the_time_of_the_city() {
    let purpose = Purpose::PasswordChanged {
        at: moment("2026-06-01T17:30:00Z"),
    };
    let wording = purpose.wording(Locale::ZhCn);
    assert!(
        wording.text.contains("2026年6月2日01:30"),
        "{}",
        wording.text
    );
    let wording = purpose.wording(Locale::En);
    assert!(
        wording.text.contains("2 June 2026, 01:30"),
        "{}",
        wording.text
    );
}

#[test]
fn every_text_has_a_name_of_its_own_and_the_same_values_in_both_languages() {
    let mut seen = std::collections::BTreeSet::new();
    for purpose in every_purpose() {
        let [zh, en] = Locale::ALL.map(|locale| purpose.wording(locale));
        assert!(seen.insert(zh.name), "{} names two texts", zh.name);
        assert!(
            zh.name == purpose.key() || zh.name.starts_with(&format!("{}.", purpose.key())),
            "{} is a text of {}",
            zh.name,
            purpose.key()
        );
        let names = |wording: &Wording| wording.values.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&zh), names(&en), "{}", zh.name);
        for value in zh.values.values() {
            assert!(zh.text.contains(value.as_str().expect("a text")));
        }
    }
}

#[test]
fn the_list_of_texts_has_every_text() {
    let mut used: Vec<_> = every_purpose()
        .iter()
        .map(|purpose| purpose.wording(Locale::En).name)
        .collect();
    let mut listed: Vec<_> = list_texts().iter().map(|text| text.name).collect();
    used.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, used);
}
