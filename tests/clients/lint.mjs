// The recommended rules of @graphql-eslint on the schema and the documents.

import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

// Single places where the city's word is right and the rule is not.
const exceptions = [
  // 身份类型 is the guide's own word; the suffix does not say that this is a GraphQL type.
  ['naming-convention', 'Type "IdentityType" should not have "Type" suffix'],
  // A quota has a number, its reserve and what was carried over; the number is the quota.
  ['no-typename-prefix', 'Field "quota" starts with the name of the parent type "Quota"'],
  // A step's deprecated id is not asked for; its `key` is what a cache may keep it by.
  ['require-selections', "Field `steps.id` must be selected when it's available on a type.\nInclude it in your selection set."],
];

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../', import.meta.url)),
  overrideConfigFile: fileURLToPath(new URL('eslint.config.mjs', import.meta.url)),
});
const results = await eslint.lintFiles(['docs/api/schema.graphql', 'api/documents/*.graphql']);
const unused = new Set(exceptions);
let count = 0;
for (const { filePath, messages } of results) {
  for (const { line, column, ruleId, message } of messages) {
    const accepted = exceptions.find(
      ([rule, text]) => ruleId === `@graphql-eslint/${rule}` && message === text,
    );
    if (accepted) {
      unused.delete(accepted);
      continue;
    }
    count += 1;
    console.error(`${filePath}:${line}:${column} ${message} (${ruleId})`);
  }
}
for (const [rule, text] of unused) {
  count += 1;
  console.error(`lint.mjs: this exception is not needed any more: ${rule}: ${text}`);
}
console.log(`${results.length} files, ${count} complaints`);
process.exit(count === 0 ? 0 : 1);
