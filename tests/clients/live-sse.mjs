// The client graphql-sse against a running server: node live-sse.mjs <url> <token>

import { createClient } from 'graphql-sse';

import { DRAW, check, conclude, tell, token, url } from './live.mjs';

/** A client as an application makes one. */
function client(authorization) {
  return createClient({
    url,
    headers: authorization && { authorization },
    retryAttempts: 0,
  });
}

const anonymous = client();
const applicant = client(`Bearer ${token}`);

await tell((operation, as) => (as ? applicant : anonymous).iterate(operation));

/** What an operation ends with that cannot go well. */
async function refusal(who, operation) {
  try {
    for await (const result of who.iterate(operation)) return result;
  } catch (refused) {
    return refused;
  }
  return 'nothing';
}

const unknown = await refusal(anonymous, { query: DRAW, variables: { draw: 'none' } });
check('an unknown draw is refused', unknown.errors?.[0].extensions.code === 'NOT_FOUND', unknown);

const query = await refusal(anonymous, { query: '{ city { key } }' });
check('a query is refused', query.errors?.[0].extensions.code === 'WRONG_TRANSPORT', query);

const stranger = await refusal(client('Bearer none'), { query: DRAW, variables: { draw: '202606' } });
check('a bad token is refused', stranger.response?.status === 401, stranger);

anonymous.dispose();
applicant.dispose();
conclude();
