/** How a row's words say that tokens travel to experts, and how evenly. */
import { expect, it } from 'vitest';
import { trainingRow } from './row.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '8', dp: '1', global_batch: '64' },
};

const set = (more: Record<string, string>) =>
  stated(trainingRow.parse({ ...cells, ...more })).flatMap((one) => one.set);

it('tokens of experts on several ranks travel by node where the notes name who sends them so', () => {
  const travel = (ep: string, notes: string) => set({ ep, notes });
  expect(travel('8', 'TE + DeepEP')).toEqual(['workload.expertDispatch=byNode']);
  expect(travel('8', 'dispatcher hybridep')).toEqual(['workload.expertDispatch=byNode']);
  expect(travel('8', 'dropless; token drop; per-tensor')).toEqual(['workload.expertCapacity=1']);
  expect(travel('64', 'experts routed to at most 4 nodes')).toEqual([
    ...['workload.expertDispatch=byNode', 'model.expertGroups=8', 'model.groupsPerToken=4'],
  ]);
});

it('ranks of experts are as uneven as a printed load-balancing loss says, and no rank is where all have all experts', () => {
  const notes = 'load-balancing loss of 3.62 as a log of the model prints';
  // Of experts by the square root of 2.62; of ranks with sixteen each by a quarter of that.
  const [spread] = set({ experts: '128', ep: '8', notes });
  expect(Number(spread!.replace('workload.expertLoadSpread=', ''))).toBeCloseTo(Math.sqrt(2.62) / 4, 12);
  expect(set({ experts: '128', ep: '1', notes })).toEqual([]);
});

it('tokens of two kinds crowd on the experts of each, one router for all tokens of a kind', () => {
  const notes = 'tokens of two kinds, one word over and over and then padding';
  const spreadOf = (experts: number, top_k: number, ep: number) => {
    const [spread] = set({ experts: String(experts), top_k: String(top_k), ep: String(ep), notes });
    return Number(spread!.replace('workload.expertLoadSpread=', ''));
  };
  // Tokens of 8 ranks with an expert each, half of them by two experts of eight and half by two others: E/k − 1 is 3.
  expect(spreadOf(8, 2, 8) ** 2).toBeCloseTo(3 / 2, 12);
  expect(spreadOf(32, 4, 2) ** 2).toBeCloseTo((7 / 2) * (2 / 32), 12);
  // Who sends tokens to all experts sends as many to each.
  expect(spreadOf(8, 8, 8)).toBe(0);
  expect(set({ experts: '32', top_k: '4', ep: '1', notes })).toEqual([]);
});
