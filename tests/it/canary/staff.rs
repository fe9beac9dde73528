//! Staff who set up how they sign in, and do so well and badly.

use entity::session::Role;
use fairplate_tests::{
    TestCity,
    authenticator::Authenticator,
    staff::{code_of, try_as},
};
use serde_json::{Value, json};

use super::Secrets;

/// Everything that is done with invitations, passwords, authenticator codes and passkeys. Gives what
/// was answered.
pub(super) async fn live_through_it(city: &TestCity, secrets: &mut Secrets) -> Vec<String> {
    let mut spoken = Vec::new();
    let invitation = city.invited("finch", &[Role::Officer]).await;
    secrets.tokens.push(invitation.clone());
    let password = secrets.type_in("twelve canaries on the staff");
    let password = password.as_str().expect("a password");
    let set = city
        .set_staff_password("finch", &invitation, password)
        .await;
    let secret = set["secret"].as_str().expect("a secret").to_owned();
    secrets.tokens.push(secret.clone());
    let wrong = secrets.type_in("thirteen canaries on the staff");
    for code in ["000000", &code_of(city, &secret)] {
        let confirmed = city.confirm_staff_password("finch", &invitation, code);
        spoken.push(confirmed.await.to_string());
    }
    city.clock.advance(60);
    for password in [wrong.as_str().expect("a password"), password] {
        let code = code_of(city, &secret);
        let entered = try_as(city, "finch", (password, &code), Value::Null).await;
        spoken.push(entered["__typename"].to_string());
        secrets.keep_tokens(&entered);
    }
    let mut authenticator = Authenticator::new(53);
    let invitation = city.invited("wren", &[Role::Approver]).await;
    secrets.tokens.push(invitation.clone());
    for invitation in ["none", &invitation] {
        let became = city.register_passkey("wren", invitation, &mut authenticator);
        spoken.push(became.await.to_string());
    }
    let entered = city.sign_in_with_passkey("wren", &mut authenticator).await;
    secrets.keep_tokens(&entered);
    let copied = city
        .sign_in_with_passkey("wren", &mut Authenticator::new(53))
        .await;
    spoken.push(copied["__typename"].to_string());
    let inside = city.through(&entered["token"]);
    let out = json!({ "sessions": "THIS" });
    spoken.push(
        inside
            .call_alone("signOut", out, "count")
            .await
            .body()
            .to_string(),
    );
    spoken
}
