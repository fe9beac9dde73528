//! What was done and reported as failed: the database has committed, or the witness has cosigned, and
//! the connection broke before anybody heard of it.

use std::sync::Arc;

use fairplate::{
    app::{Effect, Observer, Stage},
    store,
};
use fairplate_tests::{
    ceremony,
    city::{databases, run},
    database::Kind,
    proxy::{Fault, Proxy},
    settings,
    stages::later,
    steps::{is_taken, take},
    undisturbed::Undisturbed,
    unheard::Unheard,
};

/// Lets no answer of the database through from an effect on.
struct Breaking {
    proxy: Arc<Proxy>,
    step: &'static str,
}

impl Observer for Breaking {
    fn reached(&self, effect: Effect) {
        if (effect.step, effect.stage) == (self.step, Stage::Recorded) {
            self.proxy.set(Fault::HalfClosed);
        }
    }
}

const UNANSWERED: &str = "the database is not available now: it does not answer; ask again, with the same idempotencyKey where you sent one";

#[test]
fn a_commit_whose_answer_is_lost_is_made_good_and_not_made_twice() {
    let Some(url) = settings::find_postgres() else {
        return;
    };
    for (step, of) in [
        ("freeze", "propose"),
        ("freeze", "freeze"),
        ("announce", "announce"),
        ("close", "close"),
        ("finish", "finish"),
        ("void", "void"),
        ("amend", "amend"),
        ("import", "import"),
        ("drop", "drop"),
        ("rotate", "rotate"),
        ("vouch", "rotate"),
        ("confirm", "confirm"),
        ("adopt", "adopt"),
        ("lift", "lift"),
    ] {
        run(async {
            let whole = Undisturbed::of(&Kind::Postgres(url.clone()), step).await;
            let mut city = whole.before.copy().await.open().await;
            city.at(whole.at);
            let sound = city.app.clone();
            let (proxy, behind) = Proxy::before(city.database_url()).await;
            city.app.db = store::connect(&behind).await.expect("a database");
            let proxy = Arc::new(proxy);
            city.app.observer = Arc::new(Breaking { proxy, step: of });

            let lost = take(&city.app, step).await.expect_err("nobody heard of it");

            assert_eq!(lost.to_string(), UNANSWERED, "{of}");
            city.app = sound;
            ceremony::recover(&city.app).await.expect("recovered");
            let again = take(&city.app, step).await;
            let is_told =
                again.is_ok() || again.is_err_and(|error| is_taken(step, error.code().as_str()));
            assert!(is_told, "{of}");
            whole.is_reached_by(&city, of).await;
        });
    }
}

#[test]
fn a_cosignature_whose_answer_is_lost_is_given_again_a_day_later_with_the_time_of_the_first() {
    for kind in databases() {
        for step in [
            "announce", "close", "finish", "void", "amend", "import", "rotate", "vouch",
        ] {
            run(async {
                let whole = Undisturbed::of(&kind, step).await;
                let mut city = whole.before.copy().await.open().await;
                city.at(whole.at);
                let sound = city.app.clone();
                city.app.witnesses = [Unheard::before(&sound.witnesses[0]) as _].into();

                let lost = take(&city.app, step).await.expect_err("nobody heard of it");

                let sentence = lost.to_string();
                let told = "the record is in the log and is published once the quorum has cosigned it: run `fairplate draw resume`";
                assert!(sentence.ends_with(told), "{step}: {sentence}");
                city.app = sound;
                city.at(&later(whole.at, 86_400));
                ceremony::recover(&city.app).await.expect("recovered");
                whole.is_reached_by(&city, step).await;
            });
        }
    }
}
