import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import {
  chosenParameters,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
} from '../../shared/parameters.js';
import { batchOfOne, fitnessOf, gain } from '../../shared/population.js';
import { randomDigits } from '../../shared/randomDigits.js';
import { areRowsOf, count, placeRows, readState } from '../../shared/savedState.js';
import { RandomStream } from '../../shared/stream.js';
import { temporarily, temporaryFloats, temporaryWords } from '../../shared/temporary.js';
import { Archive } from './archive.js';
import { Layout } from './layout.js';
import { Members, membersState } from './members.js';
import { Mutation, type Parents } from './mutation.js';
import { SuccessHistory, successHistoryState } from './successHistory.js';
import { NEWCOMER, type Trials, trialsFromPlain, trialsOf, trialsState, trialsToPlain } from './trials.js';

const DIFFERENTIAL_PARAMETERS = {
  population: populationParameter({
    default: 0,
    min: 0,
    meaning: 'designs at the beginning; 0 for 18 per gene',
    tries: [50, 1000],
  }),
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

type DifferentialParameters = ParametersOf<typeof DIFFERENTIAL_PARAMETERS>;

/** A population below this has no differences. */
const LEAST_POPULATION = 4;

/** Of a history with so many entries. */
function savedState(genes: readonly AgentGene[], memory: number) {
  return membersState(genes)
    .extend({
      drawn: count,
      evaluated: count,
      history: successHistoryState(memory),
      archive: placeRows(genes),
      archived: count,
      trials: trialsState(genes),
    })
    .refine(({ archive, archived }) => areRowsOf(archived, archive, genes), 'the archive has as many rows as it counts')
    .refine(
      ({ places, fitness: { length }, ranking }) =>
        areRowsOf(length, places, genes) && ranking.length === length && ranking.every((member) => member < length),
      'each member has a place, a fitness and a rank',
    );
}

/**
 * Success-history adaptive differential evolution with a shrinking population: L-SHADE (Tanabe & Fukunaga, "Improving the
 * search performance of SHADE using linear population size reduction", CEC 2014). Ordered genes are places between their
 * first and last value, rounded.
 */
class DifferentialAgent implements Agent {
  private readonly stream: RandomStream;
  private readonly parameters: DifferentialParameters;
  private readonly layout: Layout;
  private readonly mutation: Mutation;
  private readonly members: Members;
  private readonly archive: Archive;
  private readonly history: SuccessHistory;
  private trials: Trials;
  private evaluated = 0;
  private readonly budget: number;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    options: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    const chosen = chosenParameters(DIFFERENTIAL_PARAMETERS, options);
    const first = chosen.population === 0 ? 18 * genes.length : chosen.population;
    this.parameters = { ...chosen, population: Math.max(LEAST_POPULATION, first) };
    this.budget = options.evaluations ?? Number.POSITIVE_INFINITY;
    this.layout = new Layout(genes);
    this.mutation = new Mutation(this.layout);
    this.members = new Members(this.layout);
    this.archive = new Archive(this.layout);
    this.history = new SuccessHistory(this.parameters.memory);
    this.trials = trialsOf(0, this.layout.width);
  }

  /** Shrinks in a straight line from the first population to the smallest, over the whole budget (eq. 10). */
  get batchSize(): number {
    const { population } = this.parameters;
    const spent = Math.min(1, this.evaluated / this.budget);
    return Math.max(LEAST_POPULATION, Math.round(population + (LEAST_POPULATION - population) * spent));
  }

  ask(n: number): Uint32Array {
    const { layout, members } = this;
    if (this.trials.targets.length !== n) this.trials = trialsOf(n, layout.width);
    const { trials } = this;
    if (members.size < LEAST_POPULATION) {
      trials.rows.set(layout.pack(randomDigits(this.genes, n, this.stream)));
      trials.targets.fill(NEWCOMER);
    } else {
      for (let i = 0, member = 0; i < n; i++, member++) {
        if (member === members.size) member = 0;
        trials.targets[i] = member;
      }
      temporarily(() => this.mutation.write(trials, this.drawParents(n), this.parentRows(), this.stream));
    }
    return layout.round(trials.rows);
  }

  tell(batch: Evaluated): void {
    const { trials, members } = this;
    const results = fitnessOf(batch);
    if (trials.targets[0] === NEWCOMER) members.join(trials.rows, results);
    else this.compete(results);
    this.evaluated += results.length;
    members.rank();
    members.keepBest(this.batchSize);
    this.archive.trim(Math.round(this.parameters.archive * this.batchSize), this.stream);
  }

  emigrant(): Evaluated | undefined {
    const { layout, members } = this;
    const [best] = members.ranking;
    if (best === undefined) return undefined;
    const row = members.rows.subarray(best * layout.width, (best + 1) * layout.width);
    return batchOfOne(layout.round(row), members.fitness[best]!);
  }

  immigrate(newcomer: Evaluated): void {
    const { layout, members } = this;
    const worst = members.ranking.at(-1);
    const [value] = fitnessOf(newcomer);
    if (worst === undefined || value === undefined || value >= members.fitness[worst]!) return;
    members.replace(worst, layout.pack(newcomer.digits), 0, value);
    members.rank();
  }

  get state(): PlainData {
    return {
      drawn: this.stream.drawn,
      evaluated: this.evaluated,
      history: this.history.state,
      ...this.members.state,
      archive: this.archive.state,
      archived: this.archive.size,
      trials: trialsToPlain(this.trials, this.layout),
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes, this.parameters.memory), plain);
    this.stream.drawn = state.drawn;
    this.evaluated = state.evaluated;
    this.history.restore(state.history);
    this.members.restore(state);
    this.archive.restore(state.archive, state.archived);
    this.trials = trialsFromPlain(state.trials, this.layout);
  }

  /** Draws rates for each trial, and three others: one of the best, a member, and a member or one of the archive. */
  private drawParents(count: number): Parents {
    const { stream, history, members, archive, trials } = this;
    const best = members.best(this.parameters.best);
    const parents = {
      best: temporaryWords(count),
      first: temporaryWords(count),
      second: temporaryWords(count),
    };
    for (let i = 0; i < count; i++) {
      const entry = history.entry(stream);
      trials.f[i] = history.drawF(entry, stream);
      trials.cr[i] = history.drawCr(entry, stream);
      parents.best[i] = best[stream.below(best.length)]!;
      parents.first[i] = stream.below(members.size);
      parents.second[i] = stream.below(members.size + archive.size);
    }
    return parents;
  }

  /** The rows of members and archive, together in memory: to copy them takes less than to fetch them here and there. */
  private parentRows(): Float32Array {
    const { members, archive, layout } = this;
    const beaten = archive.rows.subarray(0, archive.size * layout.width);
    const rows = temporaryFloats(members.rows.length + beaten.length);
    rows.set(members.rows);
    rows.set(beaten, members.rows.length);
    return rows;
  }

  /** Trials that are no worse take their target's place; those that are better teach, and their targets are kept apart. */
  private compete(results: Float64Array): void {
    const { trials, members, history, archive } = this;
    const { width } = this.layout;
    for (let i = 0; i < results.length; i++) {
      const target = trials.targets[i]!;
      const [result, before] = [results[i]!, members.fitness[target]!];
      if (result > before) continue;
      if (result < before) {
        history.note(gain(before, result), trials.f[i]!, trials.cr[i]!);
        archive.add(members.rows, target * width);
      }
      members.replace(target, trials.rows, i * width, result);
    }
    history.learn();
  }
}

export const DIFFERENTIAL: AgentDefinition = {
  make: (...setUp) => new DifferentialAgent(...setUp),
  parameters: DIFFERENTIAL_PARAMETERS,
  objectives: 'first',
  islands: 'exchanging',
};
