import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { OUTPUT_COUNT, OUTPUTS, type OutputName } from '../outputs.js';
import { createSimulator } from '../simulate.js';

/** A dense model on 4 nodes of 8 GPUs, 16 replicas of two, each with as many micro-batches as `batch` says. */
function outputsOf(...set: string[]): Record<OutputName, number> {
  const space = compileDesign(
    loadDefault('dgx-h100', 'llama2-7b', [
      'system.npus=32',
      'workload.tp=2',
      'workload.dp=16',
      'workload.pp=1',
      'workload.microBatch=1',
      'workload.batch=64',
      ...set,
    ]),
  );
  const row = new Float64Array(OUTPUT_COUNT);
  createSimulator(space.workload, space.tiers)(space.fixed, row, 0);
  return Object.fromEntries(OUTPUTS.map(({ name }, i) => [name, row[i]!])) as Record<OutputName, number>;
}

const sharded = (sharding: string, ...set: string[]) => outputsOf(`workload.weightSharding=${sharding}`, ...set);

describe('memory of sharded state (ZeRO, arXiv 1910.02054, figure 1)', () => {
  test('per parameter it is 18 bytes, of which each stage divides one more part by the replicas', () => {
    const [none, one, two, three] = ['none', 'zero1', 'zero2', 'zero3'].map((sharding) => sharded(sharding));
    expect(none!.gradientsMB / none!.weightsMB).toBeCloseTo(2, 12);
    expect(none!.optimizerMB / none!.weightsMB).toBeCloseTo(6, 12);
    expect(none!.optimizerMB / one!.optimizerMB).toBeCloseTo(16, 9);
    expect(one!.gradientsMB).toBe(none!.gradientsMB);
    expect(one!.gradientsMB / two!.gradientsMB).toBeCloseTo(16, 9);
    expect([two!.weightsMB, two!.optimizerMB]).toEqual([one!.weightsMB, one!.optimizerMB]);
    expect([three!.gradientsMB, three!.optimizerMB]).toEqual([two!.gradientsMB, two!.optimizerMB]);
    expect(three!.weightsMB).toBeLessThan(two!.weightsMB);
  });
});

describe('ZeRO-2', () => {
  test('sends the gradients of every micro-batch, ZeRO-1 those of the sum once', () => {
    // Nothing runs beside compute.
    const alone = ['workload.shardingOverlap=0', 'workload.gradientOverlap=off'];
    const exposedUs = (sharding: string, microBatches: number) =>
      sharded(sharding, ...alone, `workload.batch=${16 * microBatches}`).exposedDpUs;
    const onceUs = exposedUs('zero1', 1);
    expect(exposedUs('zero1', 8)).toBeCloseTo(onceUs, 6);
    const more = (exposedUs('zero2', 8) - exposedUs('zero2', 1)) / 7;
    expect(more).toBeGreaterThan(0);
    // All layers' gradients a micro-batch; once in a step also those of the edges, and the gathering of what was updated.
    expect(exposedUs('zero2', 3) - exposedUs('zero2', 2)).toBeCloseTo(more, 6);
    expect(more).toBeLessThan(onceUs);
  });

  test('costs nothing beside ZeRO-1 where gradients hide behind compute', () => {
    const [one, two] = ['zero1', 'zero2'].map((sharding) => sharded(sharding, 'network.bandwidthGBps=100000'));
    // But for the latencies of reductions, which come with each micro-batch.
    expect(two!.timeUs / one!.timeUs).toBeLessThan(1.001);
  });
});
