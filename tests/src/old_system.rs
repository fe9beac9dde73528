//! What a city's old system hands over: the two files of an import.

use std::{fmt::Write as _, fs};

use fairplate::{
    domain::actor::Operator,
    service::imports::{self, Files, Report},
};

use crate::city::TestCity;

/// First line of an import's file of people.
pub const IMPORT_HEADER: &str = "id_number,name,phone,code,category,identity_type,licence_classes,\
    submitted_on,tier_joined_on,periods\n";

/// The columns behind them in a file that takes over certificates.
pub const WON_HEADER: &str = "certificate_number,certificate_period,certificate_origin,\
    certificate_issued_on,certificate_expires_on,certificate_state,certificate_ended_on,\
    ban_begins_on,ban_ends_on\n";

/// Periods from May 2014 to May 2026, each published on the 26th of its month.
#[must_use]
pub fn old_periods() -> String {
    let mut text = "period,published_on\n".to_owned();
    for month in 4..149 {
        let (year, month) = (2014 + month / 12, month % 12 + 1);
        writeln!(text, "{year}{month:02},{year}-{month:02}-26").expect("written");
    }
    text
}

impl TestCity {
    /// Imports people with these lines; the old system ran from May 2014 to the day before the
    /// story, a period a month.
    pub async fn import(&self, lines: &[String], leaves_out_refused: bool) -> Report {
        let loaded = self
            .try_import(&old_periods(), lines, leaves_out_refused)
            .await;
        loaded.expect("a report")
    }

    /// Imports people of whom some have won; the lines have the columns of certificates.
    pub async fn import_won(&self, lines: &[String]) -> Report {
        let header = format!("{},{WON_HEADER}", IMPORT_HEADER.trim_end());
        let loaded = self.load(&old_periods(), &header, lines, false).await;
        loaded.expect("a report")
    }

    /// The same with any periods, and with what came of it.
    pub async fn try_import(
        &self,
        periods: &str,
        lines: &[String],
        leaves_out_refused: bool,
    ) -> fairplate::Result<Report> {
        self.load(periods, IMPORT_HEADER, lines, leaves_out_refused)
            .await
    }

    /// The same with any columns.
    pub async fn load(
        &self,
        periods: &str,
        header: &str,
        lines: &[String],
        leaves_out_refused: bool,
    ) -> fairplate::Result<Report> {
        let (old, people) = (
            self.folder().join("periods.csv"),
            self.folder().join("applicants.csv"),
        );
        fs::write(&old, periods).expect("written");
        fs::write(&people, format!("{header}{}\n", lines.join("\n"))).expect("written");
        let files = Files {
            periods: &old,
            applicants: &people,
        };
        imports::load(
            &self.app,
            &Operator,
            &files,
            leaves_out_refused,
            &mut |_| {},
        )
        .await
    }
}
