// Apollo Client on a running server: every query document, and the applicant's first steps.
// node apollo.mjs <city.json>

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core';
import { SetContextLink } from '@apollo/client/link/context';
import { schema } from './documents.mjs';
import { city, complaints, conclude, documentOf, queries } from './cast.mjs';
import { steps } from './flow.mjs';

/** The members of each abstract type, so that the cache matches fragments on them. */
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter((type) => type.getTypes || type.astNode?.kind === 'InterfaceTypeDefinition')
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);

/** A client of its own for each role, as in life: a cache is one person's. */
const clients = new Map();
function clientOf(role) {
  if (!clients.has(role)) {
    const signIn = new SetContextLink(({ headers }) => ({
      headers: { ...headers, ...(role && { authorization: `Bearer ${city.tokens[role]}` }) },
    }));
    const link = ApolloLink.from([signIn, new HttpLink({ uri: city.url })]);
    clients.set(role, new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes }) }));
  }
  return clients.get(role);
}

const found = [];
for (const { name, document, as, variables } of queries) {
  const { data, error } = await clientOf(as).query({ query: document, variables, errorPolicy: 'all' });
  found.push(...complaints(name, data, error?.errors ?? (error && [error])));
}
for (const { name, input, leadsOn } of steps) {
  const { data, error } = await clientOf('newcomer').mutate({
    mutation: documentOf(name).document,
    variables: { input: input() },
    errorPolicy: 'all',
  });
  const wrong = complaints(name, data, error?.errors ?? (error && [error]));
  found.push(...wrong);
  if (wrong.length > 0) break;
  if (!leadsOn(data)) found.push(`${name}: ${JSON.stringify(data)}`);
}
conclude('Apollo Client', queries.length + steps.length, found);
