import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import { Archive, copyRow } from './de/archive.js';
import { Mutation } from './de/mutation.js';
import { SuccessHistory, type SuccessHistoryState } from './de/successHistory.js';
import { NEWCOMER, type Trials, type TrialsState, trialsFromPlain, trialsOf, trialsToPlain } from './de/trials.js';
import { argsort } from './order.js';
import { defaultsOf, MAX_POPULATION, type ParameterDeclarations, type ParametersOf } from './parameters.js';
import { batchOfOne, fitnessOf, gain, joined } from './population.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export const DIFFERENTIAL_PARAMETERS = {
  population: {
    default: 0,
    min: 0,
    max: MAX_POPULATION,
    whole: true,
    meaning: 'designs at the beginning; 0 for 18 per gene',
    tries: [50, 1000],
  },
  best: {
    default: 0.11,
    min: 0,
    max: 1,
    meaning: 'share of the population that p-best is drawn from',
    tries: [0.05, 0.3],
  },
  archive: {
    default: 1.4,
    min: 0,
    max: 10,
    meaning: 'designs in the archive of beaten ones, as a share of the population',
  },
  memory: { default: 5, min: 1, max: 1000, whole: true, meaning: 'entries of the success history', tries: [2, 20] },
} as const satisfies ParameterDeclarations;

export type DifferentialParameters = ParametersOf<typeof DIFFERENTIAL_PARAMETERS>;

export const DIFFERENTIAL_DEFAULTS: DifferentialParameters = defaultsOf(DIFFERENTIAL_PARAMETERS);

/** A population below this has no differences. */
const LEAST_POPULATION = 4;

interface DifferentialState {
  readonly drawn: number;
  readonly evaluated: number;
  readonly history: SuccessHistoryState;
  readonly places: readonly number[];
  readonly fitness: readonly number[];
  readonly ranking: readonly number[];
  readonly archive: readonly number[];
  readonly archived: number;
  readonly trials: TrialsState;
}

/**
 * Success-history adaptive differential evolution with a shrinking population: L-SHADE (Tanabe & Fukunaga, "Improving the
 * search performance of SHADE using linear population size reduction", CEC 2014). Ordered genes are places between their
 * first and last value, rounded.
 */
export class DifferentialAgent implements Agent {
  readonly name = 'de';
  private readonly stream: RandomStream;
  private readonly parameters: DifferentialParameters;
  private readonly mutation: Mutation;
  /** A row of places per member. */
  private places: Float32Array = new Float32Array();
  private fitness: Float64Array = new Float64Array();
  /** Members, best first. */
  private ranking: Uint32Array = new Uint32Array();
  private readonly archive: Archive;
  private trials: Trials;
  private readonly history: SuccessHistory;
  private evaluated = 0;
  private readonly budget: number;

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
    this.mutation = new Mutation(genes);
    this.archive = new Archive(genes.length);
    this.history = new SuccessHistory(this.parameters.memory);
    this.trials = trialsOf(0, genes.length);
  }

  /** Shrinks in a straight line from the first population to the smallest, over the whole budget (eq. 10). */
  get batchSize(): number {
    const { population } = this.parameters;
    const spent = Math.min(1, this.evaluated / this.budget);
    return Math.max(LEAST_POPULATION, Math.round(population + (LEAST_POPULATION - population) * spent));
  }

  ask(n: number): Uint32Array {
    const { genes, fitness } = this;
    const width = genes.length;
    if (this.trials.targets.length !== n) this.trials = trialsOf(n, width);
    const { places, targets } = this.trials;
    if (fitness.length < LEAST_POPULATION) {
      places.set(randomDigits(genes, n, this.stream));
      targets.fill(NEWCOMER);
    } else {
      for (let i = 0; i < n; i++) targets[i] = i % fitness.length;
      this.writeTrials(this.drawParents(n));
    }
    const digits = new Uint32Array(n * width);
    for (let i = 0; i < n; i++) this.mutation.round(places, i * width, digits);
    return digits;
  }

  tell(batch: Evaluated): void {
    const { trials } = this;
    const results = fitnessOf(batch);
    if (trials.targets[0] === NEWCOMER) this.join(trials.places, results);
    else this.compete(results);
    this.evaluated += results.length;
    this.shrink();
  }

  emigrant(): Evaluated | undefined {
    const best = this.ranking[0];
    if (best === undefined) return undefined;
    const width = this.genes.length;
    const digits = new Uint32Array(width);
    this.mutation.round(this.places.subarray(best * width), 0, digits);
    return batchOfOne(digits, this.fitness[best]!);
  }

  immigrate(newcomer: Evaluated): void {
    const worst = this.ranking.at(-1);
    const [value] = fitnessOf(newcomer);
    if (worst === undefined || value === undefined || value >= this.fitness[worst]!) return;
    this.places.set(newcomer.digits, worst * this.genes.length);
    this.fitness[worst] = value;
    this.ranking = argsort(this.fitness);
  }

  get state(): PlainData {
    const state: DifferentialState = {
      drawn: this.stream.drawn,
      evaluated: this.evaluated,
      history: { ...this.history.state },
      places: [...this.places],
      fitness: [...this.fitness],
      ranking: [...this.ranking],
      archive: this.archive.state,
      archived: this.archive.size,
      trials: trialsToPlain(this.trials),
    };
    return { ...state, history: { ...state.history }, trials: { ...state.trials } };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as DifferentialState;
    this.stream.drawn = state.drawn;
    this.evaluated = state.evaluated;
    this.history.restore(state.history);
    this.places = Float32Array.from(state.places);
    this.fitness = Float64Array.from(state.fitness);
    this.ranking = Uint32Array.from(state.ranking);
    this.archive.restore(state.archive, state.archived);
    this.trials = trialsFromPlain(state.trials);
  }

  /** Draws rates for each trial, and three others: one of the best, a member, and a member or (places behind) one of the archive. */
  private drawParents(count: number): Uint32Array {
    const { stream, history, fitness, archive, trials } = this;
    const parents = new Uint32Array(3 * count);
    for (let i = 0; i < count; i++) {
      const entry = history.entry(stream);
      trials.f[i] = history.drawF(entry, stream);
      trials.cr[i] = history.drawCr(entry, stream);
      parents[3 * i] = this.pBest();
      parents[3 * i + 1] = stream.below(fitness.length);
      parents[3 * i + 2] = stream.below(fitness.length + archive.size);
    }
    return parents;
  }

  /** current-to-pbest/1 with binomial crossover (eqs. 4–5). Drawn before: so rows wait for memory side by side. */
  private writeTrials(parents: Uint32Array): void {
    const { stream, places, archive, trials, mutation } = this;
    const width = this.genes.length;
    const members = this.fitness.length;
    for (let i = 0; i < trials.targets.length; i++) {
      const pick = parents[3 * i + 2]!;
      const second =
        pick < members ? { places, at: pick * width } : { places: archive.rows, at: (pick - members) * width };
      mutation.write(
        { places: trials.places, at: i * width },
        { places, at: trials.targets[i]! * width },
        { places, at: parents[3 * i]! * width },
        { places, at: parents[3 * i + 1]! * width },
        second,
        { f: trials.f[i]!, cr: trials.cr[i]! },
        stream,
      );
    }
  }

  /** One of the best members. */
  private pBest(): number {
    const count = this.fitness.length;
    const eligible = Math.max(2, Math.round(this.parameters.best * count));
    return this.ranking[this.stream.below(Math.min(eligible, count))]!;
  }

  private join(places: Float32Array, results: Float64Array): void {
    this.places = joined(this.places, places);
    this.fitness = joined(this.fitness, results);
  }

  /** Trials that are no worse take their target's place; those that are better teach, and their targets are kept apart. */
  private compete(results: Float64Array): void {
    const { trials, places, fitness, history } = this;
    const width = this.genes.length;
    for (let i = 0; i < results.length; i++) {
      const target = trials.targets[i]!;
      const [result, before] = [results[i]!, fitness[target]!];
      if (result > before) continue;
      if (result < before) {
        history.note(gain(before, result), trials.f[i]!, trials.cr[i]!);
        this.archive.add(places, target);
      }
      copyRow(trials.places, i, places, target, width);
      fitness[target] = result;
    }
    history.learn();
  }

  private shrink(): void {
    this.ranking = argsort(this.fitness);
    const size = this.batchSize;
    if (this.fitness.length > size) this.keepBest(size);
    this.archive.trim(Math.round(this.parameters.archive * size), this.stream);
  }

  /** Members from behind take the places of those that go. */
  private keepBest(size: number): void {
    const { ranking, places, fitness } = this;
    const width = this.genes.length;
    const stays = new Uint8Array(fitness.length);
    for (let rank = 0; rank < size; rank++) stays[ranking[rank]!] = 1;
    const movedTo = new Uint32Array(fitness.length);
    let hole = 0;
    for (let member = 0; member < fitness.length; member++) {
      movedTo[member] = member;
      if (member < size || !stays[member]) continue;
      while (stays[hole]) hole++;
      copyRow(places, member, places, hole, width);
      fitness[hole] = fitness[member]!;
      movedTo[member] = hole++;
    }
    this.places = places.subarray(0, size * width);
    this.fitness = fitness.subarray(0, size);
    this.ranking = ranking.subarray(0, size).map((member) => movedTo[member]!);
  }
}
