import { describe, expect, test } from 'vitest';
import { createBoxValuer, requireBounds } from '../../kernels/bound/goalBound.js';
import { Goal } from '../../kernels/objective/goal.js';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../../kernels/outputs.js';
import { DERIVED_ROWS } from '../../kernels/quantities/catalogue.js';
import { requireFacts } from '../../kernels/quantities/facts.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { digitsToDesign } from '../../psa/ordinals.js';
import { FACTS, OPEN_FACTS } from '../../test/facts.js';
import { randomNumbers } from '../../test/randomSpaces.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import { createSimulator, rulesOf } from '../profiles/profiles.js';
import { newProof } from './proofState.js';
import { canProve, prove } from './prove.js';

/** A small space of networks, whose workload has two layouts. */
const SMALL = [
  ...['workload.dp=64,256', 'workload.sp=1', 'workload.pp=1', 'workload.weightSharding=zero3', 'collective.chunks=4'],
  ...['collective.algorithm=ring', 'collective.schedulingPolicy=FIFO', 'collective.multiDimensional=baseline'],
  ...['network.topology[1]=Switch', 'network.topology[2]=Ring', 'network.topology[3]=Switch', 'network.npus[0]=4'],
  ...['network.npus[1]=16', 'network.npus[2]=4', 'network.npus[3]=4', 'network.bandwidthGBps[0]=50,200,500'],
  ...['network.bandwidthGBps[1]=50,500', 'network.bandwidthGBps[2]=100', 'network.bandwidthGBps[3]=50'],
];

describe('bounds of derived outputs', () => {
  test('hold every design of random boxes, facts that vary and unknown ones among them', () => {
    const space = compilePsa(loadPsa('cosmic-full', { set: OPEN_FACTS }));
    const rules = rulesOf(space.workload);
    const structural = new Set(rules.singleGenes(space));
    const simulate = createSimulator(space);
    const outputs = new Float64Array(OUTPUT_COUNT);
    const bound = rules.createBoxBounder(space, true);
    const names = DERIVED_ROWS;
    const goal = new Goal(
      space,
      [parseObjective('time')],
      names.map(({ quantity }) => parseLimit(`${quantity} >= 0`)),
    );
    const value = createBoxValuer(space, goal);
    const random = randomNumbers(7);
    const pick = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
    let compared = 0;
    for (let trial = 0; trial < 400; trial++) {
      const first = Uint32Array.from(space.genes, ({ size }) => pick(0, size - 1));
      const last = first.map((digit, g) => (structural.has(g) ? digit : pick(digit, space.genes[g]!.size - 1)));
      const bounds = bound({ first, last }, true);
      if (bounds.status !== 0) continue;
      value({ first, last }, bounds);
      for (let i = 0; i < 10; i++) {
        const digits = first.map((digit, g) => pick(digit, last[g]!));
        const status = simulate(digitsToDesign(space, digits), outputs, 0);
        if ((status & goal.mask & ~STATUS.MEMORY) !== 0) continue;
        compared++;
        for (const { name } of names) {
          const [least, most] = [bounds.least[OUTPUT[name]]!, bounds.most[OUTPUT[name]]!];
          expect(least, name).toBeLessThanOrEqual(outputs[OUTPUT[name]]!);
          expect(most, name).toBeGreaterThanOrEqual(outputs[OUTPUT[name]]!);
        }
      }
    }
    expect(compared).toBeGreaterThan(200);
  });

  test.each([
    'days',
    'dollars',
    'energy*days',
    'dollars*days',
    'capital*time',
    'goodput^-1*energy',
  ])('prove the best that all designs have: %s', async (objective) => {
    const set = [
      ...SMALL,
      ...FACTS,
      'reliability.npuMtbfHours=1000,80000',
      'job.spareNodes=0,8',
      'power.overhead=1,1.4',
    ];
    const space = compilePsa(loadPsa('cosmic-full', { set }));
    const goal = new Goal(space, [parseObjective(objective)], [parseLimit('power <= 1e6')]);
    requireFacts(space, goal);
    requireBounds(goal.first);
    const evaluator = createCpuEvaluator(space, 1);
    if (!canProve(evaluator)) throw new Error('the CPU has bounds');
    const { incumbent } = await prove(space, goal, evaluator, newProof(undefined));
    const all = await evaluator.evaluate({ kind: 'ordinals', start: 0n, count: Number(space.count) });
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < all.count; i++) {
      const row = i * OUTPUT_COUNT;
      if (goal.isFeasible(all.status[i]!, all.outputs, row)) best = Math.min(best, goal.valueOf(all.outputs, row));
    }
    expect(best).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(incumbent!.value / best).toBeCloseTo(1, 10);
  });

  test('refuse what falls as a step takes longer', () => {
    expect(() => requireBounds(parseObjective('power'))).toThrow(/has no bound/);
    expect(() => requireBounds(parseObjective('days^-1'))).toThrow(/has no bound/);
    expect(() => requireBounds(parseObjective('power^-1*goodput^-1'))).not.toThrow();
  });
});
