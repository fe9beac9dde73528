// Every query document over fetch alone, named by its id: node plain.mjs <city.json>

import { city, complaints, conclude, queries } from './cast.mjs';

const found = [];
for (const { name, id, as, variables } of queries) {
  const response = await fetch(city.url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(as && { authorization: `Bearer ${city.tokens[as]}` }),
    },
    body: JSON.stringify({ documentId: id, variables }),
  });
  if (response.status !== 200) found.push(`${name}: status ${response.status}`);
  const { data, errors } = await response.json();
  found.push(...complaints(name, data, errors));
}
conclude('fetch', queries.length, found);
