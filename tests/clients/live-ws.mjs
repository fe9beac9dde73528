// The client graphql-ws against a running server: node live-ws.mjs <url> <token>

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { DRAW, check, conclude, tell, token, url } from './live.mjs';

const clients = [];

/** A client as an application makes one. */
function client(authorization) {
  const made = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: authorization && { authorization },
    retryAttempts: 0,
  });
  clients.push(made);
  return made;
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
check('an unknown draw is refused', unknown[0]?.extensions?.code === 'NOT_FOUND', unknown);

const query = await refusal(anonymous, { query: '{ city { key } }' });
check('a query is refused', query[0]?.extensions?.code === 'WRONG_TRANSPORT', query);

const stranger = await refusal(client('Bearer none'), { query: DRAW, variables: { draw: '202606' } });
check('a bad token closes the connection', stranger.code === 4403, stranger);

await Promise.all(clients.map((made) => made.dispose()));
conclude();
