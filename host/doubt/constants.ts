/** Constants that were calibrated: what of a prediction is in doubt, and what a measurement would change. */
import { findParameter, type ParameterName } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';

export interface CalibratedConstant {
  /** `network.efficiency[1]` where dimensions have their own. */
  readonly name: string;
  readonly slot: number;
  readonly unit: string;
  /** The largest value that it may have. */
  readonly most: number;
}

export const CALIBRATED: readonly ParameterName[] = [
  'compute.gemmEfficiency',
  'compute.eightBitGemmEfficiency',
  'compute.memoryEfficiency',
  'compute.elementwiseShare',
  'compute.gemmMemoryEfficiency',
  'compute.sustainedClock',
  'compute.fusedAttentionHalfDim',
  'compute.attentionHalfDepth',
  'compute.hostLaunchUs',
  'network.efficiency',
  'network.inSwitchEfficiency',
  'network.latencyNs',
  'network.collectiveStartUs',
  'network.pieceUs',
];

/** Those that a design has; one that is 0 says that the machine is without it. */
export function calibratedConstants(
  { dimensions }: Pick<CompiledSpace, 'dimensions'>,
  design: Float64Array,
): CalibratedConstant[] {
  return CALIBRATED.flatMap((name) => {
    const { slot, max, unit = '', perDimension } = findParameter(name)!;
    const most = /[eE]fficiency|Clock|Share/.test(name) ? 1 : max;
    const count = perDimension ? dimensions : 1;
    return Array.from({ length: count }, (_, d) => ({
      name: perDimension ? `${name}[${d}]` : name,
      slot: slot + d,
      unit,
      most,
    }));
  }).filter(({ slot }) => design[slot]! > 0);
}
