//! What keeps somebody with a valid application out of a pool. Looked at when the pool is frozen:
//! an application was approved some time before, and things happen in between.

/// Why a valid application does not enter a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exclusion {
    /// The person holds a live certificate of the category.
    CertificateLive,
    /// The person may not apply.
    BanActive,
    /// The code is in the frozen pool of another draw under way: it could win twice.
    InAnotherPool,
}

impl Exclusion {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 3] = [Self::CertificateLive, Self::BanActive, Self::InAnotherPool];

    /// The code in the audit trail and in the API, for example `BAN_ACTIVE`; where a violation says
    /// the same, it has the same name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CertificateLive => "CERTIFICATE_LIVE",
            Self::BanActive => "BAN_ACTIVE",
            Self::InAnotherPool => "IN_ANOTHER_POOL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ViolationCode;

    #[test]
    fn what_keeps_out_of_a_pool_and_what_keeps_from_applying_have_one_name() {
        for (exclusion, violation) in [
            (Exclusion::CertificateLive, ViolationCode::CertificateLive),
            (Exclusion::BanActive, ViolationCode::BanActive),
        ] {
            assert_eq!(exclusion.name(), violation.name());
        }
        assert_eq!(Exclusion::ALL.map(Exclusion::name).len(), 3);
    }
}
