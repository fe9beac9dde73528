//! Everything that has an identity, by its id alone.

use std::{collections::HashMap, fmt::Display, str::FromStr};

use ::entity::ApplicationId;
use async_graphql::{Context, ID, Interface, Object};
use uuid::Uuid;

use super::{
    account::Account,
    application::{self, Application},
    approval::Approval,
    ban::Ban,
    certificate::Certificate,
    city::City,
    context::ContextExt as _,
    draft::Draft,
    draw::Draw,
    duplicate::DuplicateFlag,
    error::{ApiError, Result},
    global_id::Noun,
    invitation::Invitation,
    message::Message,
    outgoing::OutgoingMessage,
    period::Period,
    representative::Representative,
    session::Session,
    trail::AuditRow,
};
use crate::{
    error::Error,
    service::{self, messages::Inbox},
};

/// Something that has an identity. Its id says nothing to a reader and never changes.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    desc = "The id, by which `node` finds it again and which mutations take.",
    ty = "ID"
))]
pub(super) enum Node<'a> {
    Account(Account),
    Application(Application),
    ApplicationDraft(Draft),
    Approval(Approval),
    AuditRow(AuditRow),
    Ban(Ban),
    Certificate(Certificate),
    City(City<'a>),
    Draw(Draw),
    DuplicateFlag(DuplicateFlag),
    Invitation(Invitation),
    Message(Message),
    OutgoingMessage(OutgoingMessage),
    Period(Period),
    Representative(Representative),
    Session(Session),
}

/// Ids that one request may ask for in a list.
const IDS_MAX: usize = 100;

#[derive(Default)]
pub(super) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this id. Null if there is nothing of that id, or whoever asks may not see it:
    /// the two look the same.
    async fn node<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<async_graphql::Result<Node<'ctx>>> {
        let found = find_all(ctx, "id", &[id]).await;
        let found = found.map(|mut found| found.pop().flatten());
        Some(
            found
                .transpose()?
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// The same for several ids at once: one answer each, in the order of the ids.
    #[graphql(complexity = "ids.len() * child_complexity")]
    async fn nodes<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node<'ctx>>>> {
        if IDS_MAX < ids.len() {
            let reason = format!("expected at most {IDS_MAX} ids, found {}", ids.len());
            return Err(Error::invalid("ids", reason).into());
        }
        Ok(find_all(ctx, "ids", &ids).await?)
    }
}

/// What ids lead to, in their order.
async fn find_all<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    ids: &[ID],
) -> crate::Result<Vec<Option<Node<'ctx>>>> {
    let listed = Listed::of(ctx, field, ids).await?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(match Noun::of(field, id)? {
            Noun::Application => listed
                .applications
                .get(id.as_str())
                .cloned()
                .map(Into::into),
            Noun::Draw => listed.draws.get(id.as_str()).cloned().map(Into::into),
            Noun::Period => listed.periods.get(id.as_str()).cloned().map(Into::into),
            _ => find(ctx, field, id).await?,
        });
    }
    Ok(found)
}

/// What clients ask for by the dozen, each kind looked up at once; by id.
struct Listed {
    applications: HashMap<String, Application>,
    draws: HashMap<String, Draw>,
    periods: HashMap<String, Period>,
}

impl Listed {
    async fn of(ctx: &Context<'_>, field: &str, ids: &[ID]) -> crate::Result<Self> {
        let app = ctx.app();
        let applications: Vec<ApplicationId> = keys(Noun::Application, field, ids)?;
        let draws: Vec<String> = keys(Noun::Draw, field, ids)?;
        let periods: Vec<String> = keys(Noun::Period, field, ids)?;
        let applications = application::list_visible(app, ctx.actor(), &applications).await?;
        let draws = match &draws[..] {
            [] => Vec::new(),
            ids => Draw::all(service::draws::list_by_ids(app, ids).await?),
        };
        let periods = match &periods[..] {
            [] => Vec::new(),
            numbers => Period::all(service::periods::list_by_numbers(app, numbers).await?),
        };
        Ok(Self {
            applications: by_id(Noun::Application, applications, Application::key),
            draws: by_id(Noun::Draw, draws, |draw| draw.row.id.clone()),
            periods: by_id(Noun::Period, periods, Period::key),
        })
    }
}

/// The keys of one noun among ids.
fn keys<K: FromStr + Display>(noun: Noun, field: &str, ids: &[ID]) -> crate::Result<Vec<K>> {
    let mut keys = Vec::new();
    for id in ids {
        if Noun::of(field, id)? == noun {
            keys.push(noun.key(field, id)?);
        }
    }
    Ok(keys)
}

fn by_id<K: Display, V>(noun: Noun, rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<String, V> {
    let rows = rows.into_iter();
    rows.map(|row| (noun.id(key(&row)).0, row)).collect()
}

/// What an id leads to, through the door that the noun has everywhere else.
async fn find<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    id: &ID,
) -> crate::Result<Option<Node<'ctx>>> {
    match Noun::of(field, id)? {
        Noun::City | Noun::Representative => find_public(ctx, field, id).await,
        // Those are looked up together; a request for a code or a passkey is nothing to read.
        Noun::Application
        | Noun::Draw
        | Noun::Period
        | Noun::CodeRequest
        | Noun::PasskeyRequest => Ok(None),
        Noun::Account | Noun::ApplicationDraft | Noun::Session => {
            find_of_account(ctx, field, id).await
        }
        Noun::Ban | Noun::Certificate | Noun::Invitation => find_of_applicant(ctx, field, id).await,
        Noun::Message => find_message(ctx, field, id).await,
        Noun::Approval | Noun::AuditRow | Noun::DuplicateFlag | Noun::OutgoingMessage => {
            find_of_city(ctx, field, id).await
        }
    }
}

async fn find_public<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    id: &ID,
) -> crate::Result<Option<Node<'ctx>>> {
    let (app, noun) = (ctx.app(), Noun::of(field, id)?);
    let key: String = noun.key(field, id)?;
    Ok(match noun {
        Noun::City => (key == app.city.to_string()).then_some(Node::City(City(app))),
        Noun::Representative => {
            let found = service::representatives::find_drawn(app, &key).await?;
            found.map(|row| Representative(row).into())
        }
        _ => None,
    })
}

/// The one among rows that it is, as a node.
fn one_of<'a, T, N: Into<Node<'a>>>(
    rows: Vec<T>,
    is_it: impl Fn(&T) -> bool,
    node: impl FnOnce(T) -> N,
) -> Option<Node<'a>> {
    rows.into_iter().find(is_it).map(|row| node(row).into())
}

async fn find_of_account<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    id: &ID,
) -> crate::Result<Option<Node<'ctx>>> {
    let (app, noun) = (ctx.app(), Noun::of(field, id)?);
    let key: Uuid = noun.key(field, id)?;
    let Ok(holder) = ctx.actor().account() else {
        return Ok(None);
    };
    Ok(match noun {
        Noun::Account if holder.id().0 == key => {
            Some(Account(service::accounts::show(app, holder).await?).into())
        }
        Noun::ApplicationDraft => {
            let drafts = service::drafts::list(app, holder).await?;
            one_of(drafts, |row| row.id.0 == key, |row| Draft(Box::new(row)))
        }
        Noun::Session => {
            let sessions = service::sessions::list(app, holder).await?;
            one_of(sessions, |row| row.id == key, Session)
        }
        _ => None,
    })
}

async fn find_of_applicant<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    id: &ID,
) -> crate::Result<Option<Node<'ctx>>> {
    let (app, noun) = (ctx.app(), Noun::of(field, id)?);
    let key: String = noun.key(field, id)?;
    let Ok(applicant) = ctx.actor().applicant() else {
        return Ok(None);
    };
    Ok(match noun {
        Noun::Ban => {
            let bans = service::certificates::list_bans(app, applicant).await?;
            one_of(bans, |row| row.id.to_string() == key, Ban)
        }
        Noun::Certificate => {
            let certificates = service::certificates::list(app, applicant).await?;
            one_of(certificates, |row| row.number == key, Certificate)
        }
        Noun::Invitation => {
            let found = service::representatives::find_invitation(app, applicant, &key).await?;
            found.map(|row| Invitation(row).into())
        }
        _ => None,
    })
}

async fn find_message<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    id: &ID,
) -> crate::Result<Option<Node<'ctx>>> {
    let id: Uuid = Noun::Message.key(field, id)?;
    let Ok(inbox) = Inbox::of(ctx.actor()) else {
        return Ok(None);
    };
    let found = service::messages::find_in_inbox(ctx.app(), &inbox, id).await?;
    Ok(found.map(|letter| Message(letter).into()))
}

async fn find_of_city<'ctx>(
    ctx: &Context<'ctx>,
    field: &str,
    id: &ID,
) -> crate::Result<Option<Node<'ctx>>> {
    let (app, actor, noun) = (ctx.app(), ctx.actor(), Noun::of(field, id)?);
    let key: Uuid = noun.key(field, id)?;
    Ok(match noun {
        Noun::AuditRow => {
            let Ok(auditor) = actor.auditor() else {
                return Ok(None);
            };
            let found = service::trail::find(app, &auditor, key).await?;
            found.map(|row| AuditRow::from(row).into())
        }
        Noun::DuplicateFlag => {
            let Ok(reviewer) = actor.reviewer() else {
                return Ok(None);
            };
            let found = service::duplicates::find(app, &reviewer, key).await?;
            found.map(|row| DuplicateFlag::new(row, &reviewer).into())
        }
        Noun::Approval => {
            let Ok(desk) = actor.approver() else {
                return Ok(None);
            };
            let found = service::approvals::find(app, &desk, key).await?;
            let found = found.map(|row| Approval::of(app, row)).transpose()?;
            found.map(Node::Approval)
        }
        Noun::OutgoingMessage => {
            let Ok(officer) = actor.officer() else {
                return Ok(None);
            };
            let found = service::messages::find_outgoing(app, officer, key).await?;
            found.map(|row| OutgoingMessage(row).into())
        }
        _ => None,
    })
}
