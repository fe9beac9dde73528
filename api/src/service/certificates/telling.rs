//! Telling the holders of certificates: that theirs is there, and that it is soon over.

use ::entity::certificate;
use chrono::Days;

use crate::{
    app::App,
    domain::{actor::Worker, message::Purpose},
    error::Result,
    service::{
        messages::{self, Post, Recipient},
        rules,
    },
    store,
};

/// Certificates whose holders one transaction tells.
const PIECE_ROWS: u64 = 200;

/// Days before the last one that no certificate has: of the first message, which says that it is
/// there.
pub(in crate::service) const ISSUED_DAYS: u32 = 36_500;

/// How many holders were told, and whether more wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How many.
    pub count: u64,
    /// Whether more wait.
    pub has_more: bool,
}

/// Tells holders that their certificate is there, and reminds those who have not used theirs on the
/// days of the policy. Each is told each thing once; of two reminders that are due at the same time,
/// because nothing ran on the day of the first, only the second goes out.
pub async fn tell_holders(app: &App, _: &Worker) -> Result<Told> {
    let terms = &app.policy.certificate;
    let mut told = Told {
        count: 0,
        has_more: false,
    };
    for days in [
        ISSUED_DAYS,
        terms.last_reminder_days,
        terms.first_reminder_days,
    ] {
        let count = tell_piece(app, days).await?;
        told.count += count;
        told.has_more |= count == PIECE_ROWS;
    }
    Ok(told)
}

async fn tell_piece(app: &App, days: u32) -> Result<u64> {
    let today = app.today();
    let by = today
        .checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(today);
    let step = i32::try_from(days).map_err(crate::Error::internal)?;
    let txn = store::begin(&app.db).await?;
    rules::lock_shared(app, &txn).await?;
    let rows =
        store::certificates::list_untold(&txn, app.city, today, by, step, PIECE_ROWS).await?;
    for row in &rows {
        let purpose = purpose(row, days);
        let occasion = format!("{}/{days}", row.number);
        let to = Recipient::Applicant(row.applicant_id);
        messages::post(app, &txn, Post::new(to, purpose, &row.number, &occasion)).await?;
        store::certificates::set_told(&txn, row, step).await?;
    }
    txn.commit().await?;
    u64::try_from(rows.len()).map_err(crate::Error::internal)
}

fn purpose(row: &certificate::Model, days: u32) -> Purpose {
    let (number, until) = (row.number.clone(), row.expires_on);
    if days == ISSUED_DAYS {
        Purpose::CertificateIssued { number, until }
    } else {
        Purpose::CertificateExpiring { number, until }
    }
}
