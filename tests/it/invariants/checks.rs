//! The invariants, each a sentence that says which one is broken.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    ApplicantId, ApplicationId, application, audit, ban, certificate, certificate::Status, draw,
    message, period, period_quota, quota_line,
};
use fairplate::{
    domain::certificate::{ban_after, expires_on},
    service::applications as use_cases,
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, city::own_chain, people::person, publication::files_under,
};
use sea_orm::{ConnectionTrait as _, Statement};
use verifier::pool::PoolWriter;

use super::world::{CATEGORY, World};

/// How often the tier asks for (domain, the table of parameters).
const THRESHOLD: u32 = 24;

type Checked = Result<(), String>;

fn holds(is_true: bool, broken: impl FnOnce() -> String) -> Checked {
    if is_true { Ok(()) } else { Err(broken()) }
}

/// What earlier looks saw, and may never see otherwise.
#[derive(Default)]
pub(super) struct Past {
    joined: BTreeMap<ApplicationId, DateTime<Utc>>,
    counts: BTreeMap<u32, u32>,
    ended: BTreeMap<String, Status>,
}

impl Past {
    /// Every invariant.
    pub(super) async fn check(&mut self, world: &World<'_>) -> Checked {
        one_live_application(world).await?;
        at_most_one_pool(world).await?;
        self.counts(world).await?;
        self.joined_once(world).await?;
        pools_are_as_frozen(world).await?;
        winners_fill_the_quota(world).await?;
        quota_adds_up(world).await?;
        self.certificates(world).await?;
        draws_are_on_working_days(world).await?;
        nothing_personal_is_public(world).await?;
        everything_has_an_actor(world).await?;
        messages_are_told_once(world).await
    }

    /// 2, 3, 4: counted once for each published draw whose pool held the code, and never less.
    async fn counts(&mut self, world: &World<'_>) -> Checked {
        let app = &world.city.app;
        for (person, id) in world.people() {
            let rows = store::applications::list_of_applicant(&app.db, app.city, id).await;
            let row = rows.expect("applications").remove(0);
            let rows = std::slice::from_ref(&row);
            let ledger = use_cases::list_participation(app, rows).await;
            let ledger = ledger.expect("a ledger");
            let entries = ledger.get(&id).map_or(&[][..], Vec::as_slice);
            let count = use_cases::participation(app, entries, app.today()).count_total;
            let expected = world.participated.get(&person).copied().unwrap_or(0);
            holds(count == expected, || {
                format!("2: person {person} counts {count}, was in {expected} finished pools")
            })?;
            let before = self.counts.insert(person, count).unwrap_or(0);
            holds(before <= count, || {
                format!("4: the count of person {person} fell from {before} to {count}")
            })?;
        }
        Ok(())
    }

    /// 5: once joined, joined at that moment for ever.
    async fn joined_once(&mut self, world: &World<'_>) -> Checked {
        for row in all::<application::Entity>(world).await {
            let before = self.joined.get(&row.id).copied();
            holds(before.is_none() || before == row.tier_joined_at, || {
                format!("5: application {} left the tier or joined again", row.code)
            })?;
            if let Some(at) = row.tier_joined_at {
                self.joined.insert(row.id, at);
            }
        }
        Ok(())
    }

    /// 12, 14: months of validity and of the ban, to the day; what has ended has ended.
    async fn certificates(&mut self, world: &World<'_>) -> Checked {
        let terms = world.city.app.policy.certificate;
        let bans = all::<ban::Entity>(world).await;
        for row in all::<certificate::Entity>(world).await {
            let expected = expires_on(row.issued_on, terms.validity_months);
            holds(row.expires_on == expected, || {
                format!("12: certificate {} ends on {}", row.number, row.expires_on)
            })?;
            let of_it = bans.iter().find(|ban| ban.certificate_number == row.number);
            let dates = of_it.map(|ban| (ban.begins_on, ban.ends_on));
            let is_forfeited = row.status == Status::Forfeited;
            let following = ban_after(row.expires_on, terms.ban_months);
            let wanted = is_forfeited.then_some((following.from, following.until));
            holds(dates == wanted, || {
                format!(
                    "12: certificate {} is {:?} with the ban {dates:?}",
                    row.number, row.status
                )
            })?;
            holds(!is_forfeited || Some(row.expires_on) < row.ended_on, || {
                format!("12: certificate {} was forfeited early", row.number)
            })?;
            let before = self.ended.insert(row.number.clone(), row.status);
            let is_kept = before.is_none_or(|it| it == Status::Live || it == row.status);
            holds(is_kept, || {
                format!("12: certificate {} came back", row.number)
            })?;
        }
        Ok(())
    }
}

/// Every row of a table, of our city: the neighbour has none of what is looked at, or is left out.
async fn all<E: sea_orm::EntityTrait>(world: &World<'_>) -> Vec<E::Model> {
    E::find().all(&world.city.app.db).await.expect("rows")
}

/// How many rows a statement about our city finds.
async fn found(world: &World<'_>, sql: &str) -> usize {
    let app = &world.city.app;
    let statement =
        Statement::from_sql_and_values(app.db.get_database_backend(), sql, [app.city.into()]);
    app.db.query_all_raw(statement).await.expect("rows").len()
}

/// 1: one live application a person, category and city.
async fn one_live_application(world: &World<'_>) -> Checked {
    let sql = "SELECT applicant_id FROM application WHERE city_id = $1
        AND status IN ('new', 'valid') GROUP BY applicant_id, category HAVING 1 < COUNT(*)";
    let doubled = found(world, sql).await;
    holds(doubled == 0, || {
        format!("1: {doubled} people have two live applications")
    })
}

/// 1: at most one pool under way a person and category.
async fn at_most_one_pool(world: &World<'_>) -> Checked {
    let sql = "SELECT e.applicant_id FROM pool_entry e
        JOIN draw d ON d.city_id = e.city_id AND d.id = e.draw_id
        WHERE e.city_id = $1 AND d.phase IN ('frozen', 'announced', 'closed')
        GROUP BY e.applicant_id, e.category HAVING 1 < COUNT(*)";
    let doubled = found(world, sql).await;
    holds(doubled == 0, || {
        format!("1: {doubled} people are in two pools at once")
    })
}

/// 7: a pool is what it was when it was frozen.
async fn pools_are_as_frozen(world: &World<'_>) -> Checked {
    let app = &world.city.app;
    for draw in all::<draw::Entity>(world).await {
        let pools = store::draws::list_pools(&app.db, app.city, &draw.id).await;
        for pool in pools.expect("pools") {
            let lines = store::pools::list_lines(&app.db, app.city, &draw.id, CATEGORY, "").await;
            let mut writer = PoolWriter::new(std::io::sink());
            for (code, weight) in lines.expect("lines") {
                let weight = u16::try_from(weight).expect("a weight");
                writer.push(&code, weight).expect("in order");
            }
            let (_, file) = writer.finish().expect("a file");
            let is_same = pool.sha256 == file.sha256.0 && pool.root == file.root.0;
            holds(is_same, || {
                format!("7: the pool of {} has changed", draw.id)
            })?;
        }
    }
    Ok(())
}

/// 9: as many winners as the quota or the pool allows, each once, and a certificate for each.
async fn winners_fill_the_quota(world: &World<'_>) -> Checked {
    let app = &world.city.app;
    let certificates = all::<certificate::Entity>(world).await;
    let draws = all::<draw::Entity>(world).await.into_iter();
    for draw in draws.filter(|draw| draw.phase == draw::Phase::Finished) {
        let pools = store::draws::list_pools(&app.db, app.city, &draw.id).await;
        let pool = pools.expect("pools").remove(0);
        let winners = store::placements::list_winning_codes(&app.db, app.city, &draw.id).await;
        let mut winners = winners.expect("winners");
        let count = i64::try_from(winners.len()).expect("a count");
        holds(count == pool.quota.min(pool.pool_rows), || {
            format!("9: draw {} has {count} winners", draw.id)
        })?;
        winners.sort();
        winners.dedup();
        let held = certificates
            .iter()
            .filter(|it| it.period_number == draw.period_number);
        holds(
            held.count() == winners.len() && i64::try_from(winners.len()) == Ok(count),
            || format!("9: draw {} has other certificates than winners", draw.id),
        )?;
    }
    Ok(())
}

/// 10: what was planned is used, live, waiting in the carry-over, or in a period under way; and the
/// carry-over is never below zero.
async fn quota_adds_up(world: &World<'_>) -> Checked {
    let lines = all::<quota_line::Entity>(world).await;
    let balance: i64 = lines.iter().map(|line| line.amount).sum();
    holds(0 <= balance, || format!("10: the carry-over is {balance}"))?;
    let periods = all::<period::Entity>(world).await;
    let is_finished = |number: &str| {
        periods.iter().any(|period| {
            period.city_id == world.city.app.city
                && period.number == number
                && period.phase == period::Phase::Published
        })
    };
    let (mut planned, mut pending) = (0, 0);
    for quota in all::<period_quota::Entity>(world).await {
        if is_finished(&quota.period_number) {
            planned += quota.quota - quota.carried_over;
        } else {
            pending += quota.carried_over;
        }
    }
    let standing = all::<certificate::Entity>(world).await;
    let standing = standing
        .iter()
        .filter(|row| matches!(row.status, Status::Live | Status::Used));
    let standing = i64::try_from(standing.count()).expect("a count");
    holds(planned == standing + balance + pending, || {
        format!(
            "10: {planned} planned, {standing} used or live, {balance} waiting, {pending} taken"
        )
    })
}

/// 11: looked at at the freeze, since a bar may come afterwards.
pub(super) async fn nobody_barred_is_in(world: &World<'_>, draw: &str) -> Checked {
    let today = world.city.app.today();
    let sql = format!(
        "SELECT e.code FROM pool_entry e WHERE e.city_id = $1 AND e.draw_id = '{draw}' AND (
            EXISTS (SELECT 1 FROM certificate c WHERE c.city_id = e.city_id
                AND c.applicant_id = e.applicant_id AND c.status = 'live')
            OR EXISTS (SELECT 1 FROM ban b WHERE b.city_id = e.city_id
                AND b.applicant_id = e.applicant_id
                AND b.begins_on <= '{today}' AND '{today}' <= b.ends_on))"
    );
    let barred = found(world, &sql).await;
    holds(barred == 0, || {
        format!("11: {barred} barred people are in the pool of {draw}")
    })
}

/// 22: whoever did it stands beside it.
async fn everything_has_an_actor(world: &World<'_>) -> Checked {
    for row in all::<audit::Entity>(world).await {
        let is_named = row.actor == "operator"
            || row.actor == "calendar"
            || row.actor.starts_with("officer:")
            || row.actor.starts_with("account:")
            || row.actor.starts_with("contributor:")
            || row.actor.starts_with("applicant:");
        holds(is_named && !row.action.is_empty(), || {
            format!("22: {} was done by {}", row.action, row.actor)
        })?;
    }
    Ok(())
}

/// 24: once an occasion and channel, and for a purpose that is named.
async fn messages_are_told_once(world: &World<'_>) -> Checked {
    let mut seen = std::collections::BTreeSet::new();
    for row in all::<message::Entity>(world).await {
        let occasion = (row.dedupe_key.clone(), format!("{:?}", row.channel));
        holds(!row.purpose.is_empty() && seen.insert(occasion), || {
            format!("24: {} was told twice", row.dedupe_key)
        })?;
    }
    Ok(())
}

/// 6: looked at at the freeze, since a later win begins the tier's count again. In the pool of a tier
/// period are those who have joined, are valid and have taken part often enough, and, but for who is
/// barred, all of them.
pub(super) async fn tier_pool_is_the_tiers(world: &World<'_>, draw: &str) -> Checked {
    let app = &world.app;
    let row = store::draws::get(&app.db, app.city, draw).await;
    if !row.expect("a draw").period_number.contains('J') {
        return Ok(());
    }
    let lines = store::pools::list_lines(&app.db, app.city, draw, CATEGORY, "").await;
    let pool: BTreeSet<String> = lines.expect("a pool").into_iter().map(|it| it.0).collect();
    let barred = barred(world).await;
    for row in all::<application::Entity>(world).await {
        let Some(person) = world.person_of(row.applicant_id) else {
            continue;
        };
        let count = world.since_win.get(&person).copied().unwrap_or(0);
        let belongs = row.tier_joined_at.is_some()
            && row.status == application::Status::Valid
            && THRESHOLD <= count;
        let is_in = pool.contains(&row.code);
        let is_right = is_in == (belongs && !barred.contains(&row.applicant_id));
        holds(is_right, || {
            format!(
                "6: {} is in the pool of {draw}: {is_in}, with {count} participations, {:?}, joined {:?}",
                row.code, row.status, row.tier_joined_at
            )
        })?;
    }
    Ok(())
}

/// Who holds a live certificate or is banned today.
async fn barred(world: &World<'_>) -> BTreeSet<ApplicantId> {
    let (city, today) = (world.app.city, world.app.today());
    let held = certificate::Entity::live_on(city, today);
    let held = held.all(&world.app.db).await.expect("certificates");
    let banned = ban::Entity::in_force_on(city, today);
    let banned = banned.all(&world.app.db).await.expect("bans");
    let held = held.into_iter().map(|row| row.applicant_id);
    held.chain(banned.into_iter().map(|row| row.applicant_id))
        .collect()
}

/// 25: the beacon speaks on a working day, and no draw comes before its representatives are drawn.
async fn draws_are_on_working_days(world: &World<'_>) -> Checked {
    let app = &world.app;
    let is_worked = |day| app.working_days.is_working_day(day) == Ok(true);
    for row in all::<draw::Entity>(world).await {
        let ours = row.city_id == app.city && row.purpose == draw::Purpose::Allocation;
        let Some(round) = row.round.filter(|_| ours) else {
            continue;
        };
        let round = u64::try_from(round).expect("a round");
        let at = own_chain().time_of(round).expect("a time").0;
        let day = app.day_of(DateTime::from_timestamp(at, 0).expect("a moment"));
        holds(is_worked(day), || {
            format!("25: {} is drawn on {day}", row.id)
        })?;
    }
    for row in all::<period::Entity>(world).await {
        if row.city_id != app.city {
            continue;
        }
        holds(is_worked(row.draw_on), || {
            format!("25: {} is to be drawn on {}", row.number, row.draw_on)
        })?;
        holds(
            row.representatives_on.is_none_or(|day| day <= row.draw_on),
            || {
                format!(
                    "25: {} is to be drawn before its representatives",
                    row.number
                )
            },
        )?;
    }
    Ok(())
}

/// 23: no name, identity number, phone or address of anybody in what everybody can read.
async fn nothing_personal_is_public(world: &World<'_>) -> Checked {
    let mut public = files_under(&world.app.layout.public());
    let document = "{ periods(first: 10) { nodes { number phase drawOn quotas { quota } draws { id phase } } } }";
    let answer = Anonymous(world.city).ask(document).await;
    let answer = answer.answer().to_string();
    public.insert("an answer".into(), answer.into_bytes());
    for number in world.people().map(|(person, _)| person) {
        let known = person(number);
        for word in [known.name, known.id_number, known.phone, known.address] {
            for (place, bytes) in &public {
                let found = bytes.windows(word.len()).any(|it| it == word.as_bytes());
                holds(!found, || {
                    format!("23: {word} stands in {}", place.display())
                })?;
            }
        }
    }
    Ok(())
}
