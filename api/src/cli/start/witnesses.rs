//! Whose cosignatures the settings ask for, and the trust policy that follows.

use std::sync::Arc;

use verifier::{note::VerifierKey, trust::TrustPolicy};

use crate::{
    beacon::Limits,
    clock::Clock,
    config::{Config, WitnessConfig},
    error::{Error, Result},
    layout::Layout,
    signer::{Cosigner, Passphrase},
    witness::{HttpWitness, LocalWitness, Witness},
};

type Witnesses = (Vec<Arc<dyn Witness>>, TrustPolicy);

pub(super) fn open_witnesses(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    log: &VerifierKey,
    clock: &Arc<dyn Clock>,
) -> Result<Witnesses> {
    let mut witnesses: Vec<Arc<dyn Witness>> = Vec::new();
    let mut lines = vec![format!("log {log}")];
    for line in &config.witness {
        let witness = open_witness(layout, line, passphrase, log, clock)?;
        lines.push(format!("witness {} {}", line.name, witness.key()));
        witnesses.push(witness);
    }
    let names: Vec<_> = config
        .witness
        .iter()
        .map(|line| line.name.as_str())
        .collect();
    match (names.as_slice(), config.quorum) {
        ([], _) => lines.push("quorum none".to_owned()),
        ([only], None | Some(1)) => lines.push(format!("quorum {only}")),
        (all, quorum) => {
            let wanted = quorum.unwrap_or(all.len());
            lines.push(format!("group quorum {wanted} {}", all.join(" ")));
            lines.push("quorum quorum".to_owned());
        }
    }
    let trust = format!("{}\n", lines.join("\n")).parse().map_err(|cause| {
        Error::NotSetUp(format!(
            "the witnesses of the settings make no trust policy: {cause}"
        ))
    })?;
    Ok((witnesses, trust))
}

fn open_witness(
    layout: &Layout,
    line: &WitnessConfig,
    passphrase: &Passphrase,
    log: &VerifierKey,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Witness>> {
    match (&line.url, &line.vkey, &line.local) {
        (Some(url), Some(vkey), None) => {
            let key = vkey.parse().map_err(|cause| {
                Error::NotSetUp(format!("the vkey of witness {}: {cause}", line.name))
            })?;
            Ok(Arc::new(HttpWitness::new(url, key, Limits::default())))
        }
        (None, None, Some(folder)) => {
            let folder = layout.root().join(folder);
            let cosigner = Cosigner::open(&folder, passphrase).map_err(super::key_error)?;
            let memory = folder.join("checkpoint");
            Ok(Arc::new(LocalWitness::new(
                cosigner,
                log.clone(),
                memory,
                Arc::clone(clock),
            )))
        }
        _ => Err(Error::NotSetUp(format!(
            "witness {} needs either a url and a vkey, or a local folder",
            line.name
        ))),
    }
}
