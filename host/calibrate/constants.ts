/** Constants of a machine that measurements decide, in the order in which few rows decide them. */
import { type ParameterName, slotOf } from '../../psa/parameters.js';
import type { System } from '../../psa/system.js';

export interface MachineConstant {
  /** `compute.gemmEfficiency`, `network.efficiency[1]` */
  readonly name: string;
  readonly parameter: ParameterName;
  /** 0 of a parameter without dimensions. */
  readonly dimension: number;
  readonly slot: number;
  readonly min: number;
  readonly max: number;
  /** Where a fit starts whose machine says nothing: as on most machines of psa/presets. */
  readonly typical: number;
}

function constant(
  parameter: ParameterName,
  [min, max]: readonly [number, number],
  typical: number,
  dimension?: number,
): MachineConstant {
  const name = dimension === undefined ? parameter : `${parameter}[${dimension}]`;
  const place = dimension ?? 0;
  return { name, parameter, dimension: place, slot: slotOf(parameter) + place, min, max, typical };
}

const SHARE = [0.05, 1] as const;
const DEPTH = [0.01, 1e4] as const;
const DEPTH_NS = [1e-4, 100] as const;
const START_US = [0.01, 1000] as const;
const LATENCY_NS = [10, 1e6] as const;

/** What kinds of rows decide. */
export const CONSTANTS = {
  products: [
    constant('compute.gemmEfficiency', SHARE, 0.8),
    constant('compute.kernelOverheadUs', START_US, 3),
    constant('compute.gemmHalfDepth', DEPTH, 100),
    constant('compute.gemmMemoryEfficiency', SHARE, 0.8),
    constant('compute.gemmDepthNs', DEPTH_NS, 0.7),
  ],
  'eight-bit products': [
    constant('compute.eightBitGemmEfficiency', SHARE, 0.75),
    constant('compute.eightBitQuantizationUs', START_US, 5),
    constant('compute.eightBitGemmHalfDepth', DEPTH, 200),
    constant('compute.eightBitGemmDepthNs', DEPTH_NS, 0.5),
  ],
  'four-bit products': [
    constant('compute.fourBitGemmEfficiency', SHARE, 0.7),
    constant('compute.fourBitQuantizationUs', START_US, 5),
    constant('compute.fourBitGemmHalfDepth', DEPTH, 400),
    constant('compute.fourBitGemmDepthNs', DEPTH_NS, 0.5),
  ],
  attention: [
    constant('compute.fusedAttentionHalfDim', DEPTH, 75),
    constant('compute.attentionOverheadUs', START_US, 10),
    constant('compute.attentionHalfDepth', DEPTH, 800),
    constant('compute.attentionDepthNs', DEPTH_NS, 5),
  ],
  'eight-bit attention': [constant('compute.eightBitAttentionHalfDim', DEPTH, 160)],
  caches: [constant('compute.cacheEfficiency', SHARE, 0.8)],
  traffic: [constant('compute.memoryEfficiency', SHARE, 0.9)],
  'collectives inside': [
    constant('network.efficiency', SHARE, 0.8, 0),
    constant('network.collectiveStartUs', START_US, 5),
    constant('network.latencyNs', LATENCY_NS, 400, 0),
    constant('network.pieceUs', START_US, 4),
  ],
  'reductions in switches inside': [constant('network.inSwitchEfficiency', SHARE, 0.85, 0)],
  'collectives between': [
    constant('network.efficiency', SHARE, 0.95, 1),
    constant('network.latencyNs', LATENCY_NS, 2500, 1),
  ],
  steps: [
    constant('compute.sustainedClock', SHARE, 0.8),
    constant('compute.memoryEfficiency', SHARE, 0.9),
    constant('compute.hostLaunchUs', [0.1, 1e4], 16),
  ],
} as const satisfies Readonly<Record<string, readonly MachineConstant[]>>;

export type ConstantKind = keyof typeof CONSTANTS;

/** What a system says of a constant; undefined where it has no such dimension. */
export function valueIn({ defaults }: System, { parameter, dimension }: MachineConstant): number | undefined {
  return defaults.get(parameter)?.[dimension];
}

/** Every constant once. */
export const ALL_CONSTANTS: readonly MachineConstant[] = [
  ...new Map(
    Object.values(CONSTANTS)
      .flat()
      .map((one) => [one.name, one]),
  ).values(),
];
