import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { designOf } from '../../psa/ordinals.js';
import { ALGORITHM } from '../collective/phase.js';
import { TOPOLOGY } from '../network/network.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { COLLECTIVE } from '../workload/operation.js';
import { StepBound } from './bound.js';
import { groupNs } from './collective/collective.js';
import { Members } from './collective/members.js';
import { QUANTITY } from './graph/rows.js';
import { quantitiesOf, RowTimes } from './schedule/rowTimes.js';
import { executionOf, runStep } from './schedule/runStep.js';
import { createBounder, createSimulator } from './simulate.js';

/** Spaces in which all that the bound looks at varies: degrees, flags, micro-batches, networks. */
const SPACES = [
  { name: 'cosmic-full', model: 'vit-base', system: 'cosmic-512', set: [] },
  { name: 'cosmic-network', model: 'vit-large', system: 'cosmic-2048', set: [] },
  {
    name: 'cosmic-full',
    model: 'gpt3-13b',
    system: 'cosmic-1024',
    set: ['model.layers=7', 'workload.microBatch=1,2,4', 'workload.sequenceParallel=all', 'model.batch=512'],
  },
];

/** 1 beside the other weights: an ensemble's bound is a sum of bounds. */
const ENSEMBLE = { name: 'cosmic-full', model: 'cosmic-ensemble', system: 'cosmic-512', set: ['model.layers=3'] };

test.each([...SPACES, ENSEMBLE])('no step of $model on $system is faster than its bound', ({ name, ...options }) => {
  const space = compilePsa(loadPsa(name, { ...options, profile: 'astra-sim' }));
  const simulate = createSimulator(space.workload, space.tiers);
  const bound = createBounder(space.workload, space.tiers);
  let compared = 0;
  let close = 0;
  fc.assert(
    fc.property(fc.noBias(fc.bigInt({ min: 0n, max: space.count - 1n })), (ordinal) => {
      const design = designOf(space, ordinal);
      const outputs = new Float64Array(OUTPUT_COUNT);
      const bounds = new Float64Array(OUTPUT_COUNT);
      const status = simulate(design, outputs, 0);
      expect(bound(design, bounds, 0)).toBe(status);
      for (const output of [OUTPUT.memoryMB, OUTPUT.bandwidthGBps, OUTPUT.costUsd]) {
        expect(bounds[output]).toBe(outputs[output]);
      }
      if ((status & STATUS.ASTRASIM) !== 0) return;
      expect(bounds[OUTPUT.timeUs]).toBeLessThanOrEqual(outputs[OUTPUT.timeUs]!);
      compared++;
      if (bounds[OUTPUT.timeUs]! > 0.5 * outputs[OUTPUT.timeUs]!) close++;
    }),
    { numRuns: 400, seed: 1 },
  );
  expect(compared).toBeGreaterThan(40);
  // A bound of 0 would be one too.
  expect(close).toBeGreaterThan(0.7 * compared);
});

test('networks one after another and each by itself have the same times', () => {
  const space = compilePsa(loadPsa('cosmic-full', { model: 'vit-base', system: 'cosmic-512', profile: 'astra-sim' }));
  const simulate = createSimulator(space.workload, space.tiers);
  const timesOf = (ordinals: readonly bigint[]) =>
    ordinals.map((ordinal) => {
      const outputs = new Float64Array(OUTPUT_COUNT);
      simulate(designOf(space, ordinal), outputs, 0);
      return outputs[OUTPUT.timeUs];
    });
  // Neighbours share all but one dimension, those a large step apart next to nothing.
  const near = Array.from({ length: 60 }, (_, i) => space.count / 3n + BigInt(i));
  const far = Array.from({ length: 60 }, (_, i) => (space.count / 61n) * BigInt(i + 1));
  const mixed = near.flatMap((ordinal, i) => [ordinal, far[i]!]);
  const together = timesOf(mixed);
  expect(timesOf(near)).toEqual(together.filter((_, i) => i % 2 === 0));
  expect(timesOf(far)).toEqual(together.filter((_, i) => i % 2 === 1));
});

/** A system of few NPUs, in dimensions of any size, and degrees that multiply to their number. */
const ODD = fc
  .record({
    dimensions: fc.array(
      fc.record({
        topology: fc.constantFrom(...Object.values(TOPOLOGY)),
        npus: fc.constantFrom(2, 3, 4, 6),
        bytesPerNs: fc.constantFrom(0.5, 20, 100),
        latencyNs: fc.constantFrom(20, 1700),
        algorithms: fc.constant(Object.values(COLLECTIVE).map(() => ALGORITHM.ring)),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    order: fc.array(fc.constantFrom('dp', 'tp', 'cp', 'pp'), { minLength: 6, maxLength: 6 }),
    sharded: fc.boolean(),
    tpsp: fc.boolean(),
    microBatches: fc.constantFrom(1, 3),
  })
  .map(({ dimensions, order, microBatches, ...flags }) => {
    const npus = dimensions.reduce((product, dimension) => product * dimension.npus, 1);
    const degrees = { dp: 1, tp: 1, cp: 1, pp: 1 };
    let rest = npus;
    for (const axis of order as (keyof typeof degrees)[]) {
      const prime = [2, 3].find((factor) => rest % factor === 0) ?? 1;
      degrees[axis] *= prime;
      rest /= prime;
    }
    degrees.dp *= rest;
    const microBatch = 6 * degrees.dp;
    const model = { layers: Math.max(6, degrees.pp), hidden: 1440, ffn: 5760, vocab: 2880, seq: 720 };
    const workload = { ...model, batch: microBatch * microBatches, microBatch, ...degrees, ...flags };
    const system = {
      dimensions,
      npus,
      chunks: 2,
      activeChunks: 1,
      queues: 1,
      localBandwidthAware: true,
      endpointNs: 10,
      memoryBandwidth: 2e12,
      peak: 1e14,
    };
    return { system, workload };
  });

test('systems of any size: bounds hold, and stages that are said to agree do', () => {
  const agreed = new Set<boolean>();
  fc.assert(
    fc.property(ODD, ({ system, workload }) => {
      const times = new RowTimes(workload);
      fc.pre(times.read(system) === undefined);
      agreed.add(times.stagesAgree);
      const ends = runStep(times, executionOf(times)).stages.map(({ finishNs }) => finishNs);
      expect(new StepBound(times).timeNs()).toBeLessThanOrEqual(Math.max(...ends));
      const members = (stage: number) =>
        new Members(Array.from({ length: workload.dp }, (_, i) => (stage * system.npus) / workload.pp + i));
      const gradients = times.pieces.rows.findIndex(({ name }) => name === 'gradients over dp');
      if (gradients < 0) return;
      const { size, collective } = times.pieces.rows[gradients]!;
      const bytes = Math.trunc(size[0] * quantitiesOf(workload)[QUANTITY[size[1]]]!);
      times.durationNs.forEach((durations, stage) => {
        expect(durations[gradients]).toBe(groupNs(system, members(stage), collective!, bytes));
      });
    }),
    { numRuns: 300, seed: 2 },
  );
  expect(agreed).toEqual(new Set([true, false]));
});
