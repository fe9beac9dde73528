// urql on a running server: every query document, and the applicant's first steps.
// node urql.mjs <city.json>

import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { city, complaints, conclude, documentOf, queries } from './cast.mjs';
import { steps } from './flow.mjs';

const clients = new Map();
function clientOf(role) {
  if (!clients.has(role)) {
    clients.set(
      role,
      new Client({
        url: city.url,
        // Queries over GET are asked as nobody in particular; whoever is signed in posts.
        preferGetMethod: role === undefined,
        exchanges: [cacheExchange, fetchExchange],
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
conclude('urql', queries.length + steps.length, found);
