//! What came out of a rehearsal.

use serde::Serialize;

use crate::{
    App,
    domain::Locale,
    error::{Error, Result},
    service::{
        draws,
        rehearsal::{
            Copied,
            separation::{Check, Finding},
            untouched::State,
        },
    },
};

/// The whole report.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) period: String,
    pub(super) draw: String,
    pub(super) folder: String,
    pub(super) origin: String,
    pub(super) steps: Vec<Step>,
    pub(super) copied: Copied,
    pub(super) pools: Vec<Pool>,
    pub(super) verdict: String,
    pub(super) separation: Vec<Finding>,
    pub(super) city: Untouched,
    /// The most memory that the process had; none where the system does not tell.
    pub(super) peak_memory_bytes: Option<u64>,
}

/// One step, and how long it took.
#[derive(Serialize)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) seconds: f64,
}

/// One category's pool and its outcome.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pool {
    category: String,
    rows: i64,
    tickets: i64,
    /// Valid applications that stayed out, as the trail says of each.
    excluded: i64,
    bytes: i64,
    sha256: String,
    winners: u64,
    reserves: u64,
}

/// The city before and after.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Untouched {
    rows: u64,
    files: usize,
    /// Tables and published files that somebody else has changed meanwhile, since the rehearsal could
    /// not.
    changed_by_others: Vec<String>,
}

impl Untouched {
    pub(super) fn between(before: &State, after: &State) -> Self {
        Self {
            rows: before.row_count(),
            files: before.file_count(),
            changed_by_others: before.changes(after),
        }
    }
}

/// The pools of the draw.
pub(super) async fn pools(app: &App, report: &verifier::Report) -> Result<Vec<Pool>> {
    let draw = report.draw.as_deref().unwrap_or_default();
    let mut pools = Vec::new();
    for row in draws::list_pools(app, draw).await? {
        let mut drawn = report.categories.iter();
        let drawn = drawn.find(|drawn| drawn.category == row.category);
        let digest = row.sha256.as_slice().try_into().map_err(Error::internal)?;
        pools.push(Pool {
            rows: row.pool_rows,
            tickets: row.tickets,
            excluded: row.excluded,
            bytes: row.bytes,
            sha256: verifier::text::Digest(digest).to_string(),
            winners: drawn.map_or(0, |drawn| drawn.winners),
            reserves: drawn.map_or(0, |drawn| drawn.reserves),
            category: row.category,
        });
    }
    Ok(pools)
}

/// As Linux tells it of this process.
pub(super) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

impl Report {
    /// Prints it.
    pub(super) fn print(&self, locale: Locale, is_json: bool) -> Result<()> {
        if is_json {
            let whole = serde_json::to_string(self).map_err(Error::internal)?;
            println!("{whole}");
            return Ok(());
        }
        let say = |zh: String, en: String| match locale {
            Locale::ZhCn => println!("{zh}"),
            Locale::En => println!("{en}"),
        };
        let Self {
            period,
            draw,
            origin,
            folder,
            ..
        } = self;
        say(
            format!("\n{period} 期演练（摇号 {draw}），日志 {origin}，文件夹 {folder}"),
            format!("\nRehearsal of period {period} (draw {draw}), log {origin}, folder {folder}"),
        );
        self.print_copied(&say);
        for pool in &self.pools {
            let Pool {
                category,
                rows,
                tickets,
                excluded,
                winners,
                reserves,
                ..
            } = pool;
            say(
                format!(
                    "  {category}：{rows} 人，{tickets} 个基数序号，{excluded} 人不入池；中签 {winners} 人，候补 {reserves} 人"
                ),
                format!(
                    "  {category}: {rows} people, {tickets} tickets, {excluded} kept out; {winners} winners, {reserves} reserves"
                ),
            );
        }
        say(
            format!("  核验程序：{}", self.verdict),
            format!("  the verifier says: {}", self.verdict),
        );
        self.print_cost(&say);
        for finding in &self.separation {
            let mark = if finding.passed { "✓" } else { "✗" };
            let (zh, en) = title(finding.check);
            let found = &finding.found;
            say(
                format!("  {mark} {zh}：{found}"),
                format!("  {mark} {en}: {found}"),
            );
        }
        self.print_city(&say);
        Ok(())
    }

    fn print_copied(&self, say: &dyn Fn(String, String)) {
        let Copied {
            applicants,
            applications,
            ledger_lines,
            certificates,
            bans,
            left_out,
            waiting,
        } = self.copied;
        say(
            format!(
                "  复制：{applicants} 人，{applications} 份申请，{ledger_lines} 条台账，{certificates} 份指标确认通知书，{bans} 条禁止申请；{left_out} 份在其他摇号池中未复制；本期 {waiting} 份仍待审核"
            ),
            format!(
                "  copied: {applicants} people, {applications} applications, {ledger_lines} lines of the ledger, {certificates} certificates, {bans} bans; {left_out} left out, in another pool under way; {waiting} of the period still wait for review"
            ),
        );
    }

    /// What the real ceremony will need of a machine like this one.
    fn print_cost(&self, say: &dyn Fn(String, String)) {
        let steps = self.steps.iter();
        let ceremony = ["freeze", "announce", "close", "finish"];
        let seconds: f64 = steps
            .filter(|step| ceremony.contains(&step.name))
            .map(|step| step.seconds)
            .sum();
        let memory = self.peak_memory_bytes.map_or_else(
            || "?".to_owned(),
            |bytes| (bytes / 1_048_576 + 1).to_string(),
        );
        say(
            format!(
                "  真实摇号在本机约需 {seconds:.1} 秒计算、{memory} MB 内存，另加等候见证方与信标的时间"
            ),
            format!(
                "  in earnest this machine needs about {seconds:.1} s of work and {memory} MB of memory, and the time that witnesses and the beacon take"
            ),
        );
    }

    fn print_city(&self, say: &dyn Fn(String, String)) {
        let Untouched {
            rows,
            files,
            changed_by_others,
        } = &self.city;
        if changed_by_others.is_empty() {
            say(
                format!("  ✓ 真实数据未变：{rows} 行数据，{files} 个公开文件，前后一致"),
                format!(
                    "  ✓ the city is as it was: {rows} rows and {files} published files, before and after"
                ),
            );
        } else {
            let others = changed_by_others.join(", ");
            say(
                format!("  演练期间真实数据被他人修改（演练只有只读连接）：{others}"),
                format!(
                    "  others have changed the city meanwhile (the rehearsal could only read): {others}"
                ),
            );
        }
    }
}

fn title(check: Check) -> (&'static str, &'static str) {
    match check {
        Check::CityRefutesRehearsal => (
            "真实信任锚不认演练",
            "the city's trust refutes the rehearsal",
        ),
        Check::RehearsalRefutesCity => (
            "演练信任锚不认真实记录",
            "the rehearsal's trust refutes the city's records",
        ),
        Check::KeysDiffer => ("密钥各不相同", "no key is shared"),
        Check::OriginsDiffer => ("日志名称不同", "the log has another name"),
        Check::ChainsDiffer => ("信标链不同", "the beacon chain is another"),
        Check::ServerRefuses => (
            "服务端拒绝当作真实城市提供服务",
            "the server refuses to serve it as the city",
        ),
    }
}
