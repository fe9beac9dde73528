// Five screens on a running server: node built/example.js <url> <phone> <period> <code>
//
// The phone is anybody's that can read a text message; the period and the code are those of the
// result that is looked up.

import { createInterface } from 'node:readline/promises';
import { ask, type Caller } from './client.js';
import {
  AcknowledgeInstructions,
  Calendar,
  ConfirmApplication,
  MyApplications,
  Periods,
  Register,
  RequestCode,
  RequestConfirmation,
  Result,
  SaveApplicationForm,
  SignInWithCode,
  StartApplication,
  type ApplicationFormInput,
  type CodePurpose,
} from './generated.js';

const [url = '', phone = '', period = '', code = ''] = process.argv.slice(2);
const anybody: Caller = { url };
const keyboard = createInterface({ input: process.stdin, output: process.stdout });
const lines = keyboard[Symbol.asyncIterator]();

/** Waits for a line: the code on the phone. */
async function typed(question: string): Promise<string> {
  console.log(question);
  const { value } = await lines.next();
  return value ?? '';
}

/** Has a code sent to the phone, and takes what is typed. */
async function codeFor(purpose: CodePurpose) {
  const { requestCode } = await ask(anybody, RequestCode, { input: { phone, purpose } });
  if (requestCode.__typename === 'CodeDelayed') throw new Error(requestCode.explanation);
  return { request: requestCode.request, code: await typed(`code to ${phone} (${purpose})?`) };
}

/** Screen one: sign in with a code; whoever has no account yet opens one. */
async function signIn(): Promise<Caller> {
  const device = { label: 'example' };
  const opened = await ask(anybody, Register, {
    input: { code: await codeFor('REGISTER'), device },
  });
  if (opened.register.__typename === 'SignedIn') return { url, token: opened.register.token };
  console.log(opened.register.explanation);
  const entered = await ask(anybody, SignInWithCode, {
    input: { code: await codeFor('SIGN_IN'), device },
  });
  if (entered.signInWithCode.__typename !== 'SignedIn') {
    throw new Error(entered.signInWithCode.explanation);
  }
  return { url, token: entered.signInWithCode.token };
}

/** Screen two: my applications, with the tier and how often one has taken part. */
async function myApplications(me: Caller) {
  const { me: viewer } = await ask(me, MyApplications, {});
  for (const { code, statusText, notice, tierStatus, participation } of viewer?.applications?.nodes ?? []) {
    console.log(code, statusText, notice ?? '');
    console.log(' ', tierStatus?.notice ?? '', participation?.notice ?? '');
  }
  return viewer?.applications?.nodes.length ?? 0;
}

/** Screen three: apply, step by step. */
async function apply(me: Caller, form: ApplicationFormInput): Promise<string> {
  const choice = { category: 'individual', identityType: 'local-household' };
  const { startApplication: started } = await ask(me, StartApplication, { input: choice });
  if (started.__typename === 'AlreadyApplied') return started.explanation;
  const draft = started.draft.id;
  console.log(started.draft.instructions.paragraphs.join('\n'));
  await ask(me, AcknowledgeInstructions, {
    input: { draft, sha256: started.draft.instructions.sha256 },
  });
  const { saveApplicationForm: saved } = await ask(me, SaveApplicationForm, {
    input: { draft, form },
  });
  for (const { rule, remedy } of saved.draft.violations) console.log(rule, remedy);
  const asked = await ask(me, RequestConfirmation, { input: { draft } });
  if (asked.requestConfirmation.__typename !== 'ConfirmationRequested') {
    return asked.requestConfirmation.__typename;
  }
  const { request } = asked.requestConfirmation.code;
  const given = { request, code: await typed(`code to ${phone} (confirmation)?`) };
  const { confirmApplication: outcome } = await ask(me, ConfirmApplication, {
    input: { draft, code: given },
  });
  return outcome.__typename === 'ApplicationSubmitted'
    ? `${outcome.application.code} ${outcome.application.statusText}`
    : outcome.__typename;
}

/** Screen four: look a result up. */
async function lookUp(): Promise<string> {
  const { result } = await ask(anybody, Result, { period, code });
  return result?.sentence ?? `no period ${period}`;
}

/** Screen five: the list of periods, page by page, and what comes in the latest one. */
async function periods() {
  let after: string | null = null;
  do {
    const page: { periods: PeriodPage } = await ask(anybody, Periods, { first: 10, after });
    for (const { node } of page.periods.edges) console.log(node.number, node.phase, node.drawOn);
    after = page.periods.pageInfo.hasNextPage ? page.periods.pageInfo.endCursor : null;
  } while (after !== null);
  const { calendar } = await ask(anybody, Calendar, { from: '2026-06-01', to: '2026-07-31' });
  for (const { on, text } of calendar?.events ?? []) console.log(on, text);
}

type PeriodPage = Awaited<ReturnType<typeof firstPeriods>>['periods'];
const firstPeriods = () => ask(anybody, Periods, {});

const me = await signIn();
console.log(`${await myApplications(me)} applications so far`);
console.log(
  await apply(me, {
    name: '沈若兰',
    idNumber: '330100199003070016',
    address: '虚构路1号',
    postcode: '310000',
    licenceIssuedOn: '2015-05-06',
    licenceClasses: ['C1'],
    ownsLocalCar: false,
    joinsTier: true,
  }),
);
console.log(`${await myApplications(me)} applications now`);
console.log(await lookUp());
await periods();
keyboard.close();
