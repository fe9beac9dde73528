// graphql-inspector: what the running server says of its schema breaks nothing of the committed one.
// node inspector.mjs <url>

import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { schema } from './documents.mjs';

const [url] = process.argv.slice(2);
const response = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery({ specifiedByUrl: true }) }),
});
const { data, errors } = await response.json();
if (errors) {
  console.error(JSON.stringify(errors));
  process.exit(1);
}
const changes = await diff(schema, buildClientSchema(data));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
for (const { message, criticality } of changes) console.error(`${criticality.level}: ${message}`);
console.log(`${changes.length} changes, ${breaking.length} of them breaking`);
process.exit(breaking.length === 0 ? 0 : 1);
