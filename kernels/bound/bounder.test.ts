import { describe, expect, test } from 'vitest';
import { compilePsa, digitsToDesign, loadPsa } from '../../psa/index.js';
import { drawBox } from '../../test/randomBoxes.js';
import { randomNumbers } from '../../test/randomSpaces.js';
import { OUTPUT, OUTPUT_COUNT, type OutputName, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { createBounder, ROUNDING } from './bounder.js';

const PAIRS = [
  ['cosmic-1024', 'gpt3-175b'],
  ['cosmic-512', 'mixtral-8x7b'],
  ['cosmic-2048', 'gpt3-175b-qa'],
  ['dgx-h100', 'llama3-70b'],
  ['dgx-a100', 'cosmic-ensemble'],
] as const;

/** Pairs of a box and a member per space: COSMIC_FUZZ_BOXES=100000 for a million in all. */
const TRIALS = Number(process.env.COSMIC_FUZZ_BOXES ?? 4000);

const BOUNDED: readonly OutputName[] = ['timeUs', 'memoryMB', 'mfu', 'tokensPerSecond', 'bandwidthGBps', 'costUsd'];

describe.each(PAIRS)('boxes of %s and %s', (system, model) => {
  const space = compilePsa(loadPsa('cosmic-extended', { system, model }));
  const simulate = createSimulator(space.workload, space.tiers);
  const outputs = new Float64Array(OUTPUT_COUNT);

  test.each([false, true])('no member is beyond the bounds of its box (priced: %s)', (priced) => {
    const bound = createBounder(space, priced);
    const random = randomNumbers(priced ? 1 : 2);
    const mask = priced ? ~0 : ~STATUS.PRICE;
    let compared = 0;
    for (let trial = 0; trial < TRIALS; trial++) {
      const { single, member, box } = drawBox(space, random);
      const status = simulate(digitsToDesign(space, member), outputs, 0);
      const bounds = bound(box, true);
      // What a box is closed for, every member has; and where no member differs, none has anything else.
      expect(bounds.status & ~status).toBe(0);
      if (bounds.status !== 0) continue;
      if (!bounds.mixed) expect(status & mask).toBe(0);
      if ((status & mask) !== 0) continue;
      compared++;
      for (const name of BOUNDED) {
        if (name === 'costUsd' && (status & STATUS.PRICE) !== 0) continue;
        const value = outputs[OUTPUT[name]]!;
        const [least, most] = [bounds.least[OUTPUT[name]]!, bounds.most[OUTPUT[name]]!];
        expect(least).toBeLessThanOrEqual(value * (1 + 1e-12));
        expect(most).toBeGreaterThanOrEqual(value * (1 - 1e-12));
        if (single) expect(most - least).toBeLessThanOrEqual(4 * ROUNDING * value);
      }
      expect(bounds.least[OUTPUT.timeUs]).toBeLessThanOrEqual(outputs[OUTPUT.timeUs]!);
      expect(bounds.most[OUTPUT.timeUs]).toBeGreaterThanOrEqual(outputs[OUTPUT.timeUs]!);
    }
    expect(compared).toBeGreaterThan(TRIALS / 50);
  });
});
