import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { designEvaluator, namedOutputs } from '../../host/designs/designs.js';
import { compilePsa } from '../../psa/compile.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { loadPsa } from '../../psa/load.js';
import { FACTS } from '../../test/facts.js';
import { Goal } from '../objective/goal.js';
import { parseLimit } from '../objective/limits.js';
import { parseObjective } from '../objective/objective.js';
import { infeasibleMask, OUTPUT, OUTPUTS, STATUS } from '../outputs.js';
import { largestOf } from '../random/largest.js';
import { DERIVED_ROWS, type DerivedName } from './catalogue.js';
import { missingFacts, requireFacts } from './facts.js';
import { available, dalyGoodput, dalyInterval } from './failures.js';
import { type Formula, spaceFormulas, withSources } from './formula.js';
import { FUNCTIONS, LARGEST } from './functions.js';

const HOUR = 3600;

/** The outputs of a DGX H100 cluster's own design with Llama 3 70B. */
function outputsOf(...set: string[]) {
  const space = compileDesign(
    loadDefault('h800-sxm', 'llama3-70b', ['workload.tp=8', 'workload.pp=8', 'prices.npuHourUsd=unknown', ...set]),
  );
  return { space, outputs: namedOutputs(designEvaluator(space)(space.fixed).outputs) };
}

describe('failures', () => {
  it('have the interval of Young where checkpoints are short, and of Daly where not', () => {
    // sqrt(2 · 5 s · 24 h) = 929.5 s; Daly's first terms besides: a third of δ, and off with the writing.
    expect(Math.sqrt(2 * 5 * 24 * HOUR)).toBeCloseTo(929.5, 1);
    expect(dalyInterval(5, 24 * HOUR)).toBeCloseTo(929.5 + 5 / 3 - 5, 1);
    // By hand, δ = 5 min, M = 5 h: 2M·√x·(1 + √x/3 + x/9) − δ with x = 300/36000.
    expect(dalyInterval(300, 5 * HOUR)).toBeCloseTo(36_000 * 0.0912871 * (1 + 0.030429 + 0.0009259) - 300, 0);
    // Beyond twice the time between failures there is no better one than that.
    expect(dalyInterval(20_000, 10_000)).toBe(10_000);
  });

  it('cost what a simulation of random failures says', () => {
    for (const [writeS, restartS, mtbfS] of [
      [60, 300, 3 * HOUR],
      [600, 900, 2 * HOUR],
      [10, 60, 30 * HOUR],
    ] as const) {
      expect(simulatedGoodput(writeS, restartS, mtbfS) / dalyGoodput(writeS, restartS, mtbfS)).toBeCloseTo(1, 1.7);
    }
    expect(dalyGoodput(0, 0, HOUR)).toBe(1);
    expect(dalyGoodput(0, HOUR, HOUR)).toBeCloseTo(Math.exp(-1), 12);
  });

  it('are least at the interval: a tenth more or less loses more', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1000, noNaN: true }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        (writeS, mtbfHours) => {
          const mtbfS = mtbfHours * HOUR;
          const loss = (share: number) => {
            const period = (share * dalyInterval(writeS, mtbfS)) / mtbfS;
            return Math.expm1(period + writeS / mtbfS) / period;
          };
          expect(loss(1)).toBeLessThanOrEqual(Math.min(loss(0.9), loss(1.1)) * (1 + 1e-4));
          expect(1 / loss(1)).toBeCloseTo(dalyGoodput(writeS, 0, mtbfS), 10);
        },
      ),
    );
  });

  it('wait for the slowest of some NPUs as order statistics say', () => {
    // Expected largest of n standard normal numbers: H. L. Harter, Biometrika 48 (1961), table 1.
    for (const [npus, largest] of [
      [1, 0],
      [10, 1.53875],
      [100, 2.50759],
      [400, 2.96818],
    ] as const) {
      expect(Math.abs(largestOf(npus) - largest)).toBeLessThan(0.02);
    }
  });

  it('leave nodes enough with the chance of a Poisson distribution', () => {
    expect(available(0, 0.5)).toBeCloseTo(Math.exp(-0.5), 14);
    expect(available(2, 0.5)).toBeCloseTo(Math.exp(-0.5) * (1 + 0.5 + 0.125), 14);
    // Half of the time no more than the mean, and nearly always no more than five standard deviations above it.
    expect(available(400, 400)).toBeCloseTo(0.5133, 3);
    expect(available(500, 400)).toBeGreaterThan(0.99999);
    expect(available(3, 0)).toBe(1);
  });
});

/** The share of steps that count where failures come at random: event by event. */
function simulatedGoodput(writeS: number, restartS: number, mtbfS: number): number {
  const intervalS = dalyInterval(writeS, mtbfS);
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
  let [now, done, failure] = [0, 0, -mtbfS * Math.log(random())];
  while (done < 20_000 * intervalS) {
    const end = now + intervalS + writeS;
    if (end <= failure) {
      now = end;
      done += intervalS;
      continue;
    }
    // Restarts may fail too.
    for (now = failure; ; now = failure) {
      failure = now - mtbfS * Math.log(random());
      if (failure > now + restartS) break;
    }
    now += restartS;
  }
  return done / now;
}

describe('derived outputs', () => {
  it('follow from a step by hand', () => {
    const { outputs } = outputsOf(
      ...FACTS,
      'system.npus=1024',
      'job.spareNodes=2',
      'power.overhead=1.2',
      'power.hostW=300',
    );
    // The slowest of 1,024 is 3.23 standard deviations of a hundredth behind the mean.
    expect(outputs.stragglersUs / outputs.busyUs).toBeCloseTo(0.0323, 3);
    const stepS = (outputs.timeUs + outputs.stragglersUs) * 1e-6;
    const steps = 1e12 / outputs.stepTokens;
    // 1,024 NPUs fail once in 80,000 h each, their 128 nodes once in 15,000 h.
    expect(outputs.mtbfHours).toBeCloseTo(1 / (1024 / 80_000 + 128 / 15_000), 9);
    expect(outputs.checkpointMB * 1e6).toBeCloseTo(14 * 70.55e9, -10);
    expect(outputs.checkpointIntervalS).toBeCloseTo(
      Math.sqrt(2 * (outputs.checkpointMB / 1e6) * outputs.mtbfHours * HOUR),
      -0.5,
    );
    const days = (steps * stepS) / outputs.goodput / 86_400;
    expect(outputs.days / days).toBeCloseTo(1, 12);
    expect(outputs.npuHours / (days * 24 * (1024 + 16))).toBeCloseTo(1, 12);
    const watts = 1024 * (400 + 600 * (outputs.busyUs / (stepS * 1e6))) + 16 * 400;
    expect(outputs.powerKW / (1.2 * watts * 1e-3)).toBeCloseTo(1, 12);
    expect(outputs.energyKWh / (outputs.powerKW * days * 24)).toBeCloseTo(1, 12);
    expect(outputs.carbonTonnes / (outputs.energyKWh * 400e-6)).toBeCloseTo(1, 12);
    expect(outputs.capitalUsd).toBeCloseTo(1040 * 30_000 + outputs.costUsd, 3);
    expect(outputs.jobUsd / (2 * outputs.npuHours)).toBeCloseTo(1, 12);
    expect(outputs.usdPerMTokens / (outputs.jobUsd / 1e6)).toBeCloseTo(1, 12);
  });

  it('of machines that are bought: written off, kept up, and fed', () => {
    const { outputs } = outputsOf(
      ...FACTS,
      'prices.npuHourUsd=unknown',
      'prices.lifeYears=5',
      'prices.upkeepShare=0.1',
    );
    const years = outputs.days / 365.25;
    const electricityUsd = 0.1 * outputs.energyKWh;
    expect(outputs.runningUsd / (electricityUsd + 0.1 * outputs.capitalUsd * years)).toBeCloseTo(1, 12);
    expect(outputs.jobUsd / (outputs.runningUsd + (outputs.capitalUsd / 5) * years)).toBeCloseTo(1, 12);
  });

  it('have a busy time: all compute without a pipeline, less of it where stages wait', () => {
    const alone = outputsOf('workload.pp=1').outputs;
    expect(alone.busyUs / (alone.computeUs + alone.optimizerUs)).toBeCloseTo(1, 12);
    // Stages are alike but for the head of the last: the mean is below the slowest.
    const staged = outputsOf('workload.pp=8').outputs;
    expect(staged.busyUs / (staged.computeUs + staged.optimizerUs)).toBeGreaterThan(0.9);
    expect(staged.busyUs).toBeLessThan(staged.computeUs + staged.optimizerUs);
  });

  it('write the checkpoint that a trillion parameters wrote', () => {
    // arXiv 2104.04473, 5.10: the model of 1,008 billion parameters, 128 layers of 25,600 with 160 heads, wrote 13.8 TB.
    const set = ['layers=128', 'hidden=25600', 'heads=160', 'ffn=102400'].map((field) => `model.${field}`);
    const space = compileDesign(loadDefault('dgx-a100', 'gpt3-175b', [...set, 'system.npus=3072', 'workload.pp=64']));
    const { checkpointMB } = namedOutputs(designEvaluator(space)(space.fixed).outputs);
    expect(Math.abs(checkpointMB / 13.8e6 - 1)).toBeLessThan(0.03);
  });

  it.each(
    DERIVED_ROWS.map(({ name, needs }) => [name, needs] as const),
  )('%s has a value where %o are known, and only there', (name, needs) => {
    const all = needs.flatMap((entry: string) => entry.split(' or ').slice(0, 1));
    const said = all.map((need) => FACTS.find((fact) => fact.startsWith(`${need}=`))!);
    expect(said).not.toContain(undefined);
    const full = outputsOf(...said);
    expect(full.outputs[name]).toBeGreaterThan(0);
    expect(missingFacts(full.space, name)).toEqual([]);
    for (const [i, fact] of said.entries()) {
      const less = outputsOf(...said.filter((other) => other !== fact));
      expect(less.outputs[name], fact).toBe(0);
      expect(missingFacts(less.space, name)).toEqual([needs[i]]);
    }
  });

  it('stay within f32 on the way to a result that does', () => {
    const { space } = outputsOf(...FACTS, 'prices.upkeepShare=0.1');
    const huge = { timeUs: 1e16, stepTokens: 1, goodput: 1e-14, days: 1e36, energyKWh: 1e36, capitalUsd: 1e4 } as const;
    const outputs = new Float64Array(OUTPUTS.length).fill(1);
    for (const [name, value] of Object.entries(huge)) outputs[OUTPUT[name as keyof typeof huge]] = value;
    const value = (formula: Formula, round: (x: number) => number): number => {
      if (formula.kind === 'call') {
        const of = FUNCTIONS[formula.name].of as (...values: number[]) => number;
        return round(of(...formula.of.map((argument) => value(argument, round))));
      }
      if (formula.kind === 'npus') return round(space.npus);
      return round(
        formula.kind === 'number'
          ? formula.value
          : formula.kind === 'output'
            ? outputs[formula.place]!
            : space.fixed[formula.slot]!,
      );
    };
    for (const { name, formula } of spaceFormulas(space)) {
      const [exact, rounded] = [(x: number) => x, Math.fround].map((round) => Math.min(value(formula, round), LARGEST));
      expect(rounded! / exact!, name).toBeCloseTo(1, 5);
    }
  });

  it('are 0 in a space that knows no facts', () => {
    const { outputs } = outputsOf();
    for (const { name } of DERIVED_ROWS) expect(outputs[name as DerivedName]).toBe(0);
  });
});

describe('goals', () => {
  const space = (...set: string[]) => compilePsa(loadPsa('cosmic-workload', { set }));

  it('name what derives, and refuse it where a fact is missing', () => {
    const goal = (objective: string, ...limits: string[]) =>
      new Goal(space(), [parseObjective(objective)], limits.map(parseLimit));
    expect(() => requireFacts(space(...FACTS), goal('days*energy', 'dollars <= 1e9'))).not.toThrow();
    expect(() => requireFacts(space(), goal('time'))).not.toThrow();
    expect(() => requireFacts(space(), goal('days'))).toThrow(/'days' has no value: job.tokens is not known/);
    expect(() => requireFacts(space('job.tokens=1e12'), goal('time', 'energy <= 10'))).toThrow(
      /power.npuBusyW is not known/,
    );
    expect(() => requireFacts(space('job.tokens=unknown,1e12'), goal('days'))).toThrow(/job.tokens/);
  });

  it('have at most four quantities', () => {
    expect(() => parseObjective('time*cost*memory*bandwidth*days')).toThrow(/names 5 quantities/);
  });

  it('mind a network without a price where dollars count', () => {
    expect(infeasibleMask(withSources(['capitalUsd'])) & STATUS.PRICE).toBe(STATUS.PRICE);
    const mask = (objective: string, ...set: string[]) =>
      new Goal(space(...set), [parseObjective(objective)]).mask & STATUS.PRICE;
    expect(mask('capital', ...FACTS)).toBe(STATUS.PRICE);
    expect(mask('dollars', ...FACTS, 'prices.npuHourUsd=unknown')).toBe(STATUS.PRICE);
    expect(mask('energy', ...FACTS)).toBe(0);
  });

  it('mind none where NPUs are rented: the network is in the rent', () => {
    const rented = space(...FACTS);
    const mask = (objective: string) => new Goal(rented, [parseObjective(objective)]).mask & STATUS.PRICE;
    expect(['dollars', 'stepDollars', 'dollarsPerMTokens'].map(mask)).toEqual([0, 0, 0]);
    expect(mask('dollars*cost')).toBe(STATUS.PRICE);
    // Where a search may rent or buy, a design may be bought.
    const either = new Goal(space(...FACTS, 'prices.npuHourUsd=unknown,2'), [parseObjective('dollars')]);
    expect(either.mask & STATUS.PRICE).toBe(STATUS.PRICE);
  });

  it('know their outputs', () => {
    expect(OUTPUTS.filter(({ combine }) => combine === 'derived').length).toBe(DERIVED_ROWS.length);
  });
});
