import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allValues, powersOfTwo, psa, range, values } from './builder.js';
import { compilePsa } from './compile.js';
import { CosmicError } from './errors.js';
import { loadPsa } from './load.js';
import { designOf } from './ordinals.js';
import { FACT_STACKS, SLOT, slotOf } from './parameters.js';
import { listPresets } from './presets.js';
import type { CompiledSpace } from './space.js';

function geneOf(space: CompiledSpace, parameter: string) {
  const gene = space.genes.find(({ parameters }) => parameters.includes(parameter));
  if (gene === undefined) throw new Error(`no gene of ${parameter}`);
  return gene;
}

function failure(run: () => unknown): CosmicError {
  try {
    run();
  } catch (error) {
    if (error instanceof CosmicError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('sizes that the paper states, or that follow from it', () => {
  it('has C(13,3) = 286 factorisations of 1,024 into dp, tp, sp, pp', () => {
    const space = compilePsa(loadPsa('cosmic-full'));
    expect(geneOf(space, 'workload.dp')).toMatchObject({ size: 286, unconstrainedSize: 11 ** 4 });
  });

  it.each([
    ['cosmic-512', 4],
    ['cosmic-1024', 10],
    ['cosmic-2048', 16],
  ])('has on %s %i of 81 NPU vectors', (system, size) => {
    const space = compilePsa(loadPsa('cosmic-full', { system }));
    expect(geneOf(space, 'network.npus[0]')).toMatchObject({ size, unconstrainedSize: 81 });
  });

  it.each([
    ['cosmic-full', 286n * 2n * 2n * 4n * 2n * 4n ** 4n * 3n ** 4n * 10n * 10n ** 4n],
    ['cosmic-full', 18_977_587_200_000n],
    ['cosmic-workload', 286n * 2n],
    ['cosmic-collective', 2n * 4n * 2n * 4n ** 4n],
    ['cosmic-network', 8_100_000n],
  ])('%s has %i designs', (name, count) => {
    expect(compilePsa(loadPsa(name)).count).toBe(count);
  });
});

describe('presets', () => {
  it.each(listPresets('spaces'))('%s compiles for every system and model, without dead genes', (name) => {
    // Of the widest space, which takes many times as long, an eighth of the pairs: all systems and all models.
    const step = name === 'cosmic-extended' ? 8 : 1;
    for (const [s, system] of listPresets('systems').entries()) {
      for (const [m, model] of listPresets('models').entries()) {
        if ((s + m) % step !== 0) continue;
        const space = compilePsa(loadPsa(name, { system, model }));
        expect(space.genes.every(({ size, slots, table }) => size > 1 && table.length === size * slots.length)).toBe(
          true,
        );
        expect(space.count).toBe(space.genes.reduce((count, { size }) => count * BigInt(size), 1n));
      }
    }
  });

  it('opens every parameter in cosmic-extended', () => {
    const psa = loadPsa('cosmic-extended', { model: 'mixtral-8x7b' });
    const { genes } = compilePsa(psa);
    const open = new Set(genes.flatMap(({ parameters }) => parameters.map((name) => name.replace(/\[\d]$/, ''))));
    const isFact = (name: string) => FACT_STACKS.some((stack) => name.startsWith(`${stack}.`));
    expect([...psa.system.defaults.keys()].filter((name) => !open.has(name) && !isFact(name))).toEqual([]);
  });
});

describe('genes', () => {
  it('hold exactly the feasible tuples, as brute force finds them', () => {
    const list = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, list, list, fc.integer({ min: 1, max: 40 }), (chunks, stages, experts, most) => {
        const build = psa('three')
          .vary('collective.chunks', values(...chunks))
          .vary('workload.virtualStages', values(...stages))
          .vary('workload.ep', values(...experts))
          .constrain(`collective.chunks * workload.virtualStages <= ${most}`)
          .constrain('workload.virtualStages != workload.ep');
        const feasible = chunks.flatMap((c) =>
          stages.flatMap((v) => experts.flatMap((e) => (c * v <= most && v !== e ? [`${c} ${v} ${e}`] : []))),
        );
        if (feasible.length === 0) {
          expect(failure(() => build.compile()).code).toBe('SPACE_EMPTY');
          return;
        }
        const space = build.compile();
        const found = Array.from({ length: Number(space.count) }, (_, ordinal) => {
          const design = designOf(space, BigInt(ordinal));
          return ['collective.chunks', 'workload.virtualStages', 'workload.ep'].map((n) => design[slotOf(n)]).join(' ');
        });
        expect(found.sort()).toEqual(feasible.sort());
      }),
    );
  });

  it('go from workload over compute and collective to network, and ascend in their values', () => {
    const space = psa('order')
      .vary('network.endpointDelayNs', values(10, 5))
      .vary('collective.chunks', values(16, 2))
      .vary('compute.peakTflops', values(80, 10, 20))
      .vary('workload.batch', values(512, 256))
      .compile();
    const names = ['workload.batch', 'compute.peakTflops', 'collective.chunks', 'network.endpointDelayNs'];
    expect(space.genes.map(({ name }) => name)).toEqual(names);
    expect([...space.genes[1]!.table]).toEqual([10, 20, 80]);
    expect(space.genes.map(({ scale }) => scale)).toEqual(['log', 'log', 'log', 'linear']);
  });

  it('set all dimensions at once unless they are asked for one by one', () => {
    const shared = psa('shared').vary('network.bandwidthGBps', values(100, 200)).compile();
    expect(shared.genes).toHaveLength(1);
    expect([...shared.genes[0]!.table]).toEqual([100, 100, 100, 100, 200, 200, 200, 200]);
    const each = psa('each').perDimension('network.bandwidthGBps', values(100, 200)).compile();
    expect(each.genes.map(({ name }) => name)).toEqual([0, 1, 2, 3].map((d) => `network.bandwidthGBps[${d}]`));
    const listed = psa('listed')
      .perDimension('network.bandwidthGBps', [100, values(1, 2), 300, 400])
      .compile();
    expect(listed.genes.map(({ name }) => name)).toEqual(['network.bandwidthGBps[1]']);
  });

  it('of one value become fixed', () => {
    const space = psa('one').vary('workload.ep', values(1, 2)).constrain('workload.ep > 1').compile();
    expect(space).toMatchObject({ genes: [], count: 1n });
    expect(space.fixed[SLOT.workload.ep]).toBe(2);
  });

  it('derive tp from the others where nothing gives it', () => {
    const space = psa('derived')
      .vary('workload.dp', values(1, 2, 4))
      .compile();
    const [gene] = space.genes;
    expect(gene).toMatchObject({ name: 'workload.dp × workload.tp', size: 3, unconstrainedSize: 3 });
    expect([...gene!.table]).toEqual([1, 32, 2, 16, 4, 8]);
  });

  it('list decimal ranges as a person writes them', () => {
    const space = psa('range')
      .vary('compute.gemmEfficiency', range(0.1, 0.5, 0.1))
      .compile();
    expect([...space.genes[0]!.table]).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('know every category', () => {
    expect(psa('axes').vary('workload.axisOrder', allValues()).compile().count).toBe(120n);
  });
});

describe('network dimensions', () => {
  it.each([1, 2, 3, 4])('may be %i', (dimensions) => {
    const space = psa('dimensions')
      .dimensions(dimensions)
      .perDimension('network.npus', powersOfTwo(2, 'system.npus'))
      .compile();
    const npus = [...space.fixed.slice(SLOT.network.npus, SLOT.network.npus + 4)];
    expect(npus.slice(dimensions)).toEqual(new Array(4 - dimensions).fill(1));
    // Ordered factorisations of 2^10 into powers of two of at least 2: C(9, dimensions − 1).
    expect(space.count).toBe([1n, 9n, 36n, 84n][dimensions - 1]);
    expect(space.tiers).toEqual([[1], [1, 3], [1, 2, 3], [0, 1, 2, 3]][dimensions - 1]);
  });
});

describe('errors', () => {
  it('name the constraint that empties a space, with what it found', () => {
    const error = failure(() =>
      psa('empty').vary('workload.dp', values(3, 5)).constrain('workload.ep <= workload.dp').compile(),
    );
    expect(error.code).toBe('SPACE_EMPTY');
    expect(error.message).toContain("'workload.dp * workload.tp * workload.sp * workload.pp == system.npus'");
    expect(error.message).toContain('workload.sp = 8');
  });

  it('name a constraint that fixed values break', () => {
    const error = failure(() => psa('fixed').fix('workload.ep', 4).constrain('workload.ep < 4').compile());
    expect(error).toMatchObject({ code: 'SPACE_EMPTY', file: "psa('fixed')" });
    expect(error.message).toContain("'workload.ep < 4'");
  });

  it('refuse to enumerate the unmanageable', () => {
    const all = range(1, 1000, 1);
    const build = psa('large').vary('workload.dp', all).vary('workload.tp', all).vary('workload.sp', all);
    const error = failure(() => build.compile());
    expect(error.code).toBe('CONSTRAINT_TOO_LARGE');
    expect(error.message).toContain('workload.dp, workload.tp, workload.sp');
    expect(error.message).toContain('1.00e+9 combinations');
    expect(error.remedy).toContain('workload.dp (1000 values)');
  });

  it('name the constraint that leaves nothing among hundreds, without enumerating for each of them', () => {
    const wide = range(1, 200, 1);
    let build = psa('impossible').vary('workload.dp', wide).vary('workload.tp', wide).vary('workload.sp', wide);
    for (let i = 0; i < 200; i++) build = build.constrain(`workload.dp + workload.tp + workload.sp > ${i / 100}`);
    const error = failure(() => build.constrain('workload.dp + workload.tp + workload.sp > 1000').compile());
    expect(['SPACE_EMPTY', 'CONSTRAINT_TOO_LARGE']).toContain(error.code);
  });

  it('refuse reversed, endless and repeating value lists', () => {
    for (const spec of [range(8, 1, 1), range(1, 2 ** 20, 1), powersOfTwo(5, 7), values(2, 2)]) {
      expect(failure(() => psa('list').vary('workload.dp', spec).compile()).code).toBe('VALUE_OUT_OF_RANGE');
    }
  });
});
