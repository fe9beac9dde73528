//! Who loses a place and who moves up, worked out with the very function by which the verifier judges
//! an amend (V15).

use ::entity::{application, certificate, draw, draw_pool};
use sea_orm::DatabaseTransaction;
use verifier::{
    draw::{Outcome, Place},
    holders::Holders,
    record::{Amend, Change},
};

use crate::{
    app::App,
    domain::{
        Exclusion,
        amend::{Dropping, Obstacle, ObstacleKind},
    },
    error::{Error, Result},
    service::{
        certificates::{self, Standing},
        publication,
    },
    store,
};

/// What an amend does.
#[derive(Default)]
pub(super) struct Plan {
    /// The lines of the record: all drops, then all promotions, by category in the order of the
    /// announcement and by rank.
    pub(super) changes: Vec<Change>,
    /// Whoever is dropped.
    pub(super) lost: Vec<Lost>,
    /// The applications of those who move up.
    pub(super) gained: Vec<application::Model>,
}

/// Somebody who is dropped.
pub(super) struct Lost {
    pub(super) application: application::Model,
    /// What they hold; nothing where they are a reserve who has not moved up.
    pub(super) certificate: Option<certificate::Model>,
    /// Whether nobody takes the place.
    pub(super) is_vacant: bool,
}

/// What is worked out for one category.
struct Category<'a> {
    app: &'a App,
    txn: &'a DatabaseTransaction,
    name: &'a str,
    outcome: Outcome,
    holders: Holders,
    drops: Vec<Change>,
    promotions: Vec<Change>,
    lost: Vec<Lost>,
    gained: Vec<application::Model>,
    obstacles: Vec<Obstacle>,
}

impl Plan {
    /// Works it out, or says everything that stands in the way.
    pub(super) async fn of(
        app: &App,
        txn: &DatabaseTransaction,
        row: &draw::Model,
        earlier: &[Amend],
        drops: &[Dropping],
    ) -> Result<std::result::Result<Self, Vec<Obstacle>>> {
        let pools = store::draws::list_pools(txn, app.city, &row.id).await?;
        let is_unknown = |drop: &&Dropping| pools.iter().all(|it| it.category != drop.category);
        let mut obstacles: Vec<Obstacle> = drops
            .iter()
            .filter(is_unknown)
            .map(|drop| Obstacle::of_place(ObstacleKind::NotInResult, &drop.category, &drop.code))
            .collect();
        let (mut plan, mut promotions) = (Self::default(), Vec::new());
        for pool in &pools {
            let named = drops.iter().filter(|drop| drop.category == pool.category);
            let named: Vec<&Dropping> = named.collect();
            if named.is_empty() {
                continue;
            }
            let mut category = Category::of(app, txn, pool, earlier).await?;
            category.drop_all(&named).await?;
            category.fill().await?;
            plan.changes.append(&mut category.drops);
            plan.lost.append(&mut category.lost);
            plan.gained.append(&mut category.gained);
            promotions.append(&mut category.promotions);
            obstacles.append(&mut category.obstacles);
        }
        plan.changes.append(&mut promotions);
        Ok(if obstacles.is_empty() {
            Ok(plan)
        } else {
            Err(obstacles)
        })
    }
}

impl<'a> Category<'a> {
    /// A category as the amends so far have left it.
    async fn of(
        app: &'a App,
        txn: &'a DatabaseTransaction,
        pool: &'a draw_pool::Model,
        earlier: &[Amend],
    ) -> Result<Self> {
        let mut category = Self {
            app,
            txn,
            name: &pool.category,
            outcome: publication::outcome(txn, app, pool).await?,
            holders: Holders::default(),
            drops: Vec::new(),
            promotions: Vec::new(),
            lost: Vec::new(),
            gained: Vec::new(),
            obstacles: Vec::new(),
        };
        let earlier = earlier.iter().flat_map(|amend| &amend.changes);
        for change in earlier {
            let (Change::Drop { category: of, .. } | Change::Promote { category: of, .. }) = change;
            if of == category.name {
                category.take(change)?;
            }
        }
        Ok(category)
    }

    /// Takes a change that the verifier has to accept.
    fn take(&mut self, change: &Change) -> Result<()> {
        let taken = self.holders.take(&self.outcome, change);
        taken.map_err(|expected| {
            let category = self.name;
            Error::internal(anyhow::anyhow!(
                "an amend of {category} departs from the result, expected {expected}: {change:?}"
            ))
        })
    }

    fn refuse(&mut self, kind: ObstacleKind, code: &str) {
        let obstacle = Obstacle::of_place(kind, self.name, code);
        self.obstacles.push(obstacle);
    }

    /// Drops everybody who is named, in the order of the result.
    async fn drop_all(&mut self, named: &[&Dropping]) -> Result<()> {
        let mut found: Vec<(Place, &Dropping)> = Vec::new();
        for drop in named {
            let mut places = self.outcome.places.iter();
            let place = places.find(|place| place.code.to_string() == drop.code);
            match place.copied() {
                None => self.refuse(ObstacleKind::NotInResult, &drop.code),
                Some(place) if found.iter().any(|it| it.0.rank == place.rank) => {
                    self.refuse(ObstacleKind::NamedTwice, &drop.code);
                }
                Some(place) if self.holders.is_dropped(place.rank) => {
                    self.refuse(ObstacleKind::AlreadyDropped, &drop.code);
                }
                Some(place) => found.push((place, drop)),
            }
        }
        found.sort_by_key(|(place, _)| place.rank);
        for (place, drop) in found {
            self.drop_one(place, drop).await?;
        }
        Ok(())
    }

    async fn drop_one(&mut self, place: Place, drop: &Dropping) -> Result<()> {
        let application = self.application(&drop.code).await?;
        let mut certificate = None;
        if self.holders.holds(&self.outcome, place.rank) {
            let (city, id) = (self.app.city, application.id);
            certificate = store::certificates::find_of_application(self.txn, city, id).await?;
            let today = self.app.today();
            let is_valid = |row| certificates::standing(row, today) == Standing::Valid;
            if !certificate.as_ref().is_some_and(is_valid) {
                self.refuse(ObstacleKind::CertificateEnded, &drop.code);
            }
        }
        let change = Change::Drop {
            category: self.name.to_owned(),
            rank: place.rank,
            code: place.code,
            reason: drop.reason.clone(),
        };
        self.take(&change)?;
        self.drops.push(change);
        self.lost.push(Lost {
            application,
            certificate,
            is_vacant: false,
        });
        Ok(())
    }

    /// Has the next reserves move up as long as places are free. One who cannot is passed over here
    /// alone, so that whoever asks is told of all of them at once.
    async fn fill(&mut self) -> Result<()> {
        while 0 < self.holders.free(&self.outcome) {
            let Some(place) = self.holders.next_reserve(&self.outcome).copied() else {
                break;
            };
            let code = place.code.to_string();
            let application = self.application(&code).await?;
            let (category, rank, code) = (self.name.to_owned(), place.rank, place.code);
            if let Some(kind) = self.find_bar(&application).await? {
                self.refuse(kind, &application.code);
                let reason = String::new();
                self.take(&Change::Drop {
                    category,
                    rank,
                    code,
                    reason,
                })?;
                continue;
            }
            let change = Change::Promote {
                category,
                rank,
                code,
            };
            self.take(&change)?;
            self.promotions.push(change);
            self.gained.push(application);
        }
        // Of the places that are left, the last ones of the result are vacant.
        let holders = self.lost.iter_mut().filter(|it| it.certificate.is_some());
        for lost in holders.skip(self.gained.len()) {
            lost.is_vacant = true;
        }
        Ok(())
    }

    async fn application(&self, code: &str) -> Result<application::Model> {
        let found = store::applications::find_by_code(self.txn, self.app.city, code).await?;
        found.ok_or_else(|| {
            Error::internal(anyhow::anyhow!("the drawn code {code} has no application"))
        })
    }

    /// Why a reserve cannot have a place: what would keep them out of a pool, and an application that
    /// has ended.
    async fn find_bar(&self, row: &application::Model) -> Result<Option<ObstacleKind>> {
        let (app, txn) = (self.app, self.txn);
        let stands = matches!(
            row.status,
            application::Status::Valid | application::Status::New | application::Status::Lapsed
        );
        let bars = certificates::bars(txn, app, row.applicant_id, &row.category).await?;
        let exclusion = if bars.holds_certificate {
            Some(Exclusion::CertificateLive)
        } else if bars.banned_until.is_some() {
            Some(Exclusion::BanActive)
        } else {
            let locked = self.is_locked(row).await?;
            locked.then_some(Exclusion::InAnotherPool)
        };
        let bar = exclusion.map(ObstacleKind::of_reserve);
        Ok(bar.or((!stands).then_some(ObstacleKind::ReserveEnded)))
    }

    /// Whether the person is in the pool of a draw under way, with this application or a later one.
    async fn is_locked(&self, row: &application::Model) -> Result<bool> {
        let (city, txn) = (self.app.city, self.txn);
        let theirs = [row.applicant_id];
        for one in store::applications::list_of_applicants(txn, city, &theirs).await? {
            let locking = store::pools::find_locking_draw(txn, city, &row.category, &one.code);
            if locking.await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
