//! The tiered lottery (阶梯摇号): who may join, who is in which pool.

use super::PeriodKind;
use crate::policy::Tier;

/// What a pool looks at, on the day on which it is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The application has passed its review and nothing has barred it since: its code is a valid
    /// code (有效编码).
    pub is_valid: bool,
    /// The person has joined the tier.
    pub has_joined: bool,
    /// Participations that the tier looks at.
    pub count_for_tier: u32,
}

/// Whether a person may join the tier now. Joining is once and for ever, and may come before the
/// threshold is reached: the threshold decides about the pool.
#[must_use]
pub fn can_join(tier: &Tier, has_joined: bool) -> bool {
    matches!(tier, Tier::SeparatePool { .. }) && !has_joined
}

/// Whether a person's code belongs in the pool of a period of that kind.
///
/// The regular pool takes everyone who is valid, in either mode; a tier period's pool takes those
/// who have also joined and have waited long enough, and nobody in a city without tier periods.
#[must_use]
pub fn is_in_pool(tier: &Tier, kind: PeriodKind, candidate: Candidate) -> bool {
    match (kind, tier) {
        (PeriodKind::Normal, _) => candidate.is_valid,
        (PeriodKind::Tier, Tier::SeparatePool { threshold, .. }) => {
            candidate.is_valid && candidate.has_joined && candidate.count_for_tier >= *threshold
        }
        (PeriodKind::Tier, Tier::WeightedEntries { .. } | Tier::None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy;

    fn tier_of(key: &str) -> Tier {
        let builtin = policy::find_builtin(key).expect("built in");
        builtin.policy().expect("valid").tier
    }

    #[test]
    fn the_tier_is_joined_once_and_only_where_there_is_one() {
        let hangzhou = tier_of("hangzhou-2018");
        assert!(can_join(&hangzhou, false));
        assert!(!can_join(&hangzhou, true));
        assert!(!can_join(&tier_of("beijing-2016"), false));
        assert!(!can_join(&Tier::None, false));
    }

    #[test]
    fn a_tier_pool_takes_those_who_are_valid_have_joined_and_have_waited() {
        let hangzhou = tier_of("hangzhou-2018");
        let member = Candidate {
            is_valid: true,
            has_joined: true,
            count_for_tier: 24,
        };
        let invalid = Candidate {
            is_valid: false,
            ..member
        };
        let outside = Candidate {
            has_joined: false,
            ..member
        };
        let early = Candidate {
            count_for_tier: 23,
            ..member
        };

        assert!(is_in_pool(&hangzhou, PeriodKind::Tier, member));
        for other in [invalid, outside, early] {
            assert!(!is_in_pool(&hangzhou, PeriodKind::Tier, other), "{other:?}");
        }
        for other in [tier_of("beijing-2016"), Tier::None] {
            assert!(!is_in_pool(&other, PeriodKind::Tier, member));
        }
    }

    #[test]
    fn the_regular_pool_takes_everyone_who_is_valid() {
        for tier in [
            tier_of("hangzhou-2018"),
            tier_of("beijing-2016"),
            Tier::None,
        ] {
            for (is_valid, has_joined, count_for_tier) in
                [(true, false, 0), (true, true, 60), (false, true, 60)]
            {
                let candidate = Candidate {
                    is_valid,
                    has_joined,
                    count_for_tier,
                };
                assert_eq!(is_in_pool(&tier, PeriodKind::Normal, candidate), is_valid);
            }
        }
    }
}
