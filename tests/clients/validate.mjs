// Every document fits the committed schema, and the folder leaves nothing out: each root field has a
// screen, each member of a payload is spelled out, and each row of the guide's table is asked for.

import { readFileSync } from 'node:fs';
import {
  TypeInfo,
  isAbstractType,
  isUnionType,
  getNamedType,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { documents, schema } from './documents.mjs';

const faults = [];
const selected = new Set();

for (const { name, text, document } of documents) {
  for (const error of validate(schema, document)) {
    faults.push(`${name}: ${error.message}`);
  }
  const operations = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  const fragments = document.definitions.filter(({ kind }) => kind === 'FragmentDefinition');
  if (operations.length !== 1 || operations[0].name?.value !== name) {
    faults.push(`${name}: expected exactly one operation, of that name`);
  }
  for (const fragment of fragments) {
    if (!fragment.name.value.startsWith(name)) {
      faults.push(`${name}: the fragment ${fragment.name.value} belongs to no other file`);
    }
  }
  if (!/^# \S/.test(text) || !text.endsWith('}\n')) {
    faults.push(`${name}: expected a line that says which screen it serves, and one line end last`);
  }
  walk(name, document);
}

/** Notes which fields are asked for, and which members of a union are not. */
function walk(name, document) {
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field(field) {
        selected.add(`${info.getParentType()}.${field.name.value}`);
        const type = getNamedType(info.getType());
        const fields = (field.selectionSet?.selections ?? []).map(({ name }) => name?.value);
        if (fields.includes('id') && !fields.includes('__typename')) {
          faults.push(`${name}: a cache cannot keep ${type} without its __typename beside its id`);
        }
        if (!isUnionType(type)) return;
        const spelled = (field.selectionSet?.selections ?? [])
          .filter(({ kind }) => kind === 'InlineFragment')
          .map(({ typeCondition }) => schema.getType(typeCondition.name.value));
        for (const member of type.getTypes()) {
          const isSeen = spelled.some(
            (seen) => seen === member || (isAbstractType(seen) && schema.isSubType(seen, member)),
          );
          if (!isSeen) faults.push(`${name}: says nothing of ${member} in ${type}`);
        }
      },
      Argument() {
        const argument = info.getArgument();
        noteInputs(getNamedType(argument.type));
      },
    }),
  );
}

/** A variable of an input type can give each of its fields. */
function noteInputs(type) {
  for (const field of Object.keys(type.getFields?.() ?? {})) {
    const mark = `${type}.${field}`;
    if (selected.has(mark)) continue;
    selected.add(mark);
    noteInputs(getNamedType(type.getFields()[field].type));
  }
}

for (const root of [
  schema.getQueryType(),
  schema.getMutationType(),
  schema.getSubscriptionType(),
]) {
  for (const field of Object.keys(root.getFields())) {
    // A screen asks for what it shows by its own name; these serve caches that hold an id alone.
    if (['node', 'nodes'].includes(field)) continue;
    if (!selected.has(`${root}.${field}`)) faults.push(`no document asks for ${root}.${field}`);
  }
}

const table = readFileSync(
  new URL('../../docs/guide/coverage-hangzhou.md', import.meta.url),
  'utf8',
);
let rows = 0;
for (const [, row, served] of table.matchAll(/^\| (H\d+) \|[^|]*\|([^|]*)\|/gm)) {
  rows += 1;
  for (const [, type, field] of served.matchAll(/`([A-Z]\w*)\.(\w+)`/g)) {
    const isEnum = schema.getType(type)?.getValues !== undefined;
    if (!isEnum && !selected.has(`${type}.${field}`)) {
      faults.push(`${row}: no document asks for ${type}.${field}`);
    }
  }
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${documents.length} of ${documents.length} documents are valid; ${rows} rows of the guide`);
