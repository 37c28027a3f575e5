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
      // Slow products, so that a layer's communication ends before that of the next begins.
      'compute.gemmEfficiency=0.4',
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

/**
 * FSDP without any overlap, nor what FIFO or a busy host would make wait for it, so that each gather and each reduction is
 * exposed once.
 */
const alone = ['shardingOverlap=0', 'gradientOverlap=off']
  .map((set) => `workload.${set}`)
  .concat('collective.schedulingPolicy=LIFO', 'compute.hostLaunchUs=0', 'compute.hostMicroBatchUs=0');
const fullyAlone = (...set: string[]) => sharded('zero3', ...alone, ...set);

describe('FSDP (arXiv 2304.11277, 3.2 and 3.3)', () => {
  const passUs = (sync: string, after: string) => {
    const of = (microBatches: number) =>
      fullyAlone(
        `workload.gradientSync=${sync}`,
        `workload.reshardAfter=${after}`,
        `workload.batch=${16 * microBatches}`,
      ).exposedDpUs;
    expect(of(3) - of(2)).toBeCloseTo(of(2) - of(1), 6);
    return of(2) - of(1);
  };

  test('a micro-batch gathers twice, once, or not at all, and scatters once or not at all', () => {
    const both = passUs('step', 'forward');
    const once = passUs('step', 'backward');
    expect(both / once).toBeCloseTo(2, 9);
    expect(passUs('step', 'step')).toBeCloseTo(0, 6);
    const scatterUs = passUs('microBatch', 'step');
    expect(scatterUs).toBeGreaterThan(0);
    expect(passUs('microBatch', 'forward')).toBeCloseTo(both + scatterUs, 6);
  });

  test('what stays for the step was gathered once', () => {
    const step = (after: string) =>
      fullyAlone('workload.gradientSync=step', `workload.reshardAfter=${after}`, 'workload.batch=16').exposedDpUs;
    // Of one micro-batch there is nothing to save beyond the backward pass.
    expect(step('step')).toBeCloseTo(step('backward'), 6);
    expect(step('forward')).toBeGreaterThan(step('backward'));
  });

  test('weights that stay are there in full beside the shards', () => {
    const [two, three] = [sharded('zero2'), sharded('zero3', 'workload.reshardAfter=backward')];
    expect(three!.weightsMB / two!.weightsMB).toBeCloseTo(1 + 1 / 16, 9);
    const [late, ahead, further] = [0, 1, 2].map((n) => sharded('zero3', `workload.prefetchLayers=${n}`).weightsMB);
    expect(ahead! - late!).toBeCloseTo(further! - ahead!, 6);
    expect(ahead! - late!).toBeGreaterThan(0);
  });

  test('a gather that is not fetched ahead is exposed, whatever overlaps', () => {
    const [ahead, late] = [1, 0].map((n) => sharded('zero3', `workload.prefetchLayers=${n}`));
    expect(late!.timeUs).toBeGreaterThan(ahead!.timeUs);
    const [together, apart] = [1, 0].map((n) => fullyAlone(`workload.prefetchLayers=${n}`));
    // But the first layer's, which in the one case comes beside none and in the other is one of all.
    expect(apart!.timeUs).toBeLessThan(together!.timeUs);
    expect(apart!.timeUs / together!.timeUs).toBeGreaterThan(0.99);
  });

  test('ZeRO-2 that keeps whole gradients until the end of a step is ZeRO-1', () => {
    expect(sharded('zero2', 'workload.gradientSync=step')).toEqual(sharded('zero1'));
  });
});

describe('sizes of what is kept of a parameter', () => {
  const sizes = (main: number, master: number, moment: number) =>
    sharded(
      'none',
      `workload.mainGradientBytes=${main}`,
      `workload.masterWeightBytes=${master}`,
      `workload.momentBytes=${moment}`,
    );

  test('are 18 bytes a parameter in mixed precision, fewer in other recipes', () => {
    const bytes = ({ weightsMB, gradientsMB, optimizerMB }: ReturnType<typeof sizes>) =>
      (2 * (weightsMB + gradientsMB + optimizerMB)) / weightsMB;
    expect(bytes(sizes(4, 4, 4))).toBeCloseTo(18, 9);
    // bf16 throughout, without a master copy; the moments in bf16 (arXiv 2412.19437, 3.3.3) and in 8 bits (arXiv 2110.02861).
    expect(bytes(sizes(2, 0, 2))).toBeCloseTo(8, 9);
    expect(bytes(sizes(4, 4, 2))).toBeCloseTo(14, 9);
    expect(bytes(sizes(2, 0, 1))).toBeCloseTo(6, 9);
  });

  test('set what the optimiser moves', () => {
    const us = (main: number, master: number, moment: number) => sizes(main, master, moment).optimizerUs;
    expect(us(4, 4, 4) / us(4, 4, 2)).toBeCloseTo(30 / 22, 9);
    // A weight without a master is read, too.
    expect(us(4, 4, 4) / us(2, 0, 2)).toBeCloseTo(30 / 14, 9);
  });
});
