// A plugin of graphql-codegen: for each document a constant with its id and the types of its answer
// and its variables. The id is the SHA-256 of the file's bytes; the server knows the text behind it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const HEAD = `
/** A document of the folder: what it is called there, and what it takes and gives. */
export type Trusted<Answer, Variables> = {
  readonly id: string;
  /** Nothing stands here; it carries the types. */
  readonly types?: (variables: Variables) => Answer;
};
`;

export function plugin(schema, files) {
  const constants = files.map(({ location, document }) => {
    const bytes = readFileSync(location);
    const name = basename(location, '.graphql');
    const { operation } = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
    const kind = `${operation[0].toUpperCase()}${operation.slice(1)}`;
    const id = createHash('sha256').update(bytes).digest('hex');
    return `export const ${name}: Trusted<${name}${kind}, ${name}${kind}Variables> = {
  id: 'sha256:${id}',
};`;
  });
  return [HEAD, ...constants].join('\n');
}
