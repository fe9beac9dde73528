//! Staff: the people of the city are invited, sign in, and are signed out again.

/// Passkeys.
mod passkeys;

/// What the roles may do.
mod roles;

use entity::session::Role;
use fairplate::{
    Error,
    domain::actor::Operator,
    service::{
        sessions::{self, Ticket},
        staff,
    },
};
use fairplate_tests::{
    Asks as _, TestCity, on_both_databases,
    operator::Operator as AtTheMachine,
    staff::{PASSWORD, try_as},
};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

const ME: &str = "{ me { role name } }";

/// All that a refused attempt could change beside the counts of guesses: accounts, passkeys, sessions
/// and how long the trail is.
#[derive(Debug, PartialEq)]
struct State {
    accounts: Vec<entity::staff::Model>,
    passkeys: Vec<entity::passkey::Model>,
    sessions: usize,
    trail: usize,
}

async fn state(city: &TestCity) -> State {
    let db = &city.app.db;
    let accounts = entity::staff::Entity::find().all(db).await;
    let passkeys = entity::passkey::Entity::find().all(db).await;
    let sessions = entity::session::Entity::find().all(db).await;
    let trail = entity::audit::Entity::find().all(db).await;
    State {
        accounts: accounts.expect("accounts"),
        passkeys: passkeys.expect("passkeys"),
        sessions: sessions.expect("sessions").len(),
        trail: trail.expect("a trail").len(),
    }
}

#[test]
fn an_invitation_is_good_once_for_its_name_and_for_a_day() {
    on_both_databases(async |city| {
        let (li, wu) = (
            city.invited("li", &[Role::Officer]).await,
            city.invited("wu", &[Role::Auditor]).await,
        );
        let before = state(city).await;
        let refused = json!({ "__typename": "StaffInvitationRefused" });
        for (name, invitation) in [("li", "none"), ("li", &wu), ("nobody", &li), ("", "")] {
            let set = city.set_staff_password(name, invitation, PASSWORD).await;
            assert_eq!(set, refused, "{name}");
        }
        city.clock.advance(24 * 3_600);
        let late = city.set_staff_password("li", &li, PASSWORD).await;
        assert_eq!(late, refused);
        assert_eq!(state(city).await, before);
        city.clock.advance(-1);
        let set = city.set_staff_password("LI", &li, PASSWORD).await;
        let uri = set["otpauthUri"].as_str().expect("an address");
        let secret = set["secret"].as_str().expect("a secret");
        assert_eq!(
            uri,
            format!("otpauth://totp/hangzhou:li?secret={secret}&issuer=hangzhou")
        );
        let stored = format!("{:?}", state(city).await);
        assert!(!stored.contains(&li) && !stored.contains(secret));
        for action in ["staff.add", "staff.set_password"] {
            let by = city.trail_of("li", action).await;
            let expected = ["operator", "staff:li"][usize::from(action != "staff.add")];
            assert_eq!(by, [expected], "{action}");
        }
    });
}

#[test]
fn a_password_counts_when_a_code_has_confirmed_it_and_the_invitation_is_used_up() {
    on_both_databases(async |city| {
        let invitation = city.invited("li", &[Role::Officer]).await;
        let early = city.confirm_staff_password("li", &invitation, "123456");
        assert_eq!(early.await, "StaffCodeRefused");
        let short = json!({ "name": "li", "invitation": invitation, "password": "herons" });
        let anybody = fairplate_tests::Anonymous(city);
        let short = anybody.call("setStaffPassword", short, "__typename").await;
        assert_eq!(short.codes(), ["INVALID_INPUT"]);
        let first = city.set_staff_password("li", &invitation, PASSWORD).await;
        let again = city.set_staff_password("li", &invitation, PASSWORD).await;
        assert_ne!(first["secret"], again["secret"]);
        let code = |set: &Value| {
            let secret = set["secret"].as_str().expect("a secret");
            fairplate_tests::staff::code_of(city, secret)
        };
        let before = state(city).await;
        let unconfirmed = try_as(city, "li", (PASSWORD, &code(&again)), Value::Null).await;
        assert_eq!(unconfirmed["__typename"], "StaffSignInRefused");
        let typed = code(&first);
        let stale = city.confirm_staff_password("li", &invitation, &typed);
        assert_eq!(stale.await, "StaffCodeRefused");
        assert_eq!(state(city).await, before);

        let typed = code(&again);
        let confirmed = city.confirm_staff_password("li", &invitation, &typed);
        assert_eq!(confirmed.await, "StaffPasswordConfirmed");

        let replayed = try_as(city, "li", (PASSWORD, &code(&again)), Value::Null).await;
        assert_eq!(replayed["__typename"], "StaffSignInRefused");
        let used = city.set_staff_password("li", &invitation, PASSWORD).await;
        assert_eq!(used["__typename"], "StaffInvitationRefused");
        let typed = code(&again);
        let used = city.confirm_staff_password("li", &invitation, &typed);
        assert_eq!(used.await, "StaffInvitationRefused");
        city.clock.advance(30);
        let entered = try_as(city, "li", (PASSWORD, &code(&again)), Value::Null).await;
        assert_eq!(entered["__typename"], "StaffSignedIn");
        let me = city.through(&entered["token"]).ask(ME).await;
        assert_eq!(me.get("/me"), &json!({ "role": "OFFICER", "name": "li" }));
    });
}

#[test]
fn a_code_is_taken_once_and_a_step_early_or_late() {
    on_both_databases(async |city| {
        let li = city.member("li", &[Role::Officer]).await;
        let kind = async |code: &str| {
            let entered = li.try_with(PASSWORD, code, Value::Null).await;
            entered["__typename"].as_str().expect("a type").to_owned()
        };
        let late = li.code();
        city.clock.advance(60);
        let before = state(city).await;
        assert_eq!(kind(&late).await, "StaffSignInRefused");
        assert_eq!(state(city).await, before);
        city.clock.advance(-30);
        assert_eq!(kind(&late).await, "StaffSignedIn");
        assert_eq!(kind(&late).await, "StaffSignInRefused", "it was used");
        city.clock.advance(30);
        let ahead = li.code();
        city.clock.advance(-30);
        assert_eq!(kind(&ahead).await, "StaffSignedIn");
        let between = li.code();
        assert_eq!(
            kind(&between).await,
            "StaffSignInRefused",
            "a later one was used"
        );
    });
}

#[test]
fn of_two_sign_ins_with_one_code_one_is_let_in() {
    on_both_databases(async |city| {
        let li = city.member("li", &[Role::Officer]).await;
        let code = li.code();
        let (one, other) = tokio::join!(
            li.try_with(PASSWORD, &code, Value::Null),
            li.try_with(PASSWORD, &code, Value::Null)
        );
        let mut kinds = [one["__typename"].clone(), other["__typename"].clone()];
        kinds.sort_by_key(Value::to_string);
        assert_eq!(kinds, ["StaffSignInRefused", "StaffSignedIn"]);
    });
}

#[test]
fn an_unknown_name_a_wrong_password_and_a_wrong_code_look_the_same_and_are_counted_alike() {
    on_both_databases(async |city| {
        let li = city.member("li", &[Role::Officer]).await;
        let before = state(city).await;
        for wrong in 0..5 {
            let code = if wrong % 2 == 0 {
                "000000".to_owned()
            } else {
                li.code()
            };
            let password = if wrong % 2 == 0 {
                PASSWORD
            } else {
                "eight grey cranes"
            };
            let known = li.try_with(password, &code, Value::Null).await;
            let unknown = try_as(city, "nobody", (password, &code), Value::Null).await;
            assert_eq!(known, json!({ "__typename": "StaffSignInRefused" }));
            assert_eq!(unknown, known);
        }
        for name in ["li", "LI", "nobody"] {
            let delayed = try_as(city, name, (PASSWORD, &li.code()), Value::Null).await;
            assert_eq!(
                delayed,
                json!({ "__typename": "StaffSignInDelayed" }),
                "{name}"
            );
        }
        assert_eq!(state(city).await, before);
        city.clock.advance(15 * 60);
        assert_eq!(li.sign_in(Value::Null).await["__typename"], "StaffSignedIn");
    });
}

#[test]
fn whoever_is_blocked_is_out_until_they_are_invited_anew() {
    on_both_databases(async |city| {
        let (li, wu) = (
            city.member("li", &[Role::Officer]).await,
            city.member("wu", &[Role::Auditor]).await,
        );
        let (inside, bystander) = (
            li.signed_in(Value::Null).await,
            wu.signed_in(Value::Null).await,
        );
        let printed = city.officer_named("li").await;

        assert!(
            staff::block(&city.app, &Operator, "Li")
                .await
                .expect("blocked")
        );

        for session in [&inside, &printed] {
            assert_eq!(session.ask(ME).await.codes(), ["UNAUTHENTICATED"]);
        }
        bystander.ask(ME).await.accepted();
        let before = state(city).await;
        assert!(
            !staff::block(&city.app, &Operator, "li")
                .await
                .expect("known")
        );
        assert_eq!(
            li.sign_in(Value::Null).await,
            json!({ "__typename": "StaffSignInRefused" })
        );
        let door = sessions::open_for_officer(&city.app, &Operator, "li").await;
        assert!(matches!(door, Err(Error::InvalidInput { .. })), "{door:?}");
        assert_eq!(state(city).await, before);

        let invited = staff::invite(&city.app, &Operator, "li", &[Role::Reviewer]).await;
        let invited = invited.expect("an invitation");

        assert_eq!(invited.roles, [Role::Reviewer]);
        let old = li.sign_in(Value::Null).await;
        assert_eq!(old["__typename"], "StaffSignInRefused", "it was dropped");
        let set = city
            .set_staff_password("li", &invited.invitation, PASSWORD)
            .await;
        assert_eq!(set["__typename"], "StaffPasswordSet");
        let unknown = staff::invite(&city.app, &Operator, "nobody", &[]).await;
        assert!(
            matches!(unknown, Err(Error::NotFound { .. })),
            "{unknown:?}"
        );
        for action in ["staff.block", "staff.invite"] {
            assert_eq!(city.trail_of("li", action).await, ["operator"], "{action}");
        }
    });
}

#[test]
fn a_name_is_one_persons_whatever_its_case() {
    on_both_databases(async |city| {
        city.invited("Li", &[Role::Officer]).await;
        let before = state(city).await;
        for (name, roles) in [
            ("li", &[Role::Officer][..]),
            ("li wei", &[Role::Officer]),
            ("", &[Role::Officer]),
            ("wu", &[]),
            ("wu", &[Role::Account]),
        ] {
            let refused = staff::add(&city.app, &Operator, name, roles).await;
            assert!(matches!(refused, Err(Error::InvalidInput { .. })), "{name}");
        }
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn a_session_ends_when_it_is_idle_and_after_eight_hours() {
    on_both_databases(async |city| {
        let (li, wu) = (
            city.member("li", &[Role::Officer]).await,
            city.member("wu", &[Role::Auditor]).await,
        );
        let printed = city.officer_named("zhou").await;
        let idle = li.signed_in(Value::Null).await;
        city.clock.advance(-30);
        let entered = wu.sign_in(Value::Null).await;
        let used = city.through(&entered["token"]);
        assert_eq!(entered["expiresAt"], "2026-06-01T09:03:00Z");
        let ticket = Ticket::of(entered["token"].as_str().expect("a token"));
        city.at("2026-06-01T01:18:00Z");
        assert_eq!(idle.ask(ME).await.codes(), ["UNAUTHENTICATED"]);
        let following = sessions::recheck(&city.app, &ticket).await;
        assert!(following.is_err(), "both were opened at one moment");

        let used_again = wu.sign_in(Value::Null).await;
        let used_again = city.through(&used_again["token"]);
        for minutes in (0..480).step_by(14) {
            city.at("2026-06-01T01:18:00Z");
            city.clock.advance(minutes * 60);
            used_again.ask(ME).await.accepted();
        }
        city.at("2026-06-01T09:18:00Z");
        assert_eq!(used_again.ask(ME).await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(used.ask(ME).await.codes(), ["UNAUTHENTICATED"]);
        printed.ask(ME).await.accepted();
    });
}

#[test]
fn whoever_only_follows_something_is_idle() {
    on_both_databases(async |city| {
        let li = city.member("li", &[Role::Officer]).await;
        let entered = li.sign_in(Value::Null).await;
        let ticket = Ticket::of(entered["token"].as_str().expect("a token"));
        for _ in 0..14 {
            city.clock.advance(60);
            sessions::recheck(&city.app, &ticket).await.expect("live");
        }
        city.clock.advance(60);
        let ended = sessions::recheck(&city.app, &ticket).await;
        assert!(matches!(ended, Err(Error::Unauthenticated)), "{ended:?}");
    });
}

#[test]
fn somebody_of_the_city_signs_out_here_and_elsewhere() {
    on_both_databases(async |city| {
        let (li, wu) = (
            city.member("li", &[Role::Officer, Role::Auditor]).await,
            city.member("wu", &[Role::Auditor]).await,
        );
        let bystander = wu.signed_in(Value::Null).await;
        let one = li.signed_in(json!("OFFICER")).await;
        let two = li.signed_in(json!("AUDITOR")).await;
        let three = li.signed_in(json!("OFFICER")).await;
        for (sessions, ended) in [("OTHERS", 2), ("THIS", 1)] {
            let out = one.call_alone("signOut", json!({ "sessions": sessions }), "count");
            assert_eq!(
                out.await.get("/payload/count"),
                &json!(ended.to_string()),
                "{sessions}"
            );
        }
        for session in [&one, &two, &three] {
            assert_eq!(session.ask(ME).await.codes(), ["UNAUTHENTICATED"]);
        }
        bystander.ask(ME).await.accepted();
        assert_eq!(
            city.trail_of("li", "sessions.end").await,
            ["staff:li", "staff:li"]
        );
    });
}

#[test]
fn the_operator_adds_lists_and_blocks_at_the_command_line() {
    let operator = AtTheMachine::in_an_empty_folder();
    operator.done("key new");
    operator.done("migrate");
    let added = operator.output_of("staff add li --role officer --role approver --json");
    let added: Value = serde_json::from_str(&added).expect("JSON");
    assert_eq!(added["roles"], json!(["officer", "approver"]));
    assert!(
        added["invitation"]
            .as_str()
            .is_some_and(|text| text.len() == 43)
    );
    let plain = operator.output_of("staff add wu --role auditor");
    assert_eq!(plain.trim().len(), 43, "the invitation and nothing else");
    operator.done("staff block wu");
    let again = operator.run("staff add li --role officer");
    assert_ne!(again.status.code(), Some(0));

    let listed = operator.output_of("staff list --json");

    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed[0]["name"], "li");
    assert_eq!(listed[0]["password"], false);
    assert_eq!(listed[0]["invited_until"], added["until"]);
    assert!(listed[1]["blocked_at"].is_string());
    assert_eq!(listed[1]["invited_until"], Value::Null);
}
