import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import { compare, type Individual, isBetter, readBatch } from './individual.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export interface DifferentialParameters {
  /** Designs at the beginning; 0 for 18 per gene. */
  readonly population: number;
  /** Share of the population that `p-best` is drawn from. */
  readonly best: number;
  /** Designs in the archive of beaten ones, as a share of the population. */
  readonly archive: number;
  /** Entries of the success history. */
  readonly memory: number;
}

export const DIFFERENTIAL_DEFAULTS: DifferentialParameters = { population: 0, best: 0.11, archive: 1.4, memory: 5 };

/** A population below this has no differences. */
const LEAST_POPULATION = 4;

/** A member: a design, and its place between the values of ordered genes. */
interface Member extends Individual {
  readonly place: Float64Array;
}

/** A trial that waits for its result. */
interface Trial {
  readonly target: number;
  readonly place: Float64Array;
  readonly f: number;
  readonly cr: number;
}

interface Rates {
  readonly f: number;
  readonly cr: number;
}

interface Success extends Rates {
  readonly gain: number;
}

interface DifferentialState {
  readonly drawn: number;
  readonly evaluated: number;
  readonly next: number;
  readonly memory: readonly (readonly [f: number, cr: number])[];
  readonly members: readonly (readonly [place: readonly number[], objective: number, violation: number])[];
  readonly archive: readonly (readonly number[])[];
  readonly trials: readonly (readonly [target: number, place: readonly number[], f: number, cr: number])[];
}

/**
 * Success-history adaptive differential evolution with a shrinking population: L-SHADE (Tanabe & Fukunaga, "Improving the
 * search performance of SHADE using linear population size reduction", CEC 2014). Ordered genes are places between their
 * first and last value, rounded. For the others a step of length F to a value is that value with probability F, and a
 * difference of two that is not zero leads to the first of them or to any value.
 */
export class DifferentialAgent implements Agent {
  readonly name = 'de';
  private readonly stream: RandomStream;
  private readonly parameters: DifferentialParameters;
  private readonly ordered: readonly boolean[];
  private members: Member[] = [];
  private archive: Float64Array[] = [];
  private trials: Trial[] = [];
  private memory: (readonly [f: number, cr: number])[];
  private next = 0;
  private evaluated = 0;
  private readonly budget: number;
  private ranked: { readonly of: readonly Member[]; readonly order: readonly number[] } = { of: [], order: [] };

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    {
      population = DIFFERENTIAL_DEFAULTS.population,
      evaluations = Number.POSITIVE_INFINITY,
      parameters = {},
    }: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    const all = { ...DIFFERENTIAL_DEFAULTS, population, ...parameters };
    const first = all.population === 0 ? 18 * genes.length : all.population;
    this.parameters = { ...all, population: Math.max(LEAST_POPULATION, first) };
    this.budget = evaluations;
    this.ordered = genes.map(({ scale }) => scale === 'linear' || scale === 'log');
    this.memory = Array.from({ length: this.parameters.memory }, () => [0.5, 0.5] as const);
  }

  /** Shrinks in a straight line from the first population to the smallest, over the whole budget (eq. 10). */
  get batchSize(): number {
    const { population } = this.parameters;
    const spent = Math.min(1, this.evaluated / this.budget);
    return Math.max(LEAST_POPULATION, Math.round(population + (LEAST_POPULATION - population) * spent));
  }

  ask(n: number): Uint32Array {
    const { members } = this;
    this.trials = Array.from({ length: n }, (_, i) =>
      members.length < LEAST_POPULATION ? this.newcomer() : this.trialOf(i % members.length),
    );
    const digits = new Uint32Array(n * this.genes.length);
    this.trials.forEach(({ place }, i) => {
      digits.set(Array.from(place, Math.round), i * this.genes.length);
    });
    return digits;
  }

  tell(batch: Evaluated): void {
    const successes: Success[] = [];
    readBatch(batch).forEach((result, i) => {
      const { target, place, f, cr } = this.trials[i]!;
      const member = { ...result, place };
      const before = this.members[target];
      if (target < 0 || before === undefined) this.members.push(member);
      else if (compare(member, before) <= 0) this.replace(target, member, before, { f, cr }, successes);
    });
    this.evaluated += batch.violations.length;
    this.learn(successes);
    this.shrink();
  }

  get state(): PlainData {
    const state: DifferentialState = {
      drawn: this.stream.drawn,
      evaluated: this.evaluated,
      next: this.next,
      memory: this.memory,
      members: this.members.map(({ place, objective, violation }) => [[...place], objective, violation]),
      archive: this.archive.map((place) => [...place]),
      trials: this.trials.map(({ target, place, f, cr }) => [target, [...place], f, cr]),
    };
    return { ...state };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as DifferentialState;
    this.stream.drawn = state.drawn;
    this.evaluated = state.evaluated;
    this.next = state.next;
    this.memory = [...state.memory];
    this.members = state.members.map(([place, objective, violation]) => ({
      place: Float64Array.from(place),
      digits: Uint32Array.from(place, Math.round),
      objective,
      violation,
    }));
    this.archive = state.archive.map((place) => Float64Array.from(place));
    this.trials = state.trials.map(([target, place, f, cr]) => ({ target, place: Float64Array.from(place), f, cr }));
  }

  private newcomer(): Trial {
    return { target: -1, place: Float64Array.from(randomDigits(this.genes, 1, this.stream)), f: 0, cr: 0 };
  }

  /** current-to-pbest/1 with binomial crossover (eqs. 4–5). */
  private trialOf(target: number): Trial {
    const { members, stream } = this;
    const [meanF, meanCr] = this.memory[stream.below(this.memory.length)]!;
    const f = this.drawF(meanF);
    const cr = Math.min(1, Math.max(0, meanCr + 0.1 * stream.normal()));
    const best = members[this.pBest()]!.place;
    const first = members[stream.below(members.length)]!.place;
    const pick = stream.below(members.length + this.archive.length);
    const second = pick < members.length ? members[pick]!.place : this.archive[pick - members.length]!;
    const place = members[target]!.place.slice();
    const certain = stream.below(Math.max(1, place.length));
    for (let g = 0; g < place.length; g++) {
      if (g !== certain && stream.uniform() >= cr) continue;
      place[g] = this.mutant(g, f, place[g]!, best[g]!, first[g]!, second[g]!);
    }
    return { target, place, f, cr };
  }

  private mutant(g: number, f: number, own: number, best: number, first: number, second: number): number {
    const last = this.genes[g]!.size - 1;
    if (this.ordered[g]) {
      const moved = own + f * (best - own) + f * (first - second);
      // Half way to the border where it would cross it.
      return moved < 0 ? own / 2 : moved > last ? (own + last) / 2 : moved;
    }
    const nearer = this.stream.uniform() < f ? best : own;
    if (first === second || this.stream.uniform() >= f) return nearer;
    return this.stream.word() & 1 ? first : this.stream.below(last + 1);
  }

  /** From a Cauchy distribution, above 0 and at most 1. */
  private drawF(mean: number): number {
    for (;;) {
      const f = mean + 0.1 * Math.tan(Math.PI * (this.stream.uniform() - 0.5));
      if (f > 0) return Math.min(1, f);
    }
  }

  /** Index of one of the best members. */
  private pBest(): number {
    const eligible = Math.max(2, Math.round(this.parameters.best * this.members.length));
    return this.ranking()[this.stream.below(Math.min(eligible, this.members.length))]!;
  }

  /** Indices of the members, best first; kept until the members change. */
  private ranking(): readonly number[] {
    if (this.ranked.of !== this.members) {
      const order = this.members.map((_, i) => i).sort((a, b) => compare(this.members[a]!, this.members[b]!));
      this.ranked = { of: this.members, order };
    }
    return this.ranked.order;
  }

  private replace(target: number, member: Member, before: Member, { f, cr }: Rates, successes: Success[]): void {
    this.members[target] = member;
    if (!isBetter(member, before)) return;
    const gain = before.violation - member.violation || before.objective - member.objective;
    successes.push({ f, cr, gain });
    this.archive.push(before.place);
  }

  /** Weighted Lehmer means of the rates that made progress (eqs. 7–9). */
  private learn(successes: readonly Success[]): void {
    this.members = [...this.members];
    if (successes.length === 0) return;
    const lehmer = (value: (success: Success) => number) => {
      const top = successes.reduce((sum, success) => sum + success.gain * value(success) ** 2, 0);
      const bottom = successes.reduce((sum, success) => sum + success.gain * value(success), 0);
      return bottom === 0 ? 0 : top / bottom;
    };
    this.memory[this.next] = [lehmer(({ f }) => f), lehmer(({ cr }) => cr)];
    this.next = (this.next + 1) % this.memory.length;
  }

  private shrink(): void {
    const size = this.batchSize;
    if (this.members.length > size)
      this.members = this.ranking()
        .slice(0, size)
        .map((i) => this.members[i]!);
    const room = Math.round(this.parameters.archive * size);
    while (this.archive.length > room) this.archive.splice(this.stream.below(this.archive.length), 1);
  }
}
