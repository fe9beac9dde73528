// graphql-codegen: types for the whole schema and for every document, which TypeScript accepts; and
// the typed client of the guide, which is up to date. node codegen.mjs [--write]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from '@graphql-codegen/cli';
import guide from '../../docs/guide/client/codegen.mjs';
import { documents } from './documents.mjs';

/** Plugins are looked for beside this script, and the guide's own beside its settings. */
function pluginLoader(name) {
  const isOurs = name.endsWith('/trusted.mjs');
  return import(isOurs ? '../../docs/guide/client/trusted.mjs' : name);
}

const writes = process.argv.includes('--write');
const root = fileURLToPath(new URL('../../', import.meta.url));
const { scalars } = guide.generates['generated.ts'].config;

const all = {
  cwd: root,
  pluginLoader,
  silent: true,
  schema: 'docs/api/schema.graphql',
  documents: 'api/documents/*.graphql',
  config: { scalars, strictScalars: true },
  generates: {
    'schema.ts': { plugins: ['typescript'] },
    'operations.ts': { plugins: ['typescript-operations'] },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'fairplate-codegen-'));
try {
  const files = await generate(all, false);
  for (const { filename, content } of files) writeFileSync(join(folder, filename), content);
  const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', import.meta.url));
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--skipLibCheck', 'false'];
  const checked = spawnSync(tsc, [...options, ...files.map(({ filename }) => join(folder, filename))], {
    encoding: 'utf8',
    cwd: folder,
  });
  if (checked.status !== 0) {
    console.error(checked.stdout, checked.stderr);
    process.exitCode = 1;
  }
  const lines = files.map(({ content }) => content.split('\n').length);
  console.log(`types of ${documents.length} documents and the schema: ${lines.join(' + ')} lines`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const [{ content }] = await generate({ ...guide, silent: true, pluginLoader }, false);
const committed = new URL('../../docs/guide/client/generated.ts', import.meta.url);
if (writes) {
  writeFileSync(committed, content);
} else if (readFileSync(committed, 'utf8') !== content) {
  console.error('docs/guide/client/generated.ts is old; run `node tests/clients/codegen.mjs --write`');
  process.exitCode = 1;
}
