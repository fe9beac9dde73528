// Apollo Client on a running server: every query document, and the applicant's first steps.
// Operations are named by the hashes of their files, which is all that a city may let through; with
// the word `text` they are sent as texts. node apollo.mjs <city.json> [text]

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core';
import { SetContextLink } from '@apollo/client/link/context';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { hashOf, schema } from './documents.mjs';
import { city, complaints, conclude, documentOf, queries } from './cast.mjs';
import { steps } from './flow.mjs';

const sendsTexts = process.argv[3] === 'text';

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
    // Queries of nobody in particular go over GET, where others may keep the answer.
    const persisted = new PersistedQueryLink({
      generateHash: hashOf,
      useGETForHashedQueries: role === undefined,
    });
    const links = [signIn, ...(sendsTexts ? [] : [persisted]), new HttpLink({ uri: city.url })];
    const link = ApolloLink.from(links);
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
conclude(`Apollo Client, by ${sendsTexts ? 'text' : 'hash'}`, queries.length + steps.length, found);
