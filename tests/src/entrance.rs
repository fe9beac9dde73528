//! Registering, signing in, and reading codes: what a client does before anything else.

use serde_json::{Value, json};

use crate::{
    actors::{Anonymous, Asks as _, Reply},
    city::TestCity,
    people::Person,
};

/// The password of most accounts.
pub const PASSWORD: &str = "seven grey herons";

const SIGNED_IN: &str = "__typename ... on SignedIn { token deviceToken }";

impl TestCity {
    /// Has a code sent that anybody may ask for, and reads it on the phone: what mutations take.
    pub async fn code_for(&self, phone: &str, purpose: &str) -> Value {
        let input = json!({ "phone": phone, "purpose": purpose });
        let anybody = Anonymous(self);
        let asked = anybody.call("requestCode", input, "... on CodeSent { request }");
        let request = asked.await.get("/payload/request").clone();
        self.deliver().await;
        json!({ "request": request, "code": self.code_of(phone).expect("a code") })
    }

    /// Somebody registers their phone with a password: the payload.
    pub async fn register(&self, person: &Person) -> Value {
        let code = self.code_for(&person.phone, "REGISTER").await;
        let input =
            json!({ "code": code, "password": PASSWORD, "device": { "label": "红米手机" } });
        let registered = Anonymous(self).call("register", input, SIGNED_IN).await;
        registered.get("/payload").clone()
    }

    /// Somebody signs in with a password, from a device: the payload.
    pub async fn sign_in(&self, phone: &str, password: &str, device: Value) -> Value {
        let input = json!({ "phone": phone, "password": password, "device": device });
        let entered = Anonymous(self).call("signIn", input, SIGNED_IN).await;
        entered.get("/payload").clone()
    }

    /// What whoever has signed in is answered about themselves.
    pub async fn me(&self, signed_in: &Value, fields: &str) -> Reply {
        let document = format!("{{ me {{ {fields} }} }}");
        let token = signed_in["token"].as_str();
        self.server().await.post(token, &document, json!({})).await
    }
}
