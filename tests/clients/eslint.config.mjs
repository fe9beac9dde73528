// The recommended rules of @graphql-eslint, for our schema and for our documents. What is switched
// off here stands with its reason; single exceptions stand in lint.mjs.

import { fileURLToPath } from 'node:url';
import graphql from '@graphql-eslint/eslint-plugin';

const root = fileURLToPath(new URL('../../', import.meta.url));

const { rules: ofSchema } = graphql.configs['flat/schema-recommended'];
const { rules: ofOperations } = graphql.configs['flat/operations-recommended'];

const languageOptions = {
  parser: graphql.parser,
  parserOptions: {
    graphQLConfig: {
      schema: `${root}docs/api/schema.graphql`,
      documents: `${root}api/documents/*.graphql`,
    },
  },
};

const contradicting = {
  // It wants an `id` in every object. Here `id` is the global id of a thing that `node` finds again;
  // a payload, an edge or a day of the calendar is no such thing, and an id would promise that it is.
  '@graphql-eslint/strict-id-in-types': 'off',
};

export default [
  {
    files: ['docs/api/schema.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions,
    rules: { ...ofSchema, ...contradicting },
  },
  {
    files: ['api/documents/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions,
    rules: ofOperations,
  },
];
