import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writerIn } from '../test/temporaryFolder.js';
import { compilePsa } from './compile.js';
import { loadPsa } from './load.js';
import { loadModel } from './model.js';
import { SLOT } from './parameters.js';
import { loadSystem } from './system.js';

const folder = temporaryFolder('psa');
const written = writerIn(folder);

const HEAD = ['version: 1', 'name: test', 'system: cosmic-1024', 'model: gpt3-175b'];

/** A PsA whose own lines start at line 5. */
function psaFile(...lines: string[]): string {
  return written('psa.yaml', [...HEAD, ...lines, ''].join('\n'));
}

describe('facts', () => {
  it('say where they are from, and what a PsA says goes before what its system does', () => {
    written(
      'priced.yaml',
      [
        'name: priced',
        'npus: 8',
        'dimensions: [{ topology: Ring, bandwidthGBps: 100, latencyNs: 500 }]',
        'compute: { peakTflops: 100, memoryBandwidthGBps: 1000, memoryCapacityGB: 80 }',
        'prices: { source: an offer, date: 2026-11-01, npuUsd: 100, linksUsdPerGBps: 3 }',
        'power: { source: its data sheet, npuBusyW: 300 }',
      ].join('\n'),
    );
    const text = [
      'version: 1',
      'name: mine',
      'system: priced.yaml',
      'model: gpt3-13b',
      'prices: { source: a better one, date: 2026-11, npuUsd: 90 }',
      'job: { tokens: 3e12 }',
    ];
    const space = compilePsa(loadPsa(written('mine.yaml', text.join('\n'))));
    expect(space.factSources).toEqual({ prices: 'a better one, 2026-11', power: 'its data sheet' });
    const { job, power, prices } = SLOT;
    const said = [job.tokens, power.npuBusyW, prices.npuUsd, prices.linksUsdPerGBps].map((slot) => space.fixed[slot]);
    expect(said).toEqual([3e12, 300, 90, 3]);
    expect(compilePsa(loadPsa('cosmic-full'))).not.toHaveProperty('factSources');
    const overridden = compilePsa(loadPsa(written('mine.yaml', text.join('\n')), { set: ['prices.npuUsd=80'] }));
    expect(overridden.factSources).toEqual({ power: 'its data sheet' });
    const unsaid = text.map((line) => line.replace('source: a better one, date: 2026-11, ', ''));
    expect(compilePsa(loadPsa(written('unsaid.yaml', unsaid.join('\n')))).factSources).toEqual({
      power: 'its data sheet',
    });
  });

  it.each([
    ['prices: { date: soon }', 'write it as'],
    ['job: { tokens: -1 }', 'at least 0'],
    ['power: { overhead: 0.5 }', 'at least 1'],
    ['prices: { gpuUsd: 3 }', 'npuUsd'],
  ])('are checked with their line: %s', (line, remedy) => {
    expect(() => loadPsa(psaFile(line))).toThrow(
      expect.objectContaining({ line: 5, remedy: expect.stringContaining(remedy) }),
    );
  });
});

describe('a PsA file', () => {
  it('says cp for sp wherever it may: in files, constraints and overrides', () => {
    const named = (axis: string) => {
      written(
        'system.yaml',
        [
          'name: small',
          'npus: 8',
          'dimensions: [{ topology: Ring, bandwidthGBps: 100, latencyNs: 500 }]',
          'compute: { peakTflops: 100, memoryBandwidthGBps: 1000, memoryCapacityGB: 80 }',
          `workload: { tp: 1, ${axis}: 2, pp: 1 }`,
        ].join('\n'),
      );
      const lines = ['version: 1', 'name: test', 'system: system.yaml', 'model: gpt3-13b', 'workload:'];
      const file = written(
        'named.yaml',
        [
          ...lines,
          `  ${axis}: { values: [1, 2, 4] }`,
          'constraints:',
          `  - workload.dp >= 2 * workload.${axis}`,
          `published: { count: "1", ignores: [workload.${axis}] }`,
        ].join('\n'),
      );
      const { system, parameters, published, ...psa } = loadPsa(file, { set: [`workload.${axis}=1,2`] });
      const { count, genes } = compilePsa({ system, parameters, published, ...psa });
      return { defaults: system.defaults, names: [...parameters.keys()], ignores: published?.ignores, count, genes };
    };
    expect(named('cp')).toEqual(named('sp'));
    expect(named('sp').count).toBe(2n);
  });

  it('is loaded and compiled, with its own system and model beside it', () => {
    written(
      'system.yaml',
      [
        'name: small',
        'npus: 8',
        'dimensions:',
        '  - { topology: Ring, npus: 2, bandwidthGBps: 100, latencyNs: 500 }',
        '  - { topology: Switch, bandwidthGBps: 50, latencyNs: 1000 }',
        'compute: { peakTflops: 100, memoryBandwidthGBps: 1000, memoryCapacityGB: 80 }',
        'workload: { tp: 2, sp: 1, pp: 1 }',
      ].join('\n'),
    );
    written(
      'model.yaml',
      'name: tiny\nlayers: 2\nhidden: 64\nffn: 256\nheads: 4\nseq: 32\nvocab: 100\nmlp: gelu\nbatch: 8\n',
    );
    const file = written(
      'mine.yaml',
      [
        'version: 1',
        'name: mine',
        'system: system.yaml',
        'model: ./model.yaml',
        'workload:',
        '  tp: { values: [1, 2, 4] }',
        '  sequenceParallel: { values: [on, off] }',
        'network:',
        '  topology: { perDimension: [Ring, { values: all }] }',
      ].join('\n'),
    );
    const space = compilePsa(loadPsa(file));
    expect(space.genes.map(({ name, size }) => `${name}: ${size}`)).toEqual([
      'workload.dp × workload.tp: 3',
      'workload.sequenceParallel: 2',
      'network.topology[1]: 5',
    ]);
    expect(space).toMatchObject({ name: 'mine', systemName: 'small', npus: 8, dimensions: 2, tiers: [1, 3] });
    expect(space.workload.phases[0]).toMatchObject({ model: 'tiny', kvHeads: 4, headDim: 16, context: 32, experts: 1 });
    expect(compilePsa(loadPsa(file, { system: 'dgx-a100' })).npus).toBe(1024);
  });

  it.each([
    ['an unknown parameter', ['workload:', '  dq: 4'], 'UNKNOWN_PARAMETER', 6, 'workload.dq', "'dp'"],
    [
      'a parameter of another stack',
      ['workload:', '  topology: Ring'],
      'UNKNOWN_PARAMETER',
      6,
      'topology',
      'use one of',
    ],
    [
      'a word where a list belongs',
      ['workload:', '  weightSharding: { values: none }'],
      'SCHEMA',
      6,
      'values cannot be "none"',
      'write a list, such as [none], or all',
    ],
    [
      'a unit behind a number',
      ['workload:', '  batch: 256 GB'],
      'SCHEMA',
      6,
      '"256 GB"',
      'write a number alone, or model',
    ],
    ['an unknown key', ['objectives: time'], 'SCHEMA', 5, 'objectives', "'objective'"],
    ['a misspelt key in a spec', ['workload:', '  dp: { value: [1] }'], 'SCHEMA', 6, "'value'", 'use values'],
    [
      'perDimension where there are none',
      ['workload:', '  dp: { perDimension: 4 }'],
      'SCHEMA',
      6,
      'perDimension',
      'only',
    ],
    ['two kinds of values', ['workload:', '  dp: { values: [1], range: 3 }'], 'SCHEMA', 6, 'range', 'use values'],
    ['a value out of range', ['workload:', '  dp: 4', '  tp: 0'], 'VALUE_OUT_OF_RANGE', 7, 'is 0', 'at least 1'],
    [
      'one in a list',
      ['workload:', '  dp:', '    values:', '      - 1', '      - -1'],
      'VALUE_OUT_OF_RANGE',
      9,
      '-1',
      'at least 1',
    ],
    ['one that is not whole', ['workload:', '  dp: 1.5'], 'SCHEMA', 6, '1.5', 'whole number'],
    ['a wrong category', ['network:', '  topology: { perDimension: Rings }'], 'SCHEMA', 6, '"Rings"', "'Ring'"],
    [
      'a wrong axis order',
      ['workload:', '  axisOrder: { values: [tp-sp-ep-dp] }'],
      'SCHEMA',
      6,
      'tp-sp',
      'tp-sp-ep-dp-pp',
    ],
    ['text for a number', ['compute:', '  peakTflops: fast'], 'SCHEMA', 6, '"fast"', 'number'],
    ['text for one of a number and a word', ['workload:', '  batch: "256"'], 'SCHEMA', 6, 'no number', 'a number'],
    ['a list for a value', ['workload:', '  batch: [8, 16]'], 'SCHEMA', 6, 'one value', '{ values: [8,16] }'],
    ['nothing', ['workload:', '  dp:'], 'SCHEMA', 6, 'workload.dp is empty', 'leave it out'],
    ['a scalar for a list', ['constraints: workload.dp > 1'], 'SCHEMA', 5, 'which is no list', 'write a list'],
    ['no values', ['workload:', '  dp: { values: [] }'], 'VALUE_OUT_OF_RANGE', 6, '[]', 'at least 1'],
    ['too many dimensions', ['dimensions: 5'], 'VALUE_OUT_OF_RANGE', 5, '5', 'at most 4'],
    [
      'too few dimensions in a list',
      ['network:', '  npus: { perDimension: [4, 8] }'],
      'VALUE_OUT_OF_RANGE',
      6,
      '2',
      'give 4',
    ],
    [
      'a reversed range',
      ['workload:', '  dp: { range: { from: 4, to: 1, step: 1 } }'],
      'VALUE_OUT_OF_RANGE',
      6,
      'before',
      'swap',
    ],
    ['broken YAML', ['workload: [1'], 'YAML_SYNTAX', 6, 'not valid YAML', 'line'],
    ['half a file', ['workload:', '  tp: { values: [1, 2'], 'YAML_SYNTAX', 7, 'a list in brackets must be', 'brackets'],
    ['a doubled key', ['workload:', '  dp: 1', '  dp: 2'], 'YAML_SYNTAX', 7, 'unique', 'line'],
    [
      'a broken constraint',
      ['constraints:', '  - workload.dp > 0', '  - workload.dp >'],
      'CONSTRAINT_SYNTAX',
      7,
      'workload.dp >',
      'arithmetic',
    ],
    [
      'an impossible constraint',
      ['constraints:', '  - workload.dp > 8'],
      'SPACE_EMPTY',
      6,
      'workload.dp = 8',
      'other values',
    ],
    ['both names of a parameter', ['workload: { sp: 1, cp: 2 }'], 'SCHEMA', 5, 'cp', 'they are one'],
    [
      'an unknown parameter in published',
      ['published: { count: "1", ignores: [workload.dq] }'],
      'UNKNOWN_PARAMETER',
      5,
      'dq',
      "'workload.dp'",
    ],
  ])('with %s is an error with its line', (_, lines, code, line, message, remedy) => {
    const file = psaFile(...lines);
    expect(() => compilePsa(loadPsa(file))).toThrow(
      expect.objectContaining({
        code,
        file,
        line,
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    );
  });

  it.each([
    ['an empty file', '', 'SCHEMA', 1],
    ['a later version', 'version: 2\nname: x\nsystem: cosmic-1024\nmodel: gpt3-175b\n', 'SCHEMA', 1],
    ['no version', 'name: x\nsystem: cosmic-1024\nmodel: gpt3-175b\n', 'SCHEMA', 1, 'add version: 1'],
    ['an unknown system', 'version: 1\nname: x\nsystem: dgx\nmodel: gpt3-175b\n', 'UNKNOWN_PRESET', 3],
    ['a missing model file', 'version: 1\nname: x\nsystem: cosmic-1024\nmodel: none.yaml\n', 'FILE_NOT_FOUND', 4],
    ['a missing name', 'version: 1\nsystem: cosmic-1024\nmodel: gpt3-175b\n', 'SCHEMA', 1],
    [
      'exploding aliases',
      `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]\n`,
      'YAML_SYNTAX',
      2,
    ],
    ['a cyclic alias', 'name: x\na: &a [*a]\n', 'YAML_SYNTAX', 2],
    ['an alias of nothing', 'name: x\na: *b\n', 'YAML_SYNTAX', 2],
    ['an ordered map', 'name: x\na: !!omap [b: 1]\n', 'YAML_SYNTAX', 2],
    ['a set', 'name: x\na: !!set { b }\n', 'YAML_SYNTAX', 2],
    ['a time', 'name: x\na: !!timestamp 2001-01-01\n', 'YAML_SYNTAX', 2],
    ['brackets in brackets', `a:\n  ${'['.repeat(1000)}${']'.repeat(1000)}\n`, 'YAML_SYNTAX', 2],
    ['blocks in blocks', Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'YAML_SYNTAX', 33],
    ['a list of keys', 'a: 1\n? [b]\n: 2\n', 'YAML_SYNTAX', 2],
    ['two documents', 'a: 1\n---\nb: 2\n', 'YAML_SYNTAX', 2],
    ['100 MB', 'a: 1\n'.repeat(2e7), 'FILE_UNREADABLE', undefined],
  ])('%s is an error', (_, text, code, line, remedy = '') => {
    const file = written('broken.yaml', text);
    expect(() => loadPsa(file)).toThrow(
      expect.objectContaining({ code, file, line, remedy: expect.stringContaining(remedy) }),
    );
  });
});

describe('what is no regular file', () => {
  it('is refused at once: a pipe that nobody writes to, a device without an end', () => {
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero']) {
      expect(() => loadPsa(file)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE', file }));
    }
  });
});

describe('names', () => {
  it('that are no preset get the nearest one', () => {
    expect(() => loadPsa('cosmic-ful')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PRESET', remedy: expect.stringContaining("'cosmic-full'") }),
    );
    expect(() => loadPsa('cosmic-full', { system: 'cosmic-1025' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PRESET', file: '--system cosmic-1025' }),
    );
    expect(() => loadPsa('cosmic-full', { model: 'gpt3-175' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PRESET', file: '--model gpt3-175' }),
    );
  });

  it('of missing or unreadable files are errors', () => {
    expect(() => loadPsa('./nowhere.yaml')).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
    expect(() => loadPsa(`${folder}/`)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });
});

describe('a system file', () => {
  const dimension = '  - { topology: Ring, npus: 2, bandwidthGBps: 100, latencyNs: 500 }';
  const compute = 'compute: { peakTflops: 100, memoryBandwidthGBps: 1000, memoryCapacityGB: 80 }';

  it.each([
    ['without compute', ['name: x', 'npus: 2', 'dimensions:', dimension], 'SCHEMA', 1],
    [
      'without bandwidth',
      ['name: x', 'npus: 2', 'dimensions:', '  - { topology: Ring, latencyNs: 5 }', compute],
      'SCHEMA',
      4,
    ],
    [
      'with too many tiers',
      ['name: x', 'npus: 2', 'tiers: [node, pod]', 'dimensions:', dimension, compute],
      'SCHEMA',
      3,
    ],
    [
      'with algorithms for other dimensions',
      ['name: x', 'npus: 2', 'dimensions:', dimension, compute, 'collective:', '  algorithm: [ring, ring]'],
      'SCHEMA',
      7,
    ],
  ])('%s is an error', (_, lines, code, line) => {
    const file = written('system-broken.yaml', lines.join('\n'));
    expect(() => loadSystem(file)).toThrow(expect.objectContaining({ code, file, line }));
  });
});

describe('a model file', () => {
  const fields = ['name: x', 'layers: 2', 'hidden: 64', 'ffn: 256', 'heads: 4', 'mlp: gelu', 'batch: 8'];

  it.each([
    ['without seq', [...fields, 'vocab: 9'], 'SCHEMA'],
    ['without a cache length in decode', [...fields, 'vocab: 9', 'phases:', '  - { phase: decode }'], 'SCHEMA'],
    ['with kvHeads that do not divide heads', [...fields, 'vocab: 9', 'seq: 8', 'kvHeads: 3'], 'VALUE_OUT_OF_RANGE'],
    [
      'with more experts per token than experts',
      [...fields, 'vocab: 9', 'seq: 8', 'expertsPerToken: 2'],
      'VALUE_OUT_OF_RANGE',
    ],
    ['with states that no layer has', [...fields, 'vocab: 9', 'seq: 8', 'stateHeads: 4'], 'VALUE_OUT_OF_RANGE'],
    ['with layers of a state of no size', [...fields, 'vocab: 9', 'seq: 8', 'layerPattern: M-'], 'VALUE_OUT_OF_RANGE'],
    [
      'with a pattern that does not end with the layers',
      [...fields, 'vocab: 9', 'seq: 8', 'layerPattern: "*--"'],
      'VALUE_OUT_OF_RANGE',
    ],
    ['with mixtures of one expert', [...fields, 'vocab: 9', 'seq: 8', 'layerPattern: "*E"'], 'VALUE_OUT_OF_RANGE'],
    ['with neither tokens nor patches', [...fields, 'seq: 8'], 'VALUE_OUT_OF_RANGE'],
    ['of an ensemble of ensembles', ['name: x', 'ensemble:', '  - { model: cosmic-ensemble }'], 'SCHEMA'],
  ])('%s is an error', (_, lines, code) => {
    const file = written('model-broken.yaml', lines.join('\n'));
    expect(() => loadModel(file)).toThrow(expect.objectContaining({ code, file, line: expect.any(Number) }));
  });
});
