// The folder of trusted documents: one file, one operation, and the operation's name is the file's.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { buildSchema, parse } from 'graphql';

const root = new URL('../../', import.meta.url);

/** The committed schema, as text. */
export const sdl = readFileSync(new URL('docs/api/schema.graphql', root), 'utf8');

/** The same, built. */
export const schema = buildSchema(sdl);

/** Every document: its name, its text, its id, and what graphql-js reads in it. */
export const documents = readdirSync(new URL('api/documents/', root))
  .filter((file) => file.endsWith('.graphql'))
  .sort()
  .map((file) => {
    const bytes = readFileSync(new URL(`api/documents/${file}`, root));
    const text = bytes.toString('utf8');
    return {
      name: file.slice(0, -'.graphql'.length),
      id: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      text,
      document: parse(text),
    };
  });

/** The hash of the file whose operation a client is about to send, whatever it has added to it. */
export function hashOf(document) {
  const name = operationOf({ document }).name.value;
  return documents.find((entry) => entry.name === name).id.slice('sha256:'.length);
}

/** The one operation of a document. */
export function operationOf({ document }) {
  return document.definitions.find(({ kind }) => kind === 'OperationDefinition');
}
