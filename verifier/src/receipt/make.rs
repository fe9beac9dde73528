//! Making a receipt from a published folder.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader},
};

use crate::{
    bundle::Bundle,
    log::inclusion_proof,
    note::Note,
    pool::Code,
    record::{Announce, Method, PoolLine},
    root::GROUP_ROWS,
};

use super::{
    FILES, Listed, POOL_GROUP, RESULT_GROUP, Receipt, ReceiptError,
    group::{cut, pack, weight},
};

/// Makes the receipt of a code. The folder is believed: verify the draw first, or check the receipt
/// afterwards.
pub fn make(bundle: &Bundle, code: Code) -> Result<Receipt, ReceiptError> {
    let mut files = BTreeMap::new();
    for name in FILES.into_iter().filter(|name| *name != POOL_GROUP) {
        let bytes = bundle.find(name)?;
        let bytes = bytes.ok_or_else(|| ReceiptError::Folder(name.to_owned()))?;
        files.insert(name.to_owned(), bytes);
    }
    let announce = Note::parse(&files["announce.note"]).ok();
    let announce = announce.and_then(|note| Announce::parse(&note.text).ok());
    let announce = announce.ok_or_else(|| ReceiptError::Folder("announce.note".to_owned()))?;
    for pool in &announce.pools {
        let name = format!("pool-{}.csv", pool.category);
        let starts = format!("{code},");
        let found = find_line(open(bundle, &name)?, |line| line.starts_with(&starts))?;
        if let Some(row) = found {
            return make_from(bundle, pool, code, row, files);
        }
    }
    Err(ReceiptError::Nobody(code))
}

fn make_from(
    bundle: &Bundle,
    pool: &PoolLine,
    code: Code,
    row: u64,
    mut files: BTreeMap<String, Vec<u8>>,
) -> Result<Receipt, ReceiptError> {
    let pool_name = format!("pool-{}.csv", pool.category);
    let refuse = |name: &str| ReceiptError::Folder(name.to_owned());
    let tickets = match pool.method {
        Method::ScoreV1 => weight,
        Method::RankV1 => |_: &[u8]| 0,
    };
    let group = cut(open(bundle, &pool_name)?, row, tickets)?;
    let group = group.ok_or_else(|| refuse(&pool_name))?;
    let pool_path = inclusion_proof(&group.leaves, row / GROUP_ROWS);
    files.insert(POOL_GROUP.to_owned(), group.bytes);

    let result_name = format!("result-{}.csv", pool.category);
    let is_theirs = |line: &str| line.split(',').nth(1) == Some(code.as_ref());
    let mut listed = None;
    if let Some(line) = find_line(open(bundle, &result_name)?, is_theirs)? {
        let group = cut(open(bundle, &result_name)?, line, |_| 0)?;
        let group = group.ok_or_else(|| refuse(&result_name))?;
        let packed = pack(&group.bytes).ok_or_else(|| refuse(&result_name))?;
        files.insert(RESULT_GROUP.to_owned(), packed);
        let path = inclusion_proof(&group.leaves, line / GROUP_ROWS);
        listed = Some(Listed {
            rank: line + 1,
            path,
        });
    }
    Ok(Receipt {
        category: pool.category.clone(),
        code,
        row,
        first_ticket: group.first_ticket,
        pool_path,
        listed,
        files,
    })
}

fn open(bundle: &Bundle, name: &str) -> Result<impl BufRead + use<>, ReceiptError> {
    let file = bundle.open(name)?;
    let file = file.ok_or_else(|| ReceiptError::Folder(name.to_owned()))?;
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
