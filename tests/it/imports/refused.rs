//! What of the old system's certificates cannot be taken over.

use fairplate_tests::{
    old_system::{IMPORT_HEADER, WON_HEADER, old_periods},
    on_both_databases,
};

use super::{
    line, rows,
    won::{forfeited, number, waiting, won},
};

/// What is put in the place of what in a good line, and how the line is refused then.
const BAD_COLUMNS: &[(&str, &str, &str, &str)] = &[
    (
        ",202405,",
        "0,202405,",
        "certificate_number",
        "a certificate's number has 16 digits and nothing else",
    ),
    (
        ",202405,",
        ",201313,",
        "certificate_period",
        "201313 is not in the file of periods",
    ),
    (
        ",202405,",
        ",202404-202405,",
        "certificate_period",
        "expected the one period",
    ),
    (
        ",202405,",
        ",,",
        "certificate_period",
        "expected the one period",
    ),
    (
        "LOTTERY",
        "BOUGHT",
        "certificate_origin",
        "expected LOTTERY or AUCTION, found `BOUGHT`",
    ),
    (
        "2024-05-26",
        "2024-05-25",
        "certificate_issued_on",
        "expected a day on or after 2024-05-26, when its period was published",
    ),
    (
        "2024-05-26",
        "2026-06-02",
        "certificate_issued_on",
        "expected a day up to today, 2026-06-01",
    ),
    (
        "2024-05-26",
        "",
        "certificate_issued_on",
        "expected a day like",
    ),
    (
        "2025-05-26,F",
        "2024-05-01,F",
        "certificate_expires_on",
        "on or after its issue",
    ),
    (
        "FORFEITED",
        "LOST",
        "certificate_state",
        "expected LIVE, USED, FORFEITED or SURRENDERED",
    ),
    (
        "FORFEITED",
        "LIVE",
        "certificate_ended_on",
        "LIVE has not ended; leave it empty",
    ),
    (
        "FORFEITED",
        "USED",
        "certificate_ended_on",
        "expected a day up to its last one, 2025-05-26",
    ),
    (
        "FORFEITED,2025-05-27",
        "FORFEITED,",
        "certificate_ended_on",
        "expected the day on which",
    ),
    (
        "FORFEITED,2025-05-27",
        "FORFEITED,2025-05-26",
        "certificate_ended_on",
        "expected a day after its last one, 2025-05-26",
    ),
    (
        "FORFEITED,2025-05-27",
        "FORFEITED,2026-06-02",
        "certificate_ended_on",
        "expected a day from its issue up to today, 2026-06-01",
    ),
    (
        ",2025-05-27,2027-05-26",
        ",,2027-05-26",
        "ban_begins_on",
        "first day as well",
    ),
    (",2027-05-26", ",", "ban_ends_on", "last day as well"),
    (
        ",2027-05-26",
        ",2025-05-26",
        "ban_ends_on",
        "on or after the ban's first one",
    ),
    (
        ",2025-05-27,2027-05-26",
        ",2025-05-26,2027-05-26",
        "ban_begins_on",
        "expected a day after the certificate's last one, 2025-05-26",
    ),
    (
        "LOTTERY",
        "AUCTION",
        "ban_begins_on",
        "of the LOTTERY that was FORFEITED alone",
    ),
    (
        ",2027-05-26",
        ",2027-05-26,extra",
        "line",
        "expected 19 fields, found 20",
    ),
];

#[test]
fn each_kind_of_bad_certificate_is_named_and_nothing_is_written() {
    on_both_databases(async |city| {
        let before = rows(city).await;
        for (from, to, field, reason) in BAD_COLUMNS {
            let bad = forfeited().replacen(from, to, 1);
            assert_ne!(bad, forfeited(), "{from}");
            let report = city
                .import_won(&[waiting(7), won(1, &bad), waiting(8)])
                .await;
            let [refusal] = &report.refusals[..] else {
                panic!("{bad}: {:?}", report.refusals)
            };
            assert_eq!((refusal.line, &refusal.field), (3, field), "{refusal}");
            assert!(refusal.file.ends_with("applicants.csv"), "{refusal}");
            assert!(refusal.reason.contains(reason), "{refusal}");
            assert_eq!(rows(city).await, before, "{bad}");
        }
    });
}

#[test]
fn a_number_is_one_certificates() {
    on_both_databases(async |city| {
        assert_eq!(city.import_won(&[won(1, &forfeited())]).await.refusals, []);
        let before = rows(city).await;
        let used = format!(
            "{},202405,LOTTERY,2024-05-26,2025-05-26,USED,2024-06-01,,",
            number(3)
        );
        let lines = [
            won(2, &forfeited()),
            won(3, &used),
            won(4, &used),
            waiting(5),
        ];

        let report = city.import_won(&lines).await;

        let named: Vec<_> = report
            .refusals
            .iter()
            .map(|one| (one.line, one.field, one.reason.as_str()))
            .collect();
        let expected = [
            (
                2,
                "certificate_number",
                "the city has a certificate with this number already",
            ),
            (
                4,
                "certificate_number",
                "an earlier line has the same number; a number is one certificate's",
            ),
        ];
        assert_eq!(named, expected);
        assert_eq!(rows(city).await, before);
    });
}

#[test]
fn columns_of_certificates_are_all_there_or_none_is() {
    on_both_databases(async |city| {
        let before = rows(city).await;
        let (some, _) = WON_HEADER.rsplit_once(',').expect("columns");
        let header = format!("{},{some}\n", IMPORT_HEADER.trim_end());
        let refused = city
            .load(
                &old_periods(),
                &header,
                &[format!("{},,,,,,,,", line(1))],
                false,
            )
            .await;
        let refused = refused.expect_err("a refusal").to_string();
        assert!(
            refused.contains("applicants.csv:1: expected the columns id_number,"),
            "{refused}"
        );
        assert!(refused.contains("certificate_number"), "{refused}");
        assert_eq!(rows(city).await, before);
    });
}
