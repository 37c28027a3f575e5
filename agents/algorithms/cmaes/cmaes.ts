import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import {
  chosenParameters,
  defaultsOf,
  MAX_POPULATION,
  type ParameterDeclarations,
  type ParametersOf,
} from '../../shared/parameters.js';
import { fitnessOf } from '../../shared/population.js';
import { RandomStream } from '../../shared/stream.js';
import { temporarily } from '../../shared/temporary.js';
import type { MixedSpace, MixedStart, Samples } from './mixedCma.js';
import { RestartedCma, type RestartState } from './restarts.js';

export const CMA_PARAMETERS = {
  population: {
    default: 0,
    min: 0,
    max: MAX_POPULATION,
    whole: true,
    meaning: 'samples of a generation in the first run; 0 for what suits the space',
    tries: [8, 50, 200],
  },
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

export type CmaParameters = ParametersOf<typeof CMA_PARAMETERS>;

export const CMA_DEFAULTS: CmaParameters = defaultsOf(CMA_PARAMETERS);

/** A generation below this tells nothing about a distribution. */
const LEAST_SAMPLES = 4;

/** Sets the stream of restarts apart from the one of samples. */
const RESTART_SEED = 0x9e3779b9;

interface CmaState {
  readonly cma: RestartState;
  /** Samples of the last `ask`. */
  readonly raw: readonly number[];
  readonly categories: readonly number[];
  readonly count: number;
}

/** Which genes are integers and which are categories. */
interface Roles {
  readonly ordered: readonly number[];
  readonly unordered: readonly number[];
}

/**
 * CMA-ES over genes: CatCMA with margin, with restarts. Genes with an order are integers; categories, tuples and genes of
 * two values are categories, as the authors advise.
 */
export class CmaAgent implements Agent {
  readonly name = 'cmaes';
  private readonly roles: Roles;
  private readonly cma: RestartedCma;
  /** Samples of the last `ask`: a row of digits does not tell them. */
  private pending: Samples = { count: 0, raw: new Float64Array(), categories: new Uint32Array() };

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    options: AgentOptions = {},
  ) {
    const { deviation, patience, population: first } = chosenParameters(CMA_DEFAULTS, options);
    this.roles = rolesOf(genes);
    const space: MixedSpace = {
      continuous: 0,
      integers: this.roles.ordered.map((g) => ({ low: 0, size: genes[g]!.size })),
      categories: this.roles.unordered.map((g) => genes[g]!.size),
    };
    const sizes = space.integers.map(({ size }) => size);
    const startOf = (run: number) => startAt(sizes, deviation, new RandomStream(seed ^ RESTART_SEED), run);
    const base = first === 0 ? {} : { base: Math.max(LEAST_SAMPLES, first) };
    this.cma = new RestartedCma(space, startOf, seed, { patience, ...base });
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
    const state: CmaState = { cma: this.cma.state, count, raw: [...raw], categories: [...categories] };
    return state as unknown as PlainData;
  }

  restore(plain: PlainData): void {
    const { cma, count, raw, categories } = plain as unknown as CmaState;
    this.cma.restore(cma);
    this.pending = { count, raw: Float64Array.from(raw), categories: Uint32Array.from(categories) };
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
