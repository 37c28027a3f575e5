/** The reference in docs/ is what the catalogue says: `npm run docs` writes docs/parameters.md anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { markdownTable } from '../host/display/markdown.js';
import { MODEL_FIELDS, modelFieldNames } from '../psa/modelFields.js';
import { packageRoot } from '../psa/packageRoot.js';
import { PARAMETERS, type ParameterDefinition, STACKS, type Stack } from '../psa/parameters.js';
import { listPresets } from '../psa/presets.js';
import { shortName } from '../psa/schema.js';

const PREAMBLE = `# Parameters

All parameters of the four stacks, then facts of a job and of machines, generated from [psa/parameters/](../psa/parameters) by \`npm run docs\`. A parameter
*per dimension* has a value for each network dimension, innermost first. Where 0 has a meaning of its own it has a name too:
\`microBatch: all\`, \`batch: model\`. How a PsA uses them: [psa.md](psa.md);
what facts are for: [money.md](money.md).
`;

const MODEL_PREAMBLE = `
## model

The fields of a model file, from [psa/modelFields.ts](../psa/modelFields.ts). Those beside \`phases\` hold for all of them.
\`--set model.FIELD=value\` changes them in every phase, as if the file said so.
`;

/** A category's names; of many (the 120 axis orders) the first and the number. */
function valuesOf({ categories, integer, min, max }: ParameterDefinition): string {
  if (categories === undefined) return `${integer ? 'whole, ' : ''}${number(min)} … ${number(max)}`;
  const names = [...categories.keys()];
  return names.length > 10
    ? `\`${names[0]}\`, … (all ${names.length} orders)`
    : names.map((n) => `\`${n}\``).join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 6 });
}

function stackTable(stack: Stack): string {
  const rows = PARAMETERS.filter((parameter) => parameter.stack === stack).map((parameter) => [
    `\`${shortName(parameter)}\``,
    valuesOf(parameter),
    parameter.unit,
    parameter.perDimension ? 'yes' : '',
    parameter.description,
  ]);
  return `\n## ${stack}\n\n${markdownTable(['parameter', 'values', 'unit', 'per dimension', 'meaning'], rows)}\n`;
}

function fieldValues(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(', ');
  if (schema instanceof z.ZodBoolean) return '`true`, `false`';
  if (!(schema instanceof z.ZodNumber)) return 'text';
  const whole = schema instanceof z.ZodNumberFormat ? 'whole, ' : '';
  return `${whole}${number(schema.minValue!)} … ${number(schema.maxValue!)}`;
}

function fieldTable(): string {
  const rows = modelFieldNames.map((name) => {
    const { schema, description } = MODEL_FIELDS[name];
    const otherwise = 'otherwise' in MODEL_FIELDS[name] ? MODEL_FIELDS[name].otherwise : 'to be given';
    const shown = typeof otherwise === 'function' ? 'follows' : String(otherwise);
    return [`\`${name}\``, fieldValues(schema()), name === 'context' ? 'follows' : shown, description];
  });
  return `${MODEL_PREAMBLE}\n${markdownTable(['field', 'values', 'default', 'meaning'], rows)}\n`;
}

it('docs/parameters.md is up to date', async () => {
  const text = PREAMBLE + STACKS.map(stackTable).join('') + fieldTable();
  await expect(text).toMatchFileSnapshot('../docs/parameters.md');
});

it.each([
  'spaces',
  'systems',
  'machines',
  'software',
  'models',
] as const)('docs/psa.md lists all presets of %s', (kind) => {
  const text = readFileSync(join(packageRoot, 'docs', 'psa.md'), 'utf8');
  expect(listPresets(kind).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
