import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Goal } from '../../../kernels/objective/goal.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { infeasibleMask, OUTPUT, OUTPUT_COUNT, STATUSES } from '../../../kernels/outputs.js';
import type { Candidate } from '../../../kernels/reduce/reduce.js';
import { chunkPart, Reducer } from '../../../kernels/reduce/reducer.js';
import { Selection } from '../../../kernels/reduce/selection.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../../../psa/index.js';
import type { Gene } from '../../../psa/space.js';
import type { SweepRequest } from '../evaluator.js';
import { createEngine } from './engine.js';

/** Spaces in which every parameter varies, with one graph and several, with experts and without. */
const open = [
  ['cosmic-1024', 'gpt3-175b'],
  ['cosmic-512', 'mixtral-8x7b'],
  ['cosmic-2048', 'gpt3-175b-qa'],
  ['dgx-h100', 'llama3-70b'],
  ['dgx-a100', 'cosmic-ensemble'],
].map(([system, model]) => compilePsa(loadPsa('cosmic-extended', { system: system!, model: model! })));

const COUNT = 300;
const OBJECTIVES = ['time', 'time*memory*bandwidth*cost'].map((text) => parseObjective(text));

/** Two or three rows of a gene. */
function thinned(gene: Gene, random: () => number): Gene {
  const rows = Array.from({ length: Math.min(gene.size, 2 + Math.floor(2 * random())) }, () =>
    Math.floor(random() * gene.size),
  );
  const width = gene.slots.length;
  const table = Float64Array.from(rows.flatMap((row) => [...gene.table.subarray(row * width, (row + 1) * width)]));
  return { ...gene, size: rows.length, table };
}

/** A space of few values for each gene, any of which may be the fastest: so that neighbours differ in anything. */
function shuffled(space: CompiledSpace, seed: number): CompiledSpace {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const genes = space.genes
    .map((gene) => ({ gene: thinned(gene, random), key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ gene }) => gene);
  return { ...space, genes, count: genes.reduce((count, { size }) => count * BigInt(size), 1n) };
}

/** What a sweep has to say, from every design alone. */
function bruteForce(space: CompiledSpace, start: bigint) {
  const engine = createEngine(space);
  const goal = new Goal(space, OBJECTIVES);
  const byReason = STATUSES.map(() => 0n);
  const top = [];
  for (let i = 0; i < COUNT; i++) {
    const { outputs, status } = engine.evaluate({ kind: 'ordinals', start: start + BigInt(i), count: 1 });
    expect(outputs.length).toBe(OUTPUT_COUNT);
    for (let bit = 0; bit < STATUSES.length; bit++) if ((status[0]! >> bit) & 1) byReason[bit]!++;
    if (!goal.isFeasible(status[0]!, outputs)) continue;
    const objectives = goal.valuesOf(outputs);
    top.push({ position: start + BigInt(i), ordinal: start + BigInt(i), objectives });
  }
  top.sort((a, b) => a.objectives[0]! - b.objectives[0]! || (a.position < b.position ? -1 : 1));
  return { byReason, feasible: BigInt(top.length), top };
}

describe('a batch in which some statuses do not matter', () => {
  it.each([0, 4])('has the statuses of space %i, and times and memory of all others', (which) => {
    const engine = createEngine(open[which]!);
    const batch = { kind: 'samples', seed: 3, start: 0n, count: COUNT } as const;
    const skip = infeasibleMask([]);
    const [whole, some] = [engine.evaluate(batch), engine.evaluate(batch, skip)];
    expect(some.status).toEqual(whole.status);
    const timed = { feasible: 0, infeasible: 0 };
    for (let i = 0; i < COUNT; i++) {
      const at = ({ outputs }: typeof whole) =>
        [OUTPUT.timeUs, OUTPUT.memoryMB, OUTPUT.reservedMB].map((output) => outputs[i * OUTPUT_COUNT + output]);
      const isFeasible = (whole.status[i]! & skip) === 0;
      if (isFeasible) expect(at(some)).toEqual(at(whole));
      if (at(some)[0]! > 0) timed[isFeasible ? 'feasible' : 'infeasible']++;
    }
    expect(timed.feasible).toBeGreaterThan(0);
    expect(timed.infeasible).toBe(0);
  });
});

describe('a sweep of ordinals', () => {
  it('is, bit for bit, what each design gives alone', () => {
    let feasible = 0n;
    fc.assert(
      fc.property(fc.nat(open.length - 1), fc.nat(2 ** 30), fc.bigInt(0n, 2n ** 60n), (which, seed, place) => {
        const space = shuffled(open[which]!, seed);
        const start = place % (space.count - BigInt(COUNT));
        const request: SweepRequest = {
          source: { kind: 'ordinals' },
          start,
          count: BigInt(COUNT),
          objectives: OBJECTIVES,
          top: COUNT,
          pareto: false,
        };
        const part = createEngine(space).sweep(request, start, COUNT);
        const expected = bruteForce(space, start);
        expect(part.byReason).toEqual(expected.byReason);
        expect(part.feasible).toBe(expected.feasible);
        expect(part.top).toEqual(expected.top);
        expect(part.histogram.reduce((sum, count) => sum + count, 0n)).toBe(expected.feasible);
        feasible += part.feasible;
      }),
      { numRuns: 120, seed: 1 },
    );
    expect(feasible).toBeGreaterThan(500n);
  });
});

describe('a batch of the astra-sim profile', () => {
  it('is in its own order what each design gives alone, though designs of one shape are run together', () => {
    const space = compilePsa(loadPsa('cosmic-full', { model: 'vit-large', profile: 'astra-sim' }));
    const count = 60;
    const samples = { kind: 'samples', seed: 7, start: 0n } as const;
    const batch = createEngine(space).evaluate({ ...samples, count });
    const alone = createEngine(space);
    for (let i = 0; i < count; i++) {
      const { outputs, status } = alone.evaluate({ ...samples, start: BigInt(i), count: 1 });
      expect(batch.status[i]).toBe(status[0]);
      expect(batch.outputs.subarray(i * OUTPUT_COUNT, (i + 1) * OUTPUT_COUNT)).toEqual(outputs);
    }
    expect(new Set(batch.status).size).toBeGreaterThan(1);
  });
});

describe('a sweep of samples', () => {
  it.each([
    { shared: 'a shape of the astra-sim profile', with: { model: 'vit-large', profile: 'astra-sim' }, count: 2100 },
    // More than are put in order at a time.
    { shared: 'a plan', with: {}, count: 8200 },
  ] as const)('is what its designs come to in their order, though those of $shared are run together, and infeasible ones without their time', ({
    with: options,
    count,
  }) => {
    const space = compilePsa(loadPsa('cosmic-full', options));
    const source = { kind: 'samples', seed: 7 } as const;
    const objectives = ['time', 'cost'].map((text) => parseObjective(text));
    const request: SweepRequest = { source, start: 0n, count: BigInt(count), objectives, top: 20, pareto: true };
    const engine = createEngine(space);
    const part = engine.sweep(request, 0n, count);
    expect(engine.sweep({ ...request, everyOutput: true }, 0n, count)).toEqual(part);

    const { outputs, status } = engine.evaluate({ ...source, start: 0n, count });
    const goal = new Goal(space, objectives);
    const selection = new Selection({ objectiveCount: objectives.length, top: request.top, pareto: true });
    const reducer = new Reducer(selection, goal);
    status.forEach((bits, i) => {
      const row = i * OUTPUT_COUNT;
      reducer.reduceDesign(i, bits, 0, Float64Array.from(goal.valuesOf(outputs, row)));
    });
    const { byReason, feasible, histogram, top, pareto } = chunkPart(0n, count, 0, reducer.counters, selection, BigInt);
    const withoutOrdinals = ({ position, objectives }: Candidate) => ({ position, objectives });
    expect(part).toMatchObject({ byReason, feasible, histogram });
    expect(part.top.map(withoutOrdinals)).toEqual(top.map(withoutOrdinals));
    expect(part.pareto.map(withoutOrdinals)).toEqual(pareto.map(withoutOrdinals));
    expect(part.feasible).toBeGreaterThan(500n);
  });
});
