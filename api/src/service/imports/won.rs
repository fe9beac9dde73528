//! What a person won in the old system last: the certificate, and the ban that followed where it was
//! not used.
//!
//! A person has one line, so one certificate: an earlier one bears on nothing any more.

use ::entity::certificate::{Origin, Status};
use chrono::NaiveDate;

use super::{
    history::History,
    line::{Unusable, day},
};
use crate::domain::{CertificateNumber, certificate::BanDates};

/// The columns that a file with certificates has behind the others; in a line they are all empty, or
/// tell of one certificate.
pub(super) const HEADER: [&str; 9] = [
    "certificate_number",
    "certificate_period",
    "certificate_origin",
    "certificate_issued_on",
    "certificate_expires_on",
    "certificate_state",
    "certificate_ended_on",
    "ban_begins_on",
    "ban_ends_on",
];

/// A certificate of the old system.
pub(super) struct Won {
    /// Its number here; none where the city is to make one.
    pub(super) number: Option<CertificateNumber>,
    /// Place in the history of the period whose quota it is.
    pub(super) period: usize,
    pub(super) origin: Origin,
    pub(super) issued_on: NaiveDate,
    pub(super) expires_on: NaiveDate,
    pub(super) status: Status,
    pub(super) ended_on: Option<NaiveDate>,
    /// The ban that followed.
    pub(super) ban: Option<BanDates>,
}

impl Won {
    /// Checks the columns of certificates, of which `field` gives one by its place; nothing where all
    /// of them are empty.
    pub(super) fn parse<'a>(
        history: &History,
        today: NaiveDate,
        field: impl Fn(usize) -> &'a str,
    ) -> Result<Option<Self>, Unusable> {
        if (0..HEADER.len()).all(|index| field(index).is_empty()) {
            return Ok(None);
        }
        let date = |index: usize| day(field(index)).map_err(|reason| (HEADER[index], reason));
        let optional = |index: usize| match field(index) {
            "" => Ok(None),
            _ => date(index).map(Some),
        };
        let number = match field(0) {
            "" => None,
            text => Some(text.parse().map_err(|cause| because(0, cause))?),
        };
        let won = Self {
            number,
            period: period(history, field(1))?,
            origin: origin(field(2))?,
            issued_on: date(3)?,
            expires_on: date(4)?,
            status: status(field(5))?,
            ended_on: optional(6)?,
            ban: ban(optional(7)?, optional(8)?)?,
        };
        won.check_days(history.get(won.period).published_on, today)?;
        won.check_ban()?;
        Ok(Some(won))
    }

    /// The days come one after the other, and as the state says.
    fn check_days(&self, published_on: NaiveDate, today: NaiveDate) -> Result<(), Unusable> {
        if self.origin == Origin::Lottery && self.issued_on < published_on {
            let reason =
                format!("expected a day on or after {published_on}, when its period was published");
            return Err(because(3, reason));
        }
        if today < self.issued_on {
            return Err(because(3, format!("expected a day up to today, {today}")));
        }
        if self.expires_on < self.issued_on {
            return Err(because(4, "expected a day on or after its issue"));
        }
        let ended_on = match (self.status, self.ended_on) {
            (Status::Live, None) => return Ok(()),
            (Status::Live, Some(_)) => {
                return Err(because(
                    6,
                    "a certificate that is LIVE has not ended; leave it empty",
                ));
            }
            (_, None) => return Err(because(6, "expected the day on which it ended")),
            (_, Some(ended_on)) => ended_on,
        };
        if ended_on < self.issued_on || today < ended_on {
            let reason = format!("expected a day from its issue up to today, {today}");
            return Err(because(6, reason));
        }
        // It was used or given back while it could be, and given up only after that.
        let is_over = self.expires_on < ended_on;
        if is_over != (self.status == Status::Forfeited) {
            let reason = if is_over {
                format!("expected a day up to its last one, {}", self.expires_on)
            } else {
                format!("expected a day after its last one, {}", self.expires_on)
            };
            return Err(because(6, reason));
        }
        Ok(())
    }

    /// A ban follows from a quota that was won by lottery and given up, and from nothing else.
    fn check_ban(&self) -> Result<(), Unusable> {
        let Some(ban) = &self.ban else {
            return Ok(());
        };
        if self.status != Status::Forfeited || self.origin != Origin::Lottery {
            let reason = "a ban follows from a certificate of the LOTTERY that was FORFEITED alone";
            return Err(because(7, reason));
        }
        if ban.from <= self.expires_on {
            let reason = format!(
                "expected a day after the certificate's last one, {}",
                self.expires_on
            );
            return Err(because(7, reason));
        }
        if ban.until < ban.from {
            return Err(because(8, "expected a day on or after the ban's first one"));
        }
        Ok(())
    }
}

fn because(index: usize, reason: impl std::fmt::Display) -> Unusable {
    (HEADER[index], reason.to_string())
}

fn period(history: &History, text: &str) -> Result<usize, Unusable> {
    let places = history.places(text).map_err(|reason| because(1, reason))?;
    match places[..] {
        [only] => Ok(only),
        _ => Err(because(1, "expected the one period whose quota it is")),
    }
}

fn origin(text: &str) -> Result<Origin, Unusable> {
    match text {
        "LOTTERY" => Ok(Origin::Lottery),
        "AUCTION" => Ok(Origin::Auction),
        _ => Err(because(
            2,
            format!("expected LOTTERY or AUCTION, found `{text}`"),
        )),
    }
}

fn status(text: &str) -> Result<Status, Unusable> {
    match text {
        "LIVE" => Ok(Status::Live),
        "USED" => Ok(Status::Used),
        "FORFEITED" => Ok(Status::Forfeited),
        "SURRENDERED" => Ok(Status::Surrendered),
        _ => Err(because(
            5,
            format!("expected LIVE, USED, FORFEITED or SURRENDERED, found `{text}`"),
        )),
    }
}

fn ban(
    begins_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
) -> Result<Option<BanDates>, Unusable> {
    match (begins_on, ends_on) {
        (Some(from), Some(until)) => Ok(Some(BanDates { from, until })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(because(7, "expected the ban's first day as well")),
        (Some(_), None) => Err(because(8, "expected the ban's last day as well")),
    }
}
