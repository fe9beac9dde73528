//! Applications that were listed together, and what depends on periods, pools and people.

use std::sync::Arc;

use ::entity::{ApplicantId, ApplicationId, application};

use super::Application;
use crate::{
    app::App,
    domain::participation::ParticipationEntry,
    error::{Error, Result},
    graphql::{period::Period, together::Facts},
    service::{
        self,
        applications::{OpenForm, Shown},
        renewals::{self, Validity},
    },
};

/// What hangs on them.
#[derive(Default)]
pub(super) struct Listed {
    rows: Vec<application::Model>,
    shown: Facts<ApplicationId, Box<Shown>>,
    periods: Facts<String, Period>,
    forms: Facts<ApplicationId, OpenForm>,
    validity: Facts<ApplicationId, Validity>,
    participation: Facts<ApplicantId, Vec<ParticipationEntry>>,
}

impl Listed {
    /// These, of which nothing more is known yet.
    pub(super) fn of(rows: Vec<application::Model>) -> Arc<Self> {
        Arc::new(Self {
            rows,
            ..Self::default()
        })
    }
}

impl Application {
    pub(super) async fn shown(&self, app: &App) -> Result<Box<Shown>> {
        let listed = &*self.listed;
        let look_up = async {
            let shown = service::applications::list_shown(app, &listed.rows).await?;
            let boxed = shown.into_iter().map(|(id, shown)| (id, Box::new(shown)));
            Ok(boxed.collect())
        };
        let shown = listed.shown.get(&self.row.id, look_up).await?;
        shown.ok_or_else(|| Error::not_found("application", self.row.id))
    }

    pub(super) async fn open_form(&self, app: &App) -> Result<OpenForm> {
        let listed = &*self.listed;
        let look_up = service::applications::list_forms(app, &listed.rows);
        let form = listed.forms.get(&self.row.id, look_up).await?;
        form.ok_or_else(|| Error::not_found("application", self.row.id))
    }

    /// Lines of the ledger, for the person behind it.
    pub(super) async fn entries(&self, app: &App) -> Result<Vec<ParticipationEntry>> {
        let listed = &*self.listed;
        let look_up = service::applications::list_participation(app, &listed.rows);
        let entries = listed.participation.get(&self.row.applicant_id, look_up);
        Ok(entries.await?.unwrap_or_default())
    }

    /// The period that takes it in, among those of all that were listed together.
    pub(super) async fn find_period(&self, app: &App) -> Result<Option<Period>> {
        let listed = &*self.listed;
        let look_up = async {
            let numbers = listed.rows.iter().map(|row| row.period_number.clone());
            let numbers: Vec<String> = numbers.collect();
            let rows = service::periods::list_by_numbers(app, &numbers).await?;
            let periods = Period::all(rows).into_iter();
            Ok(periods.map(|period| (period.key(), period)).collect())
        };
        listed.periods.get(&self.row.period_number, look_up).await
    }

    /// How long it is valid, and whether it can be renewed today.
    pub(super) async fn renewal(&self, app: &App) -> Result<Validity> {
        let (listed, id) = (&*self.listed, self.row.id);
        let look_up = renewals::list_validity(app, &listed.rows);
        let found = listed.validity.get(&id, look_up).await?;
        found.ok_or_else(|| Error::not_found("application", id))
    }
}
