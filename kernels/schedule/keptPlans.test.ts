import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePsa, loadPsa } from '../../psa/index.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace, Gene } from '../../psa/space.js';
import { CHANGED, CHANGED_ALL, changesOfSlot } from '../changes.js';
import { decodeDesign } from '../decode/decode.js';
import { GENE_STRIDE, packGenes } from '../decode/genes.js';
import { MOST_PLANS, planNumber, planWeights } from '../decode/planNumber.js';
import { OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const open = [
  ['cosmic-1024', 'gpt3-175b'],
  ['cosmic-512', 'mixtral-8x7b'],
  ['dgx-a100', 'cosmic-ensemble'],
  ['dgx-h100', 'deepseek-v3'],
].map(([system, model]) => compilePsa(loadPsa('cosmic-extended', { system: system!, model: model! })));

const ofPlan = (gene: Gene): boolean => gene.slots.some((slot) => (changesOfSlot(slot) & CHANGED.plan) !== 0);

const rowOf = ({ slots, table }: Gene, digit: number): Float64Array =>
  table.subarray(digit * slots.length, (digit + 1) * slots.length);

/** The space with some of its plans: two rows of each of three genes, and of the others that change plans one. */
function fewPlans(space: CompiledSpace, random: () => number): CompiledSpace {
  const fixed = space.fixed.slice();
  const plans = space.genes.filter(ofPlan).sort(() => random() - 0.5);
  const any = (gene: Gene) => rowOf(gene, Math.floor(random() * gene.size));
  for (const gene of plans.slice(3)) {
    const row = any(gene);
    gene.slots.forEach((slot, i) => {
      fixed[slot] = row[i]!;
    });
  }
  const thin = (gene: Gene): Gene => ({ ...gene, size: 2, table: Float64Array.from([...any(gene), ...any(gene)]) });
  return { ...space, fixed, genes: [...plans.slice(0, 3).map(thin), ...space.genes.filter((gene) => !ofPlan(gene))] };
}

it('a design is, bit for bit, the same by a plan that was kept', () => {
  let recalled = 0;
  fc.assert(
    fc.property(fc.nat(open.length - 1), fc.nat(2 ** 30), (which, seed) => {
      let state = seed;
      const random = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      const space = fewPlans(open[which]!, random);
      const packed = packGenes(space);
      const weights = planWeights(packed)!;
      const [keeping, forgetting] = [0, 1].map(() => createSimulator(space.workload, space.tiers));
      const seen = new Set<number>();
      for (let i = 0; i < 40; i++) {
        const digits = Uint32Array.from(space.genes, ({ size }) => Math.floor(random() * size));
        const design = new Float64Array(SLOT_COUNT);
        decodeDesign(packed, digits, design);
        const number = planNumber(weights, digits);
        if (seen.has(number)) recalled++;
        seen.add(number);
        // What is infeasible goes without its compute, if only feasible designs matter.
        const skip = random() < 0.5 ? 0 : STATUS.MEMORY | STATUS.BATCH | STATUS.MAPPING;
        const [ours, theirs] = [0, 1].map(() => new Float64Array(OUTPUT_COUNT));
        const status = keeping!(design, ours!, 0, CHANGED_ALL, skip, number);
        expect(status).toBe(forgetting!(design, theirs!, 0, CHANGED_ALL, skip));
        expect(ours).toEqual(theirs);
      }
    }),
    { numRuns: 30, seed: 1 },
  );
  expect(recalled).toBeGreaterThan(500);
});

it('plans have numbers where they are few', () => {
  expect(planWeights(packGenes(open[0]!))).toBeUndefined();
  const packed = packGenes(compilePsa(loadPsa('cosmic-full')));
  const weights = planWeights(packed)!;
  const digits = Uint32Array.from(weights, (_, gene) => packed.genes[gene * GENE_STRIDE]! - 1);
  // Of 1,024 = 2¹⁰ NPUs 286 ways to four degrees, sharded or not, under either scheduling policy.
  expect(planNumber(weights, digits)).toBe(2 * 2 * 286 - 1);
  expect(2 * 2 * 286).toBeLessThan(MOST_PLANS);
});
