// Who asks for which query document, with which variables; a document without a line here is asked
// by nobody in particular, without variables. The file named as the first argument tells of the city.

import { readFileSync } from 'node:fs';
import { documents, operationOf } from './documents.mjs';

/** The endpoint, a token for each role, and values for variables. */
export const city = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const { period, draw, code, application, certificate } = city.values;

const parts = {
  ApplicationForm: { as: 'winner', variables: { id: application } },
  Approvals: { as: 'officer' },
  AuditTrail: { as: 'auditor', variables: { subject: code } },
  Calendar: { variables: { from: '2026-06-01', to: '2026-07-31' } },
  Certificate: { variables: { number: certificate } },
  Draw: { variables: { publicId: draw } },
  DrawVerdict: { variables: { publicId: draw } },
  DuplicateFlags: { as: 'reviewer' },
  Duties: { as: 'officer' },
  Inbox: { as: 'winner' },
  Me: { as: 'winner' },
  MyApplications: { as: 'winner' },
  MyCertificates: { as: 'winner' },
  MyDrafts: { as: 'winner' },
  MyInvitations: { as: 'winner' },
  OutgoingMessages: { as: 'officer', variables: { state: 'SENT' } },
  Participation: { as: 'winner', variables: { id: application, asOf: '2026-06-30' } },
  Period: { variables: { number: period } },
  Representatives: { variables: { period } },
  Result: { variables: { period, code } },
  ReviewQueue: { as: 'reviewer', variables: { filter: { secondLook: false } } },
  Sessions: { as: 'winner' },
  WaitingCount: { as: 'reviewer', variables: { period } },
};

/** Every query document, with whoever asks for it and what they give. */
export const queries = documents
  .filter((entry) => operationOf(entry).operation === 'query')
  .map((entry) => ({ ...entry, variables: {}, ...parts[entry.name] }));

/** The one document of a name. */
export function documentOf(name) {
  return documents.find((entry) => entry.name === name);
}

/** What an answer lacks: an error stands in it, or nothing stands in one of its root fields. */
export function complaints(name, data, errors) {
  const found = (errors ?? []).map(({ message }) => `${name}: ${message}`);
  // Nothing is counted on a server whose clock stands still.
  const empty = Object.entries(data ?? {}).filter(
    ([field, value]) => value === null && field !== 'rateLimit',
  );
  if (!data) found.push(`${name}: no data`);
  return [...found, ...empty.map(([field]) => `${name}: nothing in ${field}`)];
}

/** Says how many were asked, and ends the script. */
export function conclude(client, count, found) {
  for (const complaint of found) console.error(complaint);
  console.log(`${client}: ${count - found.length} of ${count} operations without a complaint`);
  process.exit(found.length === 0 && count > 0 ? 0 : 1);
}
