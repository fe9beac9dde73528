//! The inbox: messages as they are read in the application.

use ::entity::message::{Channel, Model};
use uuid::Uuid;

use super::unseal;
use crate::{
    app::App,
    domain::{
        Locale,
        actor::{AccountHolder, Actor, Applicant, Officer},
        message::{Purpose, Wording},
    },
    error::{Error, Result},
    store,
};

/// Whose inbox somebody may look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// Applicant and account; none for the inbox that the officers share.
    owners: Vec<Uuid>,
}

impl Inbox {
    /// An applicant's own.
    #[must_use]
    pub fn of_applicant(applicant: &Applicant) -> Self {
        let owners = vec![applicant.id().0];
        Self { owners }
    }

    /// An account's own, with the applicant's once it lets one in.
    #[must_use]
    pub fn of_account(holder: &AccountHolder) -> Self {
        let applicant = holder.applicant().map(|applicant| applicant.id().0);
        let owners = std::iter::once(holder.id().0).chain(applicant).collect();
        Self { owners }
    }

    /// The one that the officers share.
    #[must_use]
    pub fn of_officers(_: &Officer) -> Self {
        let owners = Vec::new();
        Self { owners }
    }

    /// The one that is whoever's the session is.
    pub fn of(actor: &Actor) -> Result<Self> {
        Ok(match actor {
            Actor::Officer(officer) => Self::of_officers(officer),
            Actor::Account(holder) => Self::of_account(holder),
            other => Self::of_applicant(other.applicant()?),
        })
    }

    /// Applicant and account; none for the inbox that the officers share.
    pub(in crate::service) fn owners(&self) -> &[Uuid] {
        &self.owners
    }

    fn holds(&self, row: &Model) -> bool {
        let is_theirs = match row.recipient_id {
            None => self.owners.is_empty(),
            Some(owner) => self.owners.contains(&owner),
        };
        row.channel == Channel::Inbox && is_theirs
    }
}

/// A message in an inbox.
#[derive(Clone, Debug)]
pub struct InboxLetter {
    /// Its row.
    pub row: Model,
    purpose: Purpose,
}

impl InboxLetter {
    /// What it is for.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// What it says, in a language.
    #[must_use]
    pub fn wording(&self, locale: Locale) -> Wording {
        self.purpose.wording(locale)
    }
}

fn open(app: &App, row: Model) -> Result<InboxLetter> {
    let sealed = row.sealed.as_deref().ok_or_else(|| {
        Error::internal(anyhow::anyhow!("message {} has lost its content", row.id))
    })?;
    let purpose = unseal(app, row.id, sealed)?.purpose;
    Ok(InboxLetter { row, purpose })
}

/// A page of an inbox, newest first: at most `limit` messages behind `after`.
pub async fn list_inbox(
    app: &App,
    inbox: &Inbox,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<InboxLetter>> {
    let rows = store::messages::list_inbox(&app.db, app.city, &inbox.owners, after, limit).await?;
    rows.into_iter().map(|row| open(app, row)).collect()
}

/// The messages of an inbox behind an identifier, oldest first, at most `limit`.
pub(in crate::service) async fn list_newer(
    app: &App,
    inbox: &Inbox,
    after: Uuid,
    limit: u64,
) -> Result<Vec<InboxLetter>> {
    let rows = store::messages::list_newer(&app.db, app.city, &inbox.owners, after, limit).await?;
    rows.into_iter().map(|row| open(app, row)).collect()
}

/// How many messages of an inbox are unread.
pub async fn count_unread(app: &App, inbox: &Inbox) -> Result<u64> {
    store::messages::count_unread(&app.db, app.city, &inbox.owners).await
}

/// Marks a message as read. It stays so, and the first time stands.
///
/// # Errors
///
/// [`Error::NotFound`] for a message of somebody else's, as for one that does not exist.
pub async fn mark_read(app: &App, inbox: &Inbox, id: Uuid) -> Result<InboxLetter> {
    let txn = store::begin(&app.db).await?;
    let row = store::messages::get(&txn, app.city, id).await?;
    if !inbox.holds(&row) {
        return Err(Error::not_found("message", id));
    }
    store::messages::mark_read(&txn, &row, app.clock.now()).await?;
    let row = store::messages::get(&txn, app.city, id).await?;
    txn.commit().await?;
    open(app, row)
}
