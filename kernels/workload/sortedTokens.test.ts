import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const RANKS = 64;
const LAYERS = 58;

/** Time that compute takes in a step of DeepSeek-V3 of one sequence a rank, us. */
function computeUs(dispatch: string, memoryEfficiency: number, set: readonly string[]): number {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('h100-sxm', 'deepseek-v3', [
      ...[`system.npus=${RANKS}`, `workload.ep=${RANKS}`, `workload.dp=${RANKS}`, `workload.batch=${RANKS}`],
      ...[`workload.expertDispatch=${dispatch}`, 'model.neighbouringExperts=true', 'compute.hostLaunchUs=0'],
      ...[`compute.memoryEfficiency=${memoryEfficiency}`, 'compute.elementwiseShare=1', 'compute.kernelOverheadUs=0'],
      ...set,
    ]),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.computeUs]!;
}

/** Bytes of a token's 7,168 values in half precision that copies at half the bandwidth move beyond those at the whole, of each token and layer. */
function widthsMoved(dispatch: string, ...set: string[]): number {
  const us = computeUs(dispatch, 0.5, set) - computeUs(dispatch, 1, set);
  return (us * 3350e3) / (4096 * LAYERS * 7168 * 2);
}

it('a rank reads what came by node once for all its experts, and sums before the way back', () => {
  // Of 8 experts 4 lie on either of two ranks. Four sorts move 8 and 8, by node 2 and 8. Copies for each expert besides are permuted there and back
  // (8 and 8, twice), and summed at both ends (8 and 1 there, 7 more than by node here).
  const sorted = 4 * (16 - 10);
  const copied = 2 * 16 + 9 + 8;
  expect(widthsMoved('allToAll') - widthsMoved('byNode')).toBeCloseTo(sorted + copied, 0);
});

it('copies and the activation pass over the places for all that could come, where sizes are known before a step', () => {
  const widths = (...set: string[]) => widthsMoved('allToAll', 'workload.ep=8', ...set);
  const room = 'workload.expertRoom=allRanks';
  // 8 ranks may send 8 times the mean: of 8 experts a token 7 · 8 more places, which four sorts read and write. The activation of 2,048 values reads 2
  // and writes 1, backward 3 and 2.
  const empty = 7 * 8;
  // The layer that predicts a later token is a mixture, too.
  const mixtures = (LAYERS + 1) / LAYERS;
  expect(widths(room) - widths()).toBeCloseTo(empty * mixtures * (4 * 2 + ((3 + 5) * 2048) / 7168), 1);
  for (const other of ['workload.expertCapacity=1', 'workload.ep=1']) expect(widths(room, other)).toBe(widths(other));
  // A fullest rank that has as many takes no more.
  expect(widths(room, 'workload.expertLoad=8')).toBeCloseTo(widths('workload.expertLoad=8'), 6);
});
