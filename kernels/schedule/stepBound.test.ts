import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { designOf } from '../../psa/ordinals.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createBounder, createSimulator } from '../simulate.js';

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
