//! A screen of what happened, and what to try next.

use std::net::SocketAddr;

use ::entity::draw;
use verifier::Verdict;

use super::{lives, overall, verdicts};
use crate::{
    App,
    domain::{Locale, actor::Operator},
    error::Result,
    service::{draws, results, sessions},
    store,
};

/// Prints the screen; gives the verdict over all draws.
pub(super) async fn print(app: &App, locale: Locale, listen: &SocketAddr) -> Result<Verdict> {
    let reports = verdicts(app).await?;
    println!(
        "\n{}",
        match locale {
            Locale::ZhCn => format!("{}（{}）", app.policy.city.programme.zh, app.policy.key),
            Locale::En => format!("{} ({})", app.policy.city.programme.en, app.policy.key),
        }
    );
    let mut winner = None;
    for (id, report) in &reports {
        let row = draws::get(app, id).await?;
        print_draw(app, locale, &row, report).await?;
        if winner.is_none() {
            winner = store::placements::list_winning_codes(&app.db, app.city, id)
                .await?
                .into_iter()
                .next()
                .map(|code| (row.period_number, code));
        }
    }
    println!(
        "{}\n",
        match locale {
            Locale::ZhCn =>
                "说明：演示中的人物均为虚构；见证人与抽签代表由演示程序扮演，他们不能证明任何事。信任锚取自本文件夹。",
            Locale::En =>
                "The people are invented; the demo plays its witness and its contributors, so they vouch for nothing. Trust is pinned from this folder.",
        }
    );
    let mut periods = Vec::new();
    for (id, _) in &reports {
        periods.push(draws::get(app, id).await?.period_number);
    }
    lives::print(app, locale, listen, &periods).await?;
    if let Some((period, code)) = winner {
        print_next(app, locale, listen, &period, &code, &reports).await?;
    }
    Ok(overall(&reports))
}

async fn print_draw(
    app: &App,
    locale: Locale,
    row: &draw::Model,
    report: &verifier::Report,
) -> Result<()> {
    let round = row.round.unwrap_or_default();
    let period = &row.period_number;
    println!(
        "\n{}",
        match locale {
            Locale::ZhCn => format!("{period} 期（摇号 {}）：信标轮次 {round}", row.id),
            Locale::En => format!("Period {period} (draw {}): beacon round {round}", row.id),
        }
    );
    for pool in draws::list_pools(app, &row.id).await? {
        let places = results::list_places(app, &row.id, &pool.category).await?;
        let winners = places.iter().filter(|place| place.is_winner).count();
        let (people, tickets, reserves) = (pool.pool_rows, pool.tickets, places.len() - winners);
        println!(
            "  {}",
            match locale {
                Locale::ZhCn => format!(
                    "{}：{people} 人，{tickets} 个基数序号，中签 {winners} 人，候补 {reserves} 人",
                    pool.category
                ),
                Locale::En => format!(
                    "{}: {people} people, {tickets} tickets, {winners} winners, {reserves} reserves",
                    pool.category
                ),
            }
        );
    }
    let steps = report
        .steps
        .iter()
        .filter(|step| step.failed == 0 && 0 < step.checked)
        .count();
    println!(
        "  {}",
        match locale {
            Locale::ZhCn => format!("验证程序：{}（{steps} 个步骤通过）", report.verdict),
            Locale::En => format!(
                "the verifier says: {} ({steps} steps passed)",
                report.verdict
            ),
        }
    );
    Ok(())
}

async fn print_next(
    app: &App,
    locale: Locale,
    listen: &SocketAddr,
    period: &str,
    code: &str,
    reports: &[(String, verifier::Report)],
) -> Result<()> {
    let token = sessions::open_for_code(app, &Operator, code).await?;
    let public = app.layout.public();
    let (look_up, check, mine, page) = match locale {
        Locale::ZhCn => (
            "查询结果：",
            "不依赖服务器，自行验证：",
            "以中签者身份查看参与记录：",
            "GraphiQL：",
        ),
        Locale::En => (
            "Look a result up:",
            "Check a draw without the server:",
            "See a winner's own participation:",
            "GraphiQL:",
        ),
    };
    println!(
        "{look_up}\n  curl -s http://{listen}/graphql -H 'content-type: application/json' \\\n    -d '{{\"query\":\"{{ result(period: \\\"{period}\\\", code: \\\"{code}\\\") {{ __typename }} }}\"}}'"
    );
    println!("{check}");
    for (id, _) in reports {
        println!(
            "  cargo run -q -p fairplate-verifier -- draw {}",
            public.join("draws").join(id).display()
        );
    }
    println!(
        "{mine}\n  curl -s http://{listen}/graphql -H 'content-type: application/json' -H 'authorization: Bearer {token}' \\\n    -d '{{\"query\":\"{{ me {{ applications {{ nodes {{ code participation {{ count }} }} }} }} }}\"}}'"
    );
    println!("{page}\n  http://{listen}/\n");
    debug_assert!(matches!(
        results::find(app, period, code).await,
        Ok(results::Answer::Won(_))
    ));
    Ok(())
}
