// Settings of graphql-codegen: types for the documents that the example uses, and nothing else.

import { fileURLToPath } from 'node:url';

const documents = [
  'AcknowledgeInstructions',
  'Calendar',
  'ConfirmApplication',
  'MyApplications',
  'Periods',
  'Register',
  'RequestCode',
  'RequestConfirmation',
  'Result',
  'SaveApplicationForm',
  'SignInWithCode',
  'StartApplication',
];

export default {
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  schema: '../../api/schema.graphql',
  documents: documents.map((name) => `../../../api/documents/${name}.graphql`),
  generates: {
    'generated.ts': {
      plugins: ['typescript-operations', './trusted.mjs'],
      config: {
        // Scalars of ours are strings in JSON, also `Long`: 64 bits do not fit in a number. A text in
        // both languages is an object of two.
        scalars: {
          ApplicationCode: 'string',
          Bytes32: 'string',
          CertificateNumber: 'string',
          Date: 'string',
          DateTime: 'string',
          ID: 'string',
          LocalizedText: '{ zh: string; en: string }',
          Long: 'string',
          PeriodNumber: 'string',
        },
        strictScalars: true,
        documentMode: 'external',
      },
    },
  },
};
