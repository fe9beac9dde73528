//! What became of a code.

/// A known look-up, written without the executor.
mod compiled;

use async_graphql::{Context, Description, ID, Interface, Object};

pub(crate) use compiled::{Compiled, Given, LookUp, Variable};

use super::{
    context::ContextExt as _,
    error::ApiError,
    global_id::Noun,
    locale::Locale,
    scalars::{ApplicationCode, Long, PeriodNumber},
};
use crate::service::{
    self,
    results::{Answer, Entered, Placed},
};

/// The interface of all outcomes.
const INTERFACE: &str = "PeriodResult";

/// The outcomes by number, as their types are called.
const NAMES: [&str; 5] = [
    "ResultWon",
    "ResultReserve",
    "ResultNotSelected",
    "ResultNotInPool",
    "ResultNotPublished",
];

const WON: usize = 0;
const RESERVE: usize = 1;
const NOT_SELECTED: usize = 2;
const NOT_IN_POOL: usize = 3;
const NOT_PUBLISHED: usize = 4;

/// The outcomes for people, by number, in Chinese and in English.
const SENTENCES: [(&str, &str); NAMES.len()] = [
    (
        "本期摇号，该编码已中签！",
        "This code was selected in this period's draw.",
    ),
    (
        "本期摇号，该编码未中签！已列入候补名单。",
        "This code was not selected in this period's draw. It is on the list of reserves.",
    ),
    (
        "本期摇号，该编码未中签！",
        "This code was not selected in this period's draw.",
    ),
    (
        "本期摇号，该编码不存在！",
        "This code was not in this period's draw.",
    ),
    (
        "本期摇号结果尚未公布。",
        "This period's result is not public yet.",
    ),
];

fn number_of(answer: &Answer) -> usize {
    match answer {
        Answer::Won(_) => WON,
        Answer::Reserve(_) => RESERVE,
        Answer::NotSelected(_) => NOT_SELECTED,
        Answer::NotInPool => NOT_IN_POOL,
        Answer::NotPublished => NOT_PUBLISHED,
    }
}

fn in_words(number: usize, locale: Locale) -> String {
    let (zh, en) = SENTENCES[number];
    locale.choose(zh, en)
}

/// What became of a code in a period's draw. It says what was drawn and never changes; amends of the result
/// are in `Draw.amends`.
#[derive(Interface)]
#[graphql(
    field(name = "period", desc = "The period.", ty = "PeriodNumber"),
    field(name = "code", desc = "The code.", ty = "ApplicationCode"),
    field(
        name = "sentence",
        desc = "The answer for people.",
        ty = "String",
        arg(
            name = "locale",
            desc = "Language of the text.",
            ty = "Locale",
            default
        )
    )
)]
enum PeriodResult {
    Won(ResultWon),
    Reserve(ResultReserve),
    NotSelected(ResultNotSelected),
    NotInPool(ResultNotInPool),
    NotPublished(ResultNotPublished),
}

/// What was asked.
#[derive(Clone)]
struct Asked {
    period: PeriodNumber,
    code: ApplicationCode,
}

/// The code has won a quota (中签).
#[derive(Description)]
struct ResultWon {
    asked: Asked,
    placed: Placed,
}

#[Object(use_type_description)]
impl ResultWon {
    /// The period.
    async fn period(&self) -> PeriodNumber {
        self.asked.period.clone()
    }

    /// The code.
    async fn code(&self) -> ApplicationCode {
        self.asked.code.clone()
    }

    /// The answer for people.
    async fn sentence(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        in_words(WON, locale)
    }

    /// Id of the draw that counts.
    async fn draw(&self) -> ID {
        Noun::Draw.id(&self.placed.entered.draw)
    }

    /// The category.
    async fn category(&self) -> &str {
        &self.placed.entered.category
    }

    /// How many tickets the code had in the pool.
    async fn weight(&self) -> i32 {
        self.placed.entered.weight
    }

    /// Its place among all that were placed, from 1.
    async fn rank(&self) -> Long {
        Long(self.placed.rank)
    }

    /// Public number of the ticket that placed it (摇号基数序号).
    async fn serial(&self) -> Long {
        Long(self.placed.serial)
    }

    /// That ticket's score, 16 hex digits; anybody can compute it again.
    async fn score(&self) -> &str {
        &self.placed.score
    }
}

/// The code is an ordered reserve behind the winners.
#[derive(Description)]
struct ResultReserve {
    asked: Asked,
    placed: Placed,
}

#[Object(use_type_description)]
impl ResultReserve {
    /// The period.
    async fn period(&self) -> PeriodNumber {
        self.asked.period.clone()
    }

    /// The code.
    async fn code(&self) -> ApplicationCode {
        self.asked.code.clone()
    }

    /// The answer for people.
    async fn sentence(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        in_words(RESERVE, locale)
    }

    /// Id of the draw that counts.
    async fn draw(&self) -> ID {
        Noun::Draw.id(&self.placed.entered.draw)
    }

    /// The category.
    async fn category(&self) -> &str {
        &self.placed.entered.category
    }

    /// How many tickets the code had in the pool.
    async fn weight(&self) -> i32 {
        self.placed.entered.weight
    }

    /// Its place among all that were placed, from 1; the winners come first.
    async fn rank(&self) -> Long {
        Long(self.placed.rank)
    }

    /// Public number of the ticket that placed it (摇号基数序号).
    async fn serial(&self) -> Long {
        Long(self.placed.serial)
    }

    /// That ticket's score, 16 hex digits; anybody can compute it again.
    async fn score(&self) -> &str {
        &self.placed.score
    }
}

/// The code was in the pool and was not selected.
#[derive(Description)]
struct ResultNotSelected {
    asked: Asked,
    entered: Entered,
}

#[Object(use_type_description)]
impl ResultNotSelected {
    /// The period.
    async fn period(&self) -> PeriodNumber {
        self.asked.period.clone()
    }

    /// The code.
    async fn code(&self) -> ApplicationCode {
        self.asked.code.clone()
    }

    /// The answer for people.
    async fn sentence(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        in_words(NOT_SELECTED, locale)
    }

    /// Id of the draw that counts.
    async fn draw(&self) -> ID {
        Noun::Draw.id(&self.entered.draw)
    }

    /// The category.
    async fn category(&self) -> &str {
        &self.entered.category
    }

    /// How many tickets the code had in the pool.
    async fn weight(&self) -> i32 {
        self.entered.weight
    }
}

/// The code was not in the pool.
#[derive(Description)]
struct ResultNotInPool(Asked);

#[Object(use_type_description)]
impl ResultNotInPool {
    /// The period.
    async fn period(&self) -> PeriodNumber {
        self.0.period.clone()
    }

    /// The code.
    async fn code(&self) -> ApplicationCode {
        self.0.code.clone()
    }

    /// The answer for people.
    async fn sentence(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        in_words(NOT_IN_POOL, locale)
    }
}

/// The period's result is not public yet.
#[derive(Description)]
struct ResultNotPublished(Asked);

#[Object(use_type_description)]
impl ResultNotPublished {
    /// The period.
    async fn period(&self) -> PeriodNumber {
        self.0.period.clone()
    }

    /// The code.
    async fn code(&self) -> ApplicationCode {
        self.0.code.clone()
    }

    /// The answer for people.
    async fn sentence(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        in_words(NOT_PUBLISHED, locale)
    }
}

#[derive(Default)]
pub(super) struct ResultQuery;

#[Object]
impl ResultQuery {
    /// What became of a code in a period. Anybody may ask, for any code: the answer holds nothing
    /// that is not in the published files.
    async fn result(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] period: PeriodNumber,
        #[graphql(desc = "The application code.")] code: ApplicationCode,
    ) -> Option<async_graphql::Result<PeriodResult>> {
        let answer = service::results::find(ctx.app(), &period.0, &code.0).await;
        let asked = Asked { period, code };
        Some(
            answer
                .map(|answer| shown(asked, answer))
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}

fn shown(asked: Asked, answer: Answer) -> PeriodResult {
    match answer {
        Answer::Won(placed) => PeriodResult::Won(ResultWon { asked, placed }),
        Answer::Reserve(placed) => PeriodResult::Reserve(ResultReserve { asked, placed }),
        Answer::NotSelected(entered) => {
            PeriodResult::NotSelected(ResultNotSelected { asked, entered })
        }
        Answer::NotInPool => PeriodResult::NotInPool(ResultNotInPool(asked)),
        Answer::NotPublished => PeriodResult::NotPublished(ResultNotPublished(asked)),
    }
}
