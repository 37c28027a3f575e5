import type { AgentName, PlainData } from '../agents/agent.js';
import { createAgent } from '../agents/index.js';
import { type Objective, objectiveValue, packObjectives, usesCost } from '../kernels/objective/objective.js';
import { infeasibleMask, OUTPUT_COUNT, STATUSES } from '../kernels/outputs.js';
import { CosmicError } from '../psa/errors.js';
import { digitsToOrdinal } from '../psa/ordinals.js';
import type { Evaluator, Results } from './evaluator.js';

export interface SearchRequest {
  readonly agent: AgentName;
  /** Designs to evaluate, repeated ones included. */
  readonly evaluations: number;
  /** Designs per generation: thousands keep a GPU busy. */
  readonly population: number;
  /** Whole number, 0 … 2^32 − 1. */
  readonly seed: number;
  readonly objective: Objective;
  /** Best designs to show, of distinct tiers. */
  readonly top: number;
}

/** Designs that score the same, as {@link tierOf} rounds: parameters with little or no effect make many of them. */
export interface Tier {
  /** The rounded objective. */
  readonly objective: number;
  /** In order of discovery, without repetition, at most {@link MAX_TIES}. */
  readonly ordinals: readonly string[];
}

/** Ordinals that are kept per tier. */
export const MAX_TIES = 100;

/** An objective to six digits: about what f32 kernels can tell apart, and more than any model of a machine can. */
export function tierOf(objective: number): number {
  return Number(objective.toPrecision(6));
}

/** A search so far, as plain data: all that is needed to go on with it. */
export interface SearchState {
  readonly evaluations: number;
  readonly feasible: number;
  /** Designs with each status bit, in the order of STATUSES. */
  readonly byReason: readonly number[];
  /** Best first. */
  readonly best: readonly Tier[];
  /** Each improvement: evaluations done, objective reached. */
  readonly history: readonly (readonly [evaluations: number, objective: number])[];
  readonly agent: PlainData;
}

/** Where a search is after a generation. */
export interface Generation {
  readonly evaluations: number;
  /** Smallest objective so far; undefined before the first feasible design. */
  readonly best: number | undefined;
  /** Copies the state, to save it. */
  readonly snapshot: () => SearchState;
}

export interface SearchControl {
  /** Called after each generation, which is worth a checkpoint. */
  readonly onGeneration?: (generation: Generation) => void | Promise<void>;
  /** Ends the search after the generation in progress; `search` then returns what it has. */
  readonly signal?: AbortSignal;
}

/** @throws CosmicError BACKEND_LIMIT where the backend does not tell which designs are feasible */
function checkCovers({ backend, covers }: Evaluator): void {
  if (covers.length === OUTPUT_COUNT) return;
  throw new CosmicError('BACKEND_LIMIT', `${backend} covers ${covers.join(', ')} only, a search needs all outputs`, {
    remedy: 'use --backend webgpu or cpu',
  });
}

/**
 * Searches a space for the smallest objective. The same request on the same backend gives the same result, also when it
 * was interrupted and went on from a state.
 *
 * @throws CosmicError BACKEND_LIMIT, and what the evaluator throws
 * @example
 * const evaluator = await createEvaluator(space, { backend: 'auto' });
 * const found = await search(evaluator, {
 *   agent: 'ga', evaluations: 200_000, population: 2048, seed: 0, objective: parseObjective('time'), top: 10,
 * });
 * found.best[0]?.ordinals[0]; // '1234567890'
 */
export async function search(
  evaluator: Evaluator,
  request: SearchRequest,
  control: SearchControl = {},
  resumeFrom?: SearchState,
): Promise<SearchState> {
  const { space } = evaluator;
  checkCovers(evaluator);
  const agent = createAgent(request.agent, space.genes, request.seed, { population: request.population });
  if (resumeFrom !== undefined) agent.restore(resumeFrom.agent);
  const scores = new Scoreboard(request, resumeFrom);
  const snapshot = (): SearchState => ({ ...scores.snapshot(), agent: agent.state });
  while (scores.evaluations < request.evaluations && control.signal?.aborted !== true) {
    const count = Math.min(request.population, request.evaluations - scores.evaluations);
    const digits = agent.ask(count);
    const results = await evaluator.evaluate({ kind: 'digits', digits, count });
    const scored = score(results, request.objective);
    agent.tell({ digits, ...scored });
    scores.add(scored, (row) => digitsToOrdinal(space, digits, row * space.genes.length).toString());
    await control.onGeneration?.({ evaluations: scores.evaluations, best: scores.smallest, snapshot });
  }
  return snapshot();
}

interface Scored {
  readonly objectives: Float64Array;
  /** The bits that make a design infeasible under the objective. */
  readonly status: Uint32Array;
}

function score(results: Results, objective: Objective): Scored {
  const packed = packObjectives([objective]);
  const mask = infeasibleMask(usesCost([objective]));
  const objectives = new Float64Array(results.count);
  for (let i = 0; i < results.count; i++) {
    objectives[i] = objectiveValue(packed, 0, results.outputs, i * OUTPUT_COUNT);
  }
  return { objectives, status: results.status.map((status) => status & mask) };
}

/** Counters, the best designs, and how the search came to them. */
class Scoreboard {
  evaluations: number;
  private feasible: number;
  private readonly byReason: number[];
  private readonly best: { objective: number; ordinals: string[] }[];
  private readonly history: (readonly [number, number])[];
  /** More than asked for: rounding may order close designs wrongly on a GPU, and the f64 results decide in the end. */
  private readonly capacity: number;

  constructor(request: SearchRequest, from?: SearchState) {
    this.capacity = 2 * request.top + 16;
    this.evaluations = from?.evaluations ?? 0;
    this.feasible = from?.feasible ?? 0;
    this.byReason = [...(from?.byReason ?? STATUSES.map(() => 0))];
    this.best = (from?.best ?? []).map(({ objective, ordinals }) => ({ objective, ordinals: [...ordinals] }));
    this.history = [...(from?.history ?? [])];
  }

  snapshot(): Omit<SearchState, 'agent'> {
    return {
      evaluations: this.evaluations,
      feasible: this.feasible,
      byReason: [...this.byReason],
      best: this.best.map(({ objective, ordinals }) => ({ objective, ordinals: [...ordinals] })),
      history: [...this.history],
    };
  }

  /** Smallest objective so far. */
  get smallest(): number | undefined {
    return this.history.at(-1)?.[1];
  }

  add({ objectives, status }: Scored, ordinalOf: (row: number) => string): void {
    for (let row = 0; row < status.length; row++) {
      this.evaluations++;
      if (status[row] === 0) {
        this.feasible++;
        this.keep(objectives[row]!, () => ordinalOf(row));
      } else {
        this.countReasons(status[row]!);
      }
    }
  }

  private countReasons(status: number): void {
    for (let bit = 0; bit < this.byReason.length; bit++) this.byReason[bit]! += (status >>> bit) & 1;
  }

  private keep(objective: number, ordinal: () => string): void {
    if (objective < (this.smallest ?? Number.POSITIVE_INFINITY)) this.history.push([this.evaluations, objective]);
    const rounded = tierOf(objective);
    const worst = this.best[this.capacity - 1];
    if (worst !== undefined && rounded > worst.objective) return;
    const found = this.best.findIndex((tier) => tier.objective >= rounded);
    const at = found < 0 ? this.best.length : found;
    if (this.best[at]?.objective !== rounded) this.best.splice(at, 0, { objective: rounded, ordinals: [] });
    addTie(this.best[at]!.ordinals, ordinal());
    this.best.length = Math.min(this.best.length, this.capacity);
  }
}

function addTie(ordinals: string[], ordinal: string): void {
  if (ordinals.length < MAX_TIES && !ordinals.includes(ordinal)) ordinals.push(ordinal);
}
