import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../agent.js';
import {
  batchOf,
  bestOfBatch,
  type Individual,
  individualsFromPlain,
  individualsState,
  individualsToPlain,
  isBetter,
} from '../shared/individual.js';
import { Mutator } from '../shared/neighbours.js';
import {
  chosenParameters,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
} from '../shared/parameters.js';
import { randomDigits } from '../shared/randomDigits.js';
import { count, digitRows, readState } from '../shared/savedState.js';
import type { RandomStream } from '../shared/stream.js';
import { StreamAgent } from '../shared/streamAgent.js';

const LOCAL_PARAMETERS = {
  population: populationParameter({ default: 32, min: 1, meaning: 'designs of a batch', tries: [8, 128] }),
  kick: {
    default: 3,
    min: 1,
    max: 1000,
    whole: true,
    meaning: 'genes that change when a search has come to its end and starts again nearby',
    tries: [2, 6],
  },
  fresh: { default: 0.1, min: 0, max: 1, meaning: 'share of the new starts that are random designs', tries: [0, 0.5] },
} as const satisfies ParameterDeclarations;

type LocalParameters = ParametersOf<typeof LOCAL_PARAMETERS>;

function savedState(genes: readonly AgentGene[]) {
  const one = individualsState(genes, 1);
  return z.strictObject({ drawn: count, here: one, home: one, waiting: digitRows(genes) });
}

/**
 * Iterated local search (Lourenço, Martin & Stützle, "Iterated local search", 2003): from a design to the best of the
 * neighbours that a batch shows, until no neighbour is better; then some genes of the best local optimum change, and it
 * starts again.
 */
class LocalAgent extends StreamAgent<LocalParameters> implements Agent {
  private readonly mutator = new Mutator(this.genes, this.stream);
  /** Where the search is; undefined before it has begun, and after a restart. */
  private here: Individual | undefined;
  /** The best local optimum so far. */
  private home: Individual | undefined;
  /** Rows of neighbours that nobody has looked at. */
  private waiting: Uint32Array = new Uint32Array();

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}) {
    super(genes, seed, chosenParameters(LOCAL_PARAMETERS, options));
  }

  ask(n: number): Uint32Array {
    return this.here === undefined ? this.starts(n) : this.neighbours(this.here, n);
  }

  tell(batch: Evaluated): void {
    const best = bestOfBatch(batch);
    if (best === undefined) return;
    if (isBetter(best, this.here)) this.moveTo(best);
    else if (this.waiting.length === 0) this.leave();
  }

  emigrant(): Evaluated | undefined {
    const best = this.here !== undefined && isBetter(this.here, this.home) ? this.here : this.home;
    return best === undefined ? undefined : batchOf(best);
  }

  /** Where the next search starts nearby: the one in progress goes on. */
  immigrate(newcomer: Evaluated): void {
    const design = bestOfBatch(newcomer);
    if (design !== undefined && isBetter(design, this.home) && isBetter(design, this.here)) this.home = design;
  }

  get state(): PlainData {
    const one = (individual: Individual | undefined) =>
      individualsToPlain(individual === undefined ? [] : [individual]);
    return {
      drawn: this.stream.drawn,
      here: one(this.here),
      home: one(this.home),
      waiting: [...this.waiting],
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes), plain);
    this.stream.drawn = state.drawn;
    this.here = individualsFromPlain(state.here)[0];
    this.home = individualsFromPlain(state.home)[0];
    this.waiting = Uint32Array.from(state.waiting);
  }

  /** Random designs, or the best local optimum with some genes changed. */
  private starts(n: number): Uint32Array {
    const { home } = this;
    if (home === undefined || this.stream.uniform() < this.parameters.fresh) {
      return randomDigits(this.genes, n, this.stream);
    }
    return this.changed(home.digits, this.parameters.kick, new Uint32Array(n * this.genes.length), 0);
  }

  /** Neighbours in random order; when they run out, designs two steps away. */
  private neighbours({ digits }: Individual, n: number): Uint32Array {
    const rows = new Uint32Array(n * this.genes.length);
    const near = this.waiting.subarray(0, rows.length);
    this.waiting = this.waiting.slice(near.length);
    rows.set(near);
    return this.changed(digits, 2, rows, near.length);
  }

  /** Fills the rows from `from` on with a design, each with some genes changed. */
  private changed(design: Uint32Array, genes: number, rows: Uint32Array, from: number): Uint32Array {
    for (let row = from; row < rows.length; row += design.length) {
      rows.set(design, row);
      for (let i = 0; i < genes; i++) this.mutator.mutateOne(rows, row);
    }
    return rows;
  }

  private moveTo(better: Individual): void {
    this.here = better;
    this.waiting = this.mutator.around(better.digits);
    shuffleRows(this.waiting, better.digits.length, this.stream);
  }

  private leave(): void {
    if (this.here !== undefined && isBetter(this.here, this.home)) this.home = this.here;
    this.here = undefined;
  }
}

/** Fisher & Yates. */
function shuffleRows(rows: Uint32Array, width: number, stream: RandomStream): void {
  for (let i = rows.length / width - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    const row = rows.slice(i * width, (i + 1) * width);
    rows.copyWithin(i * width, j * width, (j + 1) * width);
    rows.set(row, j * width);
  }
}

export const LOCAL: AgentDefinition = {
  make: (...setUp) => new LocalAgent(...setUp),
  parameters: LOCAL_PARAMETERS,
  objectives: 'first',
  islands: 'exchanging',
};
