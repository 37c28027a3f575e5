/** Options and arguments that no command takes. */
import { type BadInput, crossed } from './badInput.js';

/** Commands, each with what it needs besides. */
const SEARCH = ['search', 'cosmic-workload', '--backend', 'cpu'];
const SWEEP = ['sweep', 'cosmic-workload', '--backend', 'cpu'];
const COMPARE = ['compare', '--backend', 'cpu'];
const SIMULATE = ['simulate', 'cosmic-workload'];
const EXPLAIN = ['explain', 'cosmic-workload'];
const PROVE = ['prove', 'cosmic-workload'];
const COLLECTIVE = ['collective', 'all-reduce'];
const EXPORT = ['export', 'cosmic-workload', '--format', 'megatron'];

const ASTRA = ['simulate', '--profile', 'astra-sim', '--set'];

/** Whole numbers of at least 1: what is none. */
const NO_COUNTS = ['0', '-1', '1.5', 'ten', '1e400', '0x', 'NaN'];
/** Whole numbers of at least 0. */
const NO_SEEDS = ['-1', '1.5', 'ten', '1e400', 'NaN'];

const COUNTS = [
  [...SEARCH, '--evaluations'],
  [...SEARCH, '--population'],
  [...SEARCH, '--top'],
  [...SEARCH, '--patience'],
  [...SEARCH, '--threads'],
  [...SWEEP, '--sample'],
  [...SWEEP, '--top'],
  [...SWEEP, '--threads'],
  [...COMPARE, '--evaluations'],
  [...COMPARE, '--threads'],
  [...PROVE, '--threads'],
  [...COLLECTIVE, '--npus'],
];
const SEEDS = [
  [...SEARCH, '--seed'],
  [...SWEEP, '--seed'],
  [...SWEEP, '--start'],
  [...COMPARE, '--seed'],
  [...PROVE, '--seed'],
  [...PROVE, '--members'],
  [...SIMULATE, '--ordinal'],
  [...EXPLAIN, '--ordinal'],
  [...EXPORT, '--ordinal'],
];
const EVERY = [
  SEARCH,
  SWEEP,
  COMPARE,
  SIMULATE,
  EXPLAIN,
  EXPORT,
  PROVE,
  ['psa', 'show', 'cosmic-full'],
  ['psa', 'count', 'cosmic-full'],
];

const ANY = ['ARGUMENT', 'VALUE_OUT_OF_RANGE'] as const;

/** What `--set` does not understand, in every command that has it. */
const OVERRIDES: readonly (readonly [text: string, codes: BadInput['codes']])[] = [
  ['workload.dp', ['ARGUMENT']],
  ['=8', ['ARGUMENT']],
  ['workload.dq=8', ['UNKNOWN_PARAMETER']],
  ['constructor.name=8', ['UNKNOWN_PARAMETER']],
  ['__proto__=8', ['UNKNOWN_PARAMETER']],
  ['workload.dp=1,,2', ['SCHEMA']],
  ['workload.dp=1,1', ['VALUE_OUT_OF_RANGE']],
  ['network.bandwidthGBps[00]=1', ['ARGUMENT']],
  ['network.bandwidthGBps[9]=1', ['ARGUMENT']],
  ['workload.dp[0]=1', ['ARGUMENT']],
  ['model.toString=1', ['UNKNOWN_PARAMETER']],
  ['model.context=100', ['ARGUMENT']],
  ['model.kvHeads=7', ['VALUE_OUT_OF_RANGE']],
  ['system.npus=0', ['VALUE_OUT_OF_RANGE']],
  ['system.npus=1000000000', ['VALUE_OUT_OF_RANGE']],
  [`workload.dp=${'9'.repeat(100_000)}`, ['SCHEMA', 'VALUE_OUT_OF_RANGE']],
  ['workload.\u001b[31m=1', ['ARGUMENT', 'UNKNOWN_PARAMETER']],
];

const NAMES: readonly (readonly [args: readonly string[], codes: BadInput['codes']])[] = [
  [['--system', 'dgx'], ['UNKNOWN_PRESET']],
  [['--model', 'gpt'], ['UNKNOWN_PRESET']],
  [['--system', './none.yaml'], ['FILE_NOT_FOUND']],
  [['--model', './none.yaml'], ['FILE_NOT_FOUND']],
  [['--system', '/'], ['FILE_UNREADABLE']],
  [['--model', '/dev/zero'], ['FILE_UNREADABLE']],
  [['--profile', 'astra'], ['ARGUMENT']],
  [['--nonsense'], ['ARGUMENT']],
];

const ALONE: readonly (readonly [args: readonly string[], codes: BadInput['codes']])[] = [
  [['nonsense'], ['ARGUMENT']],
  [['psa', 'count'], ['ARGUMENT']],
  [['psa', 'count', 'cosmic-ful'], ['UNKNOWN_PRESET']],
  [['psa', 'count', '/dev/zero'], ['FILE_UNREADABLE']],
  [
    ['psa', 'count', '.'],
    ['UNKNOWN_PRESET', 'FILE_UNREADABLE'],
  ],
  [['merge'], ['ARGUMENT']],
  [
    ['merge', 'none'],
    ['FILE_NOT_FOUND', 'ARGUMENT', 'RUN_MISMATCH'],
  ],
  [
    ['report', 'none'],
    ['FILE_NOT_FOUND', 'ARGUMENT', 'RUN_MISMATCH'],
  ],
  [
    ['import', 'none.yml', 'none.json'],
    ['FILE_NOT_FOUND', 'FILE_UNREADABLE', 'ARGUMENT'],
  ],
  [['validate', 'collectives', 'none.json'], ['FILE_NOT_FOUND']],
  [['validate', 'workloads', '/dev/zero'], ['FILE_UNREADABLE']],
  [['validate', 'measured', '/'], ['FILE_UNREADABLE']],
  [['validate', 'memory', 'none.csv'], ['FILE_NOT_FOUND']],
  [[...SEARCH, '--agent', 'nobody'], ['ARGUMENT']],
  [[...SEARCH, '--backend', 'abacus'], ['ARGUMENT']],
  [[...SEARCH, '--objective', 'speed'], ['ARGUMENT']],
  [[...SEARCH, '--objective', 'constructor'], ['ARGUMENT']],
  [[...SEARCH, '--constraint', 'memory'], ['CONSTRAINT_SYNTAX']],
  [[...SEARCH, '--constraint', 'toString <= 1'], ['CONSTRAINT_SYNTAX']],
  [[...SEARCH, '--agent-option', 'nothing=1'], ['ARGUMENT']],
  [
    [...SEARCH, '--resume', 'none'],
    ['FILE_NOT_FOUND', 'ARGUMENT', 'RUN_MISMATCH'],
  ],
  [
    [...SWEEP, '--shard', '2/1'],
    ['ARGUMENT', 'VALUE_OUT_OF_RANGE'],
  ],
  [
    [...SWEEP, '--shard', '0/4'],
    ['ARGUMENT', 'VALUE_OUT_OF_RANGE'],
  ],
  [
    [...SWEEP, '--start', '99999999999999'],
    ['ARGUMENT', 'VALUE_OUT_OF_RANGE'],
  ],
  [[...SIMULATE, '--ordinal', '99999999999999'], ['VALUE_OUT_OF_RANGE']],
  [[...ASTRA, 'model.layers=1000000'], ['VALUE_OUT_OF_RANGE']],
  [[...ASTRA, 'model.batch=524288', '--set', 'workload.microBatch=1'], ['VALUE_OUT_OF_RANGE']],
  [['collective'], ['ARGUMENT']],
  [['collective', 'broadcast'], ['ARGUMENT']],
  [['collective', 'constructor'], ['ARGUMENT']],
  [[...COLLECTIVE, '--npus', '3'], ['ARGUMENT']],
  [[...COLLECTIVE, '--npus', '2048'], ['ARGUMENT']],
  [[...COLLECTIVE, '--algorithm', 'nvls'], ['ARGUMENT']],
  [[...COLLECTIVE, '--system', 'dgx-h100', '--algorithm', 'direct'], ['ARGUMENT']],
  [[...PROVE, '--gap', '1'], ['ARGUMENT']],
  [[...PROVE, '--gap', 'none'], ['ARGUMENT']],
  [[...PROVE, '--timeout', '0'], ['ARGUMENT']],
  [[...PROVE, '--time', '0'], ['ARGUMENT']],
  [[...PROVE, '--time', 'soon'], ['ARGUMENT']],
  [[...PROVE, '--objective', 'speed'], ['ARGUMENT']],
  [[...PROVE, '--constraint', 'cost < 5'], ['CONSTRAINT_SYNTAX']],
  [['prove'], ['ARGUMENT']],
  [['prove', '--check', 'none'], ['FILE_NOT_FOUND']],
  [['prove', '--check', '/dev/zero'], ['FILE_UNREADABLE']],
  [['prove', '--resume', 'none'], ['FILE_NOT_FOUND']],
];

export const badOptions: readonly BadInput[] = [
  ...crossed(COUNTS, NO_COUNTS, (args, text) => ({
    name: `${args.join(' ')} ${text}`,
    args: [...args, text],
    codes: ANY,
  })),
  ...crossed(SEEDS, NO_SEEDS, (args, text) => ({
    name: `${args.join(' ')} ${text}`,
    args: [...args, text],
    codes: ANY,
  })),
  ...crossed(EVERY, OVERRIDES, (args, [text, codes]) => ({
    name: `${args.join(' ')} --set ${JSON.stringify(text.slice(0, 40))}`,
    args: [...args, '--set', text],
    codes,
  })),
  ...crossed(EVERY, NAMES, (args, [more, codes]) => ({
    name: `${[...args, ...more].join(' ')}`,
    args: [...args, ...more],
    codes,
  })),
  ...crossed([COLLECTIVE], OVERRIDES, (args, [text, codes]) => ({
    name: `${args.join(' ')} --set ${JSON.stringify(text.slice(0, 40))}`,
    args: [...args, '--set', text],
    codes,
  })),
  ...NAMES.filter(([[option]]) => option !== '--model').map(([more, codes]) => ({
    name: [...COLLECTIVE, ...more].join(' '),
    args: [...COLLECTIVE, ...more],
    codes,
  })),
  ...['0', '-1', '1.5', '1XB', '1e3', '1toString', '', '9'.repeat(400)].map((size) => ({
    name: `${COLLECTIVE.join(' ')} --size ${size.slice(0, 20)}`,
    args: [...COLLECTIVE, '--size', size],
    codes: ANY,
  })),
  ...ALONE.map(([args, codes]) => ({ name: args.join(' '), args, codes })),
];
