//! What waits for a person of the city: the calendar does what it can, and says what it cannot.

use chrono::{DateTime, NaiveDate, Utc};

use super::Locale;

/// Something that an officer has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// What.
    pub kind: DutyKind,
    /// The period, draw or year that it is about; empty where it is about the city.
    pub subject: String,
    /// How many, where something is counted.
    pub count: Option<u64>,
    /// Until when, so that what comes after it is in time.
    pub due_at: DateTime<Utc>,
    /// The same as a day of the city.
    pub due_on: NaiveDate,
}

/// The closed list of duties, in the order of a period's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyKind {
    /// The calendar of working days lacks a year that periods need.
    AddCalendarYear,
    /// Rules that rest on weak sources wait for the city's word.
    ConfirmRules,
    /// The next tier period has no days yet.
    PlanTierPeriod,
    /// A planned period has no quotas.
    SetQuotas,
    /// A planned period's days for applying went by before it could open.
    GiveNewDays,
    /// Applications wait for a review.
    DecideReviews,
    /// Refused applicants wait for a second look.
    DecideSecondLooks,
    /// Applications that may be one person's stand before a freeze.
    ResolveDuplicates,
    /// A period's draw day is not a working day any more.
    MoveDraw,
    /// The representatives of the applicants are to be drawn.
    DrawRepresentatives,
    /// The pool is to be frozen.
    Freeze,
    /// The frozen pool is to be announced.
    Announce,
    /// The contributions are to be opened.
    CloseContributions,
    /// The beacon round is there.
    Finish,
    /// Something that an officer has proposed waits for another one.
    Approve,
    /// Messages could not be delivered.
    DeadLetters,
}

impl DutyKind {
    /// The mutation that does it; none where somebody at the machine has to.
    #[must_use]
    pub fn mutation(self) -> Option<&'static str> {
        match self {
            Self::AddCalendarYear => None,
            Self::ConfirmRules => Some("confirmPolicy"),
            Self::PlanTierPeriod => Some("planPeriod"),
            Self::SetQuotas => Some("setQuota"),
            Self::GiveNewDays | Self::MoveDraw => Some("movePeriodDates"),
            Self::DecideReviews | Self::DecideSecondLooks => Some("reviewApplication"),
            Self::ResolveDuplicates => Some("resolveDuplicate"),
            Self::DrawRepresentatives => Some("freezeRepresentatives"),
            Self::Freeze => Some("freezePeriod"),
            Self::Announce => Some("announceDraw"),
            Self::CloseContributions => Some("closeContributions"),
            Self::Finish => Some("finishDraw"),
            Self::Approve => Some("approve"),
            Self::DeadLetters => Some("resendMessage"),
        }
    }
}

impl Duty {
    /// Whether it should have been done by now.
    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.due_at <= now
    }

    /// The duty as a sentence for people.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        let [zh, en] = self.kind.texts();
        let template = match locale {
            Locale::ZhCn => zh,
            Locale::En => en,
        };
        template
            .replace("{subject}", &self.subject)
            .replace("{count}", &self.count.unwrap_or_default().to_string())
    }
}

impl DutyKind {
    /// Its sentence in Chinese and in English.
    fn texts(self) -> [&'static str; 2] {
        match self {
            Self::AddCalendarYear => [
                "工作日历缺少{subject}年：请按国务院办公厅通知补充该年度，否则无法编排期次",
                "the calendar of working days lacks {subject}: add the year from the State Council's notice, or no periods can be planned",
            ],
            Self::ConfirmRules => [
                "有{count}条规则依据不足，须经确认后期次才能开放申请",
                "{count} rules rest on weak sources; periods open only after they are confirmed",
            ],
            Self::PlanTierPeriod => [
                "阶梯摇号{subject}期尚未确定日期",
                "tier period {subject} has no days yet",
            ],
            Self::SetQuotas => [
                "{subject}期尚未设定指标数，设定后才能开放申请",
                "period {subject} lacks quotas; it opens only when they are set",
            ],
            Self::GiveNewDays => [
                "{subject}期在申请期内未能开放，请另定日期",
                "period {subject} could not open on its days for applying; give it other days",
            ],
            Self::DecideReviews => [
                "{subject}期有{count}份申请待审核",
                "{count} applications of period {subject} wait for a review",
            ],
            Self::DecideSecondLooks => [
                "{subject}期有{count}份申请待复核",
                "{count} refused applicants of period {subject} wait for a second look",
            ],
            Self::ResolveDuplicates => [
                "{subject}期封存摇号池前有{count}处疑似重复申请待认定",
                "{count} duplicate flags are to be resolved before the pool of period {subject} is frozen",
            ],
            Self::MoveDraw => [
                "{subject}期的摇号日不是工作日，请改期",
                "the draw day of period {subject} is not a working day; move it",
            ],
            Self::DrawRepresentatives => [
                "{subject}期待抽取申请人代表",
                "the representatives of period {subject} are to be drawn",
            ],
            Self::Freeze => [
                "{subject}期可以封存摇号池",
                "the pool of period {subject} is to be frozen",
            ],
            Self::Announce => ["{subject}号摇号待公告", "draw {subject} is to be announced"],
            Self::CloseContributions => [
                "{subject}号摇号的随机数贡献待截止",
                "the contributions of draw {subject} are to be closed",
            ],
            Self::Finish => ["{subject}号摇号待完成", "draw {subject} is to be finished"],
            Self::Approve => ["{subject}有提议待批准", "a proposal about {subject} waits"],
            Self::DeadLetters => [
                "有{count}条消息未能送达",
                "{count} messages could not be delivered",
            ],
        }
    }
}
