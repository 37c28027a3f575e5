import type { Goal } from '../../kernels/objective/goal.js';
import { STATUSES } from '../../kernels/outputs.js';
import { insertIntoFront } from '../../kernels/reduce/front.js';
import type { GenerationTally } from '../backends/residentIslands.js';
import type { Scored } from './score.js';
import type { FrontMember, SearchState, Tier } from './searchState.js';

/** Ordinals that are kept per tier. */
export const MAX_TIES = 100;

/** An objective to six digits: about what f32 kernels can tell apart, and more than any model of a machine can. */
export function tierOf(objective: number): number {
  return Number(objective.toPrecision(6));
}

/** Tiers kept, more than asked for: rounding may order close designs wrongly on a GPU, and f64 results decide in the end. */
export function capacityOf(top: number): number {
  return 2 * top + 16;
}

/** Counters, the best designs, and how the search came to them. */
export class Scoreboard {
  evaluations: number;
  private feasible: number;
  private readonly byReason: number[];
  private readonly byLimit: number[];
  private readonly best: { objective: number; ordinals: string[] }[];
  private readonly history: (readonly [number, number])[];
  private readonly front: FrontMember[];
  private readonly objectiveCount: number;
  private readonly capacity: number;

  /** @param top best designs that were asked for */
  constructor({ objectives, limits }: Pick<Goal, 'objectives' | 'limits'>, top: number, from?: SearchState) {
    this.capacity = capacityOf(top);
    this.objectiveCount = objectives.length;
    this.evaluations = from?.evaluations ?? 0;
    this.feasible = from?.feasible ?? 0;
    this.byReason = [...(from?.byReason ?? STATUSES.map(() => 0))];
    this.byLimit = [...(from?.byLimit ?? limits.map(() => 0))];
    this.best = (from?.best ?? []).map(copyTier);
    this.history = [...(from?.history ?? [])];
    this.front = [...(from?.front ?? [])];
  }

  snapshot(): Omit<SearchState, 'agent'> {
    return {
      evaluations: this.evaluations,
      feasible: this.feasible,
      byReason: [...this.byReason],
      byLimit: [...this.byLimit],
      best: this.best.map(copyTier),
      history: [...this.history],
      front: [...this.front],
    };
  }

  /** Smallest first objective so far. */
  get smallest(): number | undefined {
    return this.history.at(-1)?.[1];
  }

  /** Share of the designs so far that are feasible. */
  get feasibleShare(): number {
    return this.evaluations === 0 ? 0 : this.feasible / this.evaluations;
  }

  /** Evaluations since the last improvement. */
  get sinceGain(): number {
    return this.evaluations - (this.history.at(-1)?.[0] ?? 0);
  }

  add({ objectives, status, broken, violations }: Scored, ordinalOf: (row: number) => string): void {
    for (let row = 0; row < status.length; row++) {
      this.evaluations++;
      if (violations[row] === 0) {
        this.feasible++;
        const from = row * this.objectiveCount;
        this.keep(objectives[from]!, () => ordinalOf(row));
        if (this.objectiveCount > 1) {
          this.keepFront([...objectives.subarray(from, from + this.objectiveCount)], () => ordinalOf(row));
        }
      } else {
        countBits(status[row]!, this.byReason);
        countBits(broken[row]!, this.byLimit);
      }
    }
  }

  /** Counts a generation of which the best design so far is known. */
  addGeneration({ children, feasible, byReason, byLimit, objective }: GenerationTally, ordinal: () => string): void {
    this.evaluations += children;
    this.feasible += feasible;
    byReason.forEach((count, bit) => {
      this.byReason[bit]! += count;
    });
    byLimit.forEach((count, k) => {
      this.byLimit[k]! += count;
    });
    if (objective !== undefined) this.keep(objective, ordinal);
  }

  /** Keeps a feasible design that is counted, if it is among the best, and tells whether it is. */
  keep(objective: number, ordinal: () => string): boolean {
    if (objective < (this.smallest ?? Number.POSITIVE_INFINITY)) this.history.push([this.evaluations, objective]);
    const worst = this.best[this.capacity - 1];
    // Rounding to a tier is slow: designs that are clearly worse need none.
    if (worst !== undefined && objective > worst.objective * (1 + Math.sign(worst.objective) * 1e-5)) return false;
    const rounded = tierOf(objective);
    if (worst !== undefined && rounded > worst.objective) return false;
    const found = this.best.findIndex((tier) => tier.objective >= rounded);
    const at = found < 0 ? this.best.length : found;
    if (this.best[at]?.objective !== rounded) this.best.splice(at, 0, { objective: rounded, ordinals: [] });
    addTie(this.best[at]!.ordinals, ordinal());
    this.best.length = Math.min(this.best.length, this.capacity);
    return true;
  }

  private keepFront(objectives: readonly number[], ordinal: () => string): void {
    const candidate = { objectives, ordinal: '' };
    if (insertIntoFront(this.front, candidate)) this.front[this.front.length - 1] = { objectives, ordinal: ordinal() };
  }
}

function copyTier({ objective, ordinals }: Tier): { objective: number; ordinals: string[] } {
  return { objective, ordinals: [...ordinals] };
}

function countBits(word: number, counters: number[]): void {
  for (let bit = 0; bit < counters.length; bit++) counters[bit]! += (word >>> bit) & 1;
}

/** Adds an ordinal to those of a tier, unless it is there or the tier is full. */
export function addTie(ordinals: string[], ordinal: string): void {
  if (ordinals.length < MAX_TIES && !ordinals.includes(ordinal)) ordinals.push(ordinal);
}
