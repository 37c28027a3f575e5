/** The question of COSMIC (arXiv 2505.15020): what full-stack co-design gains over optimising one stack alone. */
import type { AgentName } from '../agents/agent.js';
import type { Objective } from '../kernels/objective/objective.js';
import { compilePsa } from '../psa/compile.js';
import { loadPsa } from '../psa/load.js';
import type { CompiledSpace } from '../psa/space.js';
import { type Baseline, baselineOf } from './baseline.js';
import { createEvaluator, type EvaluatorOptions } from './createEvaluator.js';
import type { Evaluator } from './evaluator.js';
import { descend, withoutIdleChanges } from './neighbourhood.js';
import { refine } from './refine.js';
import { search } from './search.js';
import { searchWinners, type Winner, winnerEvaluator } from './winners.js';

/** The spaces that are compared: each varies its stack and leaves the rest as the system has it. */
export const COMPARED_SPACES = {
  workload: 'cosmic-workload',
  collective: 'cosmic-collective',
  network: 'cosmic-network',
  full: 'cosmic-full',
} as const;

export type ComparedStack = keyof typeof COMPARED_SPACES;

export interface CompareRequest {
  /** Preset name or path. */
  readonly system: string;
  readonly model: string;
  /** Overrides of all spaces, as `applyOverrides` takes them. */
  readonly set: readonly string[];
  readonly objective: Objective;
  /** Of the full-stack search. */
  readonly agent: AgentName;
  readonly evaluations: number;
  readonly population: number;
  readonly seed: number;
}

export interface CompareControl {
  /** Called now and then with designs done, of how many, and the best objective so far. */
  readonly onProgress?: (stack: ComparedStack, done: number, total: number, best: number | undefined) => void;
}

/** What is best when one stack, or all, may change. */
export interface StackOptimum {
  readonly stack: ComparedStack;
  readonly space: CompiledSpace;
  /** `sweep`: proven, every design was evaluated; `search`: the best that was found. */
  readonly method: 'sweep' | 'search';
  readonly evaluated: bigint;
  readonly feasible: bigint;
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

type Found = Pick<StackOptimum, 'evaluated' | 'feasible' | 'best'>;

async function sweepAll(
  evaluator: Evaluator,
  { objective }: CompareRequest,
  report: (done: number, best: number | undefined) => void,
): Promise<Found> {
  const { space } = evaluator;
  const request = {
    source: { kind: 'ordinals' },
    start: 0n,
    count: space.count,
    objectives: [objective],
    top: 1,
    pareto: false,
  } as const;
  const part = await evaluator.sweep(request, {
    onChunk: ({ evaluated, top }) => report(Number(evaluated), top[0]?.objectives[0]),
  });
  const first = refine(space, request, part).top[0];
  const best = first && winnerEvaluator(space, [objective])(first.ordinal, 1);
  return { evaluated: part.evaluated, feasible: part.feasible, best };
}

async function searchBest(
  evaluator: Evaluator,
  request: CompareRequest,
  report: (done: number, best: number | undefined) => void,
): Promise<Found> {
  const { objective } = request;
  const onGeneration = (state: { evaluations: number; best: number | undefined }) =>
    report(state.evaluations, state.best);
  const state = await search(evaluator, { ...request, top: 1 }, { onGeneration });
  const found = searchWinners(evaluator.space, state, objective, 1)[0];
  const best = found && descend(evaluator.space, found, objective);
  return { evaluated: BigInt(state.evaluations), feasible: BigInt(state.feasible), best };
}

async function optimum(
  stack: ComparedStack,
  request: CompareRequest,
  options: EvaluatorOptions,
  control: CompareControl,
  baseline: Baseline | undefined,
): Promise<StackOptimum> {
  const { system, model, set, objective } = request;
  const space = compilePsa(loadPsa(COMPARED_SPACES[stack], { system, model, set }));
  const method = stack === 'full' ? 'search' : 'sweep';
  const evaluator = await createEvaluator(space, options);
  const total = method === 'sweep' ? Number(space.count) : request.evaluations;
  const report = (done: number, best: number | undefined) => control.onProgress?.(stack, done, total, best);
  try {
    const found = await (method === 'sweep' ? sweepAll : searchBest)(evaluator, request, report);
    const best =
      found.best && baseline ? withoutIdleChanges(space, found.best, baseline.design, objective) : found.best;
    return { stack, space, method, ...found, best };
  } finally {
    await evaluator.close();
  }
}

/**
 * Finds the optimum of each single-stack space by evaluating all of it, and the best of the full stack by search and a
 * final descent. The same request gives the same result.
 *
 * @throws CosmicError where a space does not suit the system (`cosmic-network` has four dimensions of 4, 8 or 16 NPUs)
 * @example
 * const { optima } = await compareStacks(
 *   { system: 'cosmic-1024', model: 'gpt3-175b', set: [], objective: parseObjective('time*cost'),
 *     agent: 'ga', evaluations: 100_000, population: 2048, seed: 0 },
 *   { backend: 'auto' },
 * );
 */
export async function compareStacks(
  request: CompareRequest,
  options: EvaluatorOptions,
  control: CompareControl = {},
): Promise<Comparison> {
  const { system, model, set, objective } = request;
  const baseline = baselineOf(loadPsa(COMPARED_SPACES.full, { system, model, set }), [objective]);
  const optima: StackOptimum[] = [];
  for (const stack of Object.keys(COMPARED_SPACES) as ComparedStack[]) {
    optima.push(await optimum(stack, request, options, control, baseline));
  }
  return { objective, baseline, optima };
}

/** How many times worse a single stack's best is than the full stack's; undefined where either has none. */
export function gainOf({ optima }: Comparison, stack: ComparedStack): number | undefined {
  const value = (wanted: ComparedStack) => optima.find((optimum) => optimum.stack === wanted)?.best?.objectives[0];
  const [single, full] = [value(stack), value('full')];
  return single === undefined || full === undefined ? undefined : single / full;
}
