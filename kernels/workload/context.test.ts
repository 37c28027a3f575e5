import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { explain, type RanOperation } from '../explain.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { simulateGraph } from '../simulate.js';
import { createState } from '../state.js';

const RANKS = 8;
const LAYOUT = [
  'system.npus=8',
  'workload.sp=8',
  'workload.tp=1',
  'workload.pp=1',
  'workload.dp=1',
  'workload.batch=1',
];
const NETWORK = ['network.topology[0]=Switch', 'network.npus[0]=8', 'network.efficiency[0]=1'];

function space(model: string, ...set: string[]) {
  return compileDesign(loadDefault('dgx-h100', model, [...LAYOUT, ...NETWORK, ...set]));
}

function operations(model: string, ...set: string[]): readonly RanOperation[] {
  const { workload, tiers, fixed } = space(model, ...set);
  return explain(workload, tiers, fixed)[0]!.operations;
}

function named(all: readonly RanOperation[], ...names: string[]): RanOperation[] {
  return names.map((name) => all.find((operation) => operation.name === name)!);
}

function stateOf(model: string, ...set: string[]) {
  const { workload, tiers, fixed } = space(model, ...set);
  const state = createState(workload, tiers);
  simulateGraph(state, fixed);
  return state;
}

const lasts = ({ startUs, endUs }: RanOperation) => endUs - startUs;

describe('a ring of keys and values', () => {
  const slow = ['network.bandwidthGBps[0]=5', 'workload.tensorOverlap=off'];

  test('takes a send of a piece for each rank but one, beside all of attention but the last piece', () => {
    const all = operations('llama3-8b', 'workload.contextExchange=ring', ...slow, 'network.collectiveOverheadUs=0');
    const [pass, beside, last] = named(
      all,
      'pass on keys and values',
      'fused attention round the ring',
      'fused attention',
    );
    const { latencyUs, pieceMB } = { latencyUs: stateOf('llama3-8b').hopUs[0]!, pieceMB: pass!.sizeMB / RANKS };
    expect(lasts(pass!) / ((RANKS - 1) * (latencyUs + (pieceMB * 1000) / 5))).toBeCloseTo(1, 9);
    expect(beside!.startUs).toBe(pass!.startUs);
    expect(last!.startUs).toBe(Math.max(beside!.endUs, pass!.endUs));
    expect(beside!.gflop / last!.gflop).toBeCloseTo(RANKS - 1, 9);
  });

  test('passes 8 heads of 128 of keys and as many values, whatever the heads of queries', () => {
    const [pass] = named(operations('llama3-8b', 'workload.contextExchange=ring'), 'pass on keys and values');
    expect(pass!.sizeMB).toBeCloseTo(2 * 2 * 8 * 128 * 8192 * 1e-6, 6);
  });

  test('is faster than a gather that compute waits for, where attention outlasts it', () => {
    const timeUs = (exchange: string) =>
      stateOf('llama3-8b', `workload.contextExchange=${exchange}`, 'workload.tensorOverlap=off').parts[OUTPUT.timeUs]!;
    expect(timeUs('ring')).toBeLessThan(timeUs('allGather'));
  });
});

describe('an exchange of heads', () => {
  test('sends 4·N·h/P elements of each rank in a forward pass (arXiv 2309.14509, 3.2)', () => {
    const all = operations('gpt3-13b', 'workload.contextExchange=allToAll');
    const forward = all.filter(({ section, group }) => section === 'layerForward' && group === 'sp');
    const bytes = forward.reduce((sum, { sizeMB }) => sum + sizeMB * 1e6, 0);
    expect(bytes / 2).toBeCloseTo((4 * 2048 * 5140) / RANKS, 0);
  });

  test('gives each rank a whole head of keys and values where there are fewer of them', () => {
    const sizeMB = (...set: string[]) =>
      named(operations('llama3-8b', 'workload.contextExchange=allToAll', ...set), 'exchange keys and values')[0]!
        .sizeMB;
    expect(sizeMB('model.kvHeads=4') / sizeMB('model.kvHeads=8')).toBeCloseTo(1, 9);
    expect(sizeMB('model.kvHeads=16') / sizeMB('model.kvHeads=8')).toBeCloseTo(2, 9);
  });

  test('needs whole heads, and ranks of two levels whole groups', () => {
    const status = (...set: string[]) => stateOf('gpt3-13b', ...set).planStatus;
    expect(status('workload.contextExchange=allToAll')).toBe(0);
    expect(status('workload.contextExchange=allToAll', 'model.heads=20')).toBe(STATUS.HEADS);
    expect(status('workload.contextExchange=twoLevel', 'workload.contextInner=4')).toBe(0);
    expect(status('workload.contextExchange=twoLevel', 'workload.contextInner=3') & STATUS.SEQUENCE).not.toBe(0);
  });
});

test('two levels are one where the other is a single rank', () => {
  const timeUs = (exchange: string, inner: number) =>
    stateOf('llama3-8b', `workload.contextExchange=${exchange}`, `workload.contextInner=${inner}`).stepUs;
  expect(timeUs('twoLevel', RANKS)).toBe(timeUs('allToAll', 1));
  expect(timeUs('twoLevel', 1)).toBe(timeUs('ring', 1));
});

describe('causal work in one piece a rank', () => {
  /** Pairs of a query of the last rank and a key before it, over the mean of all ranks, counted one by one. */
  function lastOverMean(ranks: number, tokens: number): number {
    const pairs = Array.from({ length: ranks }, (_, rank) => {
      const own = Array.from({ length: tokens / ranks }, (_, i) => (rank * tokens) / ranks + i + 0.5);
      return own.reduce((sum, keys) => sum + keys, 0);
    });
    return pairs.at(-1)! / (pairs.reduce((sum, each) => sum + each, 0) / ranks);
  }

  test.each([
    ['allGather', 1, RANKS],
    ['ring', 1, RANKS],
    ['twoLevel', 2, RANKS / 2],
    ['allToAll', 1, 1],
  ])('%s: the last of the ranks has most', (exchange, inner, ranks) => {
    const work = (balance: string) =>
      operations(
        'llama3-8b',
        `workload.contextExchange=${exchange}`,
        `workload.contextInner=${inner}`,
        `workload.contextBalance=${balance}`,
      )
        .filter(({ kind, section }) => kind === 'attention' && section === 'layerForward')
        .reduce((sum, { gflop }) => sum + gflop, 0);
    expect(work('off') / work('on')).toBeCloseTo(lastOverMean(ranks, 64), 9);
  });
});
