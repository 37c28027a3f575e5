/** Values that no parameter, or no field of a model, has; in a file and on the command line. */
import { MODEL_FIELDS, modelFieldNames } from '../../psa/modelFields.js';
import { PARAMETERS, type ParameterDefinition } from '../../psa/parameters.js';
import { shortName } from '../../psa/schema.js';
import { type BadInput, FILE } from './badInput.js';

const RANGE = 'VALUE_OUT_OF_RANGE';

/** A value as YAML writes it, and the error that it is. */
type Wrong = readonly [value: string, code: 'VALUE_OUT_OF_RANGE' | 'SCHEMA'];

function wrongValues({ categories, integer, min, max }: ParameterDefinition): Wrong[] {
  if (categories !== undefined)
    return [
      ['Nonsense', 'SCHEMA'],
      ['3', 'SCHEMA'],
      ['1.5', 'SCHEMA'],
    ];
  const fraction: Wrong[] = integer ? [[String(min + 0.5), 'SCHEMA']] : [];
  return [[String(min - 1), RANGE], [String(max * 2), RANGE], ['fast', 'SCHEMA'], ...fraction];
}

function psaText(parameter: ParameterDefinition, spec: string): string {
  return `version: 1\nname: bad\nsystem: cosmic-1024\nmodel: gpt3-175b\n${parameter.stack}:\n  ${shortName(parameter)}: ${spec}\n`;
}

function inFile(parameter: ParameterDefinition, spec: string, codes: BadInput['codes'], what: string): BadInput {
  return {
    name: `${parameter.name}: ${what} in a file`,
    args: ['psa', 'count', FILE],
    file: { name: 'bad.yaml', text: psaText(parameter, spec) },
    codes,
    at: 'bad.yaml',
    line: 6,
  };
}

function ofParameter(parameter: ParameterDefinition): BadInput[] {
  const { name, categories, integer, min } = parameter;
  const whole: BadInput[] = integer
    ? [inFile(parameter, `{ range: { from: ${min}, to: ${min + 2}, step: 0.5 } }`, ['SCHEMA'], 'a range of fractions')]
    : [];
  const ranges: BadInput[] =
    categories === undefined
      ? [
          inFile(
            parameter,
            `{ range: { from: ${min + 1}, to: ${min}, step: 1 } }`,
            [RANGE, 'SCHEMA'],
            'a reversed range',
          ),
          inFile(parameter, `{ range: { from: ${min}, to: ${min}, step: 0 } }`, [RANGE], 'no step'),
          ...whole,
        ]
      : [inFile(parameter, '{ range: { from: 0, to: 1, step: 1 } }', ['SCHEMA'], 'a range of a category')];
  return [
    ...wrongValues(parameter).flatMap(([value, code]) => [
      inFile(parameter, `{ values: [${value}] }`, [code], value),
      {
        name: `${name}: ${value} by --set`,
        args: ['simulate', '--set', `${name}=${value}`],
        codes: [code],
        at: `--set ${name}=`,
      },
    ]),
    inFile(parameter, '{ values: [] }', [RANGE], 'an empty list'),
    ...ranges,
  ];
}

function wrongFields(name: (typeof modelFieldNames)[number]): Wrong[] {
  const schema: unknown = MODEL_FIELDS[name].schema();
  const { minValue, maxValue } = schema as { minValue?: number; maxValue?: number };
  if (minValue === undefined || maxValue === undefined) return [['perhaps', 'SCHEMA']];
  return [
    [String(minValue - 1), RANGE],
    [String(maxValue + 1), RANGE],
    ['many', 'SCHEMA'],
  ];
}

function ofField(name: (typeof modelFieldNames)[number]): BadInput[] {
  const known = 'name: bad\nlayers: 2\nhidden: 64\nffn: 256\nheads: 4\nseq: 32\nvocab: 100\nmlp: gelu\nbatch: 8\n';
  const others = known.split('\n').filter((line) => !line.startsWith(`${name}:`));
  return wrongFields(name).flatMap(([value, code]): BadInput[] => [
    {
      name: `model.${name}: ${value} by --set`,
      args: ['simulate', '--set', `model.${name}=${value}`],
      codes: [code],
      at: '--set',
    },
    {
      name: `model.${name}: ${value} in a file`,
      args: ['simulate', '--model', FILE],
      file: { name: 'model.yaml', text: `${name}: ${value}\n${others.join('\n')}` },
      codes: [code],
      at: 'model.yaml',
      line: 1,
    },
  ]);
}

export const parameterValues: readonly BadInput[] = [
  ...PARAMETERS.flatMap(ofParameter),
  ...modelFieldNames.flatMap(ofField),
];
