import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from './packageRoot.js';
import { psaJsonSchema } from './schema.js';

it('psa.schema.json is up to date (`cosmic psa schema` prints it)', () => {
  const file = readFileSync(join(packageRoot, 'psa.schema.json'), 'utf8');
  expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(psaJsonSchema())));
});
