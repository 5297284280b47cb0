// Writes schemas.json: {name: JSON schema} for each type that types.ts exports.
import { readFileSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';

const generator = createGenerator({
  path: 'types.ts', tsconfig: 'tsconfig.json', skipTypeCheck: true, additionalProperties: false,
});
const names = [...readFileSync('types.ts', 'utf8').matchAll(/^export type (\w+)/gm)].map(([, name]) => name);
const schemas = {};
for (const name of names) schemas[name] = generator.createSchema(name);
writeFileSync('schemas.json', JSON.stringify(schemas));
