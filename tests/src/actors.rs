//! Those who speak to the city: over HTTP, and each with nothing but a token of their own.

use entity::{ApplicationId, application};
use fairplate::{
    domain::actor::{AccountHolder, Applicant, Operator},
    service::sessions,
};
use serde_json::{Value, json};

use crate::{
    ceremony::SECOND,
    city::TestCity,
    ids::{Noun, id_of},
    people::Person,
};

/// Somebody who sends requests.
pub trait Asks {
    /// The city they speak to.
    fn city(&self) -> &TestCity;

    /// Their session, if they are signed in.
    fn token(&self) -> Option<&str>;

    /// Sends a document without variables.
    fn ask(&self, document: &str) -> impl Future<Output = Reply> {
        self.ask_with(document, json!({}))
    }

    /// Sends a document with variables.
    fn ask_with(&self, document: &str, variables: Value) -> impl Future<Output = Reply> {
        async move {
            self.city()
                .server()
                .await
                .post(self.token(), document, variables)
                .await
        }
    }

    /// Calls a mutation that takes one input, and asks for these fields of what it gives.
    fn call(&self, mutation: &str, input: Value, fields: &str) -> impl Future<Output = Reply> {
        async move {
            self.ask_with(&document_of(mutation, fields), json!({ "input": input }))
                .await
        }
    }
}

/// A document that calls a mutation and asks for these fields of what it gives.
fn document_of(mutation: &str, fields: &str) -> String {
    let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
    format!(
        "mutation($input: {kind}Input!) {{ payload: {mutation}(input: $input) {{ {fields} }} }}"
    )
}

/// Anybody.
pub struct Anonymous<'a>(pub &'a TestCity);

impl Asks for Anonymous<'_> {
    fn city(&self) -> &TestCity {
        self.0
    }

    fn token(&self) -> Option<&str> {
        None
    }
}

/// Somebody who has signed in to an account.
pub struct AccountActor<'a> {
    pub(crate) city: &'a TestCity,
    /// Who they are.
    pub person: Person,
    /// The proof that they have signed in.
    pub holder: AccountHolder,
    pub(crate) token: String,
}

/// What is asked of the answers of applying.
const APPLIED: &str = "__typename
    ... on ApplicationSubmitted { application { id code maskedCode status period { number } } }
    ... on ApplicationNotEligible { violations { code } }";

impl AccountActor<'_> {
    /// Applies for an individual quota with this form, step by step, up to where it ends: the
    /// payload of the first step that does not lead on, or that of the confirmation.
    pub async fn apply(&self, form: Value) -> Value {
        match self.prepare(form).await {
            Err(end) => end,
            Ok(confirmation) => self
                .call("confirmApplication", confirmation, APPLIED)
                .await
                .get("/payload")
                .clone(),
        }
    }

    /// The same up to the code: the input that confirms.
    pub async fn prepare(&self, form: Value) -> Result<Value, Value> {
        let draft = self.fill_in(form).await?;
        let shown = "__typename ... on ConfirmationRequested { code { request } } \
            ... on FormIncomplete { draft { missingFields violations { code field remedy(locale: EN) } } } \
            ... on CodeDelayed { nextAt }";
        let input = json!({ "draft": draft });
        let asked = self.call("requestConfirmation", input, shown).await;
        let asked = asked.get("/payload").clone();
        let Some(request) = asked.pointer("/code/request") else {
            return Err(asked);
        };
        self.city.deliver().await;
        let code = self.city.code_of(&self.person.phone).expect("a code");
        Ok(json!({ "draft": draft, "code": { "request": request, "code": code } }))
    }

    /// Starts an application, acknowledges the instructions, and fills in the form: the draft's id.
    pub async fn fill_in(&self, form: Value) -> Result<Value, Value> {
        let input = json!({ "category": "individual", "identityType": "local-household" });
        let shown = "__typename ... on ApplicationStarted { draft { id instructions { sha256 } } }";
        let started = self.call("startApplication", input, shown).await;
        let started = started.get("/payload").clone();
        let Some(draft) = started.get("draft") else {
            return Err(started);
        };
        let read = json!({ "draft": draft["id"], "sha256": draft["instructions"]["sha256"] });
        let read = self
            .call("acknowledgeInstructions", read, "__typename")
            .await;
        assert_eq!(read.get("/payload/__typename"), "InstructionsAcknowledged");
        let filled = json!({ "draft": draft["id"], "form": form });
        let saved = self
            .call("saveApplicationForm", filled, "draft { step }")
            .await;
        saved.accepted();
        Ok(draft["id"].clone())
    }
}

impl Asks for AccountActor<'_> {
    fn city(&self) -> &TestCity {
        self.city
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

/// Somebody who has applied.
pub struct Citizen<'a> {
    pub(crate) city: &'a TestCity,
    /// Who they are.
    pub person: Person,
    /// What they were answered when they applied.
    pub application: application::Model,
    pub(crate) token: String,
}

impl Citizen<'_> {
    /// Their application.
    #[must_use]
    pub fn id(&self) -> ApplicationId {
        self.application.id
    }

    /// What the API gives as its id.
    #[must_use]
    pub fn node_id(&self) -> String {
        id_of(Noun::Application, self.id())
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.application.code
    }

    /// The proof that they are themselves.
    #[must_use]
    pub fn applicant(&self) -> Applicant {
        Applicant::new(self.application.applicant_id)
    }

    /// The same person, signed in anew: sessions do not last for months.
    pub async fn signed_in(&self) -> Self {
        let token = sessions::open_for_code(&self.city.app, &Operator, self.code()).await;
        Self {
            city: self.city,
            person: self.person.clone(),
            application: self.application.clone(),
            token: token.expect("a session"),
        }
    }

    /// Asks for fields of their own application.
    pub async fn own(&self, fields: &str) -> Value {
        let id = self.node_id();
        let document = format!("{{ application(id: \"{id}\") {{ {fields} }} }}");
        self.ask(&document).await.get("/application").clone()
    }

    /// Asks for a second look, and gives what became of it.
    pub async fn ask_for_second_look(&self, statement: &str) -> Value {
        let input = json!({ "applicationId": self.node_id(), "statement": statement });
        let fields = "__typename ... on SecondLookRequested { application { status statusText(locale: EN) } } \
            ... on SecondLookTooLate { until } ... on ApplicationNotRefused { application { status } }";
        let reply = self.call("requestSecondLook", input, fields).await;
        reply.get("/payload").clone()
    }

    /// Joins the tier or cancels, and asks for these fields.
    pub async fn call_own(&self, mutation: &str, fields: &str) -> Value {
        let input = json!({ "applicationId": self.node_id() });
        self.call(mutation, input, fields)
            .await
            .get("/payload")
            .clone()
    }
}

impl Asks for Citizen<'_> {
    fn city(&self) -> &TestCity {
        self.city
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

/// Somebody of the city: an officer, a reviewer or an auditor.
pub struct OfficerActor<'a> {
    pub(crate) city: &'a TestCity,
    pub(crate) token: String,
}

/// What no officer can do alone.
pub const TAKES_TWO: [&str; 9] = [
    "freezePeriod",
    "freezeRepresentatives",
    "announceDraw",
    "voidDraw",
    "confirmPolicy",
    "liftBan",
    "amendResult",
    "changeRecordKey",
    "changePolicy",
];

/// What is asked of a proposal.
pub const PROPOSED: &str = "__typename ... on ApprovalRequested { approval { id digest } } \
    ... on ApprovalAlreadyWaiting { approval { id } }";

impl Asks for OfficerActor<'_> {
    fn city(&self) -> &TestCity {
        self.city
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }

    /// Where it takes two officers, a second one approves of what this one proposes, and the answer is
    /// the second one's. A proposal that is refused is the answer itself.
    async fn call(&self, mutation: &str, input: Value, fields: &str) -> Reply {
        if !TAKES_TWO.contains(&mutation) {
            return self.call_alone(mutation, input, fields).await;
        }
        let proposed = self.call_alone(mutation, input, PROPOSED).await;
        let requested = proposed.body().pointer("/data/payload").cloned();
        match requested {
            Some(payload) if payload["__typename"] == "ApprovalRequested" => {
                let second = self.city.officer_named(SECOND).await;
                second.approve(&payload["approval"], fields).await
            }
            _ => proposed,
        }
    }
}

impl OfficerActor<'_> {
    /// Calls a mutation, and lets nobody approve of it.
    pub async fn call_alone(&self, mutation: &str, input: Value, fields: &str) -> Reply {
        self.ask_with(&document_of(mutation, fields), json!({ "input": input }))
            .await
    }

    /// Approves of a proposal by its id and digest, and asks for these fields of what was done.
    pub async fn approve(&self, approval: &Value, fields: &str) -> Reply {
        let input = json!({ "id": approval["id"], "digest": approval["digest"] });
        let fields = format!("... on ApprovalCarriedOut {{ {fields} }}");
        self.call_alone("approve", input, &fields).await
    }
}

/// What the city answered.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    body: Value,
}

impl Reply {
    /// Refuses an answer in which an error has no code.
    #[must_use]
    pub fn new(status: u16, body: Value) -> Self {
        let reply = Self { status, body };
        for error in reply.errors() {
            assert!(
                error.pointer("/extensions/code").is_some(),
                "an error without a code: {error}"
            );
        }
        reply
    }

    /// The whole answer.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// What was asked for; nothing may be refused.
    #[must_use]
    pub fn answer(&self) -> &Value {
        self.accepted();
        &self.body["data"]
    }

    /// Fails unless everything that was asked for was done.
    pub fn accepted(&self) {
        assert!(
            self.errors().is_empty(),
            "expected no error, found {}",
            self.body
        );
    }

    /// A value inside of it, by its JSON pointer.
    #[must_use]
    pub fn get(&self, pointer: &str) -> &Value {
        self.answer()
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in {}", self.body))
    }

    /// Code and sentence of the one refusal.
    #[must_use]
    pub fn refusal(&self) -> String {
        match self.errors() {
            [only] => {
                let code = only["extensions"]["code"].as_str().expect("a code");
                format!("{code}: {}", only["message"].as_str().expect("a sentence"))
            }
            _ => panic!("expected one refusal, found {}", self.body),
        }
    }

    /// Codes of all refusals.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        self.errors()
            .iter()
            .filter_map(|error| error["extensions"]["code"].as_str())
            .collect()
    }

    fn errors(&self) -> &[Value] {
        self.body["errors"].as_array().map_or(&[], Vec::as_slice)
    }
}
