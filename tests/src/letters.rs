//! What people were sent: the letters in the city's spool.

use std::{fs, sync::Arc, time::Duration};

use entity::message::{self, Channel};
use fairplate::{
    App,
    beacon::Limits,
    domain::actor::Worker,
    jobs,
    notify::{Signed, Transport, Transports},
    service::{
        leases::Timing,
        messages::{self, Post},
    },
    store,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::Value;

use crate::{city::TestCity, receiver::Receiver};

/// What the city and its gateways and systems both know.
pub const SECRET: &str = "sixteen letters and more";

/// A gateway that listens here; it is given two seconds to answer.
#[must_use]
pub fn gateway(city: &TestCity, receiver: &Receiver) -> Arc<dyn Transport> {
    let limits = Limits {
        overall: Duration::from_secs(2),
        ..Limits::default()
    };
    let clock = Arc::clone(&city.app.clock);
    let gateway = Signed::gateway(receiver.address(), SECRET.to_owned(), limits, clock);
    Arc::new(gateway)
}

/// Hands over everything that is due, and does nothing else.
pub async fn deliver(app: &App) {
    while messages::deliver(app, &Worker)
        .await
        .expect("delivered")
        .has_more
    {}
}

/// A letter that left the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// To which phone or e-mail address.
    pub to: String,
    /// What for, as in `tier_joined`.
    pub purpose: String,
    /// The code or number that it is about.
    pub subject: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
}

impl TestCity {
    /// Does once, at the moment at which the clock stands, everything that the city does by itself;
    /// letters are in the spool afterwards. Every job has to succeed.
    pub async fn deliver(&self) {
        for outcome in jobs::run_all(&self.app, &Worker, Timing::AtOnce).await {
            outcome.result.expect(outcome.name);
        }
    }

    /// A node of the city that has other ways out than the spool.
    pub async fn sending(&self, change: impl FnOnce(&mut Transports)) -> App {
        let mut app = self.another_node(None).await;
        let mut transports = Transports::spooled(&app.layout.spool());
        change(&mut transports);
        app.transports = Arc::new(transports);
        app
    }

    /// Tells somebody something.
    pub async fn post(&self, post: Post<'_>) {
        let txn = store::begin(&self.app.db).await.expect("a transaction");
        messages::post(&self.app, &txn, post)
            .await
            .expect("written");
        txn.commit().await.expect("committed");
    }

    /// The letters that leave the city, whatever became of them, oldest first.
    pub async fn letters(&self) -> Vec<message::Model> {
        let ours = message::Entity::find().filter(message::Column::CityId.eq(self.app.city));
        let mut rows = ours
            .filter(message::Column::Channel.ne(Channel::Inbox))
            .all(&self.app.db)
            .await
            .expect("messages");
        rows.sort_by_key(|row| (row.created_at, row.id));
        rows
    }

    /// The texts that this phone was sent, oldest first.
    #[must_use]
    pub fn inbox_of(&self, phone: &str) -> Vec<String> {
        let letters = self.sent("sms").into_iter();
        let theirs = letters.filter(|letter| letter.to == phone);
        theirs.map(|letter| letter.text).collect()
    }

    /// The mails that this address was sent, oldest first.
    #[must_use]
    pub fn mails_of(&self, address: &str) -> Vec<Sent> {
        let letters = self.sent("email").into_iter();
        letters.filter(|letter| letter.to == address).collect()
    }

    /// The one-time code that this phone was sent last.
    #[must_use]
    pub fn code_of(&self, phone: &str) -> Option<String> {
        let mut letters = self.sent("sms").into_iter();
        let last =
            letters.rfind(|letter| letter.to == phone && letter.purpose == "one_time_code")?;
        let digits = last
            .text
            .split(|letter: char| !letter.is_ascii_digit())
            .find(|digits| digits.len() == 7)?;
        Some(digits.to_owned())
    }

    /// Everything in a folder of the spool, `sms` or `email`, oldest first.
    #[must_use]
    pub fn sent(&self, folder: &str) -> Vec<Sent> {
        let folder = self.app.layout.spool().join(folder);
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut letters: Vec<_> = entries
            .map(|entry| entry.expect("a letter").path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .map(|path| {
                let text = fs::read_to_string(path).expect("a text");
                let letter: Value = serde_json::from_str(&text).expect("JSON");
                let word = |name: &str| letter[name].as_str().expect(name).to_owned();
                Sent {
                    id: word("id"),
                    to: word("to"),
                    purpose: word("purpose"),
                    subject: word("subject"),
                    title: word("title"),
                    text: word("text"),
                }
            })
            .collect();
        letters.sort_by(|one, other| one.id.cmp(&other.id));
        letters
    }
}
