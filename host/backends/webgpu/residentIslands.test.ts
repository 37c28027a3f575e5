/** Islands on the device against their f64 twins, and what they ask of the device. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { breedingOf } from '../../../agents/algorithms/islandGa/islandGa.js';
import { emptyIslands, type IslandsState } from '../../../agents/algorithms/islandGa/islandsState.js';
import { Breeder, type Breeding, NEARNESS } from '../../../kernels/evolution/breeding.js';
import { INFEASIBLE_F32, TALLY_WORDS } from '../../../kernels/evolution/layout.js';
import { fitness } from '../../../kernels/objective/fitness.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { parseLimit } from '../../../kernels/objective/limits.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { SLOT } from '../../../psa/parameters.js';
import type { CompiledSpace, Gene } from '../../../psa/space.js';
import { smallSpace } from '../../../test/smallSpace.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createScorer } from '../../search/score.js';
import { search } from '../../search/search.js';
import type { SearchRequest, SearchState } from '../../search/searchState.js';
import { createEvaluator } from '../createEvaluator.js';
import type { Evaluator } from '../evaluator.js';
import type { OpenDevice } from './device.js';
import { createWebgpuEvaluator } from './evaluator.js';
import { createPipelines } from './pipelines.js';
import { createDeviceIslands } from './residentIslands.js';
import { processDevice } from './session.js';
import { loadShader } from './shader.js';
import { createSpaceBuffers } from './spaceBuffers.js';
import { withPipelines } from './tuner.js';

/** Software drivers compile for seconds when a pipeline first runs. */

const available = await webgpuAvailable();
const space = smallSpace();

/** Memory for everything: violations are whole numbers, and f32 ranks as f64 does. */
const roomy: CompiledSpace = { ...space, fixed: space.fixed.slice() };
roomy.fixed[SLOT.compute.memoryCapacityGB] = 1e6;

/** Some values of each gene, feasible ones: the first, of tuples the last. */
function cut({ table, slots, scale, ...gene }: Gene, size: number): Gene {
  const from = scale === 'tuple' ? gene.size - size : 0;
  return { ...gene, scale, slots, size, table: table.slice(from * slots.length, (from + size) * slots.length) };
}

const bandwidth = parseObjective('bandwidth');
const request: SearchRequest = {
  agent: 'island-ga',
  evaluations: 3000,
  population: 20,
  islands: 3,
  seed: 4,
  objective: parseObjective('time*cost'),
  top: 5,
};

async function withEvaluator<T>(
  over: CompiledSpace,
  backend: 'cpu' | 'webgpu',
  work: (evaluator: Evaluator) => Promise<T>,
): Promise<T> {
  const evaluator = await createEvaluator(over, { backend, ...(backend === 'cpu' ? { threads: 1 } : {}) });
  return work(evaluator).finally(() => evaluator.close());
}

const searchOn = (over: CompiledSpace, backend: 'cpu' | 'webgpu', searched: SearchRequest): Promise<SearchState> =>
  withEvaluator(over, backend, (evaluator) => search(evaluator, searched));

/** Designs alone: the fitness of infeasible ones is another number in f32. */
function digitsOf({ agent }: SearchState): Uint32Array {
  const { digits } = agent as { readonly digits: string };
  return new Uint32Array(Uint8Array.from(Buffer.from(digits, 'base64')).buffer);
}

/** Held by all tests, so that its pipelines are made once. */
let open: OpenDevice;
beforeAll(async () => {
  if (available) open = await processDevice();
});

describe.skipIf(!available)('islands on the device', () => {
  /** Runs generations on islands that begin as told, and copies them. */
  async function evolved(
    over: CompiledSpace,
    breeding: Breeding,
    from: IslandsState | undefined,
    children: readonly number[],
    limits: readonly string[] = [],
    on = open,
  ): Promise<IslandsState> {
    const shared = createSpaceBuffers(open.device, over);
    const goal = new Goal(space, [parseObjective('time*cost')], limits.map(parseLimit));
    const islands = await createDeviceIslands(on, over, shared, { breeding, goal });
    islands.populate(from ?? emptyIslands(breeding));
    const state = await (await islands.advance(children)).read();
    islands.destroy();
    shared.destroy();
    return state;
  }

  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const breedingsOf = ({ genes }: CompiledSpace): fc.Arbitrary<Breeding> =>
    fc.record({
      seed: word,
      islands: fc.integer({ min: 1, max: 5 }),
      population: fc.integer({ min: 1, max: 90 }),
      tournament: fc.integer({ min: 1, max: 4 }),
      crossover: word,
      migration: word,
      mutation: word,
      sizes: fc.constant(Uint32Array.from(genes, ({ size }) => size)),
      openGenes: fc
        .array(fc.constantFrom(...Object.values(NEARNESS)), { minLength: genes.length })
        .map((nearness) => Uint32Array.from(genes, (_, g) => g + nearness[g]! * 2 ** 16)),
    });

  // Rows of one word, and of several with more genes than a random word has bits.
  it.each([
    ['a small space', space, 40],
    ['many genes', compilePsa(loadPsa('cosmic-extended')), 10],
  ])('breed the same children as the f64 twin, digit by digit: %s', async (_, over, numRuns) => {
    const width = over.genes.length;
    await fc.assert(
      fc.asyncProperty(breedingsOf(over), word, fc.boolean(), async (breeding, number, isFirst) => {
        const slots = breeding.islands * breeding.population;
        const generation = isFirst ? 0 : number;
        const digits = Uint32Array.from(
          { length: slots * width },
          (_, i) => (number >>> (i % 13)) % breeding.sizes[i % width]!,
        );
        // Worse than any design, so that each child takes its slot.
        const ranks = Float64Array.from({ length: slots }, (_, slot) => Math.fround(2e37 * (1 + ((slot * 7919) % 11))));
        const from = { generation, digits, fitness: ranks };
        const state = await evolved(over, breeding, from, [slots]);
        const breeder = new Breeder(breeding);
        const expected = new Uint32Array(slots * width);
        for (let child = 0; child < slots; child++) {
          breeder.breed(from, child, generation, expected, child * width);
        }
        expect(state.digits).toEqual(expected);
        expect(state.generation).toBe(generation + 1);
      }),
      { numRuns },
    );
  });

  it('rank designs as agents do: objective, reasons, distance to the memory and to limits', async () => {
    const limits = ['time <= 3', 'mfu >= 0.3', 'cost <= 2e5', 'memory <= 30e9', 'bandwidth <= 0'];
    const breeding = breedingOf(space.genes, 1, { population: 64, islands: 64 });
    for (const given of [[], limits.slice(0, 4), limits]) {
      const { digits, fitness: ranks } = await evolved(space, breeding, undefined, [4096], given);
      const rows = Uint32Array.from(digits);
      const scored = await withEvaluator(space, 'cpu', async (evaluator) =>
        createScorer(space, new Goal(space, [parseObjective('time*cost')], given.map(parseLimit)))(
          rows,
          await evaluator.evaluate({ kind: 'digits', digits: rows, count: 4096 }),
        ),
      );
      let worst = 0;
      ranks.forEach((rank, i) => {
        const known = fitness(scored.objectives[i]!, scored.violations[i]!);
        // Violations lie behind 1e36 in f32 and behind 1e300 in f64.
        const expected = known >= 1e300 ? (known / 1e300) * INFEASIBLE_F32 : known;
        worst = Math.max(worst, Math.abs(rank - expected) / expected);
      });
      expect(worst).toBeLessThan(1e-5);
      expect(ranks.some((rank) => rank >= INFEASIBLE_F32)).toBe(true);
    }
  });

  it('do not depend on the size of workgroups', async () => {
    const breeding = breedingOf(space.genes, 2, { population: 50, islands: 3 });
    const pipelines = createPipelines(open.device, loadShader(space), { workgroupSize: 32, designsPerThread: 4 });
    const tuned = withPipelines(open, pipelines);
    const counts = [150, 150, 70];
    expect(await evolved(space, breeding, undefined, counts, [], tuned)).toEqual(
      await evolved(space, breeding, undefined, counts),
    );
  });

  it('keep a slot whose child is worse, or that has none', async () => {
    const breeding = breedingOf(space.genes, 1, { population: 50, islands: 2 });
    const begin = await evolved(space, breeding, undefined, [100]);
    const later = await evolved(space, breeding, begin, [30, 100, 70]);
    later.fitness.forEach((rank, slot) => {
      expect(rank).toBeLessThanOrEqual(begin.fitness[slot]!);
    });
    const one = await evolved(space, breeding, begin, [30]);
    expect(one.digits.slice(30 * space.genes.length)).toEqual(begin.digits.slice(30 * space.genes.length));
    expect(await evolved(space, breeding, await evolved(space, breeding, one, [100]), [70])).toEqual(
      await evolved(space, breeding, begin, [30, 100, 70]),
    );
  });
});

describe.skipIf(!available)('a search on the device', () => {
  let evaluator: Evaluator;
  beforeAll(async () => {
    evaluator = await createWebgpuEvaluator(space);
  });
  afterAll(async () => {
    await evaluator?.close();
  });

  it('is the search by ask and tell, bit for bit, where f32 ranks as f64 does', async () => {
    const searched = { ...request, objective: bandwidth, limits: [parseLimit('bandwidth >= 100')] };
    const [there, here] = [await searchOn(roomy, 'webgpu', searched), await searchOn(roomy, 'cpu', searched)];
    expect(digitsOf(there)).toEqual(digitsOf(here));
    for (const field of ['evaluations', 'feasible', 'byReason', 'byLimit'] as const) {
      expect(there[field]).toEqual(here[field]);
    }
    expect(there.history.at(-1)![1]).toBe(here.history.at(-1)![1]);
    expect(there.best[0]!.objective).toBe(here.best[0]!.objective);
  });

  it('goes on from any saved state to the same end, bit for bit', async () => {
    // One generation an epoch, the last of them short.
    const searched = { ...request, evaluations: 350_000, islands: 2048, population: 64 };
    const states: SearchState[] = [];
    const end = await search(evaluator, searched, {
      onGeneration: async ({ snapshot }) => void states.push(JSON.parse(JSON.stringify(await snapshot()))),
    });
    expect(states).toHaveLength(3);
    for (const state of states) {
      expect(JSON.stringify(await search(evaluator, searched, {}, state))).toBe(JSON.stringify(end));
    }
  });

  it('ends after the epoch in progress when it is told to, and goes on to the same end', async () => {
    const searched = { ...request, evaluations: 20_000 };
    const end = await search(evaluator, searched);
    const control = new AbortController();
    const early = await search(evaluator, searched, { signal: control.signal, onGeneration: () => control.abort() });
    expect(early.evaluations).toBeLessThan(searched.evaluations);
    expect(JSON.stringify(await search(evaluator, searched, {}, early))).toBe(JSON.stringify(end));
  });

  it('ends when nothing was gained for long', async () => {
    const state = await search(evaluator, { ...request, evaluations: 10_000_000, patience: 20_000 });
    expect(state.evaluations).toBeLessThan(1_000_000);
  });

  it('goes on after the loss of its device to the same end', async () => {
    const searched = { ...request, evaluations: 12_000 };
    const end = await search(evaluator, searched);
    let losses = 0;
    const interrupted = await search(evaluator, searched, {
      async onGeneration({ snapshot }) {
        await snapshot();
        if (losses++ > 0) return;
        const lost = await processDevice();
        lost.device.destroy();
        await lost.device.lost;
      },
    });
    expect(losses).toBeGreaterThan(1);
    expect(JSON.stringify(interrupted)).toBe(JSON.stringify(end));
  });

  it('survives generations without a feasible design', async () => {
    const state = await search(evaluator, { ...request, limits: [parseLimit('bandwidth <= 0')] });
    expect(state).toMatchObject({ evaluations: 3000, feasible: 0, byLimit: [3000], best: [], history: [] });
  });

  it('survives equal fitness everywhere', async () => {
    const objective = { ...bandwidth, terms: [] };
    const state = await search(evaluator, { ...request, objective });
    expect(state.best.map(({ objective }) => objective)).toEqual([1]);
    expect(state.evaluations).toBe(3000);
  });

  it.each([
    ['genes of one value only', 1, 1],
    ['a space smaller than an island', 2, 2 ** space.genes.length],
  ])('copes with %s', async (_, size, count) => {
    const narrow = { ...roomy, count: BigInt(count), genes: roomy.genes.map((gene) => cut(gene, size)) };
    const searched = { ...request, population: 300, objective: bandwidth, evaluations: 4000 };
    const [there, here] = [await searchOn(narrow, 'webgpu', searched), await searchOn(narrow, 'cpu', searched)];
    expect(digitsOf(there)).toEqual(digitsOf(here));
    expect(there.evaluations).toBe(4000);
    expect(there.best[0]!.objective).toBe(here.best[0]!.objective);
  });

  it('refuses islands that do not fit', async () => {
    const huge = { ...request, islands: 65_536, population: 65_536 };
    await expect(search(evaluator, huge)).rejects.toMatchObject({ code: 'ARGUMENT' });
  });

  it('submits once an epoch and reads nothing back but a tally for each generation', async () => {
    const used = await processDevice();
    const submit = vi.spyOn(used.device.queue, 'submit');
    const createBuffer = vi.spyOn(used.device, 'createBuffer');
    const map = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    const seen: { submits: number; bytes: number; buffers: number }[] = [];
    const state = await search(
      evaluator,
      {
        ...request,
        evaluations: 4 * 64 * 60,
      },
      {
        onGeneration() {
          const bytes = map.mock.contexts.reduce<number>((sum, buffer) => sum + (buffer as GPUBuffer).size, 0);
          seen.push({ submits: submit.mock.calls.length, bytes, buffers: createBuffer.mock.calls.length });
        },
      },
    );
    vi.restoreAllMocks();
    // Four epochs of 64 generations of 60 designs; one runs ahead.
    expect(state.evaluations).toBe(15_360);
    expect(seen.map(({ submits }) => submits)).toEqual([2, 3, 4, 4]);
    expect(seen.at(-1)!.bytes).toBe(4 * 64 * 4 * TALLY_WORDS);
    expect(new Set(seen.map(({ buffers }) => buffers)).size).toBe(1);
  });
});
