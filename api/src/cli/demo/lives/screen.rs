//! What the screen tells of the three citizens, each with a command that shows it.

use std::net::SocketAddr;

use ::entity::{ban, certificate, quota_line, review};

use super::{LAPSED, NEWCOMER, VETERAN, find, try_to_apply};
use crate::{
    App,
    cli::demo::people,
    domain::{
        Locale,
        actor::{Applicant, Operator},
    },
    error::{Error, Result},
    service::{
        accounts, applications,
        applications::Shown,
        carry_over, certificates,
        results::{self, Answer},
    },
};

/// What is asked in each one's name.
const LOOKS: [(u64, &str); 3] = [
    (
        NEWCOMER,
        "applications { nodes { code statusText review { decision } participation { count } } }",
    ),
    (
        VETERAN,
        "applications { nodes { code tierStatus { joinedAt count } participation { count years { year periods } } } }",
    ),
    (
        LAPSED,
        "certificates { number status expiresOn } bans { beginsOn endsOn } drafts { violations { code until } }",
    ),
];

/// Prints the three stories. `periods` are those that were drawn.
pub(in crate::cli::demo) async fn print(
    app: &App,
    locale: Locale,
    listen: &SocketAddr,
    periods: &[String],
) -> Result<()> {
    println!("{}", locale.choose("三位市民：", "Three citizens:"));
    for (number, look) in LOOKS {
        let Some((me, row)) = find(app, number).await? else {
            continue;
        };
        let id = row.id;
        let mut all = applications::list_shown(app, &[row]).await?;
        let Some(shown) = all.remove(&id) else {
            continue;
        };
        let lines = match number {
            NEWCOMER => newcomer(app, locale, &shown).await?,
            VETERAN => veteran(app, locale, &shown).await?,
            _ => lapsed(app, locale, &me).await?,
        };
        for line in lines {
            println!("  {line}");
        }
        if number != LAPSED {
            println!("  {}", told(app, locale, &shown.row.code, periods).await?);
        }
        let person = people::invent(&app.policy, number);
        let token = accounts::open_for_phone(app, &Operator, &person.phone)
            .await?
            .token;
        println!(
            "    curl -s http://{listen}/graphql -H 'content-type: application/json' -H 'authorization: Bearer {token}' \\\n      -d '{{\"query\":\"{{ me {{ {look} }} }}\"}}'"
        );
    }
    println!();
    Ok(())
}

/// Somebody new: the four steps, and the review.
async fn newcomer(app: &App, locale: Locale, shown: &Shown) -> Result<Vec<String>> {
    let (code, day) = (&shown.row.code, app.day_of(shown.row.submitted_at));
    let Some(period) = &shown.period else {
        return Ok(Vec::new());
    };
    let form = applications::open_form(app, &shown.row).await?;
    let classes = form.licence_classes.len();
    let (number, public_on) = (&period.number, period.review_publish_on);
    let came = match locale {
        Locale::ZhCn => format!(
            "新申请人 {code}：{day} 开户，阅读须知、填写申请表（准驾车型 {classes} 项）、短信确认、完成，共四步；期号 {number}"
        ),
        Locale::En => format!(
            "Somebody new, {code}: on {day} an account and a draft in four steps (instructions, form with {classes} licence class, code by SMS, done), for period {number}"
        ),
    };
    let decision = match shown.review.as_ref().map(|review| review.decision) {
        Some(review::Decision::Approved) => locale.choose("通过", "approved"),
        Some(review::Decision::Refused) => locale.choose("未通过", "refused"),
        None => locale.choose("尚未公布", "not public yet"),
    };
    let reviewed = match locale {
        Locale::ZhCn => format!("审核结果 {public_on} 公布：{decision}"),
        Locale::En => format!("Review, public on {public_on}: {decision}"),
    };
    Ok(vec![came, reviewed])
}

/// Somebody who has waited long: how often, and since when in the tier.
async fn veteran(app: &App, locale: Locale, shown: &Shown) -> Result<Vec<String>> {
    let (code, today) = (&shown.row.code, app.today());
    let ledger = applications::list_participation(app, std::slice::from_ref(&shown.row)).await?;
    let entries = ledger
        .get(&shown.row.applicant_id)
        .map_or(&[][..], Vec::as_slice);
    let count = applications::participation(app, entries, today).count_total;
    let Some(joined_at) = shown.row.tier_joined_at else {
        let weight = applications::tier_status(app, shown, entries).weight;
        return Ok(vec![match locale {
            Locale::ZhCn => {
                format!("长期轮候者 {code}：截至 {today} 已参加 {count} 期，基数序号 {weight} 个")
            }
            Locale::En => format!(
                "Long waiting, {code}: {count} periods by {today}, which make {weight} tickets"
            ),
        }]);
    };
    let day = app.day_of(joined_at);
    let before = applications::participation(app, entries, day).count_total;
    Ok(vec![match locale {
        Locale::ZhCn => format!(
            "长期轮候者 {code}：旧系统转入时已参加 {before} 期，{day} 加入阶梯摇号；截至 {today} 共 {count} 期"
        ),
        Locale::En => format!(
            "Long waiting, {code}: {before} periods came from the old system, joined the tier on {day}; {count} periods by {today}"
        ),
    }])
}

/// What became of a code in each period.
async fn told(app: &App, locale: Locale, code: &str, periods: &[String]) -> Result<String> {
    let mut words = Vec::new();
    for period in periods {
        let outcome = match results::find(app, period, code).await? {
            Answer::Won(place) => match locale {
                Locale::ZhCn => format!("入池，第 {} 位，中签", place.rank),
                Locale::En => format!("in the pool, place {}, won", place.rank),
            },
            Answer::Reserve(place) => match locale {
                Locale::ZhCn => format!("入池，第 {} 位，候补", place.rank),
                Locale::En => format!("in the pool, place {}, a reserve", place.rank),
            },
            Answer::NotSelected(_) => locale
                .choose("入池，未中签", "in the pool, not drawn")
                .to_owned(),
            Answer::NotInPool => locale.choose("未入池", "not in the pool").to_owned(),
            Answer::NotPublished => locale.choose("结果未公布", "no result yet").to_owned(),
        };
        words.push(match locale {
            Locale::ZhCn => format!("{period} 期：{outcome}"),
            Locale::En => format!("{period}: {outcome}"),
        });
    }
    Ok(words.join(locale.choose("；", "; ")))
}

/// The winner who let the certificate lapse: what followed, and what they are told today.
async fn lapsed(app: &App, locale: Locale, me: &Applicant) -> Result<Vec<String>> {
    let held = certificates::list(app, me).await?;
    let Some(held) = held.into_iter().next() else {
        return Ok(Vec::new());
    };
    let back = give_backs(app, &held).await?;
    let (number, period, until) = (&held.number, &held.period_number, held.expires_on);
    let status = status(locale, held.status);
    let ended_on = held.ended_on.unwrap_or(until);
    let mut lines = vec![match locale {
        Locale::ZhCn => format!(
            "过期的中签者：{period} 期中签，指标确认通知书 {number} 有效期至 {until}；{ended_on} {status}，{back} 个指标转入结转"
        ),
        Locale::En => format!(
            "A winner who let it lapse: certificate {number} of period {period} was valid until {until}; {status} on {ended_on}, {back} quota went to the carry-over"
        ),
    }];
    for ban in certificates::list_bans(app, me).await? {
        lines.push(banned(locale, &ban));
    }
    lines.push(tried(app, locale).await?);
    Ok(lines)
}

/// How much of the carry-over came from certificates of its period that were given up.
async fn give_backs(app: &App, held: &certificate::Model) -> Result<i64> {
    let all = carry_over::list(app).await?.into_iter();
    let own = all.filter(|it| it.category == held.category);
    let movements = own.flat_map(|it| it.movements);
    let given_up = movements.filter(|it| {
        it.period_number == held.period_number && it.reason == quota_line::Reason::Forfeited
    });
    Ok(given_up.map(|it| it.amount).sum())
}

fn status(locale: Locale, status: certificate::Status) -> &'static str {
    match status {
        certificate::Status::Live => locale.choose("有效", "LIVE"),
        certificate::Status::Used => locale.choose("已使用", "USED"),
        certificate::Status::Forfeited => locale.choose("视为放弃", "FORFEITED"),
        certificate::Status::Surrendered => locale.choose("已交回", "SURRENDERED"),
        certificate::Status::Revoked => locale.choose("已撤销", "REVOKED"),
    }
}

fn banned(locale: Locale, ban: &ban::Model) -> String {
    let (from, until) = (ban.begins_on, ban.ends_on);
    match locale {
        Locale::ZhCn => format!("不得申请：{from} 至 {until}"),
        Locale::En => format!("Barred from applying from {from} to {until}"),
    }
}

/// What the winner is told who tries to apply today.
async fn tried(app: &App, locale: Locale) -> Result<String> {
    let today = app.today();
    let draft = try_to_apply(app).await?;
    let draft = draft.ok_or_else(|| Error::internal(anyhow::anyhow!("the winner has applied")))?;
    let Some(told) = draft.violations.first() else {
        return Ok(match locale {
            Locale::ZhCn => format!("{today} 填写申请表：可以申请"),
            Locale::En => {
                format!("Fills in the form on {today}: nothing stands in the way any more")
            }
        });
    };
    let (code, rule, remedy) = (
        told.code.name(),
        told.rule.get(locale),
        told.remedy.get(locale),
    );
    Ok(match locale {
        Locale::ZhCn => format!("{today} 填写申请表，得到答复：{rule}；{remedy}（{code}）"),
        Locale::En => {
            format!("Fills in the form on {today} and is told: {rule}; {remedy} ({code})")
        }
    })
}
