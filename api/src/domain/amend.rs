//! Amending a result: what an officer asks for, and why it cannot be done as asked.

use std::fmt;

use super::{Exclusion, locale::Locale};
use crate::error::Error;

/// Most places that one amend takes.
pub const MOST_DROPS: usize = 100;

/// Somebody who is to lose their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropping {
    /// The category.
    pub category: String,
    /// Their application code.
    pub code: String,
    /// Why: one line that everybody will read, and that names nobody.
    pub reason: String,
}

/// Why a result cannot be amended as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What stands in the way.
    pub kind: ObstacleKind,
    /// Whose place it is about, where it is about one.
    pub place: Option<Placed>,
}

/// A code in a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The category.
    pub category: String,
    /// The application code.
    pub code: String,
}

/// What stands in the way of an amend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObstacleKind {
    /// The draw has no result yet.
    NotFinished,
    /// The draw was given up and has no result.
    Voided,
    /// The result is recorded and not public yet.
    NotPublished,
    /// The draw is one of representatives, whose reserves are called and not promoted.
    OfRepresentatives,
    /// Nobody is named.
    NobodyNamed,
    /// A code is named twice.
    NamedTwice,
    /// A code is not in the result of the category.
    NotInResult,
    /// A place was dropped by an earlier amend.
    AlreadyDropped,
    /// The certificate is used, or has ended: nothing is left of the place to take.
    CertificateEnded,
    /// The next reserve holds a certificate of the category.
    ReserveHoldsCertificate,
    /// The next reserve may not apply.
    ReserveBanned,
    /// The next reserve is in the frozen pool of a draw under way, and could win twice.
    ReserveInAnotherPool,
    /// The next reserve's application was cancelled or refused since, or has won.
    ReserveEnded,
}

impl Obstacle {
    /// What is in the way of the draw as a whole.
    #[must_use]
    pub fn of_draw(kind: ObstacleKind) -> Self {
        Self { kind, place: None }
    }

    /// What is in the way of one place.
    #[must_use]
    pub fn of_place(kind: ObstacleKind, category: &str, code: &str) -> Self {
        let (category, code) = (category.to_owned(), code.to_owned());
        Self {
            kind,
            place: Some(Placed { category, code }),
        }
    }

    /// What is so, and what to do, for people.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> &'static str {
        let (zh, en) = self.kind.sentences();
        locale.choose(zh, en)
    }
}

impl ObstacleKind {
    /// The same reason as at a freeze, for a reserve.
    #[must_use]
    pub fn of_reserve(exclusion: Exclusion) -> Self {
        match exclusion {
            Exclusion::CertificateLive => Self::ReserveHoldsCertificate,
            Exclusion::BanActive => Self::ReserveBanned,
            Exclusion::InAnotherPool => Self::ReserveInAnotherPool,
        }
    }

    fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFinished => (
                "该次摇号尚无结果，不能更正。",
                "The draw has no result yet. Nothing can be amended before it is finished.",
            ),
            Self::Voided => (
                "该次摇号已作废，没有可更正的结果。",
                "The draw was voided and has no result.",
            ),
            Self::NotPublished => (
                "结果尚未公开。请先运行 fairplate draw resume，待其公开后再更正。",
                "The result is not public yet. Have it published first, with `fairplate draw resume`.",
            ),
            Self::OfRepresentatives => (
                "这是申请人代表的摇号，候补人员按顺序通知递补，不作更正。",
                "This draw is one of representatives: their reserves are called in order, and nothing is amended.",
            ),
            Self::NobodyNamed => (
                "未指明任何编码，没有可更正的内容。",
                "Nobody is named, so nothing would change.",
            ),
            Self::NamedTwice => (
                "同一编码列出两次，请只列一次。",
                "The code is named twice. Name it once.",
            ),
            Self::NotInResult => (
                "该编码不在该类别的结果中。",
                "The code is not in the result of the category.",
            ),
            Self::AlreadyDropped => (
                "该编码此前已被更正剔除。",
                "An earlier amend has dropped the code.",
            ),
            Self::CertificateEnded => (
                "其指标确认通知书已使用、已退回或已过有效期，名额已不在其手中，不能再剔除。",
                "The certificate is used, was given back or has run out: nothing is left of the place to take.",
            ),
            Self::ReserveHoldsCertificate => (
                "该候补人员持有该类别的有效指标，不能递补。请一并剔除并说明理由。",
                "The next reserve holds a live certificate of the category and cannot move up. Drop them as well, with the reason.",
            ),
            Self::ReserveBanned => (
                "该候补人员处于不得申请期内，不能递补。请一并剔除并说明理由。",
                "The next reserve may not apply now and cannot move up. Drop them as well, with the reason.",
            ),
            Self::ReserveInAnotherPool => (
                "该候补人员在另一次进行中的摇号池内，可能两次中签。请待该次摇号结束后再更正，或一并剔除并说明理由。",
                "The next reserve is in the frozen pool of a draw under way and could win twice. Amend when that draw is over, or drop them as well, with the reason.",
            ),
            Self::ReserveEnded => (
                "该候补人员的申请已取消、未通过审核或已中签，不能递补。请一并剔除并说明理由。",
                "The next reserve's application was cancelled or refused since, or has won. Drop them as well, with the reason.",
            ),
        }
    }
}

/// The same for whoever is not told as data.
#[must_use]
pub fn refusal(obstacles: &[Obstacle]) -> Error {
    let lines = obstacles.iter().map(ToString::to_string);
    let lines: Vec<String> = lines.collect();
    Error::invalid("drops", lines.join("\n"))
}

/// The place and the sentence, in English, for a terminal.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}/{}: ", place.category, place.code)?;
        }
        f.write_str(self.sentence(Locale::En))
    }
}
