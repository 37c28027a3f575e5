import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

/** Qwen3 30B on 8 GB300, 4 sequences a micro-batch; ms. */
function step(microBatches: number, ...set: string[]) {
  const job = ['system.npus=8', 'workload.tp=1', 'workload.dp=8', 'workload.ep=8', 'workload.microBatch=4'];
  const batch = `workload.batch=${8 * 4 * microBatches}`;
  const base = loadDefault('gb300', 'qwen3-30b-a3b', [...job, batch, ...set], undefined, 'megatron-bridge');
  const { workload, tiers, fixed } = compileDesign(base);
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return { timeUs: outputs[OUTPUT.timeUs]! / 1000, exposedEpUs: outputs[OUTPUT.exposedEpUs]! / 1000 };
}

it('the exchanges of one micro-batch have no other to travel beside', () => {
  const NONE = 'workload.exchangeShare=0';
  const inTurn = (microBatches: number) => step(microBatches, NONE, 'workload.expertOverlap=off').exposedEpUs;
  expect(step(1, NONE).exposedEpUs).toBeCloseTo(inTurn(1), 6);
  expect(step(6, NONE).exposedEpUs).toBeCloseTo(inTurn(6) / 6, 6);
});

it('the others take their share of the multiprocessors', () => {
  const [none, some] = [0, 0.2].map((share) => step(6, `workload.exchangeShare=${share}`));
  const alone = step(1, 'workload.exchangeShare=0').exposedEpUs;
  // Five pairs lose it; of the passes alone it is not taken.
  expect(some!.timeUs - none!.timeUs).toBeCloseTo(0.2 * alone * (6 - 1), 6);
});
