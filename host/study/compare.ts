/** The question of COSMIC (arXiv 2505.15020): what full-stack co-design gains over optimising one stack alone. */
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import type { CompiledSpace, Profile } from '../../psa/space.js';
import { createEvaluator, type EvaluatorOptions } from '../backends/createEvaluator.js';
import type { Evaluator } from '../backends/evaluator.js';
import { wholeSweep } from '../backends/requests.js';
import { type Baseline, baselineOf } from '../designs/baseline.js';
import { branchAndBound, canBound } from '../optimum/branchAndBound.js';
import { withoutIdleChanges } from '../optimum/neighbourhood.js';
import { refine } from '../optimum/refine.js';
import { type Winner, winnerEvaluator } from '../search/winners.js';
import { type FullStackRequest, searchFullStack } from './fullStack.js';

/** The spaces that are compared: each varies its stack and leaves the rest as the system has it. */
export const COMPARED_SPACES = {
  workload: 'cosmic-workload',
  collective: 'cosmic-collective',
  network: 'cosmic-network',
  full: 'cosmic-full',
} as const;

export type ComparedStack = keyof typeof COMPARED_SPACES;

/** The search is that of the full stack. */
export interface CompareRequest extends FullStackRequest {
  /** Preset name or path. */
  readonly system: string;
  readonly model: string;
  /** Whose rules the simulator follows; `default` unless given. */
  readonly profile?: Profile;
  /**
   * Overrides, as `applyOverrides` takes them. Several values restrict the spaces that vary the parameter; in the others it
   * stays as the system has it.
   */
  readonly set: readonly string[];
  /** Each is compared by itself. With one that uses the price, only designs that have a price are feasible for all. */
  readonly objectives: readonly Objective[];
}

export interface CompareControl {
  /** Called now and then with designs done, of how many, and the best objective so far. */
  readonly onProgress?: (stack: ComparedStack, done: number, total: number, best: number | undefined) => void;
}

/** What is best when one stack, or all, may change. */
export interface StackOptimum {
  readonly stack: ComparedStack;
  readonly space: CompiledSpace;
  /** `sweep`: proven, every design was evaluated or ruled out by a lower bound; `search`: the best that was found. */
  readonly method: 'sweep' | 'search';
  /** Designs that were looked at, all of the space in a sweep, and those of them that are feasible. */
  readonly designs: bigint;
  readonly feasible: bigint;
  /** Designs that were evaluated; in a sweep with bounds few of them. */
  readonly evaluated: bigint;
  /** Without changes that gain nothing; undefined where no design is feasible. */
  readonly best: Winner | undefined;
}

export interface Comparison {
  readonly objective: Objective;
  /** The system's default; undefined where it leaves several designs. */
  readonly baseline: Baseline | undefined;
  /** In the order of {@link COMPARED_SPACES}; the full stack is the last. */
  readonly optima: readonly StackOptimum[];
}

type Found = Pick<StackOptimum, 'designs' | 'feasible' | 'evaluated' | 'best'>;
type Progress = (done: number, best: number | undefined) => void;

/** Evaluates a whole space once; the best by each objective lies on the front of all of them. */
async function sweepAll(evaluator: Evaluator, { objectives }: CompareRequest, onDone: Progress): Promise<Found[]> {
  const { space } = evaluator;
  const request = wholeSweep(space, objectives);
  const part = await evaluator.sweep(request, {
    onChunk: ({ evaluated, top }) => onDone(Number(evaluated), top[0]?.objectives[0]),
  });
  const refined = refine(space, request, part);
  const kept = [...refined.top, ...refined.pareto];
  return objectives.map((objective, k) => {
    const [first] = [...kept].sort((a, b) => a.objectives[k]! - b.objectives[k]!);
    const best = first && winnerEvaluator(space, new Goal([objective]))(first.ordinal, 1);
    return { designs: part.evaluated, feasible: part.feasible, evaluated: part.evaluated, best };
  });
}

/** The optima of a whole space: by bounds where there are some, else by evaluating it. */
async function provenBest(evaluator: Evaluator, request: CompareRequest, onDone: Progress): Promise<Found[]> {
  const { space } = evaluator;
  const { objectives } = request;
  if (!canBound(evaluator, objectives)) return sweepAll(evaluator, request, onDone);
  const optima = await branchAndBound(evaluator, objectives, (done) => onDone(done, undefined));
  return optima.map(({ ordinal, feasible, evaluated }, k) => ({
    designs: space.count,
    feasible,
    evaluated,
    best: ordinal === undefined ? undefined : winnerEvaluator(space, new Goal([objectives[k]!]))(ordinal, 1),
  }));
}

/** The optima of a space for each objective; the full stack starts from those of the single ones. */
async function findBest(
  stack: ComparedStack,
  evaluator: Evaluator,
  singles: readonly (readonly StackOptimum[])[],
  request: CompareRequest,
  onDone: Progress,
): Promise<Found[]> {
  if (stack !== 'full') return provenBest(evaluator, request, onDone);
  const found: Found[] = [];
  for (const [k, objective] of request.objectives.entries()) {
    const starts = singles.flatMap((optima) => optima[k]!.best ?? []);
    const { evaluated, ...rest } = await searchFullStack(evaluator, objective, starts, request, onDone);
    found.push({ ...rest, designs: evaluated, evaluated });
  }
  return found;
}

/** The overrides that concern a space. */
function overridesOf(stack: ComparedStack, set: readonly string[]): string[] {
  const { parameters } = loadPsa(COMPARED_SPACES[stack]);
  return set.filter((assignment) => {
    const [, name = '', values = ''] = /^\s*([\w.]+)[^=]*=(.*)$/.exec(assignment) ?? [];
    const several = values.includes(',') || values.trim() === 'all';
    return !several || typeof parameters.get(name)?.value === 'object';
  });
}

/** What all spaces of a comparison have in common. */
interface Context {
  readonly request: CompareRequest;
  readonly options: EvaluatorOptions;
  readonly control: CompareControl;
  /** One per objective. */
  readonly baselines: readonly (Baseline | undefined)[];
}

/** The optima of one space, one per objective; `singles`: those of the spaces before. */
async function optimaOf(
  stack: ComparedStack,
  space: CompiledSpace,
  singles: readonly (readonly StackOptimum[])[],
  { request, options, control, baselines }: Context,
): Promise<StackOptimum[]> {
  const method = stack === 'full' ? 'search' : 'sweep';
  const total = method === 'sweep' ? Number(space.count) : request.evaluations;
  const evaluator = await createEvaluator(space, options);
  const onDone: Progress = (done, best) => control.onProgress?.(stack, done, total, best);
  try {
    const found = await findBest(stack, evaluator, singles, request, onDone);
    return found.map(({ best, ...counts }, k) => {
      const reference = baselines[k]?.design;
      const objective = request.objectives[k]!;
      const plain = best && reference ? withoutIdleChanges(space, best, reference, objective) : best;
      return { stack, space, method, ...counts, best: plain };
    });
  } finally {
    await evaluator.close();
  }
}

/**
 * Finds the optimum of each single-stack space, proven over all of it, and the best of the full stack by search and final
 * descents from what it and the single stacks found. The same request gives the same result.
 *
 * @returns a comparison per objective
 * @throws CosmicError where a space does not suit the system (`cosmic-network` has four dimensions of 4, 8 or 16 NPUs)
 * @example
 * const [{ optima }] = await compareStacks(
 *   { system: 'cosmic-1024', model: 'gpt3-175b', set: [], objectives: [parseObjective('time*cost')],
 *     agent: 'ga', evaluations: 100_000, population: 2048, seed: 0 },
 *   { backend: 'auto' },
 * );
 */
export async function compareStacks(
  request: CompareRequest,
  options: EvaluatorOptions,
  control: CompareControl = {},
): Promise<Comparison[]> {
  const full = loadPsa(COMPARED_SPACES.full, request);
  const baselines = request.objectives.map((objective) => baselineOf(full, [objective]));
  // A space that does not suit the system is to be found before the first sweep, not behind it.
  const spaces = (Object.keys(COMPARED_SPACES) as ComparedStack[]).map((stack) => ({
    stack,
    space: compilePsa(loadPsa(COMPARED_SPACES[stack], { ...request, set: overridesOf(stack, request.set) })),
  }));
  const stacks: StackOptimum[][] = [];
  for (const { stack, space } of spaces) {
    stacks.push(await optimaOf(stack, space, stacks, { request, options, control, baselines }));
  }
  return request.objectives.map((objective, k) => ({
    objective,
    baseline: baselines[k],
    optima: stacks.map((optima) => optima[k]!),
  }));
}

/** How many times worse a single stack's best is than the full stack's; undefined where either has none. */
export function gainOf({ optima }: Comparison, stack: ComparedStack): number | undefined {
  const value = (wanted: ComparedStack) => optima.find((optimum) => optimum.stack === wanted)?.best?.objectives[0];
  const [single, full] = [value(stack), value('full')];
  return single === undefined || full === undefined ? undefined : single / full;
}
