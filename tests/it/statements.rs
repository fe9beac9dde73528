//! How many statements an answer takes: no more for many rows than for a few.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::Request;
use entity::draw;
use fairplate::{
    domain::actor::{Actor, Auditor, Officer},
    graphql::{self, Schema},
    service::applications,
    store,
};
use fairplate_tests::{
    TestCity, on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};

/// What of an application needs more than its own row.
const APPLICATION: &str = "code status isLocked maskedIdNumber period { number quotas { quota } } \
    validity { canRenew } tierStatus { count } participation { count } review { decision } \
    secondLook { requestedAt } secondLookUntil";

/// What of a draw needs more than its own row.
const DRAW: &str = "publicId period { phase } records { kind } pools { rows }";

/// The schema over a database that counts.
struct Counting {
    schema: Schema,
    count: Arc<AtomicUsize>,
}

impl Counting {
    fn over(city: &TestCity) -> Self {
        let (mut app, count) = (city.app.clone(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&count);
        app.db.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let schema = graphql::build(app, false);
        Self { schema, count }
    }

    /// How many statements an answer takes, and how many rows it has.
    async fn ask(&self, actor: &Actor, document: &str, rows: &str) -> (usize, usize) {
        let before = self.count.load(Ordering::Relaxed);
        let request = Request::new(document).data(actor.clone());
        let response = self.schema.execute(request).await;
        assert_eq!(response.errors, [], "{document}");
        let answer = response.data.into_json().expect("JSON");
        let list = answer.pointer(rows).expect("rows").as_array();
        let after = self.count.load(Ordering::Relaxed);
        (after - before, list.expect("a list").len())
    }
}

/// A page: its name, who asks, the document, and where its rows stand.
type Page = (&'static str, Actor, String, &'static str);

/// Pages of what everybody may see, and of desks.
fn listed() -> Vec<Page> {
    let officer = || Actor::Officer(Officer::new("zhou"));
    vec![
        (
            "periods",
            Actor::Anonymous,
            format!(
                "{{ periods(first: 10) {{ nodes {{ number quotas {{ quota }} moves {{ to }} \
                 transitions {{ phase }} draws {{ {DRAW} }} }} }} }}"
            ),
            "/periods/nodes",
        ),
        (
            "calendar",
            Actor::Anonymous,
            "{ calendar(from: \"2026-01-01\", to: \"2026-12-31\") { events { on period { quotas { quota } draws { phase } } } } }".to_owned(),
            "/calendar/events",
        ),
        (
            "reviewQueue",
            officer(),
            format!(
                "{{ reviewQueue(first: 10) {{ nodes {{ application {{ {APPLICATION} }} \
                 claim {{ reviewer }} flags {{ earlier {{ code }} later {{ code }} }} }} }} }}"
            ),
            "/reviewQueue/nodes",
        ),
        (
            "duplicateFlags",
            officer(),
            format!("{{ duplicateFlags(first: 8) {{ nodes {{ earlier {{ {APPLICATION} }} later {{ {APPLICATION} }} }} }} }}"),
            "/duplicateFlags/nodes",
        ),
    ]
}

fn pages(applicant: Actor) -> Vec<Page> {
    let officer = || Actor::Officer(Officer::new("zhou"));
    let mut pages = listed();
    pages.extend([
        (
            "me.applications",
            applicant.clone(),
            format!("{{ me {{ applications(first: 10) {{ nodes {{ {APPLICATION} form {{ name }} }} }} }} }}"),
            "/me/applications/nodes",
        ),
        (
            "me.inbox",
            applicant,
            "{ me { inbox(first: 100) { unreadCount nodes { text readAt } } } }".to_owned(),
            "/me/inbox/nodes",
        ),
        (
            "messages",
            officer(),
            "{ messages(state: WAITING, first: 100) { totalCount nodes { maskedAddress } } }".to_owned(),
            "/messages/nodes",
        ),
        (
            "auditTrail",
            Actor::Auditor(Auditor::new("wu")),
            "{ auditTrail(first: 100) { nodes { id action } } }".to_owned(),
            "/auditTrail/nodes",
        ),
        (
            "carryOver",
            Actor::Anonymous,
            "{ carryOver { balance movements { nodes { count } } } }".to_owned(),
            "/carryOver",
        ),
    ]);
    pages
}

/// Periods that were drawn like the story's own, by their rows.
async fn draw_more(city: &TestCity) {
    let (db, id) = (&city.app.db, city.app.city);
    let drawn = city.draw(PERIOD).await;
    let pools = store::draws::list_pools(db, id, PERIOD)
        .await
        .expect("pools");
    for (place, number) in ["202608", "202609", "202610"].into_iter().enumerate() {
        let month = 8 + u32::try_from(place).expect("a month");
        city.open_period(number, month, places(1, 0)).await;
        let row = draw::Model {
            id: number.to_owned(),
            period_number: number.to_owned(),
            sequence: drawn.sequence + 1 + i64::try_from(place).expect("a place"),
            ..drawn.clone()
        };
        row.into_active_model().insert(db).await.expect("a draw");
        for pool in pools.clone() {
            let pool = entity::draw_pool::Model {
                draw_id: number.to_owned(),
                ..pool
            };
            pool.into_active_model().insert(db).await.expect("its pool");
        }
    }
}

#[test]
fn an_answer_takes_no_more_statements_for_many_rows_than_for_a_few() {
    on_both_databases(async |city| {
        city.frozen(2, places(1, 1)).await;
        city.announce(PERIOD).await;
        city.at("2026-07-01T01:00:00Z");
        let citizen = city.apply(&person(50)).await;
        city.apply_twins(60, 61).await;
        let counting = Counting::over(city);
        let pages = pages(Actor::Applicant(citizen.applicant()));
        let mut few = Vec::new();
        for (_, actor, document, rows) in &pages {
            few.push(counting.ask(actor, document, rows).await);
        }

        draw_more(city).await;
        for number in [70, 72, 74] {
            city.apply_twins(number, number + 1).await;
        }
        let mut current = citizen.id();
        for _ in 0..3 {
            applications::cancel(&city.app, &citizen.applicant(), current)
                .await
                .expect("cancelled");
            city.clock.advance(1);
            current = city.apply(&person(50)).await.id();
        }

        for ((name, actor, document, rows), (statements, length)) in pages.iter().zip(few) {
            let (more_statements, more_length) = counting.ask(actor, document, rows).await;
            println!(
                "{name}: {statements} statements for {length} rows, {more_statements} for {more_length}"
            );
            assert_eq!(more_statements, statements, "{name}");
            if !["carryOver", "calendar"].contains(name) {
                assert!(length < more_length, "{name}: {length} {more_length}");
            }
        }
    });
}
