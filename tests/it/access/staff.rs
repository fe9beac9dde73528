//! The root fields of staff who sign in.

use super::matrix::Open;

/// Each with a call that does no harm behind the door.
pub(super) const TABLE: &[(&str, Open, &str)] = &[
    (
        "setStaffPassword",
        Open::Everyone,
        "mutation { setStaffPassword(input: { name: \"none\", invitation: \"none\", password: \"seven grey herons\" }) { __typename } }",
    ),
    (
        "confirmStaffPassword",
        Open::Everyone,
        "mutation { confirmStaffPassword(input: { name: \"none\", invitation: \"none\", code: \"000000\" }) { __typename } }",
    ),
    (
        "signInStaff",
        Open::Everyone,
        "mutation { signInStaff(input: { name: \"none\", password: \"none\", code: \"000000\" }) { __typename } }",
    ),
    (
        "startPasskeyRegistration",
        Open::Everyone,
        "mutation { startPasskeyRegistration(input: { invited: { name: \"none\", invitation: \"none\" } }) { __typename } }",
    ),
    (
        "finishPasskeyRegistration",
        Open::Everyone,
        "mutation { finishPasskeyRegistration(input: { request: \"$PasskeyRequest\", credential: \"none\" }) { __typename } }",
    ),
    (
        "startPasskeySignIn",
        Open::Everyone,
        "mutation { startPasskeySignIn(input: { name: \"none\" }) { __typename } }",
    ),
    (
        "finishPasskeySignIn",
        Open::Everyone,
        "mutation { finishPasskeySignIn(input: { request: \"$PasskeyRequest\", credential: \"none\" }) { __typename } }",
    ),
];
