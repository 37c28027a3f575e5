import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import { chosenParameters, type ParameterDeclarations, populationParameter } from '../../shared/parameters.js';
import { fitnessOf } from '../../shared/population.js';
import { areRowsOf, count, digitRows, numbers, readState } from '../../shared/savedState.js';
import { RandomStream } from '../../shared/stream.js';
import { temporarily } from '../../shared/temporary.js';
import type { MixedSpace, MixedStart, Samples } from './mixedCma.js';
import { RestartedCma, restartState } from './restarts.js';

const CMA_PARAMETERS = {
  population: populationParameter({
    default: 0,
    min: 0,
    meaning: 'samples of a generation in the first run; 0 for what suits the space',
    tries: [8, 50, 200],
  }),
  deviation: {
    default: 0.25,
    min: 0.001,
    max: 10,
    meaning: 'first standard deviation of ordered genes, as a share of their range',
    tries: [0.1, 0.4],
  },
  patience: {
    default: 20,
    min: 0,
    max: 1e6,
    meaning: 'generations without a gain after which it starts again, beside 30 for each variable and sample',
    tries: [5, 100],
  },
} as const satisfies ParameterDeclarations;

/** A generation below this tells nothing about a distribution. */
const LEAST_SAMPLES = 4;

/** Sets the stream of restarts apart from the one of samples. */
const RESTART_SEED = 0x9e3779b9;

/** Which genes are integers and which are categories. */
interface Roles {
  readonly ordered: readonly number[];
  readonly unordered: readonly number[];
}

/**
 * CMA-ES over genes: CatCMA with margin, with restarts. Genes with an order are integers; categories, tuples and genes of
 * two values are categories, as the authors advise.
 */
class CmaAgent implements Agent {
  private readonly roles: Roles;
  private readonly space: MixedSpace;
  private readonly cma: RestartedCma;
  /** Samples of the last `ask`: a row of digits does not tell them. */
  private pending: Samples = { count: 0, raw: new Float64Array(), categories: new Uint32Array() };

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    options: AgentOptions = {},
  ) {
    const { deviation, patience, population: first } = chosenParameters(CMA_PARAMETERS, options);
    this.roles = rolesOf(genes);
    this.space = {
      continuous: 0,
      integers: this.roles.ordered.map((g) => ({ low: 0, size: genes[g]!.size })),
      categories: this.roles.unordered.map((g) => genes[g]!.size),
    };
    const sizes = this.space.integers.map(({ size }) => size);
    const startOf = (run: number) => startAt(sizes, deviation, new RandomStream(seed ^ RESTART_SEED), run);
    const base = first === 0 ? {} : { base: Math.max(LEAST_SAMPLES, first) };
    this.cma = new RestartedCma(this.space, startOf, seed, { patience, ...base });
  }

  get batchSize(): number {
    return this.cma.population;
  }

  ask(n: number): Uint32Array {
    this.pending = this.cma.ask(n, this.pending);
    const { ordered, unordered } = this.roles;
    const width = this.genes.length;
    const digits = new Uint32Array(n * width);
    const { categories } = this.pending;
    for (let k = 0, row = 0, at = 0; k < n; k++, row += width) {
      for (let i = 0; i < unordered.length; i++) digits[row + unordered[i]!] = categories[at++]!;
      for (let i = 0; i < ordered.length; i++) digits[row + ordered[i]!] = this.cma.integer(this.pending, k, i);
    }
    return digits;
  }

  tell(batch: Evaluated): void {
    if (batch.violations.length < LEAST_SAMPLES) return;
    temporarily(() => this.cma.tell(this.pending, fitnessOf(batch)));
  }

  get state(): PlainData {
    const { count, raw, categories } = this.pending;
    return { cma: this.cma.state, count, raw: [...raw], categories: [...categories] };
  }

  restore(plain: PlainData): void {
    const { cma, count, raw, categories } = readState(this.savedState, plain);
    this.cma.restore(cma);
    this.pending = { count, raw: Float64Array.from(raw), categories: Uint32Array.from(categories) };
  }

  private get savedState() {
    const unordered = this.roles.unordered.map((g) => this.genes[g]!);
    const ordered = this.roles.ordered.map((g) => this.genes[g]!);
    return z
      .strictObject({
        cma: restartState(this.space),
        /** Samples of the last `ask`. */
        count,
        raw: numbers,
        categories: digitRows(unordered),
      })
      .refine(
        ({ count, raw, categories }) => areRowsOf(count, raw, ordered) && areRowsOf(count, categories, unordered),
        'each sample has all genes',
      );
  }
}

function rolesOf(genes: readonly AgentGene[]): Roles {
  const isOrdered = ({ size, scale }: AgentGene) => size > 2 && (scale === 'linear' || scale === 'log');
  return {
    ordered: genes.flatMap((gene, g) => (isOrdered(gene) ? [g] : [])),
    unordered: genes.flatMap((gene, g) => (gene.size > 1 && !isOrdered(gene) ? [g] : [])),
  };
}

/** The first run begins in the middle, later ones anywhere. */
function startAt(sizes: readonly number[], deviation: number, stream: RandomStream, run: number): MixedStart {
  stream.drawn = run * sizes.length;
  return {
    mean: sizes.map((size) => (run === 0 ? (size - 1) / 2 : stream.uniform() * (size - 1))),
    deviations: sizes.map((size) => deviation * (size - 1)),
    sigma: 1,
  };
}

export const CMA: AgentDefinition = {
  make: (...setUp) => new CmaAgent(...setUp),
  parameters: CMA_PARAMETERS,
  objectives: 'first',
  islands: 'apart',
};
