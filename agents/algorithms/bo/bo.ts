import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import {
  compare,
  type Individual,
  individualsFromPlain,
  individualsState,
  individualsToPlain,
  isBetter,
  readBatch,
} from '../../shared/individual.js';
import { joinRows, Mutator } from '../../shared/neighbours.js';
import { normalQuantile } from '../../shared/normal.js';
import {
  chosenParameters,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
} from '../../shared/parameters.js';
import { randomDigits } from '../../shared/randomDigits.js';
import { count, readState } from '../../shared/savedState.js';
import { RandomStream } from '../../shared/stream.js';
import { StreamAgent } from '../../shared/streamAgent.js';
import { Features } from './features.js';
import { Surrogate } from './surrogate.js';

const BAYES_PARAMETERS = {
  population: populationParameter({ default: 16, min: 1, meaning: 'designs of a batch', tries: [4, 64] }),
  initial: {
    default: 64,
    min: 1,
    max: 1e6,
    whole: true,
    meaning: 'random designs at the beginning of each trust region',
    tries: [16, 256],
  },
  candidates: {
    default: 400,
    min: 1,
    max: 1e5,
    whole: true,
    meaning: 'designs that the surrogate looks at for each batch',
    tries: [100, 1600],
  },
  features: {
    default: 200,
    min: 1,
    max: 5000,
    whole: true,
    meaning: 'random features of its surrogate',
    tries: [50, 400],
  },
} as const satisfies ParameterDeclarations;

type BayesParameters = ParametersOf<typeof BAYES_PARAMETERS>;

/** Genes that a candidate changes: from all 20 that TuRBO takes at most, down to about one. */
const WIDEST = 20;
const NARROWEST = 1;

/** Sets the surrogate's random features apart from the search's random numbers. */
const FEATURE_SEED = 0x51ed270b;

function savedState(genes: readonly AgentGene[]) {
  return z
    .strictObject({
      drawn: count,
      told: individualsState(genes),
      /** Where the current trust region's designs begin among those told. */
      regionFrom: count,
      width: z.number().positive(),
      successes: count,
      failures: count,
    })
    .refine(({ told, regionFrom }) => regionFrom <= told.objectives.length, 'the region begins behind all designs');
}

/**
 * Bayesian optimisation in a trust region (TuRBO; Eriksson, Pearce, Gardner, Turner & Poloczek, NeurIPS 2019): Thompson
 * samples of a surrogate choose among candidates near the best design; the region widens with success, narrows with
 * failure, and starts anew elsewhere when it has become too narrow. The surrogate keeps all designs. Results enter it by
 * rank, as normal scores, infeasible ones behind all others. For evaluations that cost more than the search.
 */
class BayesAgent extends StreamAgent<BayesParameters> implements Agent {
  private readonly mutator = new Mutator(this.genes, this.stream);
  private readonly features: Features;
  private surrogate: Surrogate;
  private told: Individual[] = [];
  /** Designs told, by their digits. */
  private known = new Set<string>();
  private regionFrom = 0;
  /** Best of the region. */
  private best: Individual | undefined;
  /** Genes that a candidate changes, on average. */
  private width: number;
  private successes = 0;
  private failures = 0;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}) {
    super(genes, seed, chosenParameters(BAYES_PARAMETERS, options));
    this.features = new Features(genes, this.parameters.features, new RandomStream(seed ^ FEATURE_SEED));
    this.surrogate = new Surrogate(this.parameters.features);
    this.width = this.widest;
  }

  ask(n: number): Uint32Array {
    const { best } = this;
    const isNew = this.told.length - this.regionFrom < this.parameters.initial;
    if (best === undefined || isNew) return randomDigits(this.genes, n, this.stream);
    const candidates = this.candidatesAround(best.digits);
    const features = candidates.map((digits) => this.features.of(digits));
    const taken = new Set<number>();
    for (const drawn of this.surrogate.draw(this.scores(), n, this.stream)) taken.add(bestOf(features, drawn, taken));
    const rows = [...taken].flatMap((i) => candidates[i] ?? []);
    while (rows.length < n) rows.push(randomDigits(this.genes, 1, this.stream));
    return joinRows(rows, this.genes.length);
  }

  tell(batch: Evaluated): void {
    const results = readBatch(batch);
    const initial = this.told.length - this.regionFrom < this.parameters.initial;
    for (const result of results) this.learn(result);
    const winner = [...results].sort(compare)[0];
    if (winner === undefined) return;
    const gained = isBetter(winner, this.best);
    if (gained) this.best = winner;
    if (!initial) this.resize(gained);
  }

  get state(): PlainData {
    return {
      drawn: this.stream.drawn,
      told: individualsToPlain(this.told),
      regionFrom: this.regionFrom,
      width: this.width,
      successes: this.successes,
      failures: this.failures,
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes), plain);
    this.stream.drawn = state.drawn;
    this.regionFrom = state.regionFrom;
    this.width = state.width;
    this.successes = state.successes;
    this.failures = state.failures;
    this.told = [];
    this.known = new Set();
    this.surrogate = new Surrogate(this.parameters.features);
    for (const individual of individualsFromPlain(state.told)) this.learn(individual);
    this.best = this.told.slice(this.regionFrom).sort(compare)[0];
  }

  private get widest(): number {
    return Math.max(NARROWEST, Math.min(WIDEST, this.genes.length / 2));
  }

  private learn(individual: Individual): void {
    this.told.push(individual);
    this.known.add(individual.digits.join());
    this.surrogate.add(this.features.of(individual.digits));
  }

  private candidatesAround(centre: Uint32Array): Uint32Array[] {
    const drawn = new Set<string>();
    const rate = this.width / Math.max(1, this.genes.length);
    const candidates: Uint32Array[] = [];
    for (let i = 0; i < this.parameters.candidates; i++) {
      const candidate = centre.slice();
      this.mutator.mutate(candidate, rate);
      this.mutator.mutateOne(candidate);
      const key = candidate.join();
      if (drawn.has(key) || this.known.has(key)) continue;
      drawn.add(key);
      candidates.push(candidate);
    }
    return candidates;
  }

  /** Normal scores: the best has the smallest. */
  private scores(): Float64Array {
    const count = this.told.length;
    const order = this.told.map((_, i) => i).sort((a, b) => compare(this.told[a]!, this.told[b]!));
    const scores = new Float64Array(count);
    order.forEach((point, rank) => {
      scores[point] = normalQuantile((rank + 0.5) / count);
    });
    return scores;
  }

  /** TuRBO, section 2: twice as wide after three successes, half after some failures, anew when too narrow. */
  private resize(gained: boolean): void {
    this.successes = gained ? this.successes + 1 : 0;
    this.failures = gained ? 0 : this.failures + 1;
    if (this.successes === 3) this.setWidth(Math.min(this.widest, 2 * this.width));
    const patience = Math.max(4, Math.ceil(this.genes.length / this.parameters.population));
    if (this.failures < patience) return;
    if (this.width > NARROWEST) this.setWidth(Math.max(NARROWEST, this.width / 2));
    else this.moveOn();
  }

  private setWidth(width: number): void {
    this.width = width;
    this.successes = 0;
    this.failures = 0;
  }

  private moveOn(): void {
    this.setWidth(this.widest);
    this.regionFrom = this.told.length;
    this.best = undefined;
  }
}

/** Index of the candidate with the smallest value that is not taken; −1 where none is left. */
function bestOf(
  features: readonly Float64Array[],
  drawn: (features: Float64Array) => number,
  taken: ReadonlySet<number>,
): number {
  let best = -1;
  let smallest = Number.POSITIVE_INFINITY;
  features.forEach((one, i) => {
    const value = taken.has(i) ? Number.POSITIVE_INFINITY : drawn(one);
    if (value < smallest) [best, smallest] = [i, value];
  });
  return best;
}

export const BAYES: AgentDefinition = {
  make: (...setUp) => new BayesAgent(...setUp),
  parameters: BAYES_PARAMETERS,
  objectives: 'first',
  islands: 'apart',
  largestBudget: 10_000,
};
