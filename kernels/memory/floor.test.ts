import { describe, expect, it } from 'vitest';
import { type CompiledSpace, compilePsa, loadPsa } from '../../psa/index.js';
import { designOf } from '../../psa/ordinals.js';
import { SLOT } from '../../psa/parameters.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { createMemoryFloor } from './floor.js';

/** Spaces in which every parameter varies: dense layers, experts, leading and predicting layers, phases of inference, several models. */
const OPEN = [
  ['cosmic-1024', 'gpt3-175b'],
  ['dgx-h100', 'deepseek-v3'],
  ['dgx-a100', 'cosmic-ensemble'],
  ['cosmic-2048', 'gpt3-175b-qa'],
  ['dgx-h100', 'llama3-405b'],
] as const;

const COUNT = 2000;

/** Designs from all over a space, by a generator of 64 bits. */
function* designs(space: CompiledSpace): Generator<Float64Array> {
  let state = 7n;
  for (let i = 0; i < COUNT; i++) {
    let ordinal = 0n;
    for (let word = 0; word < 4; word++) {
      state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
      ordinal = (ordinal << 32n) | (state >> 32n);
    }
    yield designOf(space, ordinal % space.count);
  }
}

/** A design on NPUs that have so much memory, all of it for the step. */
function withMemory(design: Float64Array, mb: number): Float64Array {
  const other = design.slice();
  other[SLOT.compute.memoryCapacityGB] = mb / 1000;
  other[SLOT.compute.reserveGB] = 0;
  other[SLOT.compute.programShare] = 1;
  return other;
}

describe('what a design needs of memory at least', () => {
  it.each(OPEN)('of designs of %s for %s is what its parameters take, and fits where all does', (system, model) => {
    const space = compilePsa(loadPsa('cosmic-extended', { system, model }));
    const simulate = createSimulator(space.workload, space.tiers);
    const isOverfull = createMemoryFloor(space.workload, space.tiers);
    const outputs = new Float64Array(OUTPUT_COUNT);
    const of = (name: keyof typeof OUTPUT): number => outputs[OUTPUT[name]]!;
    const lacksMemory = (design: Float64Array) => (simulate(design, outputs, 0) & STATUS.MEMORY) !== 0;
    for (const design of designs(space)) {
      lacksMemory(design);
      const [neededMB, parametersMB] = [of('reservedMB'), of('weightsMB') + of('gradientsMB') + of('optimizerMB')];
      // A billionth more, as gigabytes are made of it and megabytes again.
      const large = withMemory(design, neededMB * (1 + 1e-9));
      expect([lacksMemory(large), isOverfull(large)]).toEqual([false, false]);
      // Parts are told to a hundred-thousandth where stages are as full.
      expect(isOverfull(withMemory(design, parametersMB * (1 - 1e-4)))).toBe(true);
    }
  });
});
