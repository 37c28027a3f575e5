import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { packageRoot } from '../../psa/packageRoot.js';
import { SLOT } from '../../psa/parameters.js';
import { designEvaluator } from '../designs/designs.js';
import { loadEvidence } from './evidence.js';
import { classOfKind, endsOf, timeInterval, validatedOf } from './interval.js';
import { chanceOfOneMore, shareOfOneMore } from './oneMore.js';
import { plausibleSets } from './plausible.js';
import { regretsOf, robustChoice, robustness } from './robust.js';
import { LEVELS, spreadOf } from './spread.js';
import { chanceOf, surenessOf } from './sureness.js';
import { intervalLines } from './text.js';

const h100 = (model: string, ...set: string[]) =>
  compileDesign(loadDefault('h100-sxm', model, set, undefined, 'megatron-core'));

function intervalOf(space: ReturnType<typeof h100>) {
  return timeInterval(space, designEvaluator(space)(space.fixed));
}

describe('spreads', () => {
  it('are quantiles by weight', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => ({ value: i + 1, weight: 1 }));
    expect(spreadOf(numbers)).toEqual(LEVELS.map((level) => Math.round(level * 100)));
    // One that counts as much as all others is half of them.
    expect(spreadOf([...numbers, { value: 1000, weight: 100 }])[9]).toBe(100);
    expect(spreadOf([...numbers, { value: 1000, weight: 100 }])[10]).toBe(1000);
  });
});

describe('one more', () => {
  it('may lie beyond few, and hardly beyond many', () => {
    expect(shareOfOneMore(0.95, 5)).toBe(1);
    expect(shareOfOneMore(0.05, 5)).toBe(0);
    expect(shareOfOneMore(0.95, 1e6)).toBeCloseTo(0.95, 5);
    for (const share of [0.2, 0.5, 0.9]) expect(chanceOfOneMore(shareOfOneMore(share, 20), 20)).toBeCloseTo(share, 12);
    expect(chanceOfOneMore(1, 9)).toBeCloseTo(0.95, 12);
  });

  it('of exchangeable numbers lies in an interval of 90 % of them so often, or more often', () => {
    // All ways in which one of 30 is the one more: by its rank among the others.
    const others = 29;
    const held = Array.from({ length: others + 1 }, (_, rank) => {
      const below = (share: number) => Math.ceil(share * others - 1e-9);
      return rank >= below(shareOfOneMore(0.05, others)) && rank < below(shareOfOneMore(0.95, others));
    });
    expect(held.filter(Boolean).length / held.length).toBeGreaterThanOrEqual(0.9);
  });
});

describe('intervals', () => {
  it('of hybrids tell how little of scans was measured by itself', () => {
    const [dense, hybrid] = ['llama3-8b', 'nemotron-h-8b'].map((model) =>
      intervalLines(intervalOf(h100(model))).join(),
    );
    expect(hybrid).toContain('few kernels of state-space scans were measured by themselves');
    expect(dense).not.toContain('scans');
  });

  it('hold the predicted time, and are wider where less is validated', () => {
    const space = h100('llama3-70b', 'workload.tp=4');
    const known = intervalOf(space)!;
    const timeUs = designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]!;
    expect(known.lowUs).toBeLessThan(timeUs);
    expect(known.highUs).toBeGreaterThan(timeUs);
    expect(known).toMatchObject({ validated: 'together', model: 'dense', format: 'sixteenBit' });
    const unknown = timeInterval({ ...space, systemName: 'mine' }, designEvaluator(space)(space.fixed))!;
    expect(unknown.validated).toBe('neither');
    expect(unknown.highUs / unknown.lowUs).toBeGreaterThan(known.highUs / known.lowUs);
  });

  it('reach to the slowest known host where nothing is known of the framework, of steps that wait for it', () => {
    const widthOf = (...set: string[]) => {
      const space = { ...h100('llama3-8b', ...set), systemName: 'h100-sxm, mine' };
      const { lowUs, highUs, validated } = timeInterval(space, designEvaluator(space)(space.fixed))!;
      expect(validated).toBe('machine');
      return highUs / lowUs;
    };
    const [small, large] = [['workload.tp=8', 'model.seq=512'], ['model.seq=8192']] as const;
    expect(widthOf(...small)).toBeGreaterThan(widthOf(...large));
    // A design whose host is as slow is not widened once more.
    const slow = `compute.hostLaunchUs=${loadEvidence().slowestLaunchUs}`;
    expect(widthOf(...small, slow)).toBeCloseTo(widthOf('model.seq=8192', slow), 6);
  });

  it('hold what a publication as a whole differs by, faster or slower', () => {
    const space = h100('llama3-70b', 'workload.tp=4');
    const interval = intervalOf(space)!;
    const timeUs = designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]!;
    const shifts = loadEvidence().publications.map(({ shift }) => shift);
    expect(shifts.length).toBeGreaterThan(8);
    expect(shifts.filter((shift) => shift > 0).length).toBeGreaterThan(shifts.length / 2);
    // Such steps, of publications that were fitted, are all that their own spread tells.
    const { spread } = classOfKind({ validated: 'together', model: 'dense', format: 'sixteenBit' }, loadEvidence())!;
    expect(Math.log(interval.highUs / interval.lowUs)).toBeGreaterThan(spread.at(-1)! - spread[0]!);
    const [low, high] = endsOf({ spread }, []);
    expect(Math.log(interval.lowUs / timeUs)).toBeLessThan(low - 0.1);
    expect(Math.log(interval.highUs / timeUs)).toBeGreaterThan(high + 0.1);
    expect(intervalLines(interval)[0]).toContain(`; ${shifts.length} publications that nobody fitted)`);
  });

  it('docs/doubt.md says what publications differ by as evidence has it', () => {
    const document = readFileSync(join(packageRoot, 'docs', 'doubt.md'), 'utf8').replaceAll('\n', ' ');
    const shifts = loadEvidence().publications.map(({ shift }) => shift);
    const percent = (shift: number) => Math.abs(Math.round(100 * Math.expm1(shift)));
    const [below, above] = [percent(Math.min(...shifts)), percent(Math.max(...shifts))];
    const slower = shifts.filter((shift) => shift > 0).length;
    expect(document).toContain(`lie ${below} % below to ${above} % above, ${slower} of ${shifts.length} above`);
  });

  it('are of sums of what steps and publications differ by: as wide as both, lopsided as they are, wider of fewer publications', () => {
    const even = {
      spread: [...spreadOf(Array.from({ length: 1000 }, (_, i) => ({ value: i / 1000 - 0.5, weight: 1 })))],
    };
    const ends = (...shifts: number[]) =>
      endsOf(
        even,
        shifts.map((shift) => ({ source: '', steps: 1, shift })),
      );
    const [low, high] = ends();
    expect(ends(0.2)).toEqual([low + 0.2, high + 0.2]);
    const upward = ends(...Array(30).fill(0), 4, 4, 4);
    expect(upward[0]).toBeCloseTo(low, 1);
    expect(upward[1]).toBeGreaterThan(3.5);
    const many = Array.from({ length: 40 }, (_, i) => (i % 8) / 8);
    expect(ends(...many.slice(0, 8))[1]).toBeGreaterThan(ends(...many)[1]);
  });

  it('tell mixtures and narrow formats apart', () => {
    expect(intervalOf(h100('mixtral-8x7b'))).toMatchObject({ model: 'mixture' });
    expect(intervalOf(h100('llama3-70b', 'workload.precision=fp8'))).toMatchObject({ format: 'narrow' });
  });

  it('are none of inference and of another profile', () => {
    expect(intervalOf(compileDesign(loadDefault('cosmic-1024', 'gpt3-175b', [], 'astra-sim')))).toBeUndefined();
    expect(intervalOf(h100('llama3-70b', 'model.phase=decode'))).toBeUndefined();
  });

  it('know frameworks and machines, together and apart', () => {
    const installations = ['megatron-core on h100-sxm', 'maxtext on tpu-v5p', 'dgx-h100'];
    const names = [
      'h100-sxm, megatron-core',
      'h100-sxm, maxtext',
      'h100-sxm',
      'tpu-v9, maxtext',
      'mine, own',
      'dgx-h100',
    ];
    expect(names.map((name) => validatedOf(name, { installations }))).toEqual([
      ...['together', 'apart', 'machine', 'software', 'neither', 'together'],
    ]);
  });
});

describe('gains', () => {
  const space = h100('llama3-70b');

  it('are surer the larger they are, and never wholly: less than a fiftieth is a coin, a twentieth no promise', () => {
    const ratios = [0.99, 0.95, 0.9, 0.8, 0.5, 0.01];
    const chances = ratios.map((ratio) => surenessOf(space, ratio)!.chance);
    expect(chances).toEqual([...chances].sort((a, b) => a - b));
    expect(chances[0]).toBeLessThan(0.6);
    expect(chances[1]).toBeLessThan(0.75);
    expect(chances[0]).toBeGreaterThan(0.5);
    expect(chances[3]).toBeGreaterThan(0.8);
    expect(chances.at(-1)).toBeLessThan(1);
  });

  it('of nothing are coins, and what is faster one way is slower the other', () => {
    const gains = { half: 0.1, publications: 10 };
    expect(chanceOf(gains, 1)).toBe(0.5);
    for (const ratio of [0.97, 0.8, 0.3])
      expect(chanceOf(gains, ratio) + chanceOf(gains, 1 / ratio)).toBeCloseTo(1, 12);
    // Half of the pairs lie within `half`, so that a quarter of such gains is none, but for what few publications do not tell.
    expect(chanceOf({ ...gains, publications: 1e9 }, Math.exp(-0.1))).toBeCloseTo(0.75, 6);
    expect(chanceOf(gains, Math.exp(-0.1))).toBeLessThan(0.75);
  });

  it('are told as jobs told that nobody fitted, and of what these measured alone', () => {
    const { publications } = surenessOf(space, 0.8)!;
    expect(publications).toBeLessThanOrEqual(loadEvidence().publications.length);
    expect(surenessOf(h100('llama3-70b', 'model.phase=decode'), 0.8)).toBeUndefined();
  });

  it('lie in the middle of their interval', () => {
    const { ratio } = surenessOf(space, 0.8)!;
    expect(ratio[0]).toBeLessThan(0.8);
    expect(ratio[1]).toBeGreaterThan(0.8);
  });
});

describe('plausible sets', () => {
  it('are the same of the same seed, and others of another', () => {
    expect(plausibleSets(32, 1)).toEqual(plausibleSets(32, 1));
    expect(plausibleSets(32, 1)).not.toEqual(plausibleSets(32, 2));
  });

  it('are fits that were made: clock, memory and host of one', () => {
    const { fits } = loadEvidence();
    for (const set of plausibleSets(64, 3)) {
      const own = Object.entries(set).filter(([name]) => name.startsWith('compute.'));
      expect(fits.some((fit) => own.every(([name, factor]) => fit[name] === factor))).toBe(true);
    }
  });
});

describe('the design that stays good', () => {
  const rows = (...values: number[][]) => regretsOf(values.map((row) => Float64Array.from(row)));
  const often = (...values: number[]) => Array.from({ length: 32 }, (_, i) => values[i % values.length]!);

  it('is the one of the least mean regret, though another is the best more often', () => {
    expect(robustChoice(rows(often(1, 1, 1, 3), often(1.1, 1.1, 1.1, 1)), 32)).toBe(1);
  });

  it('is the predicted best where another is better by chance', () => {
    const close = rows(often(1, 1.2), often(1.15, 1));
    expect(robustChoice(close, 32)).toBe(0);
    // More draws of the same few fits are no more evidence.
    expect(robustChoice(rows(often(1, 1, 1, 3), often(1.1, 1.1, 1.1, 1)), 4)).toBe(0);
  });

  it('keeps limits first of all', () => {
    expect(robustChoice(rows([1, 1, Number.POSITIVE_INFINITY], [2, 2, 2]), 3)).toBe(1);
  });

  it('of equals the first', () => {
    expect(robustChoice(rows([2, 3, 4], [2, 3, 4]), 3)).toBe(0);
  });

  const space = h100('llama3-70b', 'workload.tp=8', 'workload.pp=2', 'workload.dp=8', 'system.npus=128');
  const evaluate = designEvaluator(space);
  const changed = (tp: number, pp: number) => {
    const design = space.fixed.slice();
    design[SLOT.workload.tp] = tp;
    design[SLOT.workload.pp] = pp;
    design[SLOT.workload.dp] = 128 / tp / pp;
    return evaluate(design);
  };
  const designs = [changed(8, 2), changed(4, 4), changed(8, 1)];
  const goal = new Goal(space, [parseObjective('time')]);

  it('chances add up, and are those of sets drawn one by one', () => {
    const result = robustness(space, goal, designs, 7, 64);
    expect(result.designs.reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 9);
    expect(result).toEqual(robustness(space, goal, designs, 7, 64));
    // A set of its own: the constants of a design are multiplied by its factors, and nothing else is.
    const sets = plausibleSets(64, 7);
    const times = sets.map((set) =>
      designs.map(({ design }) => {
        const own = design.slice();
        for (const name of ['sustainedClock', 'memoryEfficiency', 'hostLaunchUs', 'gemmEfficiency'] as const) {
          const most = name === 'hostLaunchUs' ? Number.POSITIVE_INFINITY : 1;
          own[SLOT.compute[name]] = Math.min(own[SLOT.compute[name]]! * (set[`compute.${name}`] ?? 1), most);
        }
        const { latencyNs, efficiency } = SLOT.network;
        for (const d of [0, 1]) {
          own[latencyNs + d]! *= set['network.latencyNs'] ?? 1;
          const factor = (d === 1 ? set['network.efficiency[1]'] : undefined) ?? set['network.efficiency'] ?? 1;
          own[efficiency + d] = Math.min(own[efficiency + d]! * factor, 1);
        }
        return evaluate(own).outputs[OUTPUT.timeUs]!;
      }),
    );
    const first = times.filter(([a, b, c]) => a! < b! && a! < c!).length / 64;
    expect(result.designs[0]!.chance).toBeCloseTo(first, 9);
  });

  it('a limit that some sets break is told', () => {
    const timeS = designs[0]!.outputs[OUTPUT.timeUs]! * 1e-6;
    const limited = new Goal(space, [parseObjective('time')], [parseLimit(`time <= ${timeS}`)]);
    const [one] = robustness(space, limited, designs.slice(0, 1), 7, 64).designs;
    expect(one!.feasible).toBeGreaterThan(0);
    expect(one!.feasible).toBeLessThan(1);
  });
});
