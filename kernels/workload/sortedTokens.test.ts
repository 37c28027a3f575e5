import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const RANKS = 64;
const LAYERS = 58;

/** Time that compute takes in a step of DeepSeek-V3 of one sequence a rank, us. */
function computeUs(dispatch: string, memoryEfficiency: number): number {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('h100-sxm', 'deepseek-v3', [
      ...[`system.npus=${RANKS}`, `workload.ep=${RANKS}`, `workload.dp=${RANKS}`, `workload.batch=${RANKS}`],
      ...[`workload.expertDispatch=${dispatch}`, 'model.neighbouringExperts=true', 'compute.hostLaunchUs=0'],
      ...[`compute.memoryEfficiency=${memoryEfficiency}`, 'compute.elementwiseShare=1', 'compute.kernelOverheadUs=0'],
    ]),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.computeUs]!;
}

/** Bytes of a token's 7,168 values in half precision that copies at half the bandwidth move beyond those at the whole, of each token and layer. */
function widthsMoved(dispatch: string): number {
  const us = computeUs(dispatch, 0.5) - computeUs(dispatch, 1);
  return (us * 3350e3) / (4096 * LAYERS * 7168 * 2);
}

it('a rank reads what came by node once for all its experts, and sums before the way back', () => {
  // Of 8 experts 4 lie on either of two ranks. Four sorts move 8 and 8, by node 2 and 8. Copies for each expert besides are permuted there and back
  // (8 and 8, twice), and summed at both ends (8 and 1 there, 7 more than by node here).
  const sorted = 4 * (16 - 10);
  const copied = 2 * 16 + 9 + 8;
  expect(widthsMoved('allToAll') - widthsMoved('byNode')).toBeCloseTo(sorted + copied, 0);
});
