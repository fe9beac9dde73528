// The guide's typed client, compiled and run as its readers do: node example.mjs <url> <phone>
// <period> <code>. It asks for codes on standard output and takes them on standard input.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const guide = fileURLToPath(new URL('../../docs/guide/client/', import.meta.url));
const packages = fileURLToPath(new URL('node_modules/', import.meta.url));
const built = mkdtempSync(join(tmpdir(), 'fairplate-example-'));
try {
  const compiled = spawnSync(
    join(packages, '.bin/tsc'),
    ['--project', guide, '--typeRoots', join(packages, '@types'), '--outDir', built],
    { stdio: 'inherit' },
  );
  if (compiled.status !== 0) process.exit(1);
  // Its `type` says that the compiled files are modules.
  copyFileSync(join(guide, 'package.json'), join(built, 'package.json'));
  const run = spawnSync(process.execPath, [join(built, 'example.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(built, { recursive: true, force: true });
}
