//! Taking over people and their history.

mod refused;
mod won;

use std::{
    future::Future as _,
    pin::pin,
    task::{Context, Waker},
};

use fairplate::{
    domain::{actor::Operator, code::ApplicationCode},
    service::imports::{self, Files},
    store,
};
use fairplate_tests::{
    TestCity,
    old_system::{IMPORT_HEADER, old_periods},
    on_both_databases,
    people::person,
    stages::places,
};
use sea_orm::{ConnectionTrait as _, Statement};

fn code(number: u64) -> String {
    ApplicationCode::from_number(987_654_321_098 - number * 7_777_777).to_string()
}

fn line(number: u32) -> String {
    person(number).line(&code(u64::from(number)), "201405-201408 201601")
}

/// Rows of the tables that an import writes, and of the trail it leaves; all cities.
async fn rows(city: &TestCity) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "applicant",
        "application",
        "participation",
        "audit",
        "certificate",
        "ban",
        "duplicate_flag",
    ] {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS rows_there FROM {table}");
        let statement = Statement::from_string(city.app.db.get_database_backend(), sql);
        let row = city
            .app
            .db
            .query_one_raw(statement)
            .await
            .expect("counted")
            .expect("a row");
        counts.push(row.try_get("", "rows_there").expect("a count"));
    }
    counts
}

#[test]
fn a_good_file_is_taken_over() {
    on_both_databases(async |city| {
        let before = rows(city).await;

        let report = city.import(&[line(1), line(2), line(3)], false).await;

        assert_eq!(
            (report.applicants, report.participations, report.refused),
            (3, 15, 0)
        );
        let after: Vec<_> = rows(city)
            .await
            .iter()
            .zip(before)
            .map(|(after, before)| after - before)
            .collect();
        assert_eq!(after, [3, 3, 15, 1, 0, 0, 0]);
        let row = store::applications::find_by_code(&city.app.db, city.app.city, &code(2)).await;
        let row = row.expect("an answer").expect("an application");
        assert_eq!(
            (row.status, row.period_number.as_str()),
            (entity::application::Status::Valid, "202605")
        );
    });
}

/// What is put in the place of what in a good line, and how the line is refused then.
const BAD_FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "individual",
        "lorry",
        "category",
        "hangzhou-2018 knows no category lorry",
    ),
    (
        "local-household",
        "martian",
        "identity_type",
        "martian is no identity type",
    ),
    (
        ",C1,",
        ",C1;C2,",
        "licence_classes",
        "expected class codes such as C1",
    ),
    (
        "2014-04-10",
        "2014-4-10",
        "submitted_on",
        "expected a day like 2014-05-26, found `2014-4-10`",
    ),
    (
        "2014-04-10,,",
        "2014-04-10,soon,",
        "tier_joined_on",
        "expected a day like",
    ),
    (
        "201405-201408",
        "201408-201405",
        "periods",
        "goes back in time",
    ),
    (
        "201405-201408",
        "201313",
        "periods",
        "201313 is not in the file of periods",
    ),
    (
        "201601",
        "201601,extra",
        "line",
        "expected 10 fields, found 11",
    ),
];

/// Bad lines, each with the field and the words of its refusal; person 40 is known already.
fn bad_lines() -> Vec<(String, &'static str, &'static str)> {
    let own = person(1);
    let mut mistyped = code(1);
    let last = mistyped.pop().expect("a digit");
    mistyped.push(if last == '9' { '0' } else { '9' });
    let code_of_40 = code(40);
    let mut swaps = BAD_FIELDS.to_vec();
    swaps.extend([
        (
            &own.id_number[..],
            "330100198001011234",
            "id_number",
            "this cannot be the number of such a document",
        ),
        (
            &own.name,
            " ",
            "name",
            "expected a name of 1 to 64 characters",
        ),
        (
            &own.phone,
            "12345",
            "phone",
            "expected a mobile phone number of eleven digits",
        ),
    ]);
    let mut lines = vec![
        (
            line(40),
            "id_number",
            "this person is known to the city already",
        ),
        (
            own.line(&mistyped, ""),
            "code",
            "the last digit does not fit",
        ),
        (
            own.line(&code_of_40, ""),
            "code",
            "the city has an application with this code already",
        ),
    ];
    for (from, to, field, reason) in swaps {
        let changed = line(1).replacen(from, to, 1);
        assert_ne!(changed, line(1));
        lines.push((changed, field, reason));
    }
    lines
}

#[test]
fn each_kind_of_bad_line_is_named_and_nothing_is_written() {
    on_both_databases(async |city| {
        city.import(&[line(40)], false).await;
        let before = rows(city).await;
        for (bad, field, reason) in bad_lines() {
            let report = city.import(&[line(7), bad.clone(), line(8)], false).await;
            let [refusal] = &report.refusals[..] else {
                panic!("{bad}: {:?}", report.refusals)
            };
            assert_eq!((refusal.line, refusal.field), (3, field), "{refusal}");
            assert!(refusal.file.ends_with("applicants.csv"), "{refusal}");
            assert!(refusal.reason.contains(reason), "{refusal}");
            let told = refusal.to_string();
            assert!(!told.contains(&person(1).id_number) && !told.contains(&person(1).name));
            assert_eq!(rows(city).await, before, "{bad}");
        }
    });
}

#[test]
fn a_person_or_a_code_stands_in_one_line() {
    on_both_databases(async |city| {
        let before = rows(city).await;
        let lines = [
            line(1),
            line(2),
            person(1).line(&code(9), ""),
            person(3).line(&code(2), ""),
        ];

        let report = city.import(&lines, false).await;

        let named: Vec<_> = report
            .refusals
            .iter()
            .map(|refusal| (refusal.line, refusal.field))
            .collect();
        assert_eq!(named, [(4, "id_number"), (5, "code")]);
        assert_eq!(rows(city).await, before);
    });
}

#[test]
fn bad_lines_are_left_out_where_the_operator_asks_for_it() {
    on_both_databases(async |city| {
        let bad = line(2).replace("individual", "lorry");

        let report = city.import(&[line(1), bad, line(3)], true).await;

        assert_eq!(
            (report.applicants, report.refused, report.refusals[0].line),
            (2, 1, 3)
        );
        for (number, is_there) in [(1, true), (2, false), (3, true)] {
            let row =
                store::applications::find_by_code(&city.app.db, city.app.city, &code(number)).await;
            assert_eq!(row.expect("an answer").is_some(), is_there, "{number}");
        }
    });
}

#[test]
fn old_periods_out_of_order_are_refused_with_their_line() {
    on_both_databases(async |city| {
        let before = rows(city).await;
        let periods = "period,published_on\n201405,2014-05-26\n201404,2014-06-26\n201407,2014-01-26\n201408,soon\n";

        let report = city
            .try_import(periods, &[line(1)], false)
            .await
            .expect("a report");

        let named: Vec<_> = report
            .refusals
            .iter()
            .map(|one| (one.line, one.field))
            .collect();
        assert_eq!(
            named[..3],
            [(3, "period"), (4, "period"), (5, "published_on")]
        );
        assert!(report.refusals[0].file.ends_with("periods.csv"));
        assert_eq!(rows(city).await, before);
    });
}

#[test]
fn a_file_with_other_columns_is_refused_whole() {
    on_both_databases(async |city| {
        let before = rows(city).await;
        let refused = city
            .try_import("period,day\n201405,2014-05-26\n", &[line(1)], false)
            .await;
        let refused = refused.expect_err("a refusal").to_string();
        assert!(
            refused.contains("periods.csv:1: expected the columns period,published_on"),
            "{refused}"
        );
        assert_eq!(rows(city).await, before);
    });
}

#[test]
fn an_interrupted_import_has_written_nothing() {
    on_both_databases(async |city| {
        let before = rows(city).await;
        // The process whose import is interrupted; another one looks afterwards.
        let node = city.another_node(None).await;
        let (old, people) = (
            city.folder().join("old.csv"),
            city.folder().join("people.csv"),
        );
        std::fs::write(&old, old_periods()).expect("written");
        let lines: Vec<_> = (1..9_000).map(line).collect();
        std::fs::write(&people, format!("{IMPORT_HEADER}{}\n", lines.join("\n"))).expect("written");
        let files = Files {
            periods: &old,
            applicants: &people,
        };
        let (sender, mut written) = tokio::sync::mpsc::unbounded_channel();
        let mut tell = move |progress| {
            if matches!(progress, imports::Progress::Written(_)) {
                sender.send(()).expect("somebody listens");
            }
        };
        {
            let mut loading = pin!(imports::load(&node, &Operator, &files, false, &mut tell));
            tokio::select! {
                biased;
                heard = written.recv() => assert!(heard.is_some()),
                done = &mut loading => panic!("the import was over before it was interrupted: {done:?}"),
            }
            // Polled once more, so that it is dropped in the middle of its next piece.
            let _ = loading
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
        }

        drop(node);
        assert_eq!(rows(city).await, before);
        let report = city.import(&[line(1)], false).await;
        assert_eq!(
            (report.applicants, report.refused),
            (1, 0),
            "the city takes an import again"
        );
    });
}

#[test]
fn imported_people_are_in_the_next_pool() {
    on_both_databases(async |city| {
        city.import(&[line(41), line(42)], false).await;

        let citizens = city.frozen(3, places(1, 1)).await;

        let pools = store::draws::list_pools(&city.app.db, city.app.city, "202606")
            .await
            .expect("pools");
        assert_eq!((pools[0].pool_rows, citizens.len()), (5, 3));
    });
}
