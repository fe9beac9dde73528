//! What can be proposed, worked out from the city as it is.

use ::entity::{approval, draw};
use sea_orm::DatabaseTransaction;
use verifier::beacon::Chain;

use super::Approved;
use crate::{
    app::App,
    domain::{
        actor::Approver,
        amend::{Dropping, Obstacle},
        approval::{AmendLine, Content, Sealed},
    },
    error::{Error, Result},
    service::{
        ceremony::{self, Amending, Announcing, Freezing, Sealing, Terms, Voiding},
        certificates::{self, Lifting},
        record_keys,
        rules::{self, Confirming},
        trust,
    },
};

/// What can be proposed.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made and used up for each proposal"
)]
pub enum Action {
    /// Freeze the pools of a period, and make the draw.
    FreezePeriod {
        /// The period's number.
        period: String,
    },
    /// Freeze the pool of a period's representatives, and make that draw.
    FreezeRepresentatives {
        /// The period's number.
        period: String,
    },
    /// Announce a frozen draw.
    AnnounceDraw {
        /// The draw's id.
        draw: String,
        /// The terms.
        terms: Terms,
    },
    /// Give a draw up.
    VoidDraw {
        /// The draw's id.
        draw: String,
        /// The reason, one line.
        reason: String,
    },
    /// Confirm the weakly sourced rules of the text in force.
    ConfirmPolicy,
    /// Lift the ban that follows from a certificate.
    LiftBan {
        /// The certificate's number.
        certificate: String,
        /// The reason, one line that names nobody.
        reason: String,
    },
    /// Take places of a result, and have reserves move up.
    AmendResult {
        /// The draw's id.
        draw: String,
        /// Who loses their place.
        drops: Vec<Dropping>,
    },
    /// Have the newest record key of this process sign records.
    ChangeRecordKey,
    /// Have the log key and the witnesses of this process vouch for the log.
    ChangeTrust,
    /// Adopt another text of the rules.
    ChangePolicy {
        /// The text.
        text: String,
    },
}

impl Action {
    /// What was proposed with a content.
    pub(super) fn of(content: Content) -> Result<Self> {
        Ok(match content {
            Content::FreezePeriod(freeze) => Self::FreezePeriod {
                period: freeze.period,
            },
            Content::FreezeRepresentatives(freeze) => Self::FreezeRepresentatives {
                period: freeze.period,
            },
            Content::AnnounceDraw(announcement) => {
                let chain = Chain::parse(announcement.chain.as_bytes());
                Self::AnnounceDraw {
                    terms: Terms {
                        sealed: sealings(announcement.sealed)?,
                        open: announcement.open,
                        window_secs: announcement.window_secs,
                        margin_secs: announcement.margin_secs,
                        closes_at: announcement.closes_at,
                        chain: Some(chain.map_err(Error::internal)?),
                        round: Some(announcement.round),
                    },
                    draw: announcement.draw,
                }
            }
            Content::VoidDraw(voiding) => Self::VoidDraw {
                draw: voiding.draw,
                reason: voiding.reason,
            },
            Content::ConfirmPolicy(_) => Self::ConfirmPolicy,
            Content::LiftBan(lifting) => Self::LiftBan {
                certificate: lifting.certificate,
                reason: lifting.reason,
            },
            Content::AmendResult(amending) => Self::AmendResult {
                draw: amending.draw,
                drops: amending.lines.into_iter().filter_map(dropping).collect(),
            },
            Content::ChangeRecordKey(_) => Self::ChangeRecordKey,
            Content::ChangeTrust(_) => Self::ChangeTrust,
            Content::ChangePolicy(change) => Self::ChangePolicy { text: change.text },
        })
    }
}

fn sealings(sealed: Vec<Sealed>) -> Result<Vec<Sealing>> {
    let sealing = |sealed: Sealed| {
        Ok(Sealing {
            name: sealed.name,
            commitment: sealed.commitment.parse().map_err(Error::internal)?,
        })
    };
    sealed.into_iter().map(sealing).collect()
}

/// What was asked for of a line; who moves up is worked out.
fn dropping(line: AmendLine) -> Option<Dropping> {
    match line {
        AmendLine::Drop {
            category,
            code,
            reason,
            ..
        } => Some(Dropping {
            category,
            code,
            reason,
        }),
        AmendLine::Promote { .. } => None,
    }
}

/// Something that could be done now.
pub(super) enum Prepared {
    FreezePeriod(Freezing),
    FreezeRepresentatives(Freezing),
    AnnounceDraw(Box<Announcing>),
    VoidDraw(Voiding),
    ConfirmPolicy(Confirming),
    LiftBan(Lifting),
    AmendResult(Box<Amending>),
    ChangeRecordKey(Box<record_keys::Changing>),
    ChangeTrust(Box<trust::Changing>),
    ChangePolicy(Box<rules::Changing>),
}

impl Prepared {
    /// Works an action out, or says why it cannot be done now. Nothing is written. What stands in the
    /// way of an amend is no mistake, and is given as data.
    pub(super) async fn of(
        app: &App,
        txn: &DatabaseTransaction,
        action: Action,
    ) -> Result<std::result::Result<Self, Vec<Obstacle>>> {
        Ok(Ok(match action {
            Action::FreezePeriod { period } => {
                Self::FreezePeriod(ceremony::prepare_freeze(app, txn, &period).await?)
            }
            Action::FreezeRepresentatives { period } => Self::FreezeRepresentatives(
                ceremony::prepare_freeze_of_representatives(app, txn, &period).await?,
            ),
            Action::AnnounceDraw { draw, terms } => {
                let announcing = ceremony::prepare_announce(app, txn, &draw, terms).await?;
                Self::AnnounceDraw(Box::new(announcing))
            }
            Action::VoidDraw { draw, reason } => {
                Self::VoidDraw(ceremony::prepare_void(app, txn, &draw, reason).await?)
            }
            Action::ConfirmPolicy => Self::ConfirmPolicy(rules::prepare_confirmation(app)),
            Action::LiftBan {
                certificate,
                reason,
            } => {
                Self::LiftBan(certificates::prepare_lifting(app, txn, &certificate, reason).await?)
            }
            Action::AmendResult { draw, drops } => {
                match ceremony::prepare_amend(app, txn, &draw, &drops).await? {
                    Ok(amending) => Self::AmendResult(Box::new(amending)),
                    Err(obstacles) => return Ok(Err(obstacles)),
                }
            }
            Action::ChangeRecordKey => {
                Self::ChangeRecordKey(Box::new(record_keys::prepare_change(app, txn).await?))
            }
            Action::ChangeTrust => {
                Self::ChangeTrust(Box::new(trust::prepare_change(app, txn).await?))
            }
            Action::ChangePolicy { text } => {
                Self::ChangePolicy(Box::new(rules::prepare_change(app, txn, &text).await?))
            }
        }))
    }

    /// All of what would be done.
    pub(super) fn content(&self) -> Content {
        match self {
            Self::FreezePeriod(freezing) => Content::FreezePeriod(freezing.content()),
            Self::FreezeRepresentatives(freezing) => {
                Content::FreezeRepresentatives(freezing.content())
            }
            Self::AnnounceDraw(announcing) => {
                Content::AnnounceDraw(Box::new(announcing.content().clone()))
            }
            Self::VoidDraw(voiding) => Content::VoidDraw(voiding.content()),
            Self::ConfirmPolicy(confirming) => Content::ConfirmPolicy(confirming.content()),
            Self::LiftBan(lifting) => Content::LiftBan(lifting.content()),
            Self::AmendResult(amending) => Content::AmendResult(amending.content()),
            Self::ChangeRecordKey(changing) => Content::ChangeRecordKey(changing.content()),
            Self::ChangeTrust(changing) => Content::ChangeTrust(changing.content()),
            Self::ChangePolicy(changing) => Content::ChangePolicy(Box::new(changing.content())),
        }
    }

    /// The step, as its effects name it.
    pub(super) fn step(&self) -> &'static str {
        match self {
            Self::FreezePeriod(_) | Self::FreezeRepresentatives(_) => "freeze",
            Self::AnnounceDraw(_) => "announce",
            Self::VoidDraw(_) => "void",
            Self::ConfirmPolicy(_) => "confirm",
            Self::LiftBan(_) => "lift",
            Self::AmendResult(_) => "amend",
            Self::ChangeRecordKey(_) | Self::ChangeTrust(_) => "rotate",
            Self::ChangePolicy(_) => "adopt",
        }
    }

    /// Does it, in the caller's transaction; gives the draw that it makes or changes.
    pub(super) async fn carry_out(
        self,
        app: &App,
        txn: &DatabaseTransaction,
        row: &approval::Model,
        by: &Approver,
    ) -> Result<Option<draw::Model>> {
        Ok(match self {
            Self::FreezePeriod(freezing) => {
                let approved = Approved::new(freezing, row, by);
                Some(ceremony::freeze(app, txn, &approved).await?)
            }
            Self::FreezeRepresentatives(freezing) => {
                let approved = Approved::new(freezing, row, by);
                Some(ceremony::freeze_representatives(app, txn, &approved).await?)
            }
            Self::AnnounceDraw(announcing) => {
                let approved = Approved::new(*announcing, row, by);
                Some(ceremony::announce(app, txn, &approved).await?.into_draw())
            }
            Self::VoidDraw(voiding) => {
                let approved = Approved::new(voiding, row, by);
                Some(ceremony::void(app, txn, &approved).await?.into_draw())
            }
            Self::ConfirmPolicy(confirming) => {
                let approved = Approved::new(confirming, row, by);
                rules::confirm(app, txn, &approved).await?;
                None
            }
            Self::LiftBan(lifting) => {
                let approved = Approved::new(lifting, row, by);
                certificates::lift(app, txn, &approved).await?;
                None
            }
            Self::AmendResult(amending) => {
                let approved = Approved::new(*amending, row, by);
                Some(ceremony::amend(app, txn, &approved).await?.into_draw())
            }
            Self::ChangeRecordKey(changing) => {
                let approved = Approved::new(*changing, row, by);
                record_keys::change(app, txn, &approved).await?;
                None
            }
            Self::ChangeTrust(changing) => {
                let approved = Approved::new(*changing, row, by);
                trust::change(app, txn, &approved).await?;
                None
            }
            Self::ChangePolicy(changing) => {
                let approved = Approved::new(*changing, row, by);
                rules::change(app, txn, &approved).await?;
                None
            }
        })
    }
}
