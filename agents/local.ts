import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import {
  bestOfBatch,
  type Individual,
  type IndividualsState,
  individualsFromPlain,
  individualsToPlain,
  isBetter,
} from './individual.js';
import { joinRows, Mutator } from './neighbours.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export interface LocalParameters {
  /** Designs of a batch. */
  readonly population: number;
  /** Genes that change when a search has come to its end and starts again nearby. */
  readonly kick: number;
  /** Share of the new starts that are random designs. */
  readonly fresh: number;
}

export const LOCAL_DEFAULTS: LocalParameters = { population: 32, kick: 3, fresh: 0.1 };

interface LocalState {
  readonly drawn: number;
  readonly here: IndividualsState;
  readonly home: IndividualsState;
  readonly waiting: readonly (readonly number[])[];
}

/**
 * Iterated local search (Lourenço, Martin & Stützle, "Iterated local search", 2003): from a design to the best of the
 * neighbours that a batch shows, until no neighbour is better; then some genes of the best local optimum change, and it
 * starts again.
 */
export class LocalAgent implements Agent {
  readonly name = 'local';
  private readonly stream: RandomStream;
  private readonly mutator: Mutator;
  private readonly parameters: LocalParameters;
  /** Where the search is; undefined before it has begun, and after a restart. */
  private here: Individual | undefined;
  /** The best local optimum so far. */
  private home: Individual | undefined;
  /** Neighbours that nobody has looked at. */
  private waiting: Uint32Array[] = [];

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    { population = LOCAL_DEFAULTS.population, parameters = {} }: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    this.mutator = new Mutator(genes, this.stream);
    this.parameters = { ...LOCAL_DEFAULTS, population, ...parameters };
  }

  get batchSize(): number {
    return this.parameters.population;
  }

  ask(n: number): Uint32Array {
    const rows = this.here === undefined ? this.starts(n) : this.neighbours(this.here, n);
    return joinRows(rows, this.genes.length);
  }

  tell(batch: Evaluated): void {
    const best = bestOfBatch(batch);
    if (best === undefined) return;
    if (isBetter(best, this.here)) this.moveTo(best);
    else if (this.waiting.length === 0) this.leave();
  }

  get state(): PlainData {
    const one = (individual: Individual | undefined) => ({
      ...individualsToPlain(individual === undefined ? [] : [individual]),
    });
    return {
      drawn: this.stream.drawn,
      here: one(this.here),
      home: one(this.home),
      waiting: this.waiting.map((row) => [...row]),
    };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as LocalState;
    this.stream.drawn = state.drawn;
    this.here = individualsFromPlain(state.here)[0];
    this.home = individualsFromPlain(state.home)[0];
    this.waiting = state.waiting.map((row) => Uint32Array.from(row));
  }

  /** Random designs, or the best local optimum with some genes changed. */
  private starts(n: number): Uint32Array[] {
    const { home } = this;
    if (home === undefined || this.stream.uniform() < this.parameters.fresh) {
      return Array.from({ length: n }, () => randomDigits(this.genes, 1, this.stream));
    }
    return Array.from({ length: n }, () => this.changed(home.digits, this.parameters.kick));
  }

  /** Neighbours in random order; when they run out, designs two steps away. */
  private neighbours({ digits }: Individual, n: number): Uint32Array[] {
    const rows = this.waiting.splice(0, n);
    while (rows.length < n) rows.push(this.changed(digits, 2));
    return rows;
  }

  private changed(digits: Uint32Array, genes: number): Uint32Array {
    const row = digits.slice();
    for (let i = 0; i < genes; i++) this.mutator.mutateOne(row);
    return row;
  }

  private moveTo(better: Individual): void {
    this.here = better;
    this.waiting = this.mutator.around(better.digits);
    shuffle(this.waiting, this.stream);
  }

  private leave(): void {
    if (this.here !== undefined && isBetter(this.here, this.home)) this.home = this.here;
    this.here = undefined;
  }
}

/** Fisher & Yates. */
function shuffle<T>(items: T[], stream: RandomStream): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
