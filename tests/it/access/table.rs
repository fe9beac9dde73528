//! Every root field of the schema, whom it opens to, and a call of it.

use super::matrix::Open;

/// Every root field, with a call that gets no further than the door or does no harm behind it.
pub(super) const TABLE: &[(&str, Open, &str)] = &[
    (
        "node",
        Open::WhoMaySee,
        "{ application: node(id: \"$own\") { id } }",
    ),
    (
        "nodes",
        Open::WhoMaySee,
        "{ application: nodes(ids: [\"$own\"]) { id } }",
    ),
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
        "{ draw(publicId: \"202606\") { phase records { note } files { name } } }",
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
        "mutation { resendMessage(input: { messageId: \"$OutgoingMessage\" }) { __typename } }",
    ),
    (
        "markMessageRead",
        Open::SignedIn,
        "mutation { markMessageRead(input: { messageId: \"$Message\" }) { message { id } } }",
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
        "mutation { register(input: { code: { request: \"$CodeRequest\", code: \"1\" } }) { __typename } }",
    ),
    (
        "signIn",
        Open::Everyone,
        "mutation { signIn(input: { phone: \"1\", password: \"none\" }) { __typename } }",
    ),
    (
        "signInWithCode",
        Open::Everyone,
        "mutation { signInWithCode(input: { code: { request: \"$CodeRequest\", code: \"1\" } }) { __typename } }",
    ),
    (
        "resetPassword",
        Open::Everyone,
        "mutation { resetPassword(input: { code: { request: \"$CodeRequest\", code: \"1\" }, password: \"none\" }) { __typename } }",
    ),
    (
        "recoverApplicationCodes",
        Open::Everyone,
        "mutation { recoverApplicationCodes(input: { code: { request: \"$CodeRequest\", code: \"1\" } }) { __typename } }",
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
        "mutation { changePhone(input: { leave: { request: \"$CodeRequest\", code: \"1\" }, take: { request: \"$CodeRequest\", code: \"1\" } }) { __typename } }",
    ),
    (
        "assignApplicant",
        Open::Officers,
        "mutation { assignApplicant(input: { code: \"0486106556963\", phone: \"1\" }) { __typename } }",
    ),
    (
        "signOut",
        Open::WithSession,
        "mutation { signOut(input: { sessions: OTHERS }) { count } }",
    ),
    (
        "endSession",
        Open::Accounts,
        "mutation { endSession(input: { session: \"$Session\" }) { count } }",
    ),
    (
        "startApplication",
        Open::Accounts,
        "mutation { startApplication(input: { category: \"none\", identityType: \"none\" }) { __typename } }",
    ),
    (
        "acknowledgeInstructions",
        Open::Accounts,
        "mutation { acknowledgeInstructions(input: { draft: \"$ApplicationDraft\", sha256: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { __typename } }",
    ),
    (
        "saveApplicationForm",
        Open::Accounts,
        "mutation { saveApplicationForm(input: { draft: \"$ApplicationDraft\", form: {} }) { draft { id } } }",
    ),
    (
        "discardDraft",
        Open::Accounts,
        "mutation { discardDraft(input: { draft: \"$ApplicationDraft\" }) { draft } }",
    ),
    (
        "requestConfirmation",
        Open::Accounts,
        "mutation { requestConfirmation(input: { draft: \"$ApplicationDraft\" }) { __typename } }",
    ),
    (
        "confirmApplication",
        Open::Accounts,
        "mutation { confirmApplication(input: { draft: \"$ApplicationDraft\", code: { request: \"$CodeRequest\", code: \"1\" } }) { __typename } }",
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
        "mutation { resolveDuplicate(input: { flagId: \"$DuplicateFlag\", resolution: DIFFERENT_PERSONS, note: \"none\" }) { __typename } }",
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
        "mutation { confirmPolicy(input: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { __typename } }",
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
    (
        "approvals",
        Open::Approvers,
        "{ approvals { nodes { digest } } }",
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
        "mutation { freezePeriod(input: { period: \"202612\" }) { __typename } }",
    ),
    (
        "freezeRepresentatives",
        Open::Officers,
        "mutation { freezeRepresentatives(input: { period: \"202612\" }) { __typename } }",
    ),
    (
        "respondToInvitation",
        Open::Applicants,
        "mutation { respondToInvitation(input: { invitation: \"$Invitation\", answer: ACCEPT }) { __typename } }",
    ),
    (
        "sealContribution",
        Open::Applicants,
        "mutation { sealContribution(input: { invitation: \"$Invitation\", draw: \"none\", commitment: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { invitation { id } } }",
    ),
    (
        "revealContribution",
        Open::Everyone,
        "mutation { revealContribution(input: { draw: \"none\", name: \"none\", secret: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { __typename } }",
    ),
    (
        "recordAttendance",
        Open::Officers,
        "mutation { recordAttendance(input: { representative: \"$Representative\", attended: true }) { representative { name } } }",
    ),
    (
        "announceDraw",
        Open::Officers,
        "mutation { announceDraw(input: { draw: \"$Draw\", windowSeconds: 1, marginSeconds: 1, closesAt: \"2026-12-01T00:00:00Z\" }) { __typename } }",
    ),
    (
        "closeContributions",
        Open::Officers,
        "mutation { closeContributions(input: { draw: \"$Draw\" }) { draw { id } } }",
    ),
    (
        "finishDraw",
        Open::Officers,
        "mutation { finishDraw(input: { draw: \"$Draw\" }) { draw { id } } }",
    ),
    (
        "voidDraw",
        Open::Officers,
        "mutation { voidDraw(input: { draw: \"$Draw\", reason: \"none\" }) { __typename } }",
    ),
    (
        "liftBan",
        Open::Officers,
        "mutation { liftBan(input: { certificate: \"0000000000000000\", reason: \"none\" }) { __typename } }",
    ),
    (
        "amendResult",
        Open::Officers,
        "mutation { amendResult(input: { draw: \"$Draw\", drops: [] }) { __typename } }",
    ),
    (
        "changeRecordKey",
        Open::Officers,
        "mutation { changeRecordKey(input: {}) { __typename } }",
    ),
    (
        "changePolicy",
        Open::Officers,
        "mutation { changePolicy(input: { text: \"key = 1\" }) { __typename } }",
    ),
    (
        "approve",
        Open::Approvers,
        "mutation { approve(input: { id: \"$Approval\", digest: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { __typename } }",
    ),
    (
        "refuseApproval",
        Open::Approvers,
        "mutation { refuseApproval(input: { id: \"$Approval\" }) { __typename } }",
    ),
    (
        "withdrawApproval",
        Open::Officers,
        "mutation { withdrawApproval(input: { id: \"$Approval\" }) { __typename } }",
    ),
    (
        "drawProgress",
        Open::Everyone,
        "subscription { drawProgress(publicId: \"202606\") { cursor } }",
    ),
    (
        "myEvents",
        Open::SignedIn,
        "subscription { myEvents { cursor } }",
    ),
];
