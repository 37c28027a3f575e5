// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of OmegaConf
/** Files of nested settings: what is read of them, and that changes leave every other byte alone. */
import { describe, expect, it } from 'vitest';
import { readToml } from './toml.js';
import { readYaml } from './yaml.js';

const names = {
  lists: new Set(['model.converters']),
  renamed: new Map([
    ['training.tensor', 'parallelism.tensor'],
    ['training.context', 'parallelism.context'],
  ]),
};
const toml = (text: string) => readToml(text, 'a.toml', names, () => undefined);
const yaml = (text: string, file = 'a.yaml') => readYaml(text, file, () => undefined);

const values = (file: ReturnType<typeof toml>) =>
  Object.fromEntries([...file.settings].map(([name, one]) => [name, one.values.map(({ text }) => text)]));

describe('TOML', () => {
  const TEXT = `# a job\n[training] # sizes\nseq_len = 8_192 # tokens\n\n[model]\nname = "llama3"\nconverters = ["float8"]\n[parallelism]\n`;

  it('is settings with their lines', () => {
    const file = toml(TEXT);
    expect(values(file)).toEqual({
      'training.seq_len': ['8192'],
      'model.name': ['llama3'],
      'model.converters': ['float8'],
    });
    expect(file.settings.get('model.name')!.place.line).toBe(6);
  });

  it('changes, takes out and puts in', () => {
    const edited = toml(TEXT).edited([
      { name: 'training.seq_len', values: ['4096'] },
      { name: 'model.name', values: undefined },
      { name: 'parallelism.tensor_parallel_degree', values: ['2'] },
      { name: 'activation_checkpoint.mode', values: ['full'] },
      { name: 'activation_checkpoint.option', values: ['op'] },
    ]);
    expect(edited).toBe(
      '# a job\n[training] # sizes\nseq_len = 4096 # tokens\n\n[model]\nconverters = ["float8"]\n[parallelism]\n' +
        'tensor_parallel_degree = 2\n\n[activation_checkpoint]\nmode = "full"\noption = "op"\n',
    );
  });

  it('reads settings by names that they had, and changes and puts in by these', () => {
    const file = toml('[training]\ntensor = 8\n');
    expect(values(file)).toEqual({ 'parallelism.tensor': ['8'] });
    const edited = file.edited([
      { name: 'parallelism.tensor', values: ['4'] },
      { name: 'parallelism.context', values: ['2'] },
    ]);
    expect(edited).toBe('[training]\ntensor = 4\ncontext = 2\n');
  });

  it('is refused with the line', () => {
    expect(() => toml('[a]\nb = = 1\n')).toThrow(expect.objectContaining({ code: 'SCHEMA', line: 2 }));
  });
});

it.each([
  ['${multiply:4, ${.hidden}}', '24576'],
  ['${divide_ceil:${model.hidden}, 5}', '1229'],
  ['${..run.name}-${.hidden}', 'gpt-6144'],
  ['${oc.env:NODES,16}', '16'],
  ['${.again}', '6144'],
  ['${.nowhere}', '${.nowhere}'],
  ['${.value}', '${.value}'],
])('%s stands for %s', (text, value) => {
  const file = yaml(`run:\n  name: gpt\nmodel:\n  hidden: 6144\n  again: \${model.hidden}\n  value: ${text}\n`);
  expect(values(file)['model.value']).toEqual([value]);
});

describe('YAML', () => {
  const TEXT =
    'model: # sizes\n  seq: 8192\n  same: ${model.seq}\n  none: null\n  open: ???\nlist: [1, 2]\nflow: { a: 1, b: two }\n';

  it('is settings; what is null or open is not there', () => {
    expect(values(yaml(TEXT))).toEqual({
      'model.seq': ['8192'],
      'model.same': ['8192'],
      list: ['1', '2'],
      'flow.a': ['1'],
      'flow.b': ['two'],
    });
  });

  it('changes, takes out and puts in', () => {
    const edited = yaml(TEXT).edited([
      { name: 'model.seq', values: ['4096'] },
      { name: 'model.none', values: ['3'] },
      { name: 'model.open', values: undefined },
      { name: 'flow.b', values: undefined },
      { name: 'flow.c', values: ['true'] },
      { name: 'model.new', values: ['text'] },
      { name: 'ddp.one', values: ['1'] },
      { name: 'ddp.two', values: ['2'] },
    ]);
    expect(values(yaml(edited))).toEqual({
      'model.seq': ['4096'],
      'model.same': ['4096'],
      'model.none': ['3'],
      'model.new': ['text'],
      list: ['1', '2'],
      'flow.a': ['1'],
      'flow.c': ['true'],
      'ddp.one': ['1'],
      'ddp.two': ['2'],
    });
    expect(edited).toContain('model: # sizes\n  seq: 4096\n');
  });
});

it('YAML takes mappings over by their anchors, and its own settings go before', () => {
  const text =
    'shared: &shared\n  tp: 4\n  pp: 2\nother: &other { cp: 8, pp: 1 }\nmodel:\n  pp: 1\n  <<: [*shared, *other]\n  size: &size 7\ntrain:\n  size: *size\n';
  expect(values(yaml(text))).toMatchObject({
    'model.tp': ['4'],
    'model.pp': ['1'],
    'model.cp': ['8'],
    'train.size': ['7'],
  });
  expect(values(yaml(yaml(text).edited([{ name: 'model.tp', values: ['2'] }])))['model.tp']).toEqual(['2']);
  expect(() => yaml('a: 1\n---\nb: 2\n')).toThrow(/several documents/);
});

describe('JSON', () => {
  it.each([
    ['{ "batch": 8,\n "zero": true "stage": 3 }', 2, 'a comma is missing between two entries'],
    ['{ "batch": 8\n "stage": 3 }', 1, 'a comma is missing between two entries'],
    ['{ "name": "x"\n "stage": 3 }', 2, 'Missing , between entries'],
    ['{ "batch": 8,\n "betas": [1, 2 }', 2, 'list must end with a ]'],
    ['{ "zero": {\n "stage": 3 }', 2, 'mapping must end with a }'],
  ])('that is none says why in words of JSON: %j', (text, line, why) => {
    expect(() => yaml(text, 'a.json')).toThrow(
      expect.objectContaining({ code: 'SCHEMA', line, message: `this is no JSON: ${why}` }),
    );
  });

  it('has comments and commas at the end, as DeepSpeed reads it, and keeps them', () => {
    const text =
      '{\n  // all of it\n  "batch": 8, # of a step\n  "path": "a//b#c", /* "stage": 1 */\n  "zero": { "stage": 3, },\n}\n';
    expect(values(yaml(text, 'a.json'))).toEqual({ batch: ['8'], path: ['a//b#c'], 'zero.stage': ['3'] });
    const edited = yaml(text, 'a.json').edited([
      { name: 'zero.stage', values: ['2'] },
      { name: 'steps', values: ['4'] },
    ]);
    expect(edited).toContain('// all of it');
    expect(values(yaml(edited, 'a.json'))).toMatchObject({ 'zero.stage': ['2'], steps: ['4'] });
  });

  const TEXT =
    '{\n  "batch": 8,\n  "zero": {\n    "stage": 3,\n    "overlap": true\n  },\n  "bf16": { "enabled": true }\n}\n';

  it('changes, takes out and puts in, and stays JSON', () => {
    const edited = yaml(TEXT, 'a.json').edited([
      { name: 'batch', values: ['16'] },
      { name: 'zero.overlap', values: undefined },
      { name: 'zero.device', values: ['cpu'] },
      { name: 'checkpoints.partition', values: ['false'] },
    ]);
    expect(JSON.parse(edited)).toEqual({
      batch: 16,
      zero: { stage: 3, device: 'cpu' },
      bf16: { enabled: true },
      checkpoints: { partition: false },
    });
  });
});
