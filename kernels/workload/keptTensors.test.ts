import { describe, expect, test } from 'vitest';
import { designEvaluator, namedOutputs } from '../../host/designs/designs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { applyOverrides } from '../../psa/overrides.js';
import { memoryByStage } from '../memory/stages.js';
import { OUTPUT } from '../outputs.js';
import { KEPT_TENSORS } from './operation.js';

const LAYOUT = [
  ...['system.npus=8', 'workload.pp=1', 'workload.sp=1', 'workload.dp=8', 'workload.tp=1', 'workload.batch=8'],
  ...['workload.microBatch=1', 'workload.weightSharding=zero1', 'compute.hostLaunchUs=0', 'compute.hostLinkGBps=1e6'],
];
const FULL = 'workload.recomputation=full';

function run(...set: string[]) {
  const space = compileDesign(applyOverrides(loadDefault('dgx-h100', 'llama3-8b'), [...LAYOUT, FULL, ...set]));
  const [phase] = memoryByStage(space.workload, space.tiers, space.fixed);
  return {
    ...namedOutputs(designEvaluator(space)(space.fixed).outputs),
    largestMB: phase!.stages[0]!.outputs[OUTPUT.workingMB]!,
    model: space.workload.phases[0]!,
  };
}

const full = run();
const { seq, hidden, ffn, heads, kvHeads, headDim, layers } = full.model;
const all = KEPT_TENSORS.map((tensor) => `workload.${tensor}=device`);

/** Bytes of a token in half precision. */
const BYTES = {
  keepQkv: 2 * headDim * (heads + 2 * kvHeads),
  keepAttentionOutput: 2 * headDim * heads,
  keepProjection: 2 * hidden,
  keepMlpProducts: 2 * 2 * ffn,
} as const;

describe.each(KEPT_TENSORS)('%s', (tensor) => {
  test('takes what the tensor has of each layer, and no more of what is made again', () => {
    const kept = run(`workload.${tensor}=device`);
    const bytes = BYTES[tensor] * seq;
    expect((kept.activationsMB - full.activationsMB) / (layers * bytes * 1e-6)).toBeCloseTo(1, 9);
    const fused = run(`workload.${tensor}=device`, 'workload.loss=chunked').largestMB;
    expect((run('workload.loss=chunked').largestMB - fused) / (bytes * 1e-6)).toBeCloseTo(1, 9);
  });

  test('on the host takes two layers of it, and waits for a slow link', () => {
    const host = run(`workload.${tensor}=host`);
    expect((host.activationsMB - full.activationsMB) / (2 * BYTES[tensor] * seq * 1e-6)).toBeCloseTo(1, 9);
    expect(host.timeUs).toBe(run(`workload.${tensor}=device`).timeUs);
    const slow = run(`workload.${tensor}=host`, 'compute.hostLinkGBps=0.01');
    const sentUs = (layers * BYTES[tensor] * seq * 1e-6) / 0.01e-3;
    expect(slow.timeUs).toBeGreaterThan(2 * sentUs);
    expect(slow.timeUs).toBeLessThan(2 * sentUs + full.timeUs);
  });

  test('is not made again', () => {
    expect(run(`workload.${tensor}=device`).timeUs).toBeLessThan(full.timeUs);
  });

  test('matters to full recomputation alone, and of that to layers that are run again', () => {
    const none = 'workload.recomputation=none';
    expect(run(`workload.${tensor}=device`, none).activationsMB).toBe(run(none).activationsMB);
    expect(run(`workload.${tensor}=device`, none).timeUs).toBe(run(none).timeUs);
    const some = (...set: string[]) => run('workload.recomputedLayers=8', ...set).activationsMB;
    expect((some(`workload.${tensor}=device`) - some()) / (8 * BYTES[tensor] * seq * 1e-6)).toBeCloseTo(1, 9);
  });
});

test('with all of them what is run again are norms, activations and sums, and no product', () => {
  // Norms and activations that are recomputed alone, beside products that keep what they read.
  const none = run('workload.recomputation=none', 'workload.recomputeNorms=on');
  const kept = run(...all);
  expect(kept.timeUs).toBeGreaterThan(none.timeUs);
  expect((kept.timeUs - none.timeUs) / (full.timeUs - none.timeUs)).toBeLessThan(0.2);
  expect(kept.activationsMB).toBeLessThan(none.activationsMB);
});
