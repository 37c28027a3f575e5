/** Spaces at random over all parameters and the whole of their bounds: designs that are feasible, and many that are not. */
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { type PsaBuilder, powersOfTwo, psa, values } from '../../psa/builder.js';
import { MAX_DIMENSIONS, PARAMETERS, type ParameterDefinition } from '../../psa/parameters.js';
import { listPresets } from '../../psa/presets.js';
import type { Scalar } from '../../psa/specs.js';

/** Values of a parameter that varies. */
const MOST_VALUES = 3;
/** Most sizes are small powers of two, so that some designs fit together; one in so many is another number. */
const LARGEST_EXPONENT = 4;
const ODD_ONE_IN = 8;
/** Below it, bounds that begin with 0 are drawn on a logarithmic scale. */
const SMALLEST = 1e-3;

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

function value(parameter: ParameterDefinition, draw: Draw): Scalar {
  const { name, categories } = parameter;
  if (categories !== undefined) return draw.of([...categories.keys()]);
  if (name === 'workload.ep' || name === 'workload.microBatch') return size(draw);
  if (name === 'workload.batch') return draw.below(4) * size(draw) * size(draw);
  return number(parameter, draw);
}

/** One value for a third of the parameters, up to three for the others; degrees and dimensions that make up the NPUs any. */
function vary(builder: PsaBuilder, parameter: ParameterDefinition, draw: Draw): PsaBuilder {
  if (parameter.neutral === 'derived') {
    const any = powersOfTwo(1, 'system.npus');
    return parameter.perDimension ? builder.perDimension(parameter.name, any) : builder.vary(parameter.name, any);
  }
  const several = (): readonly Scalar[] => {
    const count = draw.below(3) === 0 ? 1 : 1 + draw.below(MOST_VALUES);
    return [...new Set(Array.from({ length: count }, () => value(parameter, draw)))];
  };
  if (!parameter.perDimension) return builder.vary(parameter.name, values(...several()));
  return builder.perDimension(parameter.name, values(...several()));
}

/**
 * The `number`-th random space of a seed: a preset system and model, all else at random.
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
  return PARAMETERS.reduce((builder, parameter) => vary(builder, parameter, draw), start);
}
