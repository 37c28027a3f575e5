import { describe, expect, test } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { type Limit, parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT, OUTPUT_COUNT, QUANTITIES } from '../../kernels/outputs.js';
import { missingFacts } from '../../kernels/quantities/facts.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { randomSpace } from '../../test/randomSpaces.js';
import { smallSpace } from '../../test/smallSpace.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import type { Evaluator, Results } from '../backends/evaluator.js';
import { createWebgpuEvaluator } from '../backends/webgpu/evaluator.js';
import { rulesOf } from '../profiles/profiles.js';
import { boxLine, parseBoxLine } from './certificate.js';
import { checkCertificate } from './check.js';
import { type ClosedBox, excludedDesigns, newProof, type ProofState, SAME } from './proofState.js';
import { canProve, openBoxes, prove } from './prove.js';
import { rootsOf } from './roots.js';

function bounding(evaluator: Evaluator) {
  if (!canProve(evaluator)) throw new Error(`${evaluator.backend} has bounds`);
  return evaluator;
}

const evaluatorOf = (space: CompiledSpace) => bounding(createCpuEvaluator(space, 1));

const evaluated = new WeakMap<CompiledSpace, Promise<Results>>();

/** All designs of a space, evaluated once for all objectives. */
function allDesigns(space: CompiledSpace): Promise<Results> {
  const all =
    evaluated.get(space) ?? evaluatorOf(space).evaluate({ kind: 'ordinals', start: 0n, count: Number(space.count) });
  evaluated.set(space, all);
  return all;
}

const small = smallSpace();

/** The objective of each design; infinite where it is infeasible. */
function valuesOf({ outputs, status, count }: Results, goal: Goal): number[] {
  return Array.from({ length: count }, (_, i) =>
    goal.isFeasible(status[i]!, outputs, i * OUTPUT_COUNT) ? goal.valueOf(outputs, i * OUTPUT_COUNT) : Infinity,
  );
}

async function proof(
  space: CompiledSpace,
  goal: Goal,
  evaluator = evaluatorOf(space),
): Promise<{ state: ProofState; boxes: ClosedBox[] }> {
  const boxes: ClosedBox[] = [];
  const onClosed = (box: ClosedBox) => boxes.push(box);
  const state = await prove(space, goal, evaluator, newProof(undefined), { onClosed });
  return { state, boxes };
}

function claimOf(space: CompiledSpace, { incumbent, designs, optimalAtLeast }: ProofState, boxes: number) {
  const best =
    incumbent === undefined
      ? null
      : { ordinal: String(digitsToOrdinal(space, incumbent.digits)), value: incumbent.value };
  return { best, optimal: String(designs.optimal), atLeast: optimalAtLeast, designs: String(space.count), boxes };
}

const OBJECTIVES = [
  'time',
  'memory',
  'time*cost',
  'time*bandwidth',
  'time^2*memory',
  'reward-bandwidth',
  'reward-cost',
  'reward-time',
] as const;

/** Holds a proof against all designs; tells whether one is feasible. */
async function expectProof(space: CompiledSpace, goal: Goal, evaluator = evaluatorOf(space)): Promise<boolean> {
  const { state, boxes } = await proof(space, goal, evaluator);
  const values = valuesOf(await allDesigns(space), goal);
  const truth = values.reduce((a, b) => Math.min(a, b), Infinity);
  const best = state.incumbent?.value ?? Infinity;
  expect(best === truth || Math.abs(best / truth - 1) <= SAME).toBe(true);
  expect(Number(state.designs.optimal)).toBe(
    values.filter((value) => value <= truth * (1 + SAME) && value < Infinity).length,
  );
  expect(excludedDesigns(state)).toBe(space.count);
  const claim = claimOf(space, state, boxes.length);
  expect(checkCertificate({ space, goal, gap: 0, boxes, claim }, 200, 1).faults).toEqual([]);
  return truth < Infinity;
}

/** A limit that about half of the feasible designs keep. */
function middleLimit(space: CompiledSpace, { outputs, status, count }: Results, goal: Goal, which: number): Limit {
  const known = QUANTITIES.filter(({ output }) => missingFacts(space, output).length === 0);
  const { name, output, better, limit } = known[which % known.length]!;
  const values = Array.from({ length: count }, (_, i) => i)
    .filter((i) => goal.isFeasible(status[i]!, outputs, i * OUTPUT_COUNT))
    .map((i) => outputs[i * OUTPUT_COUNT + OUTPUT[output]]! * limit.factor)
    .sort((a, b) => a - b);
  const middle = values[Math.floor(values.length / 2)] ?? 1;
  return parseLimit(`${name} ${better === 'less' ? '<=' : '>='} ${middle}`);
}

describe('a proof', () => {
  test.each(OBJECTIVES)('finds what evaluating all designs finds: %s', async (objective) => {
    await expectProof(small, new Goal(small, [parseObjective(objective)]));
  });

  test('keeps limits', async () => {
    const { state } = await proof(small, new Goal(small, [parseObjective('time')]));
    const half = state.incumbent!.value * 2;
    for (const limit of ['bandwidth <= 200', 'cost <= 1e5', `time <= ${half}`, 'mfu >= 0.2', 'memory <= 30e9']) {
      await expectProof(small, new Goal(small, [parseObjective('time*cost')], [parseLimit(limit)]));
    }
  });

  test.each(['time', 'time*cost', 'time^2*memory'])('finds it in the astra-sim profile: %s', async (objective) => {
    const options = { system: 'cosmic-512', model: 'vit-base', profile: 'astra-sim', set: ['model.layers=4'] } as const;
    const space = compilePsa(loadPsa('cosmic-workload', options));
    await expectProof(space, new Goal(space, [parseObjective(objective)]));
  });

  test('of random spaces over all parameters, models and systems, with and without a limit', async () => {
    const spaces = Number(process.env.COSMIC_FUZZ_SPACES ?? 40);
    let feasible = 0;
    for (let seed = 0; seed < spaces; seed++) {
      const space = randomSpace(seed, 2000);
      const all = await allDesigns(space);
      const objectives = [parseObjective(OBJECTIVES[seed % OBJECTIVES.length]!)];
      const free = new Goal(space, objectives);
      if (await expectProof(space, free)) feasible++;
      const limited = new Goal(space, objectives, [middleLimit(space, all, free, seed)]);
      await expectProof(space, limited);
    }
    expect(feasible).toBeGreaterThan(spaces / 8);
  });

  test('ends within a gap', async () => {
    const space = small;
    const goal = new Goal(space, [parseObjective('time*cost')]);
    const exact = await proof(space, goal);
    const state = await prove(space, goal, evaluatorOf(space), newProof(undefined), { gap: 0.2 });
    expect(state.incumbent!.value).toBeLessThanOrEqual(exact.state.incumbent!.value / 0.8);
    expect(state.bounded).toBeLessThan(exact.state.bounded);
  });

  test('goes on where it was ended, to the same boxes', async () => {
    const space = small;
    const goal = new Goal(space, [parseObjective('time*bandwidth')]);
    const whole = await proof(space, goal);
    const boxes: ClosedBox[] = [];
    const state = newProof(undefined);
    for (let waves = 0; waves < 1000 && excludedDesigns(state) < space.count; waves++) {
      const ended = new AbortController();
      await prove(space, goal, evaluatorOf(space), state, {
        onClosed: (box) => boxes.push(box),
        onWave: () => ended.abort(),
        signal: ended.signal,
      });
    }
    const lines = (closed: readonly ClosedBox[]) => closed.map((box) => boxLine(space, box));
    expect(lines(boxes)).toEqual(lines(whole.boxes));
    expect(state).toEqual(whole.state);
  });

  test('that was ended before it began has all roots open', async () => {
    const space = small;
    const goal = new Goal(space, [parseObjective('time')]);
    const roots = rootsOf(space, rulesOf(space.workload).singleGenes(space)).count;
    const state = newProof(undefined);
    await prove(space, goal, evaluatorOf(space), state, { signal: AbortSignal.abort() });
    expect(openBoxes(state, roots)).toBe(Number(roots));
    await prove(space, goal, evaluatorOf(space), state);
    expect(openBoxes(state, roots)).toBe(0);
  });

  test('refuses objectives that have no bound', async () => {
    await expect(proof(small, new Goal(small, [parseObjective('time^-1')]))).rejects.toMatchObject({
      code: 'ARGUMENT',
    });
  });
});

describe('a certificate', () => {
  const space = small;
  const goal = new Goal(space, [parseObjective('time*cost')]);

  test('reads as it was written', async () => {
    const { boxes } = await proof(space, goal);
    const again = boxes.map((box, i) => parseBoxLine(space, boxLine(space, box), 'certificate', i + 2));
    expect(again).toEqual(boxes);
  });

  test('is refused where a box is missing, twice, too good, or the claim is too good', async () => {
    const { state, boxes } = await proof(space, goal);
    const claim = claimOf(space, state, boxes.length);
    const faultsOf = (changed: readonly ClosedBox[], better = claim) =>
      checkCertificate({ space, goal, gap: 0, boxes: changed, claim: better }, 0, 0).faults.join('; ');
    expect(faultsOf(boxes)).toBe('');
    expect(faultsOf(boxes.slice(1))).toMatch(/do not cover/);
    expect(faultsOf([...boxes.slice(1), boxes[1]!])).toMatch(/do not cover/);
    const bound = boxes.findIndex(({ reason }) => reason.kind === 'bound');
    const raised = boxes.with(bound, { ...boxes[bound]!, reason: { kind: 'bound', value: 1e30 } });
    expect(faultsOf(raised)).toMatch(/has the bound/);
    const infeasible = boxes.with(bound, { ...boxes[bound]!, reason: { kind: 'infeasible', status: 1 } });
    expect(faultsOf(infeasible)).toMatch(/may hold feasible designs/);
    const worse = { ...claim, best: { ...claim.best!, value: claim.best!.value * 1.01 } };
    expect(faultsOf(boxes, worse)).toMatch(/has the objective/);
  });
});

test('a certificate is refused where what it takes for the best is better than it claims', async () => {
  const space = compilePsa(loadPsa('cosmic-workload'));
  const goal = new Goal(space, [parseObjective('time*cost')]);
  const values = valuesOf(await allDesigns(space), goal);
  const best = Math.min(...values);
  const isBest = (value: number) => value <= best * (1 + SAME);
  // A box for each design, and for the claim one that is only the second best.
  const boxes = values.map((value, i): ClosedBox => {
    const digits = ordinalToDigits(space, BigInt(i));
    return { first: digits, last: digits, reason: { kind: isBest(value) ? 'optimal' : 'evaluated', value } };
  });
  const second = values.reduce((least, value) => (isBest(value) ? least : Math.min(least, value)), Infinity);
  const claim = {
    best: { ordinal: String(values.indexOf(second)), value: second },
    optimal: String(values.filter(isBest).length),
    atLeast: false,
    designs: String(values.length),
    boxes: values.length,
  };
  const faultsOf = (of: typeof claim) => checkCertificate({ space, goal, gap: 0, boxes, claim: of }, 0, 0).faults;
  expect(faultsOf({ ...claim, best: { ordinal: String(values.indexOf(best)), value: best } })).toEqual([]);
  expect(faultsOf(claim).join()).toMatch(/is better than the claim/);
});

describe.skipIf(!(await webgpuAvailable()))('a proof on WebGPU', () => {
  test.each([8, 12])('finds what evaluating all designs finds: space %i', async (seed) => {
    const space = randomSpace(seed, 2000);
    const evaluator = bounding(await createWebgpuEvaluator(space));
    for (const objective of ['time*cost', 'time^2*memory', 'reward-bandwidth']) {
      await expectProof(space, new Goal(space, [parseObjective(objective)], [parseLimit('mfu >= 0.001')]), evaluator);
    }
    await evaluator.close();
  });
});
