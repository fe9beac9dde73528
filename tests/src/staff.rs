//! People of the city with accounts of their own.

use entity::session::Role;
use fairplate::{
    config::StaffConfig,
    domain::{actor::Operator, totp},
    service::staff,
};
use serde_json::{Value, json};

use crate::{
    actors::{Anonymous, Asks as _, OfficerActor},
    authenticator::Authenticator,
    city::TestCity,
};

/// Where browsers open the page of a test city.
pub const ORIGIN: &str = "https://draws.linan.example";

/// The password of most of them.
pub const PASSWORD: &str = "seven grey cranes";

/// What is asked of a sign-in.
pub const ENTERED: &str = "__typename
    ... on StaffSignedIn { token deviceToken expiresAt viewer { role name } }
    ... on StaffRoleToChoose { roles }";

/// The settings of a test city: passkeys belong to its page.
#[must_use]
pub fn with_passkeys() -> StaffConfig {
    let settings = json!({ "passkeys": { "origin": ORIGIN } });
    serde_json::from_value(settings).expect("good settings")
}

/// Somebody of the city, with what they sign in with.
pub struct Member<'a> {
    city: &'a TestCity,
    /// The name.
    pub name: String,
    secret: Vec<u8>,
}

impl TestCity {
    /// The operator adds somebody; gives the invitation.
    pub async fn invited(&self, name: &str, roles: &[Role]) -> String {
        let invited = staff::add(&self.app, &Operator, name, roles).await;
        invited.expect("an invitation").invitation
    }

    /// Sets a password with an invitation: the payload.
    pub async fn set_staff_password(&self, name: &str, invitation: &str, password: &str) -> Value {
        let input = json!({ "name": name, "invitation": invitation, "password": password });
        let fields = "__typename ... on StaffPasswordSet { otpauthUri secret }";
        let anybody = Anonymous(self);
        let set = anybody.call("setStaffPassword", input, fields).await;
        set.get("/payload").clone()
    }

    /// Confirms it with a code: what became of it.
    pub async fn confirm_staff_password(&self, name: &str, invitation: &str, code: &str) -> Value {
        let input = json!({ "name": name, "invitation": invitation, "code": code });
        let anybody = Anonymous(self);
        let confirmed = anybody.call("confirmStaffPassword", input, "__typename");
        confirmed.await.get("/payload/__typename").clone()
    }

    /// Somebody of the city who has set up a password, some minutes ago.
    pub async fn member(&self, name: &str, roles: &[Role]) -> Member<'_> {
        let invitation = self.invited(name, roles).await;
        let set = self.set_staff_password(name, &invitation, PASSWORD).await;
        let member = Member {
            city: self,
            name: name.to_owned(),
            secret: from_base32(set["secret"].as_str().expect("a secret")),
        };
        let code = member.code();
        let confirmed = self.confirm_staff_password(name, &invitation, &code);
        assert_eq!(confirmed.await, "StaffPasswordConfirmed");
        self.clock.advance(90);
        member
    }

    /// Whoever speaks through a session of this token.
    #[must_use]
    pub fn through(&self, token: &Value) -> OfficerActor<'_> {
        OfficerActor {
            city: self,
            token: token.as_str().expect("a token").to_owned(),
        }
    }

    /// Registers a passkey with an invitation: what became of it.
    pub async fn register_passkey(
        &self,
        name: &str,
        invitation: &str,
        authenticator: &mut Authenticator,
    ) -> Value {
        let anybody = Anonymous(self);
        let input = json!({ "invited": { "name": name, "invitation": invitation } });
        let fields = "__typename ... on PasskeyRegistrationStarted { request options }";
        let started = anybody
            .call("startPasskeyRegistration", input, fields)
            .await;
        let started = started.get("/payload").clone();
        let Some(options) = started["options"].as_str() else {
            return started["__typename"].clone();
        };
        let credential = authenticator.register(options);
        let input = json!({ "request": started["request"], "credential": credential });
        let registered = anybody.call("finishPasskeyRegistration", input, "__typename");
        registered.await.get("/payload/__typename").clone()
    }

    /// Asks for a sign-in with a passkey: request and options.
    pub async fn ask_passkey(&self, name: &str) -> Value {
        let fields = "__typename ... on PasskeySignInStarted { request options }";
        let anybody = Anonymous(self);
        let asked = anybody.call("startPasskeySignIn", json!({ "name": name }), fields);
        asked.await.get("/payload").clone()
    }

    /// Gives an authenticator's answer to it: the payload.
    pub async fn answer_passkey(&self, asked: &Value, credential: &str, role: Value) -> Value {
        let input = json!({ "request": asked["request"], "credential": credential, "role": role });
        let anybody = Anonymous(self);
        let entered = anybody.call("finishPasskeySignIn", input, ENTERED).await;
        entered.get("/payload").clone()
    }

    /// Signs in with a passkey: the payload.
    pub async fn sign_in_with_passkey(
        &self,
        name: &str,
        authenticator: &mut Authenticator,
    ) -> Value {
        let asked = self.ask_passkey(name).await;
        let credential = authenticator.answer(asked["options"].as_str().expect("options"));
        self.answer_passkey(&asked, &credential, Value::Null).await
    }
}

impl Member<'_> {
    /// The code that their app shows now.
    #[must_use]
    pub fn code(&self) -> String {
        totp::code_at(&self.secret, self.city.app.clock.now().timestamp())
    }

    /// Signs in with this password and code: the payload.
    pub async fn try_with(&self, password: &str, code: &str, role: Value) -> Value {
        try_as(self.city, &self.name, (password, code), role).await
    }

    /// Signs in with what is right: the payload. The next code is a step later.
    pub async fn sign_in(&self, role: Value) -> Value {
        let entered = self.try_with(PASSWORD, &self.code(), role).await;
        self.city.clock.advance(30);
        entered
    }

    /// Signs in with what is right, and is in.
    pub async fn signed_in(&self, role: Value) -> OfficerActor<'_> {
        let entered = self.sign_in(role).await;
        assert_eq!(entered["__typename"], "StaffSignedIn");
        self.city.through(&entered["token"])
    }
}

/// Somebody signs in under a name, with this password and code: the payload.
pub async fn try_as(city: &TestCity, name: &str, typed: (&str, &str), role: Value) -> Value {
    let (password, code) = typed;
    let input = json!({ "name": name, "password": password, "code": code, "role": role });
    let entered = Anonymous(city).call("signInStaff", input, ENTERED).await;
    entered.get("/payload").clone()
}

/// The code that an app with this secret shows now.
#[must_use]
pub fn code_of(city: &TestCity, secret: &str) -> String {
    totp::code_at(&from_base32(secret), city.app.clock.now().timestamp())
}

/// Bytes of a text in base 32 (RFC 4648) without padding.
fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for character in text.bytes() {
        let five = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            other => panic!("{other} in base 32"),
        };
        buffer = (buffer << 5 | u32::from(five)) & 0xffff;
        bits += 5;
        if 8 <= bits {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
        }
    }
    bytes
}
