//! What the city tells people, and what for: a closed list, each purpose with the values of its
//! text.

mod templates;
mod text;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use text::{Text, Wording, list_texts};

/// What a message is for. Its values are sealed with it; a text is made from them when it is sent
/// or read, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// A code that proves who holds a phone or an e-mail address.
    OneTimeCode {
        /// What the code allows.
        allows: CodeUse,
        /// The code.
        code: String,
        /// For how many minutes it is good.
        minutes: u32,
    },
    /// The application code that somebody had lost.
    CodeRecovered {
        /// The application code.
        code: String,
    },
    /// An application is in.
    ApplicationReceived {
        /// The application code.
        code: String,
        /// The period whose review takes it in.
        period: String,
        /// Day on which the result of the review is published.
        review_publish_on: NaiveDate,
    },
    /// An application was cancelled by its applicant.
    ApplicationCancelled {
        /// The application code.
        code: String,
    },
    /// An application lapses unless it is renewed.
    RenewalDue {
        /// The application code.
        code: String,
        /// Last day on which it can be renewed.
        until: NaiveDate,
    },
    /// An application was renewed.
    ApplicationRenewed {
        /// The application code.
        code: String,
        /// Last day on which it is good.
        until: NaiveDate,
    },
    /// An application was not renewed in time.
    ApplicationLapsed {
        /// The application code.
        code: String,
    },
    /// The review results of a period are public.
    ReviewPublished {
        /// The application code.
        code: String,
        /// Whether the application was approved.
        approved: bool,
        /// Last day on which a second look can be asked for, after a refusal.
        second_look_until: Option<NaiveDate>,
    },
    /// A second officer has looked at a refusal.
    SecondLookDecided {
        /// The application code.
        code: String,
        /// Whether the application is approved now.
        approved: bool,
    },
    /// An application has joined the tier.
    TierJoined {
        /// The application code.
        code: String,
    },
    /// A day of a period was moved.
    PeriodMoved {
        /// The period.
        period: String,
        /// Which day.
        day: MovedDay,
        /// When it would have been.
        from: NaiveDate,
        /// When it is now.
        to: NaiveDate,
    },
    /// Somebody was drawn as an applicants' representative.
    RepresentativeInvited {
        /// The period.
        period: String,
        /// Day of the draw.
        draw_on: NaiveDate,
        /// Until when an answer is awaited.
        answer_by: DateTime<Utc>,
    },
    /// A reserve takes the place of a representative who declined or did not answer.
    ReserveCalled {
        /// The period.
        period: String,
        /// Day of the draw.
        draw_on: NaiveDate,
        /// Until when an answer is awaited.
        answer_by: DateTime<Utc>,
    },
    /// The result of a draw is public.
    ResultPublished {
        /// The period.
        period: String,
        /// The application code.
        code: String,
        /// Whether it has won.
        won: bool,
    },
    /// An amend of a result has dropped somebody.
    PlaceLost {
        /// The period.
        period: String,
        /// The application code.
        code: String,
        /// The number of the certificate that is revoked; none of a reserve, who had none.
        certificate: Option<String>,
    },
    /// An amend of a result has a reserve move up.
    PlaceGained {
        /// The period.
        period: String,
        /// The application code.
        code: String,
    },
    /// A winner's certificate (指标确认通知书) is there.
    CertificateIssued {
        /// Its number.
        number: String,
        /// Last day on which it is good.
        until: NaiveDate,
    },
    /// A certificate is not used yet and soon over.
    CertificateExpiring {
        /// Its number.
        number: String,
        /// Last day on which it is good.
        until: NaiveDate,
    },
    /// A certificate was not used in time, which counts as giving it up.
    CertificateForfeited {
        /// Its number.
        number: String,
        /// Last day of the ban that follows, where one does.
        banned_until: Option<NaiveDate>,
    },
    /// A ban is over: one may apply again.
    BanLifted,
    /// Somebody has signed in from a device that was not known.
    SignInFromNewDevice {
        /// The device, as it calls itself.
        device: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The phone of an account was changed.
    PhoneChanged {
        /// When.
        at: DateTime<Utc>,
    },
    /// The password of an account was changed.
    PasswordChanged {
        /// When.
        at: DateTime<Utc>,
    },
    /// Something waits for an officer.
    TaskDue {
        /// What is to be done, a key such as `freeze`.
        task: String,
        /// The period or draw.
        subject: String,
        /// The day on which it is due.
        on: NaiveDate,
    },
}

/// What a one-time code allows. A code for one thing is no good for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeUse {
    /// To make an account.
    Register,
    /// To sign in.
    SignIn,
    /// To set a new password.
    ResetPassword,
    /// To give a phone up, sent to the old one.
    LeavePhone,
    /// To take a phone as one's own, sent to the new one.
    ConfirmPhone,
    /// To submit an application (短信确认).
    ConfirmApplication,
    /// To be told one's application code.
    RecoverCode,
}

impl CodeUse {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Register,
        Self::SignIn,
        Self::ResetPassword,
        Self::LeavePhone,
        Self::ConfirmPhone,
        Self::ConfirmApplication,
        Self::RecoverCode,
    ];
}

/// A day of a period that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovedDay {
    /// Last day on which applications are taken.
    ApplicationsEnd,
    /// Day on which review results are published.
    ReviewPublication,
    /// Day of the draw.
    Draw,
}

/// How far a message goes beyond the place at which it can be read at leisure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the address alone: it is secret and short-lived, or its reader has no inbox yet.
    Address,
    /// Into the inbox alone.
    Inbox,
    /// Into the inbox, to the phone, and to the e-mail address if there is one.
    Everywhere,
}

impl Purpose {
    /// The purpose by its name, as rows and receivers know it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::OneTimeCode { .. } => "one_time_code",
            Self::CodeRecovered { .. } => "code_recovered",
            Self::ApplicationReceived { .. } => "application_received",
            Self::ApplicationCancelled { .. } => "application_cancelled",
            Self::RenewalDue { .. } => "renewal_due",
            Self::ApplicationRenewed { .. } => "application_renewed",
            Self::ApplicationLapsed { .. } => "application_lapsed",
            Self::ReviewPublished { .. } => "review_published",
            Self::SecondLookDecided { .. } => "second_look_decided",
            Self::TierJoined { .. } => "tier_joined",
            Self::PeriodMoved { .. } => "period_moved",
            Self::RepresentativeInvited { .. } => "representative_invited",
            Self::ReserveCalled { .. } => "reserve_called",
            Self::ResultPublished { .. } => "result_published",
            Self::PlaceLost { .. } => "place_lost",
            Self::PlaceGained { .. } => "place_gained",
            Self::CertificateIssued { .. } => "certificate_issued",
            Self::CertificateExpiring { .. } => "certificate_expiring",
            Self::CertificateForfeited { .. } => "certificate_forfeited",
            Self::BanLifted => "ban_lifted",
            Self::SignInFromNewDevice { .. } => "sign_in_from_new_device",
            Self::PhoneChanged { .. } => "phone_changed",
            Self::PasswordChanged { .. } => "password_changed",
            Self::TaskDue { .. } => "task_due",
        }
    }

    /// How far it goes. A short message costs the city money, so that what nobody has to act upon
    /// stays in the inbox.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::OneTimeCode { .. } | Self::CodeRecovered { .. } => Reach::Address,
            Self::ResultPublished { won: false, .. }
            | Self::ApplicationCancelled { .. }
            | Self::ApplicationRenewed { .. }
            | Self::TierJoined { .. } => Reach::Inbox,
            _ => Reach::Everywhere,
        }
    }
}

#[cfg(test)]
mod tests;
