/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Which instructions were read. */
export type AcknowledgeInstructionsInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The draft's id. */
  draft: string;
  /** SHA-256 of the instructions as they were shown. */
  sha256: string;
};

/** What is filled in. A field that is left out stays as it is; null clears it. */
export type ApplicationFormInput = {
  /** Address in the city. */
  address?: string | null | undefined;
  /** E-mail address. */
  email?: string | null | undefined;
  /** Number of the identity document. */
  idNumber?: string | null | undefined;
  /** Whether to join the tier (阶梯摇号) at once, where the city has one to join. */
  joinsTier?: boolean | null | undefined;
  /** Classes of the driving licence (准驾车型), at most sixteen. */
  licenceClasses?: Array<LicenceClass> | null | undefined;
  /** Issue date of the driving licence. */
  licenceIssuedOn?: string | null | undefined;
  /** The applicant's name. */
  name?: string | null | undefined;
  /** Whether a small car registered in the city is in the applicant's name. */
  ownsLocalCar?: boolean | null | undefined;
  /** Postcode, six digits. */
  postcode?: string | null | undefined;
};

/** Where an application stands. */
export type ApplicationStatus =
  /** Has won a quota. */
  | 'ALLOCATED'
  /** Cancelled by the applicant. */
  | 'CANCELLED'
  /** Had won a quota, and lost it by an amend of the result. One may apply again. */
  | 'DROPPED'
  /** Its validity ran out; it can be renewed where the city's rules say so. */
  | 'LAPSED'
  /** Submitted; no review result is public. */
  | 'NEW'
  /** Refused, with reasons. */
  | 'REFUSED'
  /** Refused again after the second look; that is final. */
  | 'REFUSED_FINAL'
  /** Refused, and on the applicant's request looked at once more by somebody else (复核). */
  | 'SECOND_LOOK'
  /** Approved: its code is a valid code (有效编码) and enters the next pool. */
  | 'VALID';

/** The four steps of applying. */
export type ApplicationStep =
  /** It is an application (完成申请). */
  | 'DONE'
  /** Fill in the form (申报填写). */
  | 'FORM'
  /** Read the instructions (填报说明). */
  | 'INSTRUCTIONS'
  /** Confirm with the code of a text message (短信确认). */
  | 'SMS_CONFIRM';

/** What a code is asked for. */
export type CodePurpose =
  /** To learn one's application codes, with `recoverApplicationCodes`. */
  | 'RECOVER_CODES'
  /** To open an account, with `register`. */
  | 'REGISTER'
  /** To choose a new password, with `resetPassword`. */
  | 'RESET_PASSWORD'
  /** To sign in without a password, with `signInWithCode`. */
  | 'SIGN_IN';

/** The draft, and the code that confirms it. */
export type ConfirmApplicationInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The code. */
  code: TypedCodeInput;
  /** The draft's id. */
  draft: string;
  /**
   * A key of the client's own, 8 to 64 letters, digits, `-` and `_`; a random UUID is a good one.
   * Asked again with the same key and the same input, the mutation gives its first answer and
   * does nothing more; with the same key and another input it is refused as `INVALID_INPUT`. Keys
   * are each caller's own and are remembered for two days. A refusal leaves its key free.
   */
  idempotencyKey?: string | null | undefined;
};

/** What a reviewer decides. */
export type Decision =
  /** The application's code becomes valid. */
  | 'APPROVED'
  /** It does not, for coded reasons. */
  | 'REFUSED';

/** The device that somebody signs in from. */
export type DeviceInput = {
  /** What the device is called in the list of sessions, at most 64 characters. */
  label?: string | null | undefined;
  /** The `deviceToken` of an earlier sign-in from this device; without it the device is new. */
  token?: string | null | undefined;
};

/** A field of the application form. */
export type FieldKey =
  /** Address in the city. */
  | 'ADDRESS'
  /** E-mail address. */
  | 'EMAIL'
  /** Number of the identity document. */
  | 'ID_NUMBER'
  /** Whether to join the tier (阶梯摇号) at once. */
  | 'JOINS_TIER'
  /** Classes of the driving licence. */
  | 'LICENCE_CLASSES'
  /** Issue date of the driving licence. */
  | 'LICENCE_ISSUED_ON'
  /** The applicant's name. */
  | 'NAME'
  /** Whether a small car registered in the city is in the applicant's name. */
  | 'OWNS_LOCAL_CAR'
  /** Postcode. */
  | 'POSTCODE';

/** What is filled into a field. */
export type FieldKind =
  /** A day. */
  | 'DATE'
  /** Any of the sixteen licence classes. */
  | 'LICENCE_CLASSES'
  /** A line of text. */
  | 'TEXT'
  /** Yes or no. */
  | 'YES_NO';

/** A class of the mainland driving licence (准驾车型). */
export type LicenceClass =
  /** Large passenger vehicles. */
  | 'A1'
  /** Tractor units. */
  | 'A2'
  /** City buses. */
  | 'A3'
  /** Medium passenger vehicles. */
  | 'B1'
  /** Large goods vehicles. */
  | 'B2'
  /** Small vehicles. */
  | 'C1'
  /** Small vehicles with automatic gears. */
  | 'C2'
  /** Low-speed goods vehicles. */
  | 'C3'
  /** Three-wheeled vehicles. */
  | 'C4'
  /** Small automatic passenger vehicles for drivers with a disability. */
  | 'C5'
  /** Three-wheeled motorcycles. */
  | 'D'
  /** Two-wheeled motorcycles. */
  | 'E'
  /** Light motorcycles. */
  | 'F'
  /** Wheeled self-propelled machines. */
  | 'M'
  /** Trolleybuses. */
  | 'N'
  /** Trams. */
  | 'P';

/** A language that every text for people exists in. */
export type Locale =
  /** English. */
  | 'EN'
  /** Chinese as written in mainland China; the language of the rules themselves. */
  | 'ZH_CN';

/** A day of a period's life, in the order in which they come. */
export type Milestone =
  /** The first day on which applications are taken. */
  | 'APPLIES_FROM'
  /** The last day on which applications are taken. */
  | 'APPLIES_UNTIL'
  /** The day of the draw. */
  | 'DRAW'
  /** The day on which applicant representatives are drawn. */
  | 'REPRESENTATIVES'
  /** The day on which review results are published. */
  | 'REVIEW_PUBLISH';

/** Which lottery a period is of. */
export type PeriodKind =
  /** The regular lottery. */
  | 'NORMAL'
  /** The separate lottery of those who have waited long (阶梯摇号). */
  | 'TIER';

/** Where a period stands. A period only ever moves down this list. */
export type PeriodPhase =
  /** Applications are under review. */
  | 'CLOSED'
  /** The pool is fixed; a draw is under way. */
  | 'FROZEN'
  /** Taking applications. */
  | 'OPEN'
  /** Its days are public; it does not take applications yet. */
  | 'PLANNED'
  /** The result is public. */
  | 'PUBLISHED'
  /** Review results are public. */
  | 'REVIEW_PUBLISHED';

/** What opens an account. */
export type RegisterInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The code that proves the phone, asked for with the purpose `REGISTER`. */
  code: TypedCodeInput;
  /** The device. */
  device?: DeviceInput | null | undefined;
  /** A password of 10 to 128 characters. Without one, codes are what one signs in with. */
  password?: string | null | undefined;
};

/** To which phone a code goes, and what for. */
export type RequestCodeInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** Mobile phone number, eleven digits. */
  phone: string;
  /** What for. The code is good for nothing else. */
  purpose: CodePurpose;
};

/** Which draft is to be confirmed. */
export type RequestConfirmationInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The draft's id. */
  draft: string;
};

/** What made a decision necessary. */
export type ReviewKind =
  /** It turned out to be a second application of the same person. */
  | 'DUPLICATE'
  /** The application was new. */
  | 'FIRST'
  /** The applicant asked for a second look (复核). */
  | 'SECOND_LOOK';

/** As what somebody is signed in. */
export type Role =
  /** Somebody who applies. */
  | 'APPLICANT'
  /** Somebody who decides on what officers have proposed. */
  | 'APPROVER'
  /** Somebody who reads the audit trail. */
  | 'AUDITOR'
  /** Somebody who runs the lottery, and may decide on applications too. */
  | 'OFFICER'
  /** Somebody who decides on applications. */
  | 'REVIEWER';

/** What is filled in. */
export type SaveApplicationFormInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The draft's id. */
  draft: string;
  /** The fields that change; the others stay. */
  form: ApplicationFormInput;
};

/** A code to sign in with. */
export type SignInWithCodeInput = {
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The code, asked for with the purpose `SIGN_IN`. */
  code: TypedCodeInput;
  /** The device. */
  device?: DeviceInput | null | undefined;
};

/** What to apply for, and as what. */
export type StartApplicationInput = {
  /** The category, a key of the policy, for example `individual`. */
  category: string;
  /** Any text of the client's own, at most 64 characters. Every outcome gives it back. */
  clientMutationId?: string | null | undefined;
  /** The identity type (身份类型), a key of the policy. */
  identityType: string;
};

/** A one-time code as it was typed. */
export type TypedCodeInput = {
  /** The seven digits of the text message; blanks and hyphens do not matter. */
  code: string;
  /** The request that the code was sent for. */
  request: string;
};

/** What can stand in an applicant's way. */
export type ViolationCode =
  /** No address. */
  | 'ADDRESS_MISSING'
  /** Banned from applying. */
  | 'BAN_ACTIVE'
  /** A certificate won earlier is still valid. */
  | 'CERTIFICATE_LIVE'
  /** Not an e-mail address. */
  | 'EMAIL_INVALID'
  /** The number cannot be that of the document. */
  | 'IDENTITY_NUMBER_INVALID'
  /** The city has no such identity type. */
  | 'IDENTITY_TYPE_UNKNOWN'
  /** None of the licence's classes allows to drive a small car. */
  | 'LICENCE_CLASS_NOT_ACCEPTED'
  /** The licence is dated after today. */
  | 'LICENCE_DATE_IN_FUTURE'
  /** No licence date or no licence class. */
  | 'LICENCE_MISSING'
  /** A small car registered here is in the applicant's name. */
  | 'OWNS_LOCAL_CAR'
  /** Not a mobile phone number. */
  | 'PHONE_INVALID'
  /** Not a postcode. */
  | 'POSTCODE_INVALID'
  /** The residence permit has run out. */
  | 'RESIDENCE_PERMIT_EXPIRED'
  /** Too few consecutive months of social insurance. */
  | 'SOCIAL_INSURANCE_GAP';

export type AcknowledgeInstructionsMutationVariables = Exact<{
  input: AcknowledgeInstructionsInput;
  locale?: Locale | null | undefined;
}>;


export type AcknowledgeInstructionsMutation = { acknowledgeInstructions:
    | { __typename: 'InstructionsAcknowledged', draft: { __typename: 'ApplicationDraft', id: string, step: ApplicationStep, acknowledgedAt: string | null, fields: Array<{ key: FieldKey, kind: FieldKind, label: string, hint: string | null, isRequired: boolean }> } }
    | { __typename: 'InstructionsChanged', draft: { __typename: 'ApplicationDraft', id: string, step: ApplicationStep, instructions: { sha256: string, paragraphs: Array<string> } } }
   };

export type CalendarQueryVariables = Exact<{
  from: string;
  to: string;
  locale?: Locale | null | undefined;
}>;


export type CalendarQuery = { calendar: { events: Array<{ on: string, milestone: Milestone, movedFrom: string | null, text: string, period: { __typename: 'Period', id: string, number: string } }>, days: Array<{ on: string, isWorkingDay: boolean | null }> } | null };

export type ConfirmApplicationMutationVariables = Exact<{
  input: ConfirmApplicationInput;
  locale?: Locale | null | undefined;
}>;


export type ConfirmApplicationMutation = { confirmApplication:
    | { __typename: 'AlreadyApplied', explanation: string }
    | { __typename: 'ApplicationNotEligible', violations: Array<{ code: ViolationCode, field: FieldKey | null, rule: string, source: string, remedy: string, until: string | null }> }
    | { __typename: 'ApplicationSubmitted', application: { __typename: 'Application', id: string, code: string, maskedCode: string, status: ApplicationStatus, statusText: string, notice: string | null, periodNumber: string } }
    | { __typename: 'CodeRefused', explanation: string }
    | { __typename: 'CounterNeeded', explanation: string }
    | { __typename: 'NoOpenPeriod', explanation: string }
   };

export type MyApplicationsQueryVariables = Exact<{
  locale?: Locale | null | undefined;
}>;


export type MyApplicationsQuery = { me: { role: Role, applications: { nodes: Array<{ __typename: 'Application', id: string, code: string, maskedCode: string, category: string, identityType: string, periodNumber: string, status: ApplicationStatus, statusText: string, notice: string | null, isLocked: boolean, submittedAt: string, secondLookUntil: string | null, validity: { until: string | null, renewableFrom: string | null, canRenew: boolean, renewedAt: string | null } | null, tierStatus: { joinedAt: string | null, canJoin: boolean, count: number, threshold: number | null, weight: number, notice: string | null } | null, participation: { asOf: string, count: number, countForTier: number, notice: string | null } | null, review: { kind: ReviewKind, decision: Decision, decidedAt: string, reasons: Array<{ code: string, text: string, remedy: string }> } | null, secondLook: { requestedAt: string, decidedAt: string | null } | null }> } | null } | null };

export type PeriodsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PeriodsQuery = { periods: { edges: Array<{ cursor: string, node: { __typename: 'Period', id: string, number: string, kind: PeriodKind, phase: PeriodPhase, appliesFrom: string, appliesUntil: string, reviewPublishOn: string, drawOn: string, publishedOn: string | null } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
  locale?: Locale | null | undefined;
}>;


export type RegisterMutation = { register:
    | { __typename: 'AccountExists', explanation: string }
    | { __typename: 'CodeRefused', explanation: string }
    | { __typename: 'SignedIn', token: string, deviceToken: string, viewer: { role: Role } }
   };

export type RequestCodeMutationVariables = Exact<{
  input: RequestCodeInput;
  locale?: Locale | null | undefined;
}>;


export type RequestCodeMutation = { requestCode:
    | { __typename: 'CodeDelayed', nextAt: string, explanation: string }
    | { __typename: 'CodeSent', request: string, expiresAt: string, nextAt: string }
   };

export type RequestConfirmationMutationVariables = Exact<{
  input: RequestConfirmationInput;
  locale?: Locale | null | undefined;
}>;


export type RequestConfirmationMutation = { requestConfirmation:
    | { __typename: 'CodeDelayed', nextAt: string, explanation: string }
    | { __typename: 'ConfirmationRequested', maskedPhone: string, code: { request: string, expiresAt: string, nextAt: string }, draft: { __typename: 'ApplicationDraft', id: string, step: ApplicationStep } }
    | { __typename: 'FormIncomplete', draft: { __typename: 'ApplicationDraft', id: string, step: ApplicationStep, missingFields: Array<FieldKey>, violations: Array<{ code: ViolationCode, field: FieldKey | null, rule: string, remedy: string, until: string | null }> } }
   };

export type ResultQueryVariables = Exact<{
  period: string;
  code: string;
  locale?: Locale | null | undefined;
}>;


export type ResultQuery = { result:
    | { __typename: 'ResultNotInPool', period: string, code: string, sentence: string }
    | { __typename: 'ResultNotPublished', period: string, code: string, sentence: string }
    | { __typename: 'ResultNotSelected', draw: string, category: string, weight: number, period: string, code: string, sentence: string }
    | { __typename: 'ResultReserve', draw: string, category: string, weight: number, rank: string, serial: string, score: string, period: string, code: string, sentence: string }
    | { __typename: 'ResultWon', draw: string, category: string, weight: number, rank: string, serial: string, score: string, period: string, code: string, sentence: string }
   | null };

export type SaveApplicationFormMutationVariables = Exact<{
  input: SaveApplicationFormInput;
  locale?: Locale | null | undefined;
}>;


export type SaveApplicationFormMutation = { saveApplicationForm: { draft: { __typename: 'ApplicationDraft', id: string, step: ApplicationStep, missingFields: Array<FieldKey>, updatedAt: string, keptUntil: string, violations: Array<{ code: ViolationCode, field: FieldKey | null, rule: string, source: string, remedy: string, until: string | null }> } } };

export type SignInWithCodeMutationVariables = Exact<{
  input: SignInWithCodeInput;
  locale?: Locale | null | undefined;
}>;


export type SignInWithCodeMutation = { signInWithCode:
    | { __typename: 'CodeRefused', explanation: string }
    | { __typename: 'NoAccount', explanation: string }
    | { __typename: 'SignedIn', token: string, deviceToken: string, viewer: { role: Role } }
   };

export type StartApplicationMutationVariables = Exact<{
  input: StartApplicationInput;
  locale?: Locale | null | undefined;
}>;


export type StartApplicationMutation = { startApplication:
    | { __typename: 'AlreadyApplied', explanation: string }
    | { __typename: 'ApplicationStarted', draft: { __typename: 'ApplicationDraft', id: string, category: string, identityType: string, step: ApplicationStep, acknowledgedAt: string | null, keptUntil: string, instructions: { sha256: string, paragraphs: Array<string> } } }
   };


/** A document of the folder: what it is called there, and what it takes and gives. */
export type Trusted<Answer, Variables> = {
  readonly id: string;
  /** Nothing stands here; it carries the types. */
  readonly types?: (variables: Variables) => Answer;
};

export const AcknowledgeInstructions: Trusted<AcknowledgeInstructionsMutation, AcknowledgeInstructionsMutationVariables> = {
  id: 'sha256:470447894be733af0bd6d0c6116bdc167230e621ad1f264bdbe57c468bee513f',
};
export const Calendar: Trusted<CalendarQuery, CalendarQueryVariables> = {
  id: 'sha256:6d0f4cab12da6eab2f8fda8bc18c31bf5a38ce90c6fa3dab5c709dc294fdb98d',
};
export const ConfirmApplication: Trusted<ConfirmApplicationMutation, ConfirmApplicationMutationVariables> = {
  id: 'sha256:fb3b1fd773455ae64cb14266a6344ea83beb5e13f72401962f14f369da841fa1',
};
export const MyApplications: Trusted<MyApplicationsQuery, MyApplicationsQueryVariables> = {
  id: 'sha256:907bfc6997d3068173eef85f9b5bfcab5b4da91a12370444f358ce9344c37838',
};
export const Periods: Trusted<PeriodsQuery, PeriodsQueryVariables> = {
  id: 'sha256:6a09247a547d9e48b85ab174c6f0909f7b20183282b358ee8b7f1989c6e31362',
};
export const Register: Trusted<RegisterMutation, RegisterMutationVariables> = {
  id: 'sha256:8f74506b4715d72e00e5b0ab05cb51dc12a0b442787b06866579bbb778d3f592',
};
export const RequestCode: Trusted<RequestCodeMutation, RequestCodeMutationVariables> = {
  id: 'sha256:851399b02874562921fbf7a6a12c992142dae8880bc7a86fab4b7aec0312b2c0',
};
export const RequestConfirmation: Trusted<RequestConfirmationMutation, RequestConfirmationMutationVariables> = {
  id: 'sha256:b12d63fc0516b44b744e08b15caeaa2e37318f743b8fb1cbdd06ed0ee9fd489d',
};
export const Result: Trusted<ResultQuery, ResultQueryVariables> = {
  id: 'sha256:9352fb2fa1db726bade5afa64cc432f4c7274dcf74bdcd252efed176d2b8b3eb',
};
export const SaveApplicationForm: Trusted<SaveApplicationFormMutation, SaveApplicationFormMutationVariables> = {
  id: 'sha256:a592f36876bf92df75e29905502ccdfaefebc748c4d5480bb9907155336ff144',
};
export const SignInWithCode: Trusted<SignInWithCodeMutation, SignInWithCodeMutationVariables> = {
  id: 'sha256:1eccda01cdd06520efba1df31d9452b9bc2dc0b0e2d68ba54daaea61aca385fb',
};
export const StartApplication: Trusted<StartApplicationMutation, StartApplicationMutationVariables> = {
  id: 'sha256:fc4e5b29e22b5ca8b2b92796ef46c5eb2d9062790a389bc3e867eaf199105446',
};