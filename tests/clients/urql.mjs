// urql on a running server: every query document, and the applicant's first steps.
// Operations are named by the hashes of their files, which is all that a city may let through; with
// the word `text` they are sent as texts. node urql.mjs <city.json> [text]

import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { hashOf } from './documents.mjs';
import { city, complaints, conclude, documentOf, queries } from './cast.mjs';
import { steps } from './flow.mjs';

const sendsTexts = process.argv[3] === 'text';

const persisted = persistedExchange({
  generateHash: async (text, document) => hashOf(document),
  enforcePersistedQueries: true,
  enableForMutation: true,
  // Whoever is signed in posts: over GET everybody is nobody in particular.
  preferGetForPersistedQueries: false,
});

const clients = new Map();
function clientOf(role) {
  if (!clients.has(role)) {
    clients.set(
      role,
      new Client({
        url: city.url,
        preferGetMethod: false,
        exchanges: [cacheExchange, ...(sendsTexts ? [] : [persisted]), fetchExchange],
        fetchOptions: role ? { headers: { authorization: `Bearer ${city.tokens[role]}` } } : {},
      }),
    );
  }
  return clients.get(role);
}

const found = [];
for (const { name, document, as, variables } of queries) {
  const { data, error } = await clientOf(as).query(document, variables).toPromise();
  found.push(...complaints(name, data, error && [error]));
}
for (const { name, input, leadsOn } of steps) {
  const variables = { input: input() };
  const asked = clientOf('newcomer').mutation(documentOf(name).document, variables);
  const { data, error } = await asked.toPromise();
  const wrong = complaints(name, data, error && [error]);
  found.push(...wrong);
  if (wrong.length > 0) break;
  if (!leadsOn(data)) found.push(`${name}: ${JSON.stringify(data)}`);
}
conclude(`urql, by ${sendsTexts ? 'text' : 'hash'}`, queries.length + steps.length, found);
