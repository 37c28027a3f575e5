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
import { type BoundedEvaluator, branchAndBound, canBound } from '../optimum/branchAndBound.js';
import { withoutIdleChanges } from '../optimum/neighbourhood.js';
import { refine } from '../optimum/refine.js';
import { type Winner, winnerEvaluator } from '../search/winners.js';
import { type FullStackRequest, searchFullStack } from './fullStack.js';
import { isProvable, provenOptimum } from './provenOptimum.js';

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
  /**
   * `proof`: bounds show that no design of the space is better; `sweep`: every design was evaluated; `search`: the best that was
   * found.
   */
  readonly method: 'proof' | 'sweep' | 'search';
  /** Designs that were looked at: all of the space, but in a search. */
  readonly designs: bigint;
  /** Those of them that are feasible; undefined where whole boxes were excluded. */
  readonly feasible: bigint | undefined;
  /** Designs that were evaluated; in a proof few of them. */
  readonly evaluated: bigint;
  /** Boxes that a proof bounded. */
  readonly boxes?: number;
  /** What it took; where objectives were looked at together, an equal share. */
  readonly seconds: number;
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

type Found = Omit<StackOptimum, 'stack' | 'space' | 'seconds'>;
type Progress = (done: number, total: number, best: number | undefined) => void;

/** Evaluates a whole space once; the best by each objective lies on the front of all of them. */
async function sweepAll(evaluator: Evaluator, objectives: readonly Objective[], onDone: Progress): Promise<Found[]> {
  const { space } = evaluator;
  const request = wholeSweep(space, objectives);
  const part = await evaluator.sweep(request, {
    onChunk: ({ evaluated, top }) => onDone(Number(evaluated), Number(space.count), top[0]?.objectives[0]),
  });
  const refined = refine(space, request, part);
  const kept = [...refined.top, ...refined.pareto];
  return objectives.map((objective, k) => {
    const [first] = [...kept].sort((a, b) => a.objectives[k]! - b.objectives[k]!);
    const best = first && winnerEvaluator(space, new Goal(space, [objective]))(first.ordinal, 1);
    return { method: 'sweep', designs: part.evaluated, feasible: part.feasible, evaluated: part.evaluated, best };
  });
}

/** The optima of a whole space by a bound of each design. */
async function boundAll(
  evaluator: BoundedEvaluator,
  objectives: readonly Objective[],
  onDone: Progress,
): Promise<Found[]> {
  const { space } = evaluator;
  const optima = await branchAndBound(evaluator, objectives, (done) => onDone(done, Number(space.count), undefined));
  return optima.map(({ ordinal, feasible, evaluated }, k) => ({
    method: 'proof',
    designs: space.count,
    feasible,
    evaluated,
    best: ordinal === undefined ? undefined : winnerEvaluator(space, new Goal(space, [objectives[k]!]))(ordinal, 1),
  }));
}

/** The optimum of a whole space by bounds of boxes. */
async function proveBest(
  evaluator: Evaluator,
  objective: Objective,
  start: Winner | undefined,
  onDone: Progress,
): Promise<Found> {
  const { count } = evaluator.space;
  const onProgress = (excluded: number, best: number | undefined) => onDone(excluded, Number(count), best);
  const { best, boxes, evaluated } = (await provenOptimum(evaluator, objective, start, { onProgress }))!;
  return { method: 'proof', designs: count, feasible: undefined, evaluated, boxes, best };
}

async function singleOptima(
  evaluator: Evaluator,
  objectives: readonly Objective[],
  onDone: Progress,
): Promise<Found[]> {
  if (canBound(evaluator, objectives)) return boundAll(evaluator, objectives, onDone);
  if (!objectives.every((objective) => isProvable(evaluator.space, objective))) {
    return sweepAll(evaluator, objectives, onDone);
  }
  const found: Found[] = [];
  for (const objective of objectives) found.push(await proveBest(evaluator, objective, undefined, onDone));
  return found;
}

/** The full stack's best by one objective: a search starts from the single stacks' best, and a proof from what it finds. */
async function fullOptimum(
  evaluator: Evaluator,
  objective: Objective,
  singles: readonly Winner[],
  request: CompareRequest,
  onDone: Progress,
): Promise<Found> {
  const onProgress = (done: number, best: number | undefined) => onDone(done, request.evaluations, best);
  const { evaluated, ...found } = await searchFullStack(evaluator, objective, singles, request, onProgress);
  if (!isProvable(evaluator.space, objective)) return { method: 'search', ...found, designs: evaluated, evaluated };
  const proven = await proveBest(evaluator, objective, found.best, onDone);
  return { ...proven, evaluated: evaluated + proven.evaluated };
}

/** The optima of a space for each objective; the full stack starts from those of the single ones. */
async function findBest(
  stack: ComparedStack,
  evaluator: Evaluator,
  singles: readonly (readonly StackOptimum[])[],
  request: CompareRequest,
  onDone: Progress,
): Promise<Found[]> {
  const { objectives } = request;
  if (stack !== 'full') return singleOptima(evaluator, objectives, onDone);
  const found: Found[] = [];
  for (const [k, objective] of objectives.entries()) {
    const starts = singles.flatMap((optima) => optima[k]!.best ?? []);
    found.push(await fullOptimum(evaluator, objective, starts, request, onDone));
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

/** What is compared, and with what. */
export interface Compared {
  readonly spaces: readonly { readonly stack: ComparedStack; readonly space: CompiledSpace }[];
  /** One per objective. */
  readonly baselines: readonly (Baseline | undefined)[];
}

/**
 * The spaces of a comparison, before anything is evaluated.
 *
 * @throws CosmicError where a space does not suit the system
 */
export function comparedSpaces(request: CompareRequest): Compared {
  const full = loadPsa(COMPARED_SPACES.full, request);
  const baselines = request.objectives.map((objective) => baselineOf(full, [objective]));
  const spaces = (Object.keys(COMPARED_SPACES) as ComparedStack[]).map((stack) => ({
    stack,
    space: compilePsa(loadPsa(COMPARED_SPACES[stack], { ...request, set: overridesOf(stack, request.set) })),
  }));
  return { spaces, baselines };
}

/** A comparison per objective. @param stacks of each stack the optima, one per objective */
export function comparisonsOf(
  { objectives }: CompareRequest,
  { baselines }: Compared,
  stacks: readonly (readonly StackOptimum[])[],
): Comparison[] {
  return objectives.map((objective, k) => ({
    objective,
    baseline: baselines[k],
    optima: stacks.map((optima) => optima[k]!),
  }));
}

/** What all spaces of a comparison have in common. */
interface Context extends Pick<Compared, 'baselines'> {
  readonly request: CompareRequest;
  readonly options: EvaluatorOptions;
  readonly control: CompareControl;
}

/** The optima of one space, one per objective; `singles`: those of the spaces before. */
async function optimaOf(
  stack: ComparedStack,
  space: CompiledSpace,
  singles: readonly (readonly StackOptimum[])[],
  { request, options, control, baselines }: Context,
): Promise<StackOptimum[]> {
  const evaluator = await createEvaluator(space, options);
  const onDone: Progress = (...progress) => control.onProgress?.(stack, ...progress);
  const beganMs = performance.now();
  try {
    const found = await findBest(stack, evaluator, singles, request, onDone);
    const seconds = (performance.now() - beganMs) / 1000 / found.length;
    return found.map(({ best, ...counts }, k) => {
      const reference = baselines[k]?.design;
      const objective = request.objectives[k]!;
      const plain = best && reference ? withoutIdleChanges(space, best, reference, objective) : best;
      return { stack, space, ...counts, seconds, best: plain };
    });
  } finally {
    await evaluator.close();
  }
}

/**
 * Finds the optimum of each space, proven over all of it. Where the profile cannot bound boxes of the full stack, that is the best
 * of a search and of descents from what it and the single stacks found. The same request gives the same result.
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
  // A space that does not suit the system is to be found before the first sweep, not behind it.
  const compared = comparedSpaces(request);
  const { baselines } = compared;
  const stacks: StackOptimum[][] = [];
  for (const { stack, space } of compared.spaces) {
    stacks.push(await optimaOf(stack, space, stacks, { request, options, control, baselines }));
  }
  return comparisonsOf(request, compared, stacks);
}

/** How many times worse a single stack's best is than the full stack's; undefined where either has none. */
export function gainOf({ optima }: Comparison, stack: ComparedStack): number | undefined {
  const value = (wanted: ComparedStack) => optima.find((optimum) => optimum.stack === wanted)?.best?.objectives[0];
  const [single, full] = [value(stack), value('full')];
  return single === undefined || full === undefined ? undefined : single / full;
}
