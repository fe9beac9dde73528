//! Who and what is taken already, in the file or in the city.

use std::{collections::HashSet, path::Path};

use super::{Report, line};
use crate::{app::App, domain::CertificateNumber, error::Result, store};

/// What a line takes that only one can have.
pub(super) struct Taking {
    /// The line, counted from 1 with the header.
    pub(super) line: u64,
    /// Blind index of the identity number.
    pub(super) person: [u8; 32],
    /// The application code.
    pub(super) code: String,
    /// The number of the certificate, where the file gives one.
    pub(super) certificate: Option<CertificateNumber>,
}

/// Who and what is taken already. Halves of digests are enough to tell millions apart.
#[derive(Default)]
pub(super) struct Known {
    persons: HashSet<[u8; 16]>,
    codes: HashSet<u64>,
    certificates: HashSet<CertificateNumber>,
}

/// What of a piece's lines the city has.
struct There {
    persons: HashSet<Vec<u8>>,
    codes: HashSet<String>,
    certificates: HashSet<String>,
}

impl There {
    async fn find(app: &App, lines: &[Taking]) -> Result<Self> {
        let (db, city) = (&app.db, app.city);
        let persons = lines.iter().map(|line| line.person.to_vec()).collect();
        let codes = lines.iter().map(|line| line.code.clone()).collect();
        let certificates = lines.iter().filter_map(|line| line.certificate);
        let certificates: Vec<_> = certificates.map(|number| number.to_string()).collect();
        let persons = store::applicants::list_known(db, city, persons).await?;
        let codes = store::applications::list_taken_codes(db, city, codes).await?;
        let certificates = if certificates.is_empty() {
            Vec::new()
        } else {
            store::certificates::list_taken(db, city, certificates).await?
        };
        Ok(Self {
            persons: persons.into_iter().collect(),
            codes: codes.into_iter().collect(),
            certificates: certificates.into_iter().collect(),
        })
    }
}

impl Known {
    /// Looks a piece's lines up, and refuses those that take what is taken.
    pub(super) async fn check(
        &mut self,
        app: &App,
        path: &Path,
        lines: &[Taking],
        refused: &mut HashSet<u64>,
        report: &mut Report,
    ) -> Result<()> {
        let there = There::find(app, lines).await?;
        for taking in lines {
            if let Some((field, reason)) = self.refusal(&there, taking) {
                let reason = reason.to_owned();
                report.refuse(line::refusal(path, taking.line, field, reason));
                refused.insert(taking.line);
            }
        }
        Ok(())
    }

    fn refusal(&mut self, there: &There, taking: &Taking) -> Option<(&'static str, &'static str)> {
        let mut half = [0; 16];
        half.copy_from_slice(&taking.person[..16]);
        let is_new_person = self.persons.insert(half);
        let code = taking.code.parse();
        let is_new_code = code.is_ok_and(|code: u64| self.codes.insert(code));
        let number = taking.certificate;
        let is_new_number = number.is_none_or(|number| self.certificates.insert(number));
        if there.persons.contains(&taking.person[..]) {
            let reason = "this person is known to the city already; leave the line out";
            Some(("id_number", reason))
        } else if !is_new_person {
            let reason = "an earlier line has the same number; one line a person";
            Some(("id_number", reason))
        } else if there.codes.contains(&taking.code) {
            Some(("code", "the city has an application with this code already"))
        } else if !is_new_code {
            let reason = "an earlier line has the same code; a code is one application's";
            Some(("code", reason))
        } else if number.is_some_and(|number| there.certificates.contains(number.as_str())) {
            let reason = "the city has a certificate with this number already";
            Some(("certificate_number", reason))
        } else if !is_new_number {
            let reason = "an earlier line has the same number; a number is one certificate's";
            Some(("certificate_number", reason))
        } else {
            None
        }
    }
}
