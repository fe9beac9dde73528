//! The ways out: what a gateway, a provider, a mail server and a system of the city are sent.

use std::{sync::Arc, time::Duration};

use entity::message::{Channel, State};
use fairplate::{
    App,
    beacon::Limits,
    domain::{
        actor::Operator,
        message::{CodeUse, Purpose},
    },
    notify::{Account, Alibaba, Mail, MailServer, Security, Signed, Transport, signature},
    service::{
        accounts,
        applications::{self, Form, Submitted},
        approvals::Action,
        messages::{Post, Recipient},
    },
};
use fairplate_tests::{
    ceremony,
    letters::{SECRET, deliver, gateway},
    mail_server::{AUTHORITY, MailHost, Wrapping},
    on_both_databases,
    people::person,
    receiver::{Answer, Receiver},
    stages::{PERIOD, officer, places},
};
use serde_json::json;

const PHONE: &str = "13700000001";

/// The first person applies at this node, with an account of their own.
async fn submit(node: &App, form: &Form) -> Submitted {
    let account = accounts::open_for_phone(node, &Operator, &person(1).phone).await;
    let holder = account.expect("an account").holder;
    applications::submit(node, &holder, form)
        .await
        .expect("an answer")
}

fn one_time_code() -> Purpose {
    Purpose::OneTimeCode {
        allows: CodeUse::SignIn,
        code: "483920".to_owned(),
        minutes: 5,
    }
}

#[test]
fn a_gateway_is_sent_signed_json_under_the_messages_own_name() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let node = city
            .sending(|ways| ways.sms = gateway(city, &receiver))
            .await;
        city.post(Post::new(Recipient::Phone(PHONE), one_time_code(), "", "1"))
            .await;

        deliver(&node).await;
        deliver(&node).await;

        let [arrived] = &receiver.received()[..] else {
            panic!("one request")
        };
        let [row] = &city.letters().await[..] else {
            panic!("one letter")
        };
        assert_eq!(arrived.key(), row.id.to_string());
        let headers = &arrived.headers;
        let signed = signature(
            SECRET,
            &headers["fairplate-timestamp"],
            arrived.body.as_bytes(),
        );
        assert_eq!(headers["fairplate-signature"], format!("v1={signed}"));
        let body = arrived.json();
        assert_eq!(
            (&body["to"], &body["template"], &body["values"]),
            (
                &json!(PHONE),
                &json!("one_time_code.sign_in"),
                &json!({ "code": "483920", "minutes": "5" })
            )
        );
        assert_eq!((row.state, row.sealed.as_deref()), (State::Sent, None));
    });
}

fn mail(host: &MailHost) -> Arc<dyn Transport> {
    mail_with(host, Security::None, None)
}

/// Mail in this way, to a server whose certificate this authority signs.
fn mail_with(host: &MailHost, security: Security, authority: Option<&[u8]>) -> Arc<dyn Transport> {
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port: host.port(),
        security,
        credentials: None,
        authority: authority.map(<[u8]>::to_vec),
        timeout: Duration::from_secs(5),
    };
    Arc::new(Mail::new(&server, "摇号 <no-reply@city.example>").expect("a transport"))
}

#[test]
fn a_mail_goes_through_a_mail_server_and_names_itself() {
    on_both_databases(async |city| {
        let host = MailHost::answering(&["450 later"]);
        let node = city.sending(|ways| ways.email = mail(&host)).await;
        city.opened(places(1, 1)).await;
        let mut form = person(1).form();
        form.email = Some("someone@mail.example".to_owned());
        submit(&node, &form).await;

        deliver(&node).await;
        assert!(host.mails().is_empty());
        city.clock.advance(30);
        deliver(&node).await;

        let [mail] = &host.mails()[..] else {
            panic!("one mail")
        };
        let rows = city.letters().await;
        let row = rows
            .iter()
            .find(|row| row.channel == Channel::Email)
            .expect("a letter");
        assert_eq!(mail.to, "someone@mail.example");
        let name = format!("<{}@city.example>", row.id);
        assert_eq!(mail.header("message-id"), Some(name.as_str()));
        assert_eq!((row.state, row.attempts), (State::Sent, 2));
    });
}

#[test]
fn a_mail_goes_out_under_tls_alone_where_the_settings_say_so_and_to_nobody_else() {
    on_both_databases(async |city| {
        let starting = MailHost::answering_tls(&[], Wrapping::StartTls);
        let wrapped = MailHost::answering_tls(&[], Wrapping::FromTheFirstByte);
        let open = MailHost::answering(&[]);
        let known = Some(AUTHORITY);
        for (occasion, host, security, authority, arrives) in [
            ("1", &starting, Security::StartTls, known, true),
            ("2", &wrapped, Security::Tls, known, true),
            // A server that speaks no TLS, and one that nobody vouches for.
            ("3", &open, Security::StartTls, known, false),
            ("4", &starting, Security::StartTls, None, false),
        ] {
            let way = mail_with(host, security, authority);
            let node = city.sending(|ways| ways.email = way).await;
            let before = host.mails().len();
            let to = Recipient::Email("someone@mail.example");
            city.post(Post::new(to, Purpose::BanLifted, "", occasion))
                .await;

            deliver(&node).await;

            let rows = city.letters().await;
            let row = rows.last().expect("a letter");
            let state = if arrives { State::Sent } else { State::Waiting };
            assert_eq!(row.state, state, "{occasion}: {:?}", row.failure);
            assert_eq!(host.mails().len() - before, usize::from(arrives));
            assert!(host.mails().iter().all(|mail| mail.is_encrypted));
            city.clock.advance(1);
        }
        assert!(open.mails().is_empty());
    });
}

#[test]
fn an_address_that_the_mail_server_refuses_is_dead_and_stands_in_no_reason() {
    on_both_databases(async |city| {
        let host = MailHost::answering(&["550 someone@mail.example unknown"]);
        let node = city.sending(|ways| ways.email = mail(&host)).await;
        let purpose = Purpose::BanLifted;
        let to = Recipient::Email("someone@mail.example");
        city.post(Post::new(to, purpose, "", "1")).await;

        deliver(&node).await;

        let row = city.letters().await.remove(0);
        assert_eq!(row.state, State::Dead);
        assert_eq!(row.failure.as_deref(), Some("the mail server answered 550"));
    });
}

#[test]
fn the_citys_own_systems_are_told_of_events_without_personal_data() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let webhook = Signed::webhook(
            receiver.address(),
            SECRET.to_owned(),
            Limits::default(),
            Arc::clone(&city.app.clock),
        );
        let node = city
            .sending(|ways| ways.webhook = Some(Arc::new(webhook)))
            .await;
        city.opened(places(1, 1)).await;
        let form = person(1).form();
        let submitted = submit(&node, &form).await;

        deliver(&node).await;

        let events = receiver.received();
        let mut submissions = events
            .iter()
            .filter(|event| event.json()["topic"] == "application.submitted");
        let arrived = submissions.next().expect("an event");
        assert!(submissions.next().is_none());
        let Submitted::Accepted(application) = submitted else {
            panic!("an application")
        };
        let body = arrived.json();
        assert_eq!(
            (&body["topic"], &body["subject"], &body["facts"]),
            (
                &json!("application.submitted"),
                &json!(application.code),
                &json!({ "period": "202606" })
            )
        );
        let person = person(1);
        for word in [person.name, person.id_number, person.phone, person.address] {
            assert!(!arrived.body.contains(&word), "{word}");
        }
    });
}

#[test]
fn the_citys_own_systems_are_told_once_of_each_proposal_that_waits_for_another_officer() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let clock = Arc::clone(&city.app.clock);
        let url = receiver.address();
        let webhook = Signed::webhook(url, SECRET.to_owned(), Limits::default(), clock);
        let node = city
            .sending(|ways| ways.webhook = Some(Arc::new(webhook)))
            .await;
        let freezing = || Action::FreezePeriod {
            period: PERIOD.to_owned(),
        };
        city.opened(places(1, 1)).await;
        let early = ceremony::propose(&node, &officer(), freezing()).await;
        early.expect_err("refused while applications are taken");
        city.review_all().await;
        let row = ceremony::propose(&node, &officer(), freezing()).await;
        let row = row.expect("proposed");
        let again = ceremony::propose(&node, &officer(), freezing()).await;
        assert_eq!(again.expect("waiting").id, row.id);

        deliver(&node).await;

        let events = receiver.received();
        let mut proposals = events
            .iter()
            .filter(|event| event.json()["topic"] == "approval.requested");
        let told = proposals.next().expect("an event").json();
        assert!(proposals.next().is_none());
        assert_eq!(told["subject"], PERIOD);
        let facts = json!({
            "approval": row.id,
            "action": "freeze",
            "digest": verifier::Digest(ceremony::digest_of(&row)).to_string(),
            "proposedBy": officer().name(),
            "until": "2026-06-23T02:00:00Z",
        });
        assert_eq!(told["facts"], facts);
    });
}

/// An account at a service that listens here, with one template.
fn account(receiver: &Receiver) -> Account {
    let templates = [("one_time_code.sign_in".to_owned(), "SMS_100001".to_owned())];
    Account {
        endpoint: receiver.address().to_owned(),
        key_id: "key".to_owned(),
        key_secret: "secret".to_owned().into(),
        sign_name: "摇号".to_owned(),
        templates: templates.into(),
    }
}

#[test]
fn the_providers_service_is_given_a_template_and_its_values() {
    on_both_databases(async |city| {
        let busy = Answer::Status(200, "{\"Code\":\"isv.BUSINESS_LIMIT_CONTROL\"}");
        let receiver = Receiver::answering(&[busy]);
        let clock = Arc::clone(&city.app.clock);
        let alibaba = Alibaba::new(account(&receiver), Limits::default(), clock);
        let node = city.sending(|ways| ways.sms = Arc::new(alibaba)).await;
        city.post(Post::new(Recipient::Phone(PHONE), one_time_code(), "", "1"))
            .await;

        deliver(&node).await;
        city.clock.advance(30);
        deliver(&node).await;

        let [_, arrived] = &receiver.received()[..] else {
            panic!("two requests")
        };
        let row = city.letters().await.remove(0);
        assert_eq!((row.state, row.attempts), (State::Sent, 2));
        let query = format!(
            "/?OutId={}&PhoneNumbers={PHONE}&SignName=%E6%91%87%E5%8F%B7&TemplateCode=SMS_100001&TemplateParam=%7B%22code%22%3A%22483920%22%2C%22minutes%22%3A%225%22%7D",
            row.id
        );
        assert_eq!(arrived.path, query);
        assert_eq!(arrived.headers["x-acs-action"], "SendSms");
        let signed = "ACS3-HMAC-SHA256 Credential=key,SignedHeaders=host;x-acs-action;";
        assert!(arrived.headers["authorization"].starts_with(signed));
    });
}

#[test]
fn a_text_without_a_template_waits_dead_for_one() {
    on_both_databases(async |city| {
        let receiver = Receiver::answering(&[]);
        let clock = Arc::clone(&city.app.clock);
        let alibaba = Alibaba::new(account(&receiver), Limits::default(), clock);
        let node = city.sending(|ways| ways.sms = Arc::new(alibaba)).await;
        let post = Post::new(Recipient::Phone(PHONE), Purpose::BanLifted, "", "1");
        city.post(post).await;

        deliver(&node).await;

        assert!(receiver.received().is_empty());
        let row = city.letters().await.remove(0);
        let reason = "the settings name no template of the service for ban_lifted; add it under [sms.templates], and send the message again";
        assert_eq!(
            (row.state, row.failure.as_deref()),
            (State::Dead, Some(reason))
        );
    });
}
