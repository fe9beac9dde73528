//! The proof that two people want the same.

use ::entity::approval;

use crate::domain::actor::Approver;

/// Something that two people of the city want, each in a session of their own: what exactly, which
/// officer proposed it, and who approved of it. The functions that do it take nothing else.
pub(in crate::service) struct Approved<T> {
    what: T,
    row: approval::Model,
    by: Approver,
}

impl<T> Approved<T> {
    /// Made where the rules of an approval were checked, and nowhere else.
    pub(super) fn new(what: T, row: &approval::Model, by: &Approver) -> Self {
        Self {
            what,
            row: row.clone(),
            by: by.clone(),
        }
    }

    /// What is to be done.
    pub(in crate::service) fn what(&self) -> &T {
        &self.what
    }

    /// The approval.
    pub(in crate::service) fn id(&self) -> uuid::Uuid {
        self.row.id
    }

    /// Whoever approved of it.
    pub(in crate::service) fn by(&self) -> &Approver {
        &self.by
    }

    /// Facts for an auditor, with those of the approval beside them.
    pub(in crate::service) fn detail(&self, mut facts: serde_json::Value) -> serde_json::Value {
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("approval".to_owned(), self.row.id.to_string().into());
            let proposer = self.row.proposed_by.as_str();
            facts.insert("proposed_by".to_owned(), proposer.into());
        }
        facts
    }
}
