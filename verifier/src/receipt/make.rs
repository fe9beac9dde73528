//! Making a receipt from a published folder.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader},
};

use crate::{
    beacon::Chain,
    bundle::Bundle,
    log::inclusion_proof,
    note::Note,
    pool::Code,
    record::{Announce, Method, PoolLine, ResultRecord},
    root::GROUP_ROWS,
    score::category_key,
    text::Digest,
};

use super::{
    FILES, Listed, POOL_GROUP, RESULT_GROUP, Receipt, ReceiptError,
    group::{Group, Kind, cut, pack, weight},
};

/// Makes the receipt of a code. The folder is believed: verify the draw first, or check the receipt
/// afterwards.
pub fn make(bundle: &Bundle, code: Code) -> Result<Receipt, ReceiptError> {
    let mut files = BTreeMap::new();
    for name in FILES.into_iter().filter(|name| *name != POOL_GROUP) {
        files.insert(name.to_owned(), find(bundle, name)?);
    }
    let announce = text(&files, "announce.note")?;
    let announce = Announce::parse(&announce).map_err(|_| refuse("announce.note"))?;
    let result = text(&files, "result.note")?;
    let result = ResultRecord::parse(&result).map_err(|_| refuse("result.note"))?;
    let chain = Chain::parse(&find(bundle, "chain.json")?).map_err(|_| refuse("chain.json"))?;
    for pool in &announce.pools {
        let name = format!("pool-{}.csv", pool.category);
        let starts = format!("{code},");
        let found = find_line(open(bundle, &name)?, |line| line.starts_with(&starts))?;
        let Some(row) = found else {
            continue;
        };
        let (group, packed) = pool_group(bundle, pool, row)?;
        files.insert(POOL_GROUP.to_owned(), packed.into_bytes());
        let listed = match find_listed(bundle, pool, result.seed, code)? {
            Some((listed, packed)) => {
                files.insert(RESULT_GROUP.to_owned(), packed.into_bytes());
                Some(listed)
            }
            None => None,
        };
        return Ok(Receipt {
            category: pool.category.clone(),
            code,
            row,
            first_ticket: group.first_ticket,
            pool_path: inclusion_proof(&group.leaves, row / GROUP_ROWS),
            listed,
            chain,
            files,
        });
    }
    Err(ReceiptError::Nobody(code))
}

fn refuse(name: &str) -> ReceiptError {
    ReceiptError::Folder(name.to_owned())
}

fn find(bundle: &Bundle, name: &str) -> Result<Vec<u8>, ReceiptError> {
    bundle.find(name)?.ok_or_else(|| refuse(name))
}

/// The text that a note's signatures are over.
fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Result<String, ReceiptError> {
    let note = files.get(name).and_then(|bytes| Note::parse(bytes).ok());
    Ok(note.ok_or_else(|| refuse(name))?.text)
}

fn pool_group(bundle: &Bundle, pool: &PoolLine, row: u64) -> Result<(Group, String), ReceiptError> {
    let name = format!("pool-{}.csv", pool.category);
    let tickets = match pool.method {
        Method::ScoreV1 => weight,
        Method::RankV1 => |_: &[u8]| 0,
    };
    let group = cut(open(bundle, &name)?, row, tickets)?.ok_or_else(|| refuse(&name))?;
    let packed = pack(Kind::of_pool(pool.method), &group.bytes).ok_or_else(|| refuse(&name))?;
    Ok((group, packed))
}

/// The code's place in the result file, if it has one, and its group there.
fn find_listed(
    bundle: &Bundle,
    pool: &PoolLine,
    seed: Digest,
    code: Code,
) -> Result<Option<(Listed, String)>, ReceiptError> {
    let name = format!("result-{}.csv", pool.category);
    let is_theirs = |line: &str| line.split(',').nth(1) == Some(code.as_ref());
    let Some(row) = find_line(open(bundle, &name)?, is_theirs)? else {
        return Ok(None);
    };
    let group = cut(open(bundle, &name)?, row, |_| 0)?.ok_or_else(|| refuse(&name))?;
    let key = category_key(seed, &pool.category);
    let kind = Kind::of_result(pool.method, row - row % GROUP_ROWS, key);
    let packed = pack(kind, &group.bytes).ok_or_else(|| refuse(&name))?;
    let listed = Listed {
        rank: row + 1,
        path: inclusion_proof(&group.leaves, row / GROUP_ROWS),
    };
    Ok(Some((listed, packed)))
}

fn open(bundle: &Bundle, name: &str) -> Result<impl BufRead + use<>, ReceiptError> {
    let file = bundle.open(name)?;
    let file = file.ok_or_else(|| refuse(name))?;
    Ok(BufReader::new(file))
}

/// The first line that is wanted, from 0.
fn find_line(mut file: impl BufRead, wanted: impl Fn(&str) -> bool) -> io::Result<Option<u64>> {
    let mut line = String::new();
    for number in 0.. {
        line.clear();
        if file.read_line(&mut line)? == 0 {
            break;
        }
        if wanted(line.trim_end()) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}
