/** A longer collective never shortens a step, whatever the schedule: bounds of boxes and proofs rest on it. */
import { describe, expect, test } from 'vitest';
import { compilePsa, digitsToDesign, loadPsa } from '../../psa/index.js';
import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { randomNumbers } from '../../test/randomSpaces.js';
import { STATUS } from '../outputs.js';
import { simulateGraph } from '../simulate.js';
import { createState, type State } from '../state.js';
import { timeStep } from './step.js';

/** Designs per schedule and space: COSMIC_FUZZ_STEPS=20000 for minutes. */
const DESIGNS = Number(process.env.COSMIC_FUZZ_STEPS ?? 3000);

/** Hardly longer, or by far. */
const FACTORS = [1.001, 1.1, 2, 20];

/** Lengthens the collectives of a channel, and what they keep each dimension for. */
function lengthenChannel(s: State, channel: number, factor: number): void {
  for (const call of s.activeCall.subarray(0, s.activeCalls)) {
    if (s.callChannel[call] === channel) s.callUs[call]! *= factor;
  }
  for (let station = channel * MAX_DIMENSIONS; station < (channel + 1) * MAX_DIMENSIONS; station++) {
    s.stationUs[station]! *= factor;
    s.stationUsPerMB[station]! *= factor;
  }
}

function lengthenSends(s: State, factor: number): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    s.hopUs[d]! *= factor;
    s.linkUsPerMB[d]! *= factor;
  }
}

/** Times a step whose collectives take what the state says, us. */
function stepUs(s: State): number {
  s.stalePlan = true;
  s.staleStages = true;
  timeStep(s);
  return s.stepUs;
}

const SPACES = [
  ['cosmic-1024', 'gpt3-175b'],
  ['dgx-h100', 'deepseek-v3'],
  ['dgx-a100', 'gemma3-27b'],
] as const;

describe.each(Object.keys(CODE.workload.pipelineSchedule))('%s', { timeout: 180_000 + 100 * DESIGNS }, (schedule) => {
  test.each(SPACES)('on %s with %s', (system, model) => {
    const set = [`workload.pipelineSchedule=${schedule}`, 'compute.memoryCapacityGB=100000'];
    const space = compilePsa(loadPsa('cosmic-extended', { system, model, set }));
    const s = createState(space.workload, space.tiers);
    const random = randomNumbers(1);
    const pick = (n: number): number => Math.floor(random() * n);
    const faults: string[] = [];
    let compared = 0;
    for (let i = 0; i < DESIGNS; i++) {
      const digits = space.genes.map(({ size }) => pick(size));
      const design = digitsToDesign(space, digits);
      simulateGraph(s, design);
      if ((s.status & ~STATUS.PRICE) !== 0 || design[SLOT.workload.pp] === 1 || s.activeCalls === 0) continue;
      compared++;
      const beforeUs = stepUs(s);
      const call = s.activeCall[pick(s.activeCalls)]!;
      const factor = FACTORS[pick(FACTORS.length)]!;
      const kind = pick(3);
      if (kind === 0) lengthenSends(s, factor);
      else if (kind === 1) s.callUs[call]! *= factor;
      else lengthenChannel(s, s.callChannel[call]!, factor);
      const shorter = 1 - stepUs(s) / beforeUs;
      // Rounding of the sums alone.
      if (shorter > 1e-12) faults.push(`design ${i}, ${['sends', `call ${call}`, 'channel'][kind]}: by ${shorter}`);
    }
    expect(faults).toEqual([]);
    expect(compared).toBeGreaterThan(DESIGNS / 4);
  });
});
