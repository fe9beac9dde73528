//! What is said over a WebSocket, and in which order: the protocol `graphql-transport-ws`
//! (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>, read 2026-11-28).
//!
//! Messages in, acts out; whoever carries them out has the connection and the time.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::super::query::{self, Asked};

/// The protocol's name.
pub(super) const NAME: &str = "graphql-transport-ws";

/// Longest message, bytes; as long as a body.
pub(super) const MESSAGE_MAX: usize = super::super::refusal::BODY_MAX;

/// Subscriptions of one connection at a time.
pub(super) const OPERATIONS_MAX: usize = 10;

/// Longest name of an operation, bytes; clients use UUIDs.
const ID_MAX: usize = 64;

/// Messages that a client may send between two beats of the connection.
const MESSAGES_MAX: u32 = 300;

/// Why a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closing {
    /// The close code.
    pub(super) code: u16,
    /// The reason for people, at most 123 bytes.
    pub(super) reason: String,
}

impl Closing {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { code, reason }
    }

    /// The client spoke no message of the protocol.
    pub(super) fn bad(reason: &str) -> Self {
        Self::new(4400, reason)
    }
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Act {
    /// Find out whose token this is, then [`Conversation::acknowledge`].
    Identify(Option<String>),
    /// Send a message.
    Say(String),
    /// Follow a subscription.
    Start {
        /// The client's name for it.
        id: String,
        /// What is asked.
        asked: Box<Asked>,
    },
    /// Follow it no longer.
    Stop(String),
    /// Close the connection.
    Close(Closing),
}

/// How far a conversation has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opened,
    Initialised,
    Acknowledged,
}

/// One connection's conversation.
pub(super) struct Conversation {
    stage: Stage,
    running: HashSet<String>,
    heard: u32,
}

impl Conversation {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Opened,
            running: HashSet::new(),
            heard: 0,
        }
    }

    /// Whether the client has asked to be let in.
    pub(super) fn is_initialised(&self) -> bool {
        self.stage != Stage::Opened
    }

    /// What a message calls for, if anything.
    pub(super) fn hear(&mut self, text: &str) -> Option<Act> {
        self.heard += 1;
        if MESSAGES_MAX < self.heard {
            return Some(Act::Close(Closing::new(4429, "Too many messages")));
        }
        self.answer(text)
            .unwrap_or_else(|closing| Some(Act::Close(closing)))
    }

    fn answer(&mut self, text: &str) -> Result<Option<Act>, Closing> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Closing::bad("Expected a JSON object"));
        };
        let kind = match message.get("type") {
            Some(Value::String(kind)) => kind.clone(),
            _ => return Err(Closing::bad("Expected a message with a type")),
        };
        match kind.as_str() {
            "connection_init" => self.init(message.remove("payload")).map(Some),
            "ping" => Ok(Some(Act::Say(json!({ "type": "pong" }).to_string()))),
            "pong" => Ok(None),
            "subscribe" => self.subscribe(message).map(Some),
            "complete" => {
                let id = id(&message)?;
                Ok(self.running.remove(&id).then_some(Act::Stop(id)))
            }
            _ => Err(Closing::bad("Expected a message of graphql-transport-ws")),
        }
    }

    fn init(&mut self, payload: Option<Value>) -> Result<Act, Closing> {
        if self.stage != Stage::Opened {
            return Err(Closing::new(4429, "Too many initialisation requests"));
        }
        self.stage = Stage::Initialised;
        let mut payload = match payload {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(payload)) => payload,
            Some(_) => return Err(Closing::bad("Expected an object as payload")),
        };
        let given = payload
            .remove("authorization")
            .or_else(|| payload.remove("Authorization"));
        match given {
            None | Some(Value::Null) => Ok(Act::Identify(None)),
            Some(Value::String(text)) => Ok(Act::Identify(Some(text))),
            Some(_) => Err(Closing::bad("Expected a text as authorization")),
        }
    }

    fn subscribe(&mut self, mut message: Map<String, Value>) -> Result<Act, Closing> {
        if self.stage != Stage::Acknowledged {
            return Err(Closing::new(4401, "Unauthorized"));
        }
        let id = id(&message)?;
        let Some(Value::Object(payload)) = message.remove("payload") else {
            return Err(Closing::bad("Expected a payload with a query"));
        };
        let asked =
            query::from_fields(payload).map_err(|refusal| Closing::bad(refusal.sentence()))?;
        if self.running.contains(&id) {
            let reason = format!("Subscriber for {id} already exists");
            return Err(Closing::new(4409, reason));
        }
        if OPERATIONS_MAX <= self.running.len() {
            return Ok(Act::Say(error(&id, &too_many())));
        }
        self.running.insert(id.clone());
        let asked = Box::new(asked);
        Ok(Act::Start { id, asked })
    }

    /// Lets the client in: what to say.
    pub(super) fn acknowledge(&mut self) -> String {
        self.stage = Stage::Acknowledged;
        json!({ "type": "connection_ack" }).to_string()
    }

    /// A subscription has come to its end.
    pub(super) fn end(&mut self, id: &str) {
        self.running.remove(id);
    }

    /// A beat of the connection has passed.
    pub(super) fn beat(&mut self) {
        self.heard = 0;
    }
}

fn id(message: &Map<String, Value>) -> Result<String, Closing> {
    match message.get("id") {
        Some(Value::String(id)) if (1..=ID_MAX).contains(&id.len()) => Ok(id.clone()),
        _ => Err(Closing::bad("Expected an id of 1 to 64 bytes")),
    }
}

fn too_many() -> String {
    let error = crate::graphql::error::DocumentCode::TooCostly.error(format!(
        "expected at most {OPERATIONS_MAX} subscriptions on a connection; end one first, or open \
         another connection"
    ));
    json!([error]).to_string()
}

/// The message that carries an event; `payload` is JSON.
pub(super) fn next(id: &str, payload: &str) -> String {
    format!(
        r#"{{"type":"next","id":{},"payload":{payload}}}"#,
        Value::from(id)
    )
}

/// The message that a subscription failed; `errors` is JSON.
pub(super) fn error(id: &str, errors: &str) -> String {
    format!(
        r#"{{"type":"error","id":{},"payload":{errors}}}"#,
        Value::from(id)
    )
}

/// The message that nothing more comes.
pub(super) fn complete(id: &str) -> String {
    json!({ "type": "complete", "id": id }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn let_in() -> Conversation {
        let mut conversation = Conversation::new();
        let act = conversation.hear(r#"{"type":"connection_init"}"#);
        assert!(matches!(act, Some(Act::Identify(None))));
        conversation.acknowledge();
        conversation
    }

    fn subscribe(id: &str) -> String {
        let payload = json!({ "query": "subscription { a }", "operationName": null });
        json!({ "id": id, "type": "subscribe", "payload": payload }).to_string()
    }

    fn closed(act: Option<Act>) -> u16 {
        match act {
            Some(Act::Close(closing)) => {
                assert!(closing.reason.len() <= 123, "{}", closing.reason);
                closing.code
            }
            other => panic!("expected a closing, found {other:?}"),
        }
    }

    #[test]
    fn a_token_comes_with_the_first_message_and_only_once() {
        for (payload, token) in [
            (json!(null), None),
            (json!({}), None),
            (json!({ "authorization": "Bearer x" }), Some("Bearer x")),
            (json!({ "Authorization": "Bearer x" }), Some("Bearer x")),
        ] {
            let message = json!({ "type": "connection_init", "payload": payload }).to_string();
            let mut conversation = Conversation::new();
            assert!(!conversation.is_initialised());
            let Some(Act::Identify(found)) = conversation.hear(&message) else {
                panic!("{payload}")
            };
            assert_eq!(found.as_deref(), token);
            assert!(conversation.is_initialised());
            assert_eq!(closed(conversation.hear(&message)), 4429);
        }
    }

    #[test]
    fn nobody_subscribes_before_they_are_let_in() {
        let mut conversation = Conversation::new();
        assert_eq!(closed(conversation.hear(&subscribe("1"))), 4401);
        let mut conversation = Conversation::new();
        conversation.hear(r#"{"type":"connection_init"}"#);
        assert_eq!(closed(conversation.hear(&subscribe("1"))), 4401);
    }

    #[test]
    fn an_id_names_one_subscription_at_a_time() {
        let mut conversation = let_in();
        let started = conversation.hear(&subscribe("1"));
        assert!(matches!(started, Some(Act::Start { id, .. }) if id == "1"));
        assert_eq!(closed(conversation.hear(&subscribe("1"))), 4409);

        let mut conversation = let_in();
        conversation.hear(&subscribe("1"));
        let complete = r#"{"type":"complete","id":"1"}"#;
        assert!(matches!(conversation.hear(complete), Some(Act::Stop(id)) if id == "1"));
        assert!(
            conversation.hear(complete).is_none(),
            "it has ended already"
        );
        assert!(matches!(
            conversation.hear(&subscribe("1")),
            Some(Act::Start { .. })
        ));
        conversation.end("1");
        assert!(matches!(
            conversation.hear(&subscribe("1")),
            Some(Act::Start { .. })
        ));
    }

    #[test]
    fn a_connection_carries_ten_subscriptions() {
        let mut conversation = let_in();
        for number in 0..OPERATIONS_MAX {
            let act = conversation.hear(&subscribe(&number.to_string()));
            assert!(matches!(act, Some(Act::Start { .. })));
        }
        let Some(Act::Say(text)) = conversation.hear(&subscribe("more")) else {
            panic!("a refusal")
        };
        let said: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            (&said["type"], &said["id"]),
            (&json!("error"), &json!("more"))
        );
        assert_eq!(
            said["payload"][0]["extensions"]["code"],
            "DOCUMENT_TOO_COSTLY"
        );
    }

    #[test]
    fn a_ping_is_answered_at_any_time_and_a_pong_is_not() {
        let mut conversation = Conversation::new();
        let Some(Act::Say(pong)) = conversation.hear(r#"{"type":"ping","payload":{}}"#) else {
            panic!("a pong")
        };
        assert_eq!(pong, r#"{"type":"pong"}"#);
        assert!(conversation.hear(r#"{"type":"pong"}"#).is_none());
    }

    #[test]
    fn what_is_no_message_of_the_protocol_ends_the_conversation() {
        for message in [
            "",
            "7",
            "[]",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":""}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":"{}"}}"#,
        ] {
            assert_eq!(closed(let_in().hear(message)), 4400, "{message}");
        }
        for payload in ["7", "[]", r#"{"authorization":7}"#] {
            let message = format!(r#"{{"type":"connection_init","payload":{payload}}}"#);
            assert_eq!(
                closed(Conversation::new().hear(&message)),
                4400,
                "{payload}"
            );
        }
        let long = "x".repeat(ID_MAX + 1);
        assert_eq!(closed(let_in().hear(&subscribe(&long))), 4400);
    }

    #[test]
    fn a_flood_of_messages_ends_the_conversation_and_a_steady_stream_does_not() {
        let mut conversation = let_in();
        for _ in 0..3 {
            for _ in 1..MESSAGES_MAX {
                assert!(conversation.hear(r#"{"type":"pong"}"#).is_none());
            }
            conversation.beat();
        }
        for _ in 0..MESSAGES_MAX {
            conversation.hear(r#"{"type":"pong"}"#);
        }
        assert_eq!(closed(conversation.hear(r#"{"type":"pong"}"#)), 4429);
    }

    #[test]
    fn messages_to_the_client_are_json_whatever_its_ids_are() {
        let id = "a\"b\\";
        for text in [next(id, "{}"), error(id, "[]"), complete(id)] {
            let message: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(message["id"], id);
        }
    }
}
