//! Records, proofs and files of one draw, in the order in which a city publishes them.

use fairplate_verifier::{
    Digest, Time,
    beacon::{Chain, DST, round_message},
    draw::{draw_ranked, draw_scored},
    log::{Checkpoint, InclusionBundle, inclusion_proof, leaf_hash, root_hash},
    note::{Note, Signature},
    record::{
        Announce, Close, Contribution, Method, OpenValue, PoolLine, Record, ResultRecord, Sealed,
        commitment,
    },
    score::{category_key, seed},
};

use super::{DRAW, Files, ORIGIN, Pair, Scenario, chain, replaced, secret_of, summary, time};

/// What has been published so far.
pub(super) struct Publication<'a> {
    scenario: &'a Scenario,
    pub(super) files: Files,
    pub(super) entries: Vec<Vec<u8>>,
    /// Which change of keys has put the signer in place; 0 for none.
    signing: usize,
    witness: &'a Pair,
    log_key: &'a Pair,
}

impl<'a> Publication<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            files: Files::new(),
            entries: Vec::new(),
            signing: 0,
            witness: &scenario.witness,
            log_key: &scenario.log,
        }
    }

    fn edited(&self, file: &str, bytes: Vec<u8>) -> Vec<u8> {
        let edits = self.scenario.edits.iter().filter(|edit| edit.0 == file);
        edits.fold(bytes, |bytes, (_, old, new)| replaced(&bytes, old, new))
    }

    /// Signs a record, logs it, has the log cosigned, and keeps note and proof.
    fn record(&mut self, stem: &str, text: String, witnessed: Time) -> Digest {
        self.rotate(stem, witnessed);
        self.hide(stem);
        let text = self.edited(&format!("{stem}.note"), text.into_bytes());
        let text = String::from_utf8(text).expect("text");
        let mut note = Note::new(text).expect("a text");
        self.signer().sign(&mut note);
        if let Some((_, count)) = self
            .scenario
            .more_signatures
            .as_ref()
            .filter(|it| it.0 == stem)
        {
            note.signatures.extend((1..*count).map(|key_id| Signature {
                name: format!("unknown-{key_id}.example"),
                key_id,
                bytes: vec![0; 64],
            }));
        }
        self.log(stem, &note, witnessed);
        Record::hash(&note.text)
    }

    fn signer(&self) -> &Pair {
        let place = self.signing.checked_sub(1);
        place.map_or(&self.scenario.records, |place| {
            &self.scenario.rotations[place].successor
        })
    }

    /// Changes the record key, if this is where it is to change.
    fn rotate(&mut self, stem: &str, witnessed: Time) {
        for (epoch, rotation) in (1..).zip(&self.scenario.rotations) {
            if rotation.before == stem {
                let key = &rotation.successor.key;
                let policy = self.scenario.policy_by(rotation);
                let text = format!(
                    "fairplate/v1 keys\norigin {ORIGIN}\nepoch {epoch}\n\
                     issued 2026-07-24T00:00:00Z\nvkey {key}\n{}",
                    policy.unwrap_or_default()
                );
                if !rotation.is_ignored {
                    self.witness = rotation.witness.as_ref().unwrap_or(self.witness);
                    self.log_key = rotation.log.as_ref().unwrap_or(self.log_key);
                }
                let keys = format!("keys-{epoch}");
                let text = self.edited(&format!("{keys}.note"), text.into_bytes());
                let text = String::from_utf8(text).expect("text");
                let mut note = Note::new(text).expect("a text");
                for signer in &rotation.signers {
                    signer.sign(&mut note);
                }
                self.log(&keys, &note, witnessed);
            }
            if rotation.signs_from == stem {
                self.signing = epoch;
            }
        }
    }

    /// Logs a note, has the log cosigned, and keeps note and proof.
    fn log(&mut self, stem: &str, note: &Note, witnessed: Time) {
        let bytes = note.to_string().into_bytes();
        self.entries.push(bytes.clone());
        self.files.insert(format!("{stem}.note"), bytes);
        let leaves: Vec<Digest> = self.entries.iter().map(|entry| leaf_hash(entry)).collect();
        let checkpoint = self.checkpoint(&leaves, witnessed);
        let index = leaves.len() as u64 - 1;
        let proof = inclusion_proof(&leaves, index);
        self.files.insert(
            "log/checkpoint".to_owned(),
            checkpoint.to_string().into_bytes(),
        );
        let bundle = InclusionBundle {
            index,
            proof,
            checkpoint,
        };
        self.files.insert(
            format!("{stem}.tlog-proof"),
            bundle.to_string().into_bytes(),
        );
    }

    /// Logs the records that stand before this one and are not in the folder.
    fn hide(&mut self, before: &str) {
        let hidden = self
            .scenario
            .hidden
            .iter()
            .filter(|hidden| hidden.0 == before);
        for (_, text) in hidden {
            let mut note = Note::new(text.clone()).expect("a text");
            self.scenario.records.sign(&mut note);
            self.entries.push(note.to_string().into_bytes());
        }
    }

    fn checkpoint(&self, leaves: &[Digest], witnessed: Time) -> Note {
        let checkpoint = Checkpoint {
            origin: self.scenario.checkpoint_origin.clone(),
            size: leaves.len() as u64,
            root: root_hash(leaves),
        };
        let mut note = Note::new(checkpoint.to_string()).expect("a text");
        self.log_key.sign(&mut note);
        if self.scenario.witnessed {
            self.witness.cosign(&mut note, witnessed);
            if let Some(second) = &self.scenario.second_witness {
                second.cosign(&mut note, witnessed);
            }
        }
        note
    }

    pub(super) fn publish(&mut self) {
        let scenario = self.scenario;
        let (chain, secret) = chain();
        let policy = self.edited("policy.toml", b"# the rules of linan\n".to_vec());
        let announce = self.announce(&chain, &policy);
        self.files.insert("policy.toml".to_owned(), policy);
        let chain_file = self.edited("chain.json", chain.to_string().into_bytes());
        self.files.insert("chain.json".to_owned(), chain_file);
        let announced = self.record("announce", announce.to_string(), scenario.announced);
        if let Some(time) = scenario.void {
            let text = format!(
                "fairplate/v1 void\norigin {ORIGIN}\ndraw {DRAW}\nannounce {announced}\n\
                 issued 2026-07-26T05:00:00Z\nreason 摇号场地停电\n"
            );
            self.record("void", text, time);
            self.end(scenario.published);
            return;
        }
        let close = self.close(announced);
        let closed = self.record("close", close.to_string(), scenario.closed);
        let round = scenario.signature_of.unwrap_or(announce.round);
        let signature = secret.sign(&round_message(round), DST, &[]).to_bytes();
        let mut result = ResultRecord {
            origin: ORIGIN.to_owned(),
            draw: DRAW.to_owned(),
            announce: announced,
            close: closed,
            issued: time("2026-07-26T06:10:30Z"),
            trail: None,
            chain: chain.hash,
            round: announce.round,
            signature,
            seed: seed(announced, closed, &signature),
            outcomes: Vec::new(),
        };
        for pool in &announce.pools {
            self.draw(&mut result, pool);
        }
        let hash = self.record("result", result.to_string(), scenario.published);
        for (stem, text, time) in &scenario.more {
            let text = text.replace("$RESULT", &hash.to_string());
            self.record(stem, text, *time);
        }
        self.end(scenario.published);
    }

    /// Logs what comes after the draw, under one more checkpoint.
    fn end(&mut self, witnessed: Time) {
        self.rotate("end", witnessed);
        self.hide("end");
        let leaves: Vec<Digest> = self.entries.iter().map(|entry| leaf_hash(entry)).collect();
        let checkpoint = self.checkpoint(&leaves, witnessed);
        self.files.insert(
            "log/checkpoint".to_owned(),
            checkpoint.to_string().into_bytes(),
        );
    }

    fn announce(&mut self, chain: &Chain, policy: &[u8]) -> Announce {
        let scenario = self.scenario;
        let mut pools = Vec::new();
        for pool in &scenario.pools {
            let name = format!("pool-{}.csv", pool.category);
            let bytes = self.edited(&name, pool.bytes.clone());
            let file = summary(pool.method, &bytes);
            self.files.insert(name, bytes);
            pools.push(PoolLine {
                category: pool.category.clone(),
                method: pool.method,
                quota: pool.quota,
                reserve: pool.reserve,
                file,
            });
        }
        let sealed = |name: &str| Sealed {
            name: name.to_owned(),
            commitment: commitment(ORIGIN, DRAW, name, &secret_of(name)),
        };
        let (window_secs, margin_secs) = scenario.window_and_margin_secs;
        let beacon = scenario.closes.plus(margin_secs + 300);
        Announce {
            origin: ORIGIN.to_owned(),
            draw: DRAW.to_owned(),
            sequence: 7,
            issued: time("2026-07-25T01:00:00Z"),
            trail: None,
            policy: Digest::of(policy),
            previous: Digest::ZERO,
            pools,
            sealed: ["notary.example/c1", "press.example/c1"]
                .into_iter()
                .chain(scenario.more_contributors.iter().map(String::as_str))
                .map(sealed)
                .collect(),
            open: vec!["ball-machine".to_owned()],
            window_secs,
            margin_secs,
            closes: scenario.closes,
            chain: chain.hash,
            round: chain.first_round_at_or_after(beacon),
        }
    }

    fn close(&self, announce: Digest) -> Close {
        let reveal = |name: &str| Contribution::Reveal {
            name: name.to_owned(),
            secret: secret_of(name),
        };
        let missing = Contribution::Missing {
            name: "press.example/c1".to_owned(),
        };
        let more = self.scenario.more_contributors.iter();
        let more = more.map(|name| reveal(name));
        Close {
            origin: ORIGIN.to_owned(),
            draw: DRAW.to_owned(),
            announce,
            issued: time("2026-07-26T06:00:10Z"),
            trail: None,
            sealed: [reveal("notary.example/c1"), missing]
                .into_iter()
                .chain(more)
                .collect(),
            open: vec![OpenValue {
                label: "ball-machine".to_owned(),
                value: "026498".to_owned(),
            }],
        }
    }

    fn draw(&mut self, result: &mut ResultRecord, pool: &PoolLine) {
        let bytes = self.files[&format!("pool-{}.csv", pool.category)].clone();
        let key = category_key(result.seed, &pool.category);
        let drawn = match pool.method {
            Method::ScoreV1 => draw_scored(bytes.as_slice(), key, pool.quota, pool.reserve),
            Method::RankV1 => draw_ranked(bytes.as_slice(), pool.quota, pool.reserve),
        };
        // A pool that is none has no result; an empty one stands in.
        let outcome = drawn.map(|(outcome, _)| outcome);
        let outcome =
            outcome.unwrap_or_else(|_| draw_scored(&b""[..], key, 0, 0).expect("an empty pool").0);
        let mut file = Vec::new();
        let summary = outcome.write(&mut file).expect("memory does not fail");
        result.outcomes.push(outcome.line(&pool.category, summary));
        self.files
            .insert(format!("result-{}.csv", pool.category), file);
    }
}
