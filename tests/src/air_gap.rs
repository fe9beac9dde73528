//! A machine without network: the usual record key is there, and a city has its public half alone.

use std::fs;

use entity::unsigned_record;
use fairplate::{
    App, Result,
    domain::actor::Operator,
    service::{
        ceremony::{self, Imported},
        unsigned,
    },
    signer::{RecordKeys, Request},
};

use crate::{TestCity, database::Kind, keys};

/// Where the record key of a city is.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// In its folder of keys.
    Here,
    /// Every record is carried to it and back.
    OffLine,
}

impl TestCity {
    /// A city whose record key is here, or has never been.
    pub async fn with_its_key(key: Key, kind: &Kind) -> Self {
        match key {
            Key::Here => Self::create("hangzhou-2018", kind).await,
            Key::OffLine => Self::with_its_key_off_line(kind).await,
        }
    }

    /// A city whose record key has never been here.
    pub async fn with_its_key_off_line(kind: &Kind) -> Self {
        let mut city = Self::create("hangzhou-2018", kind).await;
        let key = held().first().clone();
        let folder = city.app.layout.keys();
        RecordKeys::take_off_line(&folder, &key).expect("a public half");
        assert!(!folder.join("record.key").exists());
        city.app = city.another_node(None).await;
        city
    }

    /// What waits for its signature.
    pub async fn waiting(&self) -> Option<unsigned_record::Model> {
        unsigned::find(&self.app).await.expect("found or not")
    }

    /// What waits of a draw, as it is carried away.
    pub async fn export(&self, subject: &str) -> Request {
        let request = unsigned::export(&self.app, &Operator, subject).await;
        request.expect("a record that waits")
    }

    /// Carries what waits of a draw to the key and back.
    pub async fn carry(&self, subject: &str) -> Imported {
        let signed = sign(&self.export(subject).await);
        import(&self.app, &signed).await.expect("imported")
    }
}

/// The keys of the machine without network.
fn held() -> RecordKeys {
    RecordKeys::open(keys::folder(), &keys::passphrase()).expect("record keys")
}

/// A request as it comes to the machine without network, in a file; and what goes back.
#[must_use]
pub fn sign(request: &Request) -> Vec<u8> {
    let place = tempfile::tempdir().expect("a stick");
    let file = place.path().join("record");
    fs::write(&file, request.to_string()).expect("written");
    let read = fs::read_to_string(&file).expect("read");
    let request = Request::parse(&read).expect("a request");
    let note = request.sign(&[held()]).expect("signed");
    note.to_string().into_bytes()
}

/// Any text with the signature of the usual key.
#[must_use]
pub fn signed(text: &str) -> Vec<u8> {
    let held = held();
    let signer = held.signers().next().expect("a key");
    let note = signer.sign(text.to_owned()).expect("signed");
    note.to_string().into_bytes()
}

/// Brings a file to the city.
pub async fn import(app: &App, file: &[u8]) -> Result<Imported> {
    ceremony::import(app, &Operator, file).await
}
