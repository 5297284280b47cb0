// Reads [{name, at, value}] from standard input, where name is a type of types.ts; writes [{at, path, message}], one for
// each thing that the type does not allow. Of a union the member with the same `type` is meant, else the nearest.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';

const schemas = JSON.parse(readFileSync('schemas.json', 'utf8'));
const validators = new Map();

function validator(name, schema) {
  if (!validators.has(name)) {
    const ajv = new Ajv({ strict: false, allErrors: true });
    validators.set(name, ajv.compile(schema));
  }
  return validators.get(name);
}

function definition(root, schema) {
  const name = schema?.$ref?.replace('#/definitions/', '');
  return name === undefined ? schema : definition(root, root.definitions[decodeURIComponent(name)]);
}

function members(root, schema) {
  const own = definition(root, schema);
  return own?.anyOf === undefined ? [schema] : own.anyOf.flatMap((one) => members(root, one));
}

function complaints(name, value) {
  const root = schemas[name];
  if (root === undefined) return [{ path: '', message: `there is no type ${name}` }];
  const all = members(root, root);
  const same = all.filter((one) => {
    const known = definition(root, one)?.properties?.type;
    return known?.const === value?.type || known?.enum?.includes(value?.type);
  });
  const found = (same.length ? same : all).map((one) => {
    const check = validator(`${name} ${JSON.stringify(one).slice(0, 300)}`, { ...one, definitions: root.definitions });
    return check(value) ? [] : check.errors;
  });
  return found.reduce((least, one) => (one.length < least.length ? one : least)).map((error) => ({
    path: error.instancePath,
    message: `${error.message} ${Object.values(error.params).join(' ')}`.trim(),
  }));
}

const given = JSON.parse(readFileSync(0, 'utf8'));
const out = given.flatMap(({ name, at, value }) => complaints(name, value).map((one) => ({ at, ...one })));
process.stdout.write(JSON.stringify(out));
