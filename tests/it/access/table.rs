//! Every root field of the schema, whom it opens to, and a call of it.

use super::matrix::Open;

/// Every root field, with a call that gets no further than the door or does no harm behind it.
pub(super) const TABLE: &[(&str, Open, &str)] = &[
    ("city", Open::Everyone, "{ city { key } }"),
    (
        "period",
        Open::Everyone,
        "{ period(number: \"202606\") { phase } }",
    ),
    (
        "periods",
        Open::Everyone,
        "{ periods { nodes { number } } }",
    ),
    (
        "draw",
        Open::Everyone,
        "{ draw(id: \"202606\") { phase records { note } files { name } } }",
    ),
    (
        "representatives",
        Open::Everyone,
        "{ representatives(period: \"202606\") { places { state } } }",
    ),
    (
        "result",
        Open::Everyone,
        "{ result(period: \"202606\", code: \"0486106556963\") { __typename } }",
    ),
    (
        "certificate",
        Open::Everyone,
        "{ certificate(number: \"0000000000000000\") }",
    ),
    (
        "carryOver",
        Open::Everyone,
        "{ carryOver { category balance } }",
    ),
    ("rateLimit", Open::Everyone, "{ rateLimit { remaining } }"),
    ("me", Open::Everyone, "{ me { role } }"),
    (
        "application",
        Open::OwnerOrReviewer,
        "{ application(id: \"$own\") { code } }",
    ),
    (
        "reviewQueue",
        Open::Reviewers,
        "{ reviewQueue { nodes { application { code } } } }",
    ),
    (
        "duplicateFlags",
        Open::Reviewers,
        "{ duplicateFlags { nodes { id } } }",
    ),
    (
        "auditTrail",
        Open::Auditors,
        "{ auditTrail { nodes { action } } }",
    ),
    (
        "messages",
        Open::Officers,
        "{ messages(state: DEAD) { totalCount } }",
    ),
    (
        "resendMessage",
        Open::Officers,
        "mutation { resendMessage(input: { messageId: \"00000000-0000-0000-0000-000000000000\" }) { __typename } }",
    ),
    (
        "markMessageRead",
        Open::SignedIn,
        "mutation { markMessageRead(input: { messageId: \"00000000-0000-0000-0000-000000000000\" }) { message { id } } }",
    ),
    (
        "waitingCount",
        Open::Reviewers,
        "{ waitingCount(period: \"202606\") }",
    ),
    (
        "requestCode",
        Open::Everyone,
        "mutation { requestCode(input: { phone: \"1\", purpose: SIGN_IN }) { __typename } }",
    ),
    (
        "register",
        Open::Everyone,
        "mutation { register(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "signIn",
        Open::Everyone,
        "mutation { signIn(input: { phone: \"1\", password: \"none\" }) { __typename } }",
    ),
    (
        "signInWithCode",
        Open::Everyone,
        "mutation { signInWithCode(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "resetPassword",
        Open::Everyone,
        "mutation { resetPassword(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" }, password: \"none\" }) { __typename } }",
    ),
    (
        "recoverApplicationCodes",
        Open::Everyone,
        "mutation { recoverApplicationCodes(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "changePassword",
        Open::Accounts,
        "mutation { changePassword(input: { current: \"none\", new: \"none\" }) { __typename } }",
    ),
    (
        "requestPhoneChange",
        Open::Accounts,
        "mutation { requestPhoneChange(input: { phone: \"1\" }) { __typename } }",
    ),
    (
        "changePhone",
        Open::Accounts,
        "mutation { changePhone(input: { leave: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" }, take: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "assignApplicant",
        Open::Officers,
        "mutation { assignApplicant(input: { code: \"0486106556963\", phone: \"1\" }) { __typename } }",
    ),
    (
        "signOut",
        Open::Accounts,
        "mutation { signOut(input: { sessions: OTHERS }) { count } }",
    ),
    (
        "endSession",
        Open::Accounts,
        "mutation { endSession(input: { session: \"00000000-0000-0000-0000-000000000000\" }) { count } }",
    ),
    (
        "startApplication",
        Open::Accounts,
        "mutation { startApplication(input: { category: \"none\", identityType: \"none\" }) { __typename } }",
    ),
    (
        "acknowledgeInstructions",
        Open::Accounts,
        "mutation { acknowledgeInstructions(input: { draft: \"00000000-0000-0000-0000-000000000000\", sha256: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { __typename } }",
    ),
    (
        "saveApplicationForm",
        Open::Accounts,
        "mutation { saveApplicationForm(input: { draft: \"00000000-0000-0000-0000-000000000000\", form: {} }) { draft { id } } }",
    ),
    (
        "discardDraft",
        Open::Accounts,
        "mutation { discardDraft(input: { draft: \"00000000-0000-0000-0000-000000000000\" }) { draft } }",
    ),
    (
        "requestConfirmation",
        Open::Accounts,
        "mutation { requestConfirmation(input: { draft: \"00000000-0000-0000-0000-000000000000\" }) { __typename } }",
    ),
    (
        "confirmApplication",
        Open::Accounts,
        "mutation { confirmApplication(input: { draft: \"00000000-0000-0000-0000-000000000000\", code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "joinTier",
        Open::Owner,
        "mutation { joinTier(input: { applicationId: \"$own\" }) { __typename } }",
    ),
    (
        "cancelApplication",
        Open::Owner,
        "mutation { cancelApplication(input: { applicationId: \"$own\" }) { __typename } }",
    ),
    (
        "requestSecondLook",
        Open::Owner,
        "mutation { requestSecondLook(input: { applicationId: \"$own\", statement: \"none\" }) { __typename } }",
    ),
    (
        "reviewApplication",
        Open::Reviewers,
        "mutation { reviewApplication(input: { code: \"0486106556963\", decision: APPROVED }) { __typename } }",
    ),
    (
        "claimApplication",
        Open::Reviewers,
        "mutation { claimApplication(input: { code: \"0486106556963\" }) { __typename } }",
    ),
    (
        "claimApplications",
        Open::Reviewers,
        "mutation { claimApplications(input: { count: 1, filter: { period: \"202612\" } }) { claimed { waitsFor } } }",
    ),
    (
        "releaseClaim",
        Open::Reviewers,
        "mutation { releaseClaim(input: { code: \"0486106556963\" }) { __typename } }",
    ),
    (
        "viewForm",
        Open::Reviewers,
        "mutation { viewForm(input: { code: \"0486106556963\" }) { __typename } }",
    ),
    (
        "resolveDuplicate",
        Open::Reviewers,
        "mutation { resolveDuplicate(input: { flagId: \"00000000-0000-7000-8000-000000000000\", resolution: DIFFERENT_PERSONS, note: \"none\" }) { __typename } }",
    ),
    (
        "surrenderCertificate",
        Open::Applicants,
        "mutation { surrenderCertificate(input: { number: \"0000000000000000\" }) { __typename } }",
    ),
    (
        "markCertificateUsed",
        Open::Officers,
        "mutation { markCertificateUsed(input: { number: \"0000000000000000\" }) { __typename } }",
    ),
    (
        "confirmPolicy",
        Open::Officers,
        "mutation { confirmPolicy(input: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { sha256 } }",
    ),
    (
        "openPeriod",
        Open::Officers,
        "mutation { openPeriod(input: { number: \"202612\", appliesFrom: \"2026-12-01\", appliesUntil: \"2026-12-02\", reviewPublishOn: \"2026-12-03\", drawOn: \"2026-12-04\", quotas: [] }) { period { number } } }",
    ),
    (
        "closePeriod",
        Open::Officers,
        "mutation { closePeriod(input: { period: \"202612\" }) { period { number } } }",
    ),
    (
        "publishReview",
        Open::Officers,
        "mutation { publishReview(input: { period: \"202612\" }) { period { number } } }",
    ),
    (
        "calendar",
        Open::Everyone,
        "{ calendar(from: \"2026-06-01\", to: \"2026-06-30\") { events { on } days { on } } }",
    ),
    ("officer", Open::Officers, "{ officer { todo { kind } } }"),
    (
        "renewApplication",
        Open::Owner,
        "mutation { renewApplication(input: { applicationId: \"$own\" }) { __typename } }",
    ),
    (
        "planPeriods",
        Open::Officers,
        "mutation { planPeriods(input: { year: 2031 }) { periods { number } } }",
    ),
    (
        "planPeriod",
        Open::Officers,
        "mutation { planPeriod(input: { number: \"202612\", appliesFrom: \"2026-12-01\", appliesUntil: \"2026-12-02\", reviewPublishOn: \"2026-12-03\", drawOn: \"2026-12-04\" }) { period { number } } }",
    ),
    (
        "setQuota",
        Open::Officers,
        "mutation { setQuota(input: { period: \"202612\", quota: { category: \"individual\", quota: 1 } }) { period { number } } }",
    ),
    (
        "movePeriodDates",
        Open::Officers,
        "mutation { movePeriodDates(input: { period: \"202612\", reason: \"none\" }) { period { number } } }",
    ),
    (
        "freezePeriod",
        Open::Officers,
        "mutation { freezePeriod(input: { period: \"202612\" }) { draw { id } } }",
    ),
    (
        "freezeRepresentatives",
        Open::Officers,
        "mutation { freezeRepresentatives(input: { period: \"202612\" }) { draw { id } } }",
    ),
    (
        "respondToInvitation",
        Open::Applicants,
        "mutation { respondToInvitation(input: { invitation: \"none\", answer: ACCEPT }) { __typename } }",
    ),
    (
        "sealContribution",
        Open::Applicants,
        "mutation { sealContribution(input: { invitation: \"none\", draw: \"none\", commitment: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { invitation { id } } }",
    ),
    (
        "revealContribution",
        Open::Applicants,
        "mutation { revealContribution(input: { invitation: \"none\", draw: \"none\", secret: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { invitation { id } } }",
    ),
    (
        "recordAttendance",
        Open::Officers,
        "mutation { recordAttendance(input: { representative: \"none\", attended: true }) { representative { name } } }",
    ),
    (
        "announceDraw",
        Open::Officers,
        "mutation { announceDraw(input: { draw: \"none\", windowSeconds: 1, marginSeconds: 1, closesAt: \"2026-12-01T00:00:00Z\" }) { draw { id } } }",
    ),
    (
        "closeContributions",
        Open::Officers,
        "mutation { closeContributions(input: { draw: \"none\" }) { draw { id } } }",
    ),
    (
        "finishDraw",
        Open::Officers,
        "mutation { finishDraw(input: { draw: \"none\" }) { draw { id } } }",
    ),
    (
        "voidDraw",
        Open::Officers,
        "mutation { voidDraw(input: { draw: \"none\", reason: \"none\" }) { draw { id } } }",
    ),
    (
        "drawProgress",
        Open::Everyone,
        "subscription { drawProgress(draw: \"202606\") { cursor } }",
    ),
    (
        "myEvents",
        Open::SignedIn,
        "subscription { myEvents { cursor } }",
    ),
];
