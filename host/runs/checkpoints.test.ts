/** Checkpoints are what a run of these settings comes to, or they are refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainData } from '../../agents/agent.js';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { STATUSES } from '../../kernels/outputs.js';
import { HISTOGRAM_BINS } from '../../kernels/reduce/layout.js';
import { keptTop, type SweepPart } from '../../kernels/reduce/reduce.js';
import type { SweepRequest } from '../backends/evaluator.js';
import type { SearchState } from '../search/searchState.js';
import type { SearchSettings } from './manifest.js';
import { searchesFromPlain, searchesToPlain, searchFromPlain, searchToPlain } from './searchCheckpoint.js';
import { partFromPlain, partToPlain } from './sweepCheckpoint.js';

/** A sweep of as many designs as no machine evaluates, and the parts that it may come to. */
const DESIGNS = 2n ** 80n;
const sweep: SweepRequest = {
  source: { kind: 'ordinals' },
  start: 2n ** 70n,
  count: 2n ** 75n,
  objectives: ['time', 'cost'].map((text) => parseObjective(text)),
  limits: [parseLimit('memory <= 24e9')],
  top: 3,
  pareto: true,
};
const part: fc.Arbitrary<SweepPart> = fc.bigInt({ min: 1n, max: sweep.count }).chain((evaluated) => {
  const count = fc.bigInt({ min: 0n, max: evaluated });
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x || 0);
  const candidate = fc.record({
    position: fc.bigInt({ min: sweep.start, max: sweep.start + evaluated - 1n }),
    ordinal: fc.bigInt({ min: 0n, max: DESIGNS - 1n }),
    objectives: fc.array(finite, { minLength: 2, maxLength: 2 }),
  });
  return fc
    .record({
      start: fc.constant(sweep.start),
      evaluated: fc.constant(evaluated),
      feasible: count,
      byReason: fc.array(count, { minLength: STATUSES.length, maxLength: STATUSES.length }),
      byLimit: fc.array(count, { minLength: 1, maxLength: 1 }),
      bin: fc.nat(HISTOGRAM_BINS - 1),
      top: fc.array(candidate, { maxLength: keptTop(sweep.top) }),
      pareto: fc.array(candidate),
    })
    .map(({ bin, ...rest }) => ({
      ...rest,
      histogram: Array.from({ length: HISTOGRAM_BINS }, (_, i) => (i === bin ? rest.feasible : 0n)),
    }));
});

const searched: SearchSettings = {
  kind: 'search',
  agent: 'ga',
  evaluations: 20,
  seed: 0,
  objective: 'time',
  moreObjectives: ['cost'],
  constraints: ['memory <= 24e9'],
  top: 3,
};
const state: SearchState = {
  evaluations: 10,
  feasible: 4,
  byReason: STATUSES.map((_, i) => i % 2),
  byLimit: [2],
  front: [{ objectives: [0.1 + 0.2, 3], ordinal: '18977587199999' }],
  best: [{ objective: 0.1 + 0.2, ordinals: ['18977587199999'] }],
  history: [[2, 5.5] as const, [7, 0.1 + 0.2] as const],
  agent: { drawn: 7 },
};

describe('checkpoints', () => {
  const unreadable = expect.objectContaining({ code: 'FILE_UNREADABLE', file: 'run' });
  const readPart = (plain: PlainData) => partFromPlain(plain, sweep, DESIGNS, 'run');
  const readSearch = (plain: PlainData) => searchFromPlain(plain, searched, DESIGNS, 'run');

  it('keep every part of a sweep through JSON', () => {
    fc.assert(
      fc.property(part, (finished) => {
        expect(readPart(JSON.parse(JSON.stringify(partToPlain(finished))))).toEqual(finished);
      }),
    );
  });

  it('keep a search through JSON', () => {
    expect(readSearch(JSON.parse(JSON.stringify(searchToPlain(state))))).toEqual(state);
  });

  it('refuse what is none', () => {
    for (const plain of [{ start: 3 }, [], null, 7]) {
      expect(() => readPart(plain)).toThrow(unreadable);
      expect(() => readSearch(plain)).toThrow(unreadable);
    }
  });

  it.each([
    ['of another start', { start: '0' }],
    ['with more designs than there are', { evaluated: (sweep.count + 1n).toString() }],
    ['with more feasible designs than evaluated ones', { evaluated: '1', feasible: '2', histogram: ['2'] }],
    ['with a histogram of other designs', { histogram: ['1', ...new Array<string>(HISTOGRAM_BINS - 1).fill('0')] }],
    ['with too few reasons', { byReason: ['0'] }],
    ['with other limits', { byLimit: [] }],
    ['with more designs beyond a limit than evaluated ones', { byLimit: ['10'] }],
    ['with a number that is none', { evaluated: '-1' }],
    [
      'with a design beyond the space',
      { top: [{ position: sweep.start.toString(), ordinal: DESIGNS.toString(), objectives: [1, 2] }] },
    ],
    ['with a design that was not reached', { top: [{ position: '7', ordinal: '7', objectives: [1, 2] }] }],
    ['with too few objectives', { pareto: [{ position: sweep.start.toString(), ordinal: '7', objectives: [1] }] }],
    ['with something else', { more: 1 }],
  ])('refuse a part %s', (_, wrong) => {
    const [finished] = fc.sample(part, { numRuns: 1, seed: 1 });
    const plain = partToPlain({
      ...finished!,
      evaluated: 9n,
      feasible: 0n,
      byReason: STATUSES.map(() => 0n),
      byLimit: [0n],
      top: [],
      pareto: [],
      histogram: new Array<bigint>(HISTOGRAM_BINS).fill(0n),
    }) as object;
    expect(readPart(plain as PlainData).evaluated).toBe(9n);
    expect(() => readPart({ ...plain, ...wrong })).toThrow(unreadable);
  });

  it.each([
    ['that went on for too long', { evaluations: 21 }],
    ['with more feasible designs than evaluated ones', { feasible: 11 }],
    ['with more infeasible designs than evaluated ones', { byReason: STATUSES.map(() => 11) }],
    ['with too few reasons', { byReason: [0] }],
    ['with other limits', { byLimit: [] }],
    ['with half a design', { feasible: 0.5 }],
    ['with a design beyond the space', { best: [{ objective: 1, ordinals: [DESIGNS.toString()] }] }],
    [
      'whose best are not in order',
      {
        best: [
          { objective: 2, ordinals: ['1'] },
          { objective: 1, ordinals: ['2'] },
        ],
      },
    ],
    [
      'with more designs than it keeps',
      { best: Array.from({ length: 23 }, (_, i) => ({ objective: i, ordinals: ['1'] })) },
    ],
    [
      'whose gains are losses',
      {
        history: [
          [1, 5],
          [2, 6],
        ],
      },
    ],
    ['whose gains are yet to come', { history: [[11, 5]] }],
    ['with a front of other objectives', { front: [{ objectives: [1], ordinal: '1' }] }],
    ['with something else', { more: 1 }],
  ])('refuse a search %s', (_, wrong) => {
    const plain = JSON.parse(JSON.stringify(searchToPlain(state))) as object;
    expect(() => readSearch({ ...plain, ...wrong } as PlainData)).toThrow(unreadable);
  });

  it('refuse other searches than those that were joined', () => {
    const read = (plain: PlainData) => searchesFromPlain(plain, [searched, searched], DESIGNS, 'run');
    const both = searchesToPlain([state, state]);
    expect(read(both)).toEqual([state, state]);
    for (const plain of [both.slice(1), [...both, both[0]!], both[0]!]) expect(() => read(plain)).toThrow(unreadable);
  });
});
