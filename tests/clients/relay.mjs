// relay-compiler on our schema and our documents. Relay reads operations out of modules, and names
// them by the module: each document becomes one in a folder of its own.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { print, visit } from 'graphql';
import { documents, operationOf, sdl } from './documents.mjs';

const kinds = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };

/** The document with the names that Relay asks for: `Result.graphql` → `ResultQuery`. */
function named({ name, document }) {
  return visit(document, {
    OperationDefinition: (node) => ({
      ...node,
      name: { ...node.name, value: `${name}${kinds[node.operation]}` },
    }),
    // `__typename` is Relay's own to ask for.
    Field: (node) => (node.name.value === '__typename' ? null : undefined),
  });
}

const folder = mkdtempSync(join(tmpdir(), 'fairplate-relay-'));
try {
  writeFileSync(join(folder, 'schema.graphql'), sdl);
  mkdirSync(join(folder, 'src'));
  for (const entry of documents) {
    const tagged = `import { graphql } from 'relay-runtime';\n\ngraphql\`\n${print(named(entry))}\n\`;\n`;
    writeFileSync(join(folder, 'src', `${entry.name}.ts`), tagged);
  }
  writeFileSync(
    join(folder, 'relay.config.json'),
    JSON.stringify({
      src: './src',
      schema: './schema.graphql',
      language: 'typescript',
      eagerEsModules: true,
      customScalarTypes: Object.fromEntries(
        ['ApplicationCode', 'Bytes32', 'CertificateNumber', 'Date', 'DateTime', 'Long', 'PeriodNumber']
          .map((scalar) => [scalar, 'string']),
      ),
    }),
  );
  const compiler = fileURLToPath(new URL('node_modules/relay-compiler/cli.js', import.meta.url));
  const run = spawnSync(process.execPath, [compiler, 'relay.config.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const count = documents.filter((entry) => {
    const artifact = `${entry.name}${kinds[operationOf(entry).operation]}.graphql.ts`;
    return existsSync(join(folder, 'src', '__generated__', artifact));
  }).length;
  if (run.status !== 0 || count !== documents.length) {
    console.error(run.stdout, run.stderr);
  }
  console.log(`${count} of ${documents.length} artifacts`);
  process.exitCode = run.status === 0 && count === documents.length ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
