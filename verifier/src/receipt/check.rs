//! Checking a receipt: the steps of a draw that need no pool, then the person's own lines.

use crate::{
    bundle::Bundle,
    log::check_inclusion,
    pool::{Code, MAX_TICKETS, PoolReader},
    rank::RankReader,
    record::{Method, OutcomeLine, PoolLine},
    report::{Failure, Report, StepAnswer, judge},
    root::{FileSummary, GROUP_ROWS, group_leaf},
    score::{Scored, category_key, score},
    steps::{Findings, Options, Step, run},
    text::Digest,
    trust::Trust,
};

use super::{
    POOL_GROUP, RESULT_GROUP, Receipt,
    group::{Kind, unpack},
};

/// The steps of a draw that a receipt repeats before it comes to its own lines.
const STEPS: [Step; 9] = [
    Step::Signatures,
    Step::Records,
    Step::Inclusion,
    Step::Witnesses,
    Step::Contributions,
    Step::Chain,
    Step::Beacon,
    Step::Timeline,
    Step::Seed,
];

/// What a group is that is not spelled as V54 says.
const EXPECTED: &str = "the lines of its file in their one spelling";

/// What a receipt shows of a person, once it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The category.
    pub category: String,
    /// The code.
    pub code: Code,
    /// Their first ticket's public number; none with `rank-v1`.
    pub first_serial: Option<u64>,
    /// How many tickets they have; 0 with `rank-v1`.
    pub weight: u16,
    /// Their best ticket; none with `rank-v1`.
    pub best: Option<Scored>,
    /// Their rank in the result, if the receipt shows one.
    pub rank: Option<u64>,
    /// What the result record says of the category.
    pub outcome: OutcomeLine,
}

impl Standing {
    /// Whether they won: by their rank, or by the cut-off alone.
    #[must_use]
    pub fn has_won(&self) -> bool {
        let by_rank = self.rank.map(|rank| rank <= self.outcome.winners);
        let by_cut_off = || {
            let (best, cut_off) = self.best.zip(self.outcome.cut_off)?;
            Some((best.score, best.ticket + 1) <= (cut_off.score, cut_off.serial))
        };
        by_rank.or_else(by_cut_off).unwrap_or_default()
    }
}

/// Checks a receipt offline. The standing is there when its lines could be checked; what it says
/// counts only under a good verdict.
#[must_use]
pub fn check(receipt: &Receipt, trust: &Trust, options: &Options) -> (Report, Option<Standing>) {
    let mut files = receipt.files.clone();
    let chain = receipt.chain.to_string().into_bytes();
    files.insert("chain.json".to_owned(), chain);
    let bundle = Bundle::of_files(files);
    let findings = run(Ok(bundle), trust, options, &mut |_| {}, &STEPS);
    let mut report = findings.report.clone();
    let mut pools = StepAnswer::new(Step::Pools);
    let mut results = StepAnswer::new(Step::Results);
    let lines = find_lines(receipt, &findings);
    let standing = lines.and_then(|(pool, outcome, seed)| {
        let key = category_key(seed, &receipt.category);
        let mut standing = check_pool(&mut pools, receipt, pool, outcome, key)?;
        let kind = |first_row| Kind::of_result(pool.method, first_row, key);
        check_result(&mut results, receipt, &mut standing, kind);
        Some(standing)
    });
    if standing.is_none() {
        // Whether the records lack the category or were themselves not to be read.
        if findings.announce.is_some() && findings.result.is_some() && pools.checked == 0 {
            let expected = "a category of the records in the receipt";
            pools.check(Err(Failure::new(POOL_GROUP, expected, &receipt.category)));
        } else if pools.checked == 0 {
            pools = StepAnswer::not_checked(Step::Pools);
        }
        results = StepAnswer::not_checked(Step::Results);
    }
    report.steps.extend([pools, results]);
    report.verdict = judge(&report.steps, report.conclusion.as_ref());
    (report, standing)
}

fn find_lines<'a>(
    receipt: &Receipt,
    findings: &'a Findings,
) -> Option<(&'a PoolLine, &'a OutcomeLine, Digest)> {
    let mut pools = findings.announce.as_ref()?.pools.iter();
    let mut outcomes = findings.result.as_ref()?.outcomes.iter();
    let pool = pools.find(|pool| pool.category == receipt.category)?;
    let outcome = outcomes.find(|outcome| outcome.category == receipt.category)?;
    Some((pool, outcome, findings.seed?))
}

/// Whether a group is the one with this row of the file that a record names.
fn is_group(
    name: &str,
    leaf: Digest,
    row: u64,
    path: &[Digest],
    file: &FileSummary,
) -> Result<(), Failure> {
    let groups = file.rows.div_ceil(GROUP_ROWS);
    check_inclusion(leaf, row / GROUP_ROWS, groups, path, file.root).map_err(|error| {
        let expected = format!(
            "the group with row {row} of the file with root {}",
            file.root
        );
        Failure::new(name, expected, error)
    })
}

fn check_pool(
    answer: &mut StepAnswer,
    receipt: &Receipt,
    pool: &PoolLine,
    outcome: &OutcomeLine,
    key: Digest,
) -> Option<Standing> {
    let first_row = receipt.row - receipt.row % GROUP_ROWS;
    let Some(group) = unpack(Kind::of_pool(pool.method), receipt.file(POOL_GROUP)) else {
        answer.check(Err(Failure::new(POOL_GROUP, EXPECTED, "another text")));
        return None;
    };
    let leaf = group_leaf(first_row, receipt.first_ticket, &group);
    let path = &receipt.pool_path;
    if !answer.check(is_group(POOL_GROUP, leaf, receipt.row, path, &pool.file)) {
        return None;
    }
    let line = receipt.row - first_row;
    let mut standing = Standing {
        category: receipt.category.clone(),
        code: receipt.code,
        first_serial: None,
        weight: 0,
        best: None,
        rank: None,
        outcome: outcome.clone(),
    };
    let found = match pool.method {
        Method::ScoreV1 => {
            let row = find_row(&group, line);
            if let Some((_, weight, first)) = row {
                let first = receipt.first_ticket.min(MAX_TICKETS) + first;
                let tickets = first..first + u64::from(weight);
                standing.first_serial = Some(first + 1);
                standing.weight = weight;
                standing.best = tickets
                    .map(|ticket| Scored {
                        score: score(key, ticket),
                        ticket,
                    })
                    .min();
            }
            row.map(|(code, _, _)| code)
        }
        Method::RankV1 => find_standing(&group, line),
    };
    let found = found.map_or("no such line".to_owned(), |code| code.to_string());
    let same = answer.equal(POOL_GROUP, "the code", &receipt.code.to_string(), &found);
    same.then_some(standing)
}

/// Code, weight and first ticket, counted from the group's, of a line of a group.
fn find_row(group: &[u8], line: u64) -> Option<(Code, u16, u64)> {
    let mut rows = PoolReader::new(group);
    let mut row = rows.next_row().ok()??;
    for _ in 0..line {
        row = rows.next_row().ok()??;
    }
    Some((row.code, row.weight, row.first_ticket))
}

fn find_standing(group: &[u8], line: u64) -> Option<Code> {
    let mut rows = RankReader::new(group);
    let mut row = rows.next_row().ok()??;
    for _ in 0..line {
        row = rows.next_row().ok()??;
    }
    Some(row.code)
}

fn check_result(
    answer: &mut StepAnswer,
    receipt: &Receipt,
    standing: &mut Standing,
    kind: impl FnOnce(u64) -> Kind,
) {
    let Some(listed) = &receipt.listed else {
        return;
    };
    let row = listed.rank.saturating_sub(1);
    let first_row = row - row % GROUP_ROWS;
    let Some(group) = unpack(kind(first_row), receipt.file(RESULT_GROUP)) else {
        answer.check(Err(Failure::new(RESULT_GROUP, EXPECTED, "another text")));
        return;
    };
    let leaf = group_leaf(first_row, 0, &group);
    let file = &standing.outcome.file;
    if !answer.check(is_group(RESULT_GROUP, leaf, row, &listed.path, file)) {
        return;
    }
    let best = standing.best.map_or("-,-".to_owned(), |best| {
        format!("{},{:016x}", best.ticket + 1, best.score)
    });
    let expected = format!("{},{},{best}", listed.rank, receipt.code);
    let group = String::from_utf8_lossy(&group).into_owned();
    let at = usize::try_from(row - first_row).unwrap_or_default();
    let found = group.lines().nth(at).unwrap_or_default().to_owned();
    if answer.equal(RESULT_GROUP, "the line", &expected, &found) {
        standing.rank = Some(listed.rank);
    }
}
