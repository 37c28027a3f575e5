/** Files that are no PsA, no system and no model: each is given to every command that reads one. */
import { type BadInput, crossed, FILE } from './badInput.js';

const SPACE_COMMANDS = [
  ['psa', 'show', FILE],
  ['psa', 'count', FILE],
  ['sweep', FILE],
  ['search', FILE],
  ['simulate', FILE, '--ordinal', '0'],
  ['explain', FILE, '--ordinal', '0'],
  ['export', FILE, '--ordinal', '0', '--format', 'megatron'],
];
const SYSTEM_COMMANDS = [
  ['psa', 'count', 'cosmic-full', '--system', FILE],
  ['simulate', '--system', FILE],
  ['compare', '--system', FILE],
];
const MODEL_COMMANDS = [
  ['psa', 'show', 'cosmic-full', '--model', FILE],
  ['search', 'cosmic-full', '--model', FILE],
  ['explain', '--model', FILE],
];

const HEAD = 'version: 1\nname: bad\nsystem: cosmic-1024\nmodel: gpt3-175b\n';
const DIMENSION = 'dimensions: [{ topology: Ring, npus: 2, bandwidthGBps: 100, latencyNs: 500 }]\n';
const COMPUTE = 'compute: { peakTflops: 100, memoryBandwidthGBps: 1000, memoryCapacityGB: 80 }\n';
const MODEL = 'name: bad\nlayers: 2\nhidden: 64\nffn: 256\nheads: 4\nseq: 32\nvocab: 100\nmlp: gelu\nbatch: 8\n';

const COLLECTIVE_RUN = {
  id: 'bad',
  collective: 'all_reduce',
  comm_size_bytes: 2 ** 30,
  network: { topology: ['Switch'], npus_count: [1024], bandwidth_GBps: [250], latency_ns: [500] },
  total_npus: 1024,
  impl: Object.fromEntries(
    ['all-reduce', 'all-gather', 'reduce-scatter', 'all-to-all'].map((kind) => [kind, ['doubleBinaryTree']]),
  ),
  collective_optimization: 'baseline',
  preferred_dataset_splits: 4,
  active_chunks_per_dimension: 1,
  endpoint_delay_ns: 10,
  local_mem_bw_GBps: 1600,
  time_ns: null,
};

/** What is wrong, the text, the error, and its line. */
type Text = readonly [name: string, text: string, code: BadInput['codes'][number], line?: number];

/** No YAML, or none that says what it means. */
const YAML: readonly Text[] = [
  ['an open bracket', 'a: [1, 2\n', 'YAML_SYNTAX'],
  ['a tab', 'a:\n\tb: 1\n', 'YAML_SYNTAX'],
  ['a key twice', 'name: 1\nname: 2\n', 'YAML_SYNTAX', 2],
  ['an alias of nothing', 'name: x\na: *b\n', 'YAML_SYNTAX', 2],
  ['a cyclic alias', 'name: x\na: &a { b: *a }\n', 'YAML_SYNTAX', 2],
  ['an ordered map', 'name: x\na: !!omap [b: 1]\n', 'YAML_SYNTAX', 2],
  ['brackets a thousand deep', `a:\n  ${'['.repeat(1000)}${']'.repeat(1000)}\n`, 'YAML_SYNTAX', 2],
  ['open brackets', '['.repeat(100_000), 'YAML_SYNTAX'],
  ['dashes in a row', '- '.repeat(5000), 'YAML_SYNTAX'],
  ['several documents', 'name: x\n---\nname: y\n', 'YAML_SYNTAX', 2],
  [
    'a thousand million aliases',
    `a: &a [1]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*a, *a]\n`).join('')}`,
    'YAML_SYNTAX',
  ],
  ['nothing', '', 'SCHEMA', 1],
  ['a list', '- 1\n- 2\n', 'SCHEMA', 1],
  ['a word', 'word\n', 'SCHEMA', 1],
  ['a name of escape codes', 'name: "\\e[31mred\\e[0m"\n', 'SCHEMA', 1],
  ['a key of escape codes', 'name: x\n"\\e]0;title\\a": 1\n', 'SCHEMA', 2],
  ['a key of a prototype', 'name: x\n__proto__: 1\n', 'SCHEMA', 2],
  ['a key of 100,000 letters', `name: x\n? ${'k'.repeat(100_000)}\n: 1\n`, 'SCHEMA', 2],
  ['300,000 bytes', `name: x # ${'x'.repeat(300_000)}\n`, 'FILE_UNREADABLE'],
];

const SPACES: readonly Text[] = [
  ['an unknown key', `${HEAD}sytem: x\n`, 'SCHEMA', 5],
  ['no system', 'version: 1\nname: x\nmodel: gpt3-175b\n', 'SCHEMA', 1],
  ['an unknown system', 'version: 1\nname: x\nsystem: dgx\nmodel: gpt3-175b\n', 'UNKNOWN_PRESET', 3],
  ['an unknown model', 'version: 1\nname: x\nsystem: dgx-a100\nmodel: gpt\n', 'UNKNOWN_PRESET', 4],
  ['a version of tomorrow', HEAD.replace('1', '2'), 'SCHEMA', 1],
  ['a bad objective', `${HEAD}objective: speed\n`, 'ARGUMENT', 5],
  ['an objective of a prototype', `${HEAD}objective: toString\n`, 'ARGUMENT', 5],
  ['a broken constraint', `${HEAD}constraints:\n  - workload.dp >\n`, 'CONSTRAINT_SYNTAX', 6],
  ['a constraint that divides by 0', `${HEAD}constraints:\n  - 1 / 0 == 5\n`, 'CONSTRAINT_SYNTAX', 6],
  ['a constraint of a prototype', `${HEAD}constraints:\n  - constructor(1) == 5\n`, 'CONSTRAINT_SYNTAX', 6],
  ['a sum of 6,000 terms', `${HEAD}constraints:\n  - ${'1 + '.repeat(6000)}1 == 5\n`, 'VALUE_OUT_OF_RANGE', 6],
  ['a maximum of 20,000', `${HEAD}constraints:\n  - max(${'1, '.repeat(20_000)}1) == 5\n`, 'VALUE_OUT_OF_RANGE', 6],
  [
    'brackets in a constraint',
    `${HEAD}constraints:\n  - ${'('.repeat(450)}1${')'.repeat(450)} == 5\n`,
    'SPACE_EMPTY',
    6,
  ],
  [
    'thousands of brackets',
    `${HEAD}constraints:\n  - ${'('.repeat(5000)}1${')'.repeat(5000)} == 5\n`,
    'VALUE_OUT_OF_RANGE',
    6,
  ],
  ['signs in a constraint', `${HEAD}constraints:\n  - ${'-'.repeat(1900)}1 == 5\n`, 'SPACE_EMPTY', 6],
  ['an impossible constraint', `${HEAD}constraints:\n  - workload.dp > 2000\n`, 'SPACE_EMPTY', 6],
  ['300 constraints', `${HEAD}constraints:\n${'  - workload.dp > 0\n'.repeat(300)}`, 'VALUE_OUT_OF_RANGE', 6],
  [
    'a group beyond all budgets',
    `${HEAD}workload:\n${['dp', 'tp', 'sp'].map((axis) => `  ${axis}: { range: { from: 1, to: 1000, step: 1 } }\n`).join('')}`,
    'CONSTRAINT_TOO_LARGE',
  ],
  ['70,000 values', `${HEAD}workload:\n  dp: { values: [${'1,'.repeat(70_000)}1] }\n`, 'VALUE_OUT_OF_RANGE', 6],
  ['five dimensions', `${HEAD}dimensions: 5\n`, 'VALUE_OUT_OF_RANGE', 5],
  ['a published count of words', `${HEAD}published: { count: many }\n`, 'SCHEMA', 5],
];

const SYSTEMS: readonly Text[] = [
  ['no dimensions', `name: bad\nnpus: 2\n${COMPUTE}`, 'SCHEMA', 1],
  ['no NPUs', `name: bad\nnpus: 0\n${DIMENSION}${COMPUTE}`, 'VALUE_OUT_OF_RANGE', 2],
  ['endless NPUs', `name: bad\nnpus: .inf\n${DIMENSION}${COMPUTE}`, 'SCHEMA', 2],
  ['no number of NPUs', `name: bad\nnpus: .nan\n${DIMENSION}${COMPUTE}`, 'SCHEMA', 2],
  ['no compute', `name: bad\nnpus: 2\n${DIMENSION}`, 'SCHEMA', 1],
  ['more tiers than dimensions', `name: bad\nnpus: 2\ntiers: [node, pod]\n${DIMENSION}${COMPUTE}`, 'SCHEMA', 3],
  ['an unknown tier', `name: bad\nnpus: 2\ntiers: [rack]\n${DIMENSION}${COMPUTE}`, 'SCHEMA', 3],
  ['negative latency', `name: bad\nnpus: 2\n${DIMENSION.replace('500', '-500')}${COMPUTE}`, 'VALUE_OUT_OF_RANGE', 3],
];

const MODELS: readonly Text[] = [
  ['no layers', MODEL.replace('layers: 2\n', ''), 'SCHEMA', 1],
  ['kvHeads that do not divide heads', `${MODEL}kvHeads: 3\n`, 'VALUE_OUT_OF_RANGE', 1],
  ['more experts per token than experts', `${MODEL}expertsPerToken: 2\n`, 'VALUE_OUT_OF_RANGE', 1],
  ['tokens and patches', `${MODEL}patch: 3\n`, 'VALUE_OUT_OF_RANGE', 1],
  ['an ensemble of ensembles', 'name: bad\nensemble: [{ model: cosmic-ensemble }]\n', 'SCHEMA', 2],
  [
    'an ensemble of 2,000',
    `name: bad\nensemble:\n${'  - { model: vit-base }\n'.repeat(2000)}`,
    'VALUE_OUT_OF_RANGE',
    3,
  ],
  ['an ensemble of nobody', 'name: bad\nensemble: [{ model: nobody }]\n', 'UNKNOWN_PRESET', 2],
  ['no phases', `${MODEL}phases: []\n`, 'VALUE_OUT_OF_RANGE', 10],
];

/** A validation file with one collective, some of it changed. */
function collectives(change: object): string {
  return JSON.stringify([{ ...COLLECTIVE_RUN, ...change }]);
}

const RUNS: readonly Text[] = [
  ['a thousand million splits', collectives({ preferred_dataset_splits: 1e9 }), 'VALUE_OUT_OF_RANGE', 1],
  ['endless queues', collectives({ num_queues_per_dim: 2 ** 53 }), 'VALUE_OUT_OF_RANGE', 1],
];

function given(texts: readonly Text[], commands: readonly (readonly string[])[]): BadInput[] {
  return crossed(texts, commands, ([name, text, code, line], args) => ({
    name: `${name}: ${args.join(' ')}`,
    args,
    file: { name: 'bad.yaml', text },
    codes: [code],
    at: 'bad.yaml',
    ...(line === undefined ? {} : { line }),
  }));
}

export const badFiles: readonly BadInput[] = [
  ...given([...YAML, ...SPACES], SPACE_COMMANDS),
  ...given([...YAML, ...SYSTEMS], SYSTEM_COMMANDS),
  ...given([...YAML, ...MODELS], MODEL_COMMANDS),
  ...given(RUNS, [['validate', 'collectives', FILE]]),
  {
    name: 'more messages than can be followed',
    args: ['validate', 'collectives', FILE],
    file: { name: 'runs.json', text: collectives({ preferred_dataset_splits: 65_536 }) },
    codes: ['VALUE_OUT_OF_RANGE'],
    fix: 'fewer chunks',
  },
];
