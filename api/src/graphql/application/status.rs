//! Where an application stands.

use ::entity::application;
use async_graphql::Enum;

use crate::graphql::locale::Locale;

/// Where an application stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "application::Status")]
pub(in crate::graphql) enum ApplicationStatus {
    /// Submitted; no review result is public.
    New,
    /// Approved: its code is a valid code (有效编码) and enters the next pool.
    Valid,
    /// Refused, with reasons.
    Refused,
    /// Refused, and on the applicant's request looked at once more by somebody else (复核).
    SecondLook,
    /// Refused again after the second look; that is final.
    RefusedFinal,
    /// Cancelled by the applicant.
    Cancelled,
    /// Has won a quota.
    Allocated,
    /// Its validity ran out; it can be renewed where the city's rules say so.
    Lapsed,
    /// Had won a quota, and lost it by an amend of the result. One may apply again.
    Dropped,
}

/// The same for people.
pub(super) fn status_text(status: application::Status, locale: Locale) -> String {
    match status {
        application::Status::New => locale.choose("新申请", "New application"),
        application::Status::Valid => {
            locale.choose("审核通过，有效编码", "Approved; the code is valid")
        }
        application::Status::Refused => locale.choose("审核未通过", "Not approved"),
        application::Status::SecondLook => locale.choose("复核中", "Under a second look"),
        application::Status::RefusedFinal => {
            locale.choose("复核未通过", "Not approved after the second look")
        }
        application::Status::Cancelled => locale.choose("已取消", "Cancelled"),
        application::Status::Allocated => locale.choose("已中签", "Selected"),
        application::Status::Lapsed => locale.choose("已失效", "Lapsed"),
        application::Status::Dropped => {
            locale.choose("中签资格已被更正取消", "Selected, and dropped by an amend")
        }
    }
}
