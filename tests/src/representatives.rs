//! Representatives, drawn and called. All of it through the city's own use cases.

use entity::representative;
use fairplate::{
    domain::representative::RepresentativeName,
    service::representatives::{self, Answer, Answered},
    store,
};
use verifier::{record::commitment, text::Digest};

use crate::{
    actors::Citizen,
    ceremony::{self, Reveals, Terms},
    city::{TestCity, moment},
    ids::{Noun, id_of},
    stages::{MARGIN_SECS, PERIOD, Places, officer},
};

/// The draw of the representatives of most stories.
pub const REPRESENTATIVES: &str = "202606R";

/// When that draw is announced.
pub const ANNOUNCE_AT: &str = "2026-06-27T01:10:00Z";

/// Until when contributions to it may come.
pub const CLOSES_AT: &str = "2026-06-27T03:00:00Z";

/// When it is closed.
pub const CLOSE_AT: &str = "2026-06-27T03:00:30Z";

/// When it is finished, and the first invitations go out.
pub const FINISH_AT: &str = "2026-06-27T03:05:00Z";

/// Until when these can be answered: twelve hours later.
pub const ANSWER_BY: &str = "2026-06-27T15:05:00Z";

/// When the period's own pool is frozen in stories with representatives.
pub const FREEZE_AT: &str = "2026-06-28T01:00:00Z";

/// Terms without contributions; everybody in this city trusts the beacon for this.
#[must_use]
pub fn terms() -> Terms {
    Terms {
        sealed: Vec::new(),
        open: Vec::new(),
        window_secs: 3_600,
        margin_secs: MARGIN_SECS,
        closes_at: moment(CLOSES_AT),
        chain: None,
        round: None,
    }
}

/// A representative's secret, and the commitment to it for a draw.
#[must_use]
pub fn sealing(name: &str, draw: &str) -> ([u8; 32], Digest) {
    let secret = Digest::of(name.as_bytes()).0;
    let sealed = commitment(crate::keys::ORIGIN, draw, name, &secret);
    (secret, sealed)
}

/// Somebody who was drawn.
pub struct Drawn<'a> {
    /// Who they are.
    pub citizen: Citizen<'a>,
    /// The name under which they are invited.
    pub name: String,
}

impl TestCity {
    /// A period whose representatives are drawn, and the people in the order of the result.
    pub async fn represented(&self, people: u32, places: Places) -> Vec<Drawn<'_>> {
        let citizens = self.reviewed(people, places).await;
        ceremony::freeze_representatives(&self.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        self.draw_representatives(REPRESENTATIVES).await;
        self.drawn_of(citizens).await
    }

    /// Those of these people who were drawn, in the order of the result.
    pub async fn drawn_of<'a>(&self, citizens: Vec<Citizen<'a>>) -> Vec<Drawn<'a>> {
        let rows = self.representatives().await;
        let mut drawn: Vec<_> = citizens
            .into_iter()
            .filter_map(|citizen| {
                let row = rows.iter().find(|row| row.code == citizen.code())?;
                let name = RepresentativeName::of(row).to_string();
                Some((row.place_rank, Drawn { citizen, name }))
            })
            .collect();
        drawn.sort_by_key(|(rank, _)| *rank);
        drawn.into_iter().map(|(_, drawn)| drawn).collect()
    }

    /// Leads a frozen draw of representatives to its result.
    pub async fn draw_representatives(&self, id: &str) {
        self.at(ANNOUNCE_AT);
        ceremony::announce(&self.app, &officer(), id, terms())
            .await
            .expect("announced");
        self.at(CLOSE_AT);
        ceremony::close(&self.app, &officer(), id, Reveals::default())
            .await
            .expect("closed");
        self.at(FINISH_AT);
        ceremony::finish(&self.app, &officer(), id)
            .await
            .expect("finished");
    }

    /// Everybody who was drawn, as the database has them.
    pub async fn representatives(&self) -> Vec<representative::Model> {
        store::representatives::list_of_period(&self.app.db, self.app.city, PERIOD)
            .await
            .expect("representatives")
    }

    /// Where everybody stands who was drawn, as the database has it.
    pub async fn states(&self) -> Vec<representative::State> {
        let rows = self.representatives().await;
        rows.iter().map(|row| row.state).collect()
    }
}

impl Drawn<'_> {
    /// What the API gives as the id of their invitation.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(Noun::Invitation, &self.name)
    }

    /// Says that they come.
    pub async fn accept(&self) {
        let (app, applicant) = (&self.citizen.city.app, self.citizen.applicant());
        let answered = representatives::respond(app, &applicant, &self.name, Answer::Accept).await;
        assert!(
            matches!(answered, Ok(Answered::Recorded(_))),
            "{answered:?}"
        );
    }

    /// Hands in a commitment for a draw; gives the secret.
    pub async fn seal(&self, draw: &str) -> [u8; 32] {
        let (secret, sealed) = sealing(&self.name, draw);
        let (app, applicant) = (&self.citizen.city.app, self.citizen.applicant());
        representatives::seal(app, &applicant, &self.name, draw, sealed)
            .await
            .expect("sealed");
        secret
    }
}
