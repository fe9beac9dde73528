// What an applicant does first, for whatever client runs it: each step takes what the step before it
// was answered.

import { city } from './cast.mjs';

const drafts = [];
const requests = [];

/** The steps: the document, its input, and the outcome that leads on. */
export const steps = [
  {
    name: 'StartApplication',
    input: () => ({ category: 'individual', identityType: 'local-household' }),
    leadsOn: ({ startApplication: { __typename, draft } }) => {
      drafts.push(draft);
      return __typename === 'ApplicationStarted';
    },
  },
  {
    name: 'AcknowledgeInstructions',
    input: () => ({ draft: drafts[0].id, sha256: drafts[0].instructions.sha256 }),
    leadsOn: ({ acknowledgeInstructions }) =>
      acknowledgeInstructions.__typename === 'InstructionsAcknowledged',
  },
  {
    name: 'SaveApplicationForm',
    input: () => ({ draft: drafts[0].id, form: city.values.form }),
    leadsOn: ({ saveApplicationForm: { draft } }) =>
      draft.missingFields.length === 0 && draft.violations.length === 0,
  },
  {
    name: 'RequestConfirmation',
    input: () => ({ draft: drafts[0].id }),
    leadsOn: ({ requestConfirmation }) => {
      requests.push(requestConfirmation.code.request);
      return requestConfirmation.__typename === 'ConfirmationRequested';
    },
  },
  {
    name: 'ConfirmApplication',
    input: () => ({
      draft: drafts[0].id,
      code: { request: requests[0], code: '0000000' },
    }),
    leadsOn: ({ confirmApplication }) => confirmApplication.__typename === 'CodeRefused',
  },
  {
    name: 'DiscardDraft',
    input: () => ({ draft: drafts[0].id }),
    leadsOn: ({ discardDraft }) => discardDraft !== null,
  },
  {
    name: 'SignOut',
    input: () => ({ sessions: 'THIS' }),
    leadsOn: ({ signOut }) => signOut.count === '1',
  },
];
