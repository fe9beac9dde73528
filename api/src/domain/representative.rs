//! Where somebody stands who was drawn to attend a draw (申请人代表), and who is called next.

use std::fmt;

use ::entity::representative::{Model, State};
use chrono::{DateTime, Utc};

/// The name under which a representative is invited and contributes: the draw that picked them and
/// their place in it, `202606R/3`. Anybody finds it again in that draw's result file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepresentativeName {
    /// The draw of representatives.
    pub draw: String,
    /// The place, from 1.
    pub rank: i64,
}

impl RepresentativeName {
    /// The name of a row.
    #[must_use]
    pub fn of(row: &Model) -> Self {
        Self {
            draw: row.draw_id.clone(),
            rank: row.place_rank,
        }
    }

    /// Reads the one spelling of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (draw, rank) = text.rsplit_once('/')?;
        let name = Self {
            draw: draw.to_owned(),
            rank: rank.parse().ok()?,
        };
        (name.to_string() == text).then_some(name)
    }
}

impl fmt::Display for RepresentativeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.draw, self.rank)
    }
}

/// Where somebody stands at a moment: an invitation runs out whether or not anybody has written it
/// down yet.
#[must_use]
pub fn state_at(row: &Model, now: DateTime<Utc>) -> State {
    match (row.state, row.answer_by) {
        (State::Invited, Some(answer_by)) if answer_by < now => State::Expired,
        (state, _) => state,
    }
}

/// How a state is called in sentences and in the API.
#[must_use]
pub fn state_name(state: State) -> &'static str {
    match state {
        State::Selected => "SELECTED",
        State::Invited => "INVITED",
        State::Accepted => "ACCEPTED",
        State::Declined => "DECLINED",
        State::Expired => "EXPIRED",
        State::Withdrawn => "WITHDRAWN",
        State::Attended => "ATTENDED",
        State::Absent => "ABSENT",
    }
}

/// How many of the reserves are to be called, of those drawn for one period, so that as many as
/// the quota are invited or have said that they come.
#[must_use]
pub fn count_vacancies(rows: &[Model], quota: usize) -> usize {
    let holds_place = |row: &&Model| {
        matches!(
            row.state,
            State::Invited | State::Accepted | State::Attended | State::Absent
        )
    };
    quota.saturating_sub(rows.iter().filter(holds_place).count())
}

#[cfg(test)]
mod tests {
    use ::entity::{ApplicantId, CityId};

    use super::*;

    fn row(rank: i64, state: State) -> Model {
        Model {
            city_id: CityId(330_100),
            draw_id: "202606R".to_owned(),
            place_rank: rank,
            period_number: "202606".to_owned(),
            code: format!("{rank:013}"),
            applicant_id: ApplicantId(uuid::Uuid::from_u128(1)),
            state,
            invited_at: None,
            answer_by: DateTime::from_timestamp(1_000, 0),
            answered_at: None,
            sealed_for: None,
            commitment: None,
        }
    }

    #[test]
    fn a_name_has_one_spelling() {
        let name = RepresentativeName::of(&row(3, State::Invited));
        assert_eq!(name.to_string(), "202606R/3");
        assert_eq!(RepresentativeName::parse("202606R/3"), Some(name));
        for wrong in ["202606R", "202606R/03", "202606R/+3", "202606R/", "3"] {
            assert_eq!(RepresentativeName::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_invitation_runs_out_after_its_last_second_and_an_answer_does_not() {
        let at = |secs| DateTime::from_timestamp(secs, 0).expect("a moment");
        let invited = row(1, State::Invited);
        assert_eq!(state_at(&invited, at(1_000)), State::Invited);
        assert_eq!(state_at(&invited, at(1_001)), State::Expired);
        assert_eq!(
            state_at(&row(1, State::Accepted), at(1_001)),
            State::Accepted
        );
    }

    #[test]
    fn who_declines_or_does_not_answer_leaves_a_vacancy_and_who_stayed_away_does_not() {
        let rows = [
            row(1, State::Accepted),
            row(2, State::Declined),
            row(3, State::Expired),
            row(4, State::Withdrawn),
            row(5, State::Absent),
            row(6, State::Attended),
            row(7, State::Invited),
            row(8, State::Selected),
        ];
        assert_eq!(count_vacancies(&rows, 6), 2);
        assert_eq!(count_vacancies(&rows, 4), 0);
        assert_eq!(count_vacancies(&rows, 2), 0);
    }
}
