//! Invitations of applicant representatives: answered, run out, passed on.

use entity::representative::State::{Accepted, Declined, Expired, Invited, Selected, Withdrawn};
use fairplate::{
    domain::actor::Worker,
    service::representatives::{self, Answer, Answered},
};
use fairplate_tests::{
    Asks as _,
    ids::{Noun, id_of},
    on_both_databases,
    representatives::{ANSWER_BY, Drawn},
    stages::{PERIOD, later, places},
};
use serde_json::{Value, json};

#[test]
fn everybody_who_is_invited_learns_of_it_and_nobody_else() {
    on_both_databases(async |city| {
        let drawn = city.represented(7, places(2, 1)).await;
        let document = "{ me { invitations { id name period state answerBy contribution { origin draw name commitment isAnnounced } } } }";

        let invited = drawn[0].citizen.ask(document).await;
        let reserve = drawn[6].citizen.ask(document).await;

        assert_eq!(
            invited.get("/me/invitations"),
            &json!([{
                "id": drawn[0].id(), "name": "202606R/1", "period": PERIOD, "state": "INVITED", "answerBy": ANSWER_BY,
                "contribution": {
                    "origin": fairplate_tests::keys::ORIGIN, "draw": PERIOD, "name": "202606R/1",
                    "commitment": null, "isAnnounced": false,
                },
            }])
        );
        assert_eq!(reserve.get("/me/invitations"), &json!([]));
        city.deliver().await;
        let told = "您被随机选为202606期申请人代表，邀请您于2026年6月30日到现场参加摇号，请在2026年6月27日";
        let letters = |who: &Drawn<'_>| city.inbox_of(&who.citizen.person.phone);
        assert!(
            letters(&drawn[5]).iter().any(|text| text.contains(told)),
            "{:?}",
            letters(&drawn[5])
        );
        assert!(
            !letters(&drawn[6])
                .iter()
                .any(|text| text.contains("申请人代表"))
        );
    });
}

/// What somebody answers over the API, by the name of what came of it.
async fn answer(drawn: &Drawn<'_>, answer: &str) -> Value {
    let input = json!({ "invitation": drawn.id(), "answer": answer });
    let invitation = "invitation { state }";
    let fields = format!(
        "__typename ... on InvitationAnswered {{ {invitation} }} ... on InvitationAnsweredBefore {{ {invitation} }} ... on InvitationExpired {{ {invitation} }}"
    );
    let reply = drawn
        .citizen
        .call("respondToInvitation", input, &fields)
        .await;
    json!([
        reply.get("/payload/__typename"),
        reply.get("/payload/invitation/state")
    ])
}

#[test]
fn an_answer_is_final_and_a_reserve_comes_in_for_who_declines() {
    on_both_databases(async |city| {
        let drawn = city.represented(9, places(2, 1)).await;

        for _ in 0..2 {
            assert_eq!(
                answer(&drawn[1], "DECLINE").await,
                json!(["InvitationAnswered", "DECLINED"])
            );
            assert_eq!(
                answer(&drawn[2], "ACCEPT").await,
                json!(["InvitationAnswered", "ACCEPTED"])
            );
        }
        let before = city.representatives().await;
        assert_eq!(
            answer(&drawn[1], "ACCEPT").await,
            json!(["InvitationAnsweredBefore", "DECLINED"])
        );
        assert_eq!(
            answer(&drawn[2], "DECLINE").await,
            json!(["InvitationAnsweredBefore", "ACCEPTED"])
        );

        assert_eq!(city.representatives().await, before);
        assert_eq!(
            city.states().await,
            [
                Invited, Declined, Accepted, Invited, Invited, Invited, Invited, Selected, Selected
            ]
        );
        assert_eq!(answer(&drawn[6], "ACCEPT").await[1], "ACCEPTED");
        city.deliver().await;
        let letters = city.inbox_of(&drawn[6].citizen.person.phone);
        assert!(
            letters
                .iter()
                .any(|text| text.contains("您递补为202606期申请人代表")),
            "{letters:?}"
        );
    });
}

#[test]
fn an_invitation_that_is_not_answered_runs_out_and_the_next_are_called_once() {
    on_both_databases(async |city| {
        let drawn = city.represented(9, places(2, 1)).await;
        drawn[0].accept().await;
        city.at(ANSWER_BY);
        assert_eq!(
            representatives::expire_due(&city.app, &Worker).await.ok(),
            Some(0)
        );
        drawn[1].accept().await;
        city.at(&later(ANSWER_BY, 1));
        let before = city.representatives().await;
        assert_eq!(
            answer(&drawn[2], "ACCEPT").await,
            json!(["InvitationExpired", "EXPIRED"])
        );
        assert_eq!(city.representatives().await, before);

        let expired = [
            representatives::expire_due(&city.app, &Worker).await,
            representatives::expire_due(&city.app, &Worker).await,
        ];

        assert_eq!(expired.map(Result::ok), [Some(4), Some(0)]);
        assert_eq!(
            city.states().await,
            [
                Accepted, Accepted, Expired, Expired, Expired, Expired, Invited, Invited, Invited
            ]
        );
    });
}

#[test]
fn nobody_is_called_from_the_day_of_the_draw_on() {
    on_both_databases(async |city| {
        city.represented(9, places(2, 1)).await;
        city.at("2026-06-29T16:00:00Z");

        let expired = representatives::expire_due(&city.app, &Worker).await;

        assert_eq!(expired.ok(), Some(6));
        assert_eq!(city.states().await[6..], [Selected; 3]);
    });
}

#[test]
fn who_has_cancelled_is_passed_over() {
    on_both_databases(async |city| {
        let drawn = city.represented(9, places(2, 1)).await;
        let gone = drawn[6].citizen.call_own("cancelApplication", "__typename");
        assert_eq!(gone.await["__typename"], "ApplicationCancelled");

        answer(&drawn[0], "DECLINE").await;

        assert_eq!(city.states().await[6..], [Withdrawn, Invited, Selected]);
    });
}

#[test]
fn somebody_elses_invitation_does_not_exist() {
    on_both_databases(async |city| {
        let drawn = city.represented(7, places(2, 1)).await;
        let before = city.representatives().await;
        // Another's, one that was not sent yet, and names of nobody.
        let asked = [
            (0, "202606R/2"),
            (6, "202606R/7"),
            (0, "202606R/01"),
            (0, "none"),
        ];
        for (who, id) in asked {
            let input = json!({ "invitation": id_of(Noun::Invitation, id), "answer": "ACCEPT" });
            let reply = drawn[who]
                .citizen
                .call("respondToInvitation", input, "__typename")
                .await;
            assert_eq!(
                reply.refusal(),
                format!("NOT_FOUND: there is no invitation {id}")
            );
        }
        assert_eq!(city.representatives().await, before);
    });
}

#[test]
fn two_answers_at_once_are_one_answer() {
    on_both_databases(async |city| {
        let drawn = city.represented(9, places(2, 1)).await;
        let other = city.another_node(None).await;
        let (who, name) = (drawn[0].citizen.applicant(), drawn[0].name.as_str());

        let answers = tokio::join!(
            representatives::respond(&city.app, &who, name, Answer::Accept),
            representatives::respond(&other, &who, name, Answer::Decline),
        );

        let (accepted, declined) = (answers.0.expect("an answer"), answers.1.expect("an answer"));
        let states = city.states().await;
        match (accepted, declined) {
            (Answered::Recorded(_), Answered::Before(_)) => {
                assert_eq!((states[0], states[6]), (Accepted, Selected));
            }
            (Answered::Before(_), Answered::Recorded(_)) => {
                assert_eq!((states[0], states[6]), (Declined, Invited));
            }
            both => panic!("expected one answer, found {both:?}"),
        }
        assert_eq!(states[7..], [Selected; 2]);
    });
}

#[test]
fn two_who_decline_at_once_call_two_reserves() {
    on_both_databases(async |city| {
        let drawn = city.represented(9, places(2, 1)).await;
        let other = city.another_node(None).await;
        let (one, two) = (drawn[0].citizen.applicant(), drawn[1].citizen.applicant());

        let answers = tokio::join!(
            representatives::respond(&city.app, &one, &drawn[0].name, Answer::Decline),
            representatives::respond(&other, &two, &drawn[1].name, Answer::Decline),
        );

        assert!(matches!(
            answers,
            (Ok(Answered::Recorded(_)), Ok(Answered::Recorded(_)))
        ));
        let states = city.states().await;
        assert_eq!((states[0], states[1]), (Declined, Declined));
        assert_eq!(states[6..], [Invited, Invited, Selected]);
    });
}
