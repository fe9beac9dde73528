//! What happens at reviewers' desks.

use entity::review;
use fairplate::{
    app::ID_NUMBER,
    domain::{actor::Operator, span::Span},
    service::{
        accounts,
        applications::{self, Form, Submitted},
        reviews::{self, Verdict},
        sessions,
    },
    store,
};
use serde_json::{Value, json};

use crate::{
    actors::{Asks, Citizen, OfficerActor},
    city::TestCity,
    people::{Person, person},
    stages::officer,
};

impl TestCity {
    /// A reviewer of this name who is signed in.
    pub async fn reviewer(&self, name: &str) -> OfficerActor<'_> {
        let token = sessions::open_for_reviewer(&self.app, &Operator, name).await;
        OfficerActor {
            city: self,
            token: token.expect("a session"),
        }
    }

    /// An approver of this name who is signed in.
    pub async fn approver(&self, name: &str) -> OfficerActor<'_> {
        let token = sessions::open_for_approver(&self.app, &Operator, name).await;
        OfficerActor {
            city: self,
            token: token.expect("a session"),
        }
    }

    /// An auditor of this name who is signed in.
    pub async fn auditor(&self, name: &str) -> OfficerActor<'_> {
        let token = sessions::open_for_auditor(&self.app, &Operator, name).await;
        OfficerActor {
            city: self,
            token: token.expect("a session"),
        }
    }

    /// Somebody applies with this form in place of their own.
    pub async fn apply_with(&self, person: &Person, form: &Form) -> Citizen<'_> {
        let signed_in = accounts::open_for_phone(&self.app, &Operator, &person.phone).await;
        let signed_in = signed_in.expect("an account");
        let submitted = applications::submit(&self.app, &signed_in.holder, form).await;
        let Submitted::Accepted(application) = submitted.expect("an answer") else {
            panic!("expected an application");
        };
        Citizen {
            city: self,
            person: person.clone(),
            application: *application,
            token: signed_in.token,
        }
    }

    /// Two people apply who were born on the same day and give the same e-mail address: each pair of
    /// them is flagged.
    pub async fn apply_twins(&self, one: u32, other: u32) -> [Citizen<'_>; 2] {
        let (one, other) = (person(one), person(other).born_with(&person(one)));
        let email = Some(format!("{}@mail.example", one.phone));
        let form = |person: &Person| Form {
            email: email.clone(),
            ..person.form()
        };
        [
            self.apply_with(&one, &form(&one)).await,
            self.apply_with(&other, &form(&other)).await,
        ]
    }

    /// The officer of most stories refuses somebody: they own a car.
    pub async fn refuse(&self, citizen: &Citizen<'_>) {
        let verdict = Verdict::Refuse(vec!["OWNS_LOCAL_CAR".to_owned()]);
        let desk = officer().reviewer();
        reviews::decide(&self.app, &desk, citizen.code(), &verdict, None)
            .await
            .expect("refused");
    }

    /// The code of the bystander whom stories leave to be decided on.
    pub async fn bystander_code(&self) -> String {
        let index = self
            .app
            .data_key
            .blind_index(ID_NUMBER, &person(901).id_number);
        let (db, city) = (&self.app.db, self.app.city);
        let found = store::applicants::find_by_id_number(db, city, &index).await;
        let known = found.expect("an answer").expect("the bystander");
        let theirs = store::applications::list_of_applicant(db, city, known.id).await;
        theirs.expect("applications").remove(0).code
    }

    /// Who did this to that subject, oldest first.
    pub async fn trail_of(&self, subject: &str, action: &str) -> Vec<String> {
        let (db, city) = (&self.app.db, self.app.city);
        let rows = store::trail::list(db, city, Some(subject), Span::first(1_000)).await;
        let mut rows = rows.expect("a trail");
        rows.retain(|row| row.action == action);
        rows.into_iter().rev().map(|row| row.actor).collect()
    }

    /// All decisions on somebody, oldest first.
    pub async fn reviews(&self, citizen: &Citizen<'_>) -> Vec<review::Model> {
        let found = store::reviews::list(&self.app.db, self.app.city, citizen.id()).await;
        found.expect("decisions")
    }
}

impl OfficerActor<'_> {
    /// Approves somebody, or refuses them because they own a car; gives what became of it.
    pub async fn decide(&self, code: &str, approves: bool) -> Value {
        let input = if approves {
            json!({ "code": code, "decision": "APPROVED" })
        } else {
            json!({ "code": code, "decision": "REFUSED", "reasons": ["OWNS_LOCAL_CAR"] })
        };
        let fields = "__typename ... on ApplicationReviewed { application { status } } \
            ... on ApplicationClaimedByAnother { claim { reviewer } }";
        let reply = self.call("reviewApplication", input, fields).await;
        reply.get("/payload").clone()
    }

    /// Claims, releases or wants to see the form of an application; gives what became of it.
    pub async fn at_desk(&self, mutation: &str, code: &str, fields: &str) -> Value {
        let fields = format!("__typename {fields}");
        let reply = self.call(mutation, json!({ "code": code }), &fields).await;
        reply.get("/payload").clone()
    }
}
