//! A neighbouring city in the same database, with the same period number. Nothing of it may ever
//! show.

use entity::{
    ApplicantId, ApplicationId, CityId, applicant, application, city, participation, period,
};
use fairplate::{App, domain::code::ApplicationCode};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use crate::city::moment;

/// The neighbouring city.
pub const NEIGHBOUR: CityId = CityId(440_300);

/// The one person there.
const PERSON: ApplicantId = ApplicantId(Uuid::from_u128(u128::MAX - 7));

/// Code of that person's waiting application; a valid one, in no pool of ours.
#[must_use]
pub fn neighbours_code() -> String {
    ApplicationCode::from_number(48_610_655_696).to_string()
}

/// Settles the neighbour: a period, and one person with two applications and a long history.
pub(crate) async fn settle(app: &App) {
    let (db, now) = (&app.db, app.clock.now());
    let row = city::Model {
        id: NEIGHBOUR,
        key: "neighbour".to_owned(),
        origin: "neighbour.example/draws".to_owned(),
        created_at: now,
        policy_digest: None,
    };
    row.into_active_model()
        .insert(db)
        .await
        .expect("a neighbour");
    let opened = opened_period(app).into_active_model().insert(db).await;
    opened.expect("its period");
    let row = applicant::Model {
        city_id: NEIGHBOUR,
        id: PERSON,
        id_number_index: vec![2; 32],
        phone_index: vec![3; 32],
        sealed: vec![4; 32],
        registered_at: now,
    };
    row.into_active_model()
        .insert(db)
        .await
        .expect("its applicant");
    for row in [waiting(app), cancelled(app)] {
        row.into_active_model()
            .insert(db)
            .await
            .expect("its application");
    }
    for number in ["201509", "201510", "202605"] {
        let row = participation::Model {
            city_id: NEIGHBOUR,
            applicant_id: PERSON,
            period_number: number.to_owned(),
            kind: participation::Kind::Participated,
            published_on: moment("2015-09-26T00:00:00Z").date_naive(),
        };
        row.into_active_model()
            .insert(db)
            .await
            .expect("its ledger");
    }
}

fn opened_period(app: &App) -> period::Model {
    let today = app.today();
    period::Model {
        city_id: NEIGHBOUR,
        number: "202606".to_owned(),
        kind: period::Kind::Normal,
        phase: period::Phase::Open,
        epoch: 0,
        policy_digest: vec![1; 32],
        applies_from: today,
        applies_until: today,
        review_publish_on: today,
        draw_on: today,
        published_on: None,
        representatives_on: None,
    }
}

fn waiting(app: &App) -> application::Model {
    application::Model {
        city_id: NEIGHBOUR,
        id: ApplicationId(Uuid::from_u128(9)),
        applicant_id: PERSON,
        category: "individual".to_owned(),
        code: neighbours_code(),
        status: application::Status::New,
        identity_type: "local-household".to_owned(),
        period_number: "202606".to_owned(),
        licence_classes: "C1".to_owned(),
        sealed: vec![5; 16],
        submitted_at: app.clock.now(),
        tier_joined_at: None,
        valid_until: None,
        renewed_at: None,
        reminded_days_before: None,
    }
}

fn cancelled(app: &App) -> application::Model {
    application::Model {
        id: ApplicationId(Uuid::from_u128(u128::MAX)),
        code: "9999999999999".to_owned(),
        status: application::Status::Cancelled,
        ..waiting(app)
    }
}
