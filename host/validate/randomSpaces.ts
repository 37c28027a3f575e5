/** Spaces at random over all parameters and the whole of their bounds, drawn so that of many some designs are feasible. */
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { type PsaBuilder, powersOfTwo, psa, values } from '../../psa/builder.js';
import { MAX_DIMENSIONS, PARAMETERS, type ParameterDefinition, type ParameterName } from '../../psa/parameters.js';
import { listPresets } from '../../psa/presets.js';
import type { Scalar } from '../../psa/specs.js';

/** Values of a parameter that varies. */
const MOST_VALUES = 3;
/** Most sizes are small powers of two, so that some designs fit together; one in so many is another number. */
const LARGEST_EXPONENT = 4;
const ODD_ONE_IN = 8;
/** One space in so many has no regard for what is feasible. */
const WILD_ONE_IN = 4;
/** Below it, bounds that begin with 0 are drawn on a logarithmic scale. */
const SMALLEST = 1e-3;

/** In the others: parameters for which few values within the bounds leave any design feasible, and what most of theirs are. */
const FITTING: ReadonlyMap<ParameterName, readonly Scalar[]> = new Map<ParameterName, readonly Scalar[]>([
  ['workload.ep', [1, 1, 1, 2]],
  ['workload.etp', [0, 0, 0, 1, 2]],
  ['workload.shardGroup', [0, 0, 1, 2, 4]],
  ['workload.firstStageLayers', [0, 0, 0, 1, 3]],
  ['workload.lastStageLayers', [0, 0, 0, 1, 2]],
  ['workload.microBatch', [0, 1, 2, 4]],
  ['workload.batch', [0, 2048, 4096, 6144]],
  ['workload.virtualStages', [1, 1, 1, 2]],
  ['workload.contextInner', [1, 2, 4]],
  ['workload.interleaveGroup', [0, 0, 0, 16]],
  ['compute.memoryCapacityGB', [1e3, 1e6]],
  ['compute.eightBitPeakTflops', [1e3, 1e4]],
  ['compute.fourBitPeakTflops', [1e3, 1e4]],
  ['compute.reserveGB', [0, 2]],
  ['compute.programShare', [0.75, 1]],
]);

/** And what holds of their degrees. */
const FITTING_CONSTRAINTS: readonly string[] = ['model.heads % workload.tp == 0', 'workload.pp <= model.layers'];

/** Random numbers of one space. */
class Draw {
  private readonly words = new Uint32Array(2);
  private drawn = 0;

  constructor(
    private readonly seed: number,
    private readonly space: number,
  ) {}

  /** 0 ≤ x < 1 */
  number(): number {
    threefry2x32(this.seed, this.space, this.drawn++, 0, this.words);
    return this.words[0]! / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(count * this.number());
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

function size(draw: Draw): number {
  return draw.below(ODD_ONE_IN) === 0 ? 1 + draw.below(12) : 2 ** draw.below(LARGEST_EXPONENT + 1);
}

function number({ min, max, integer, neutral }: ParameterDefinition, draw: Draw): number {
  const adds = typeof neutral === 'object' && typeof neutral.value === 'number' ? [neutral.value] : [];
  if (draw.below(3) === 0) return draw.of([min, max, ...adds]);
  const low = Math.max(min, integer ? 1 : SMALLEST);
  const value = low * (max / low) ** draw.number();
  return integer ? Math.round(value) : value;
}

function value(parameter: ParameterDefinition, draw: Draw, fits: boolean): Scalar {
  const { name, categories } = parameter;
  const fitting = fits && draw.below(ODD_ONE_IN) > 0 ? FITTING.get(name) : undefined;
  if (fitting !== undefined) return draw.of(fitting);
  if (categories !== undefined) return draw.of([...categories.keys()]);
  if (name === 'workload.ep' || name === 'workload.microBatch' || name === 'workload.contextInner') return size(draw);
  if (name === 'workload.etp') return draw.below(2) * size(draw);
  if (name === 'workload.batch') return draw.below(4) * size(draw) * size(draw);
  return number(parameter, draw);
}

/** One value for a third of the parameters, up to three for the others; degrees and dimensions that make up the NPUs any. */
function vary(builder: PsaBuilder, parameter: ParameterDefinition, draw: Draw, fits: boolean): PsaBuilder {
  if (parameter.neutral === 'derived') {
    const any = powersOfTwo(1, 'system.npus');
    return parameter.perDimension ? builder.perDimension(parameter.name, any) : builder.vary(parameter.name, any);
  }
  const several = (): readonly Scalar[] => {
    const count = draw.below(3) === 0 ? 1 : 1 + draw.below(MOST_VALUES);
    return [...new Set(Array.from({ length: count }, () => value(parameter, draw, fits)))];
  };
  if (!parameter.perDimension) return builder.vary(parameter.name, values(...several()));
  return builder.perDimension(parameter.name, values(...several()));
}

/**
 * The `number`-th random space of a seed: a preset system and model, all else at random. About one in twenty
 * designs is feasible; outputs of the others are compared, too.
 *
 * @example
 * randomSpace(1, 0).compile().count;
 */
export function randomSpace(seed: number, number: number): PsaBuilder {
  const draw = new Draw(seed, number);
  const start = psa(`fuzz-${seed}-${number}`)
    .system(draw.of(listPresets('systems')))
    .model(draw.of(listPresets('models')))
    .dimensions(1 + draw.below(MAX_DIMENSIONS));
  const fits = draw.below(WILD_ONE_IN) > 0;
  const varied = PARAMETERS.reduce((builder, parameter) => vary(builder, parameter, draw, fits), start);
  return fits ? FITTING_CONSTRAINTS.reduce((builder, text) => builder.constrain(text), varied) : varied;
}
