/** Functions that exist both in WGSL and in f64, one by one: what each is in both. */
import { ceilLog2 } from '../kernels/bits.js';
import { checkChannels, collectiveUs, openChannels, sendUs, stationBusyUs } from '../kernels/collective/collective.js';
import { admits, algorithmOf, phase, reductionUsPerMB } from '../kernels/collective/phase.js';
import { costUsd } from '../kernels/cost/cost.js';
import { stageSavedMB } from '../kernels/memory/kept.js';
import { microBatchesInFlight, stageMemory, usableMB } from '../kernels/memory/memory.js';
import { bandwidthPerNpuGBps, groupsIn, linkCount } from '../kernels/network/network.js';
import { brokenLimits, excess, violation } from '../kernels/objective/fitness.js';
import { parseLimit } from '../kernels/objective/limits.js';
import { OBJECTIVE_STRIDE, objectiveValue, packObjectives, parseObjective } from '../kernels/objective/objective.js';
import { OUTPUT, partsOf } from '../kernels/outputs.js';
import { boundaryUs } from '../kernels/schedule/pipeline.js';
import { stageLayers } from '../kernels/schedule/stage.js';
import type { State } from '../kernels/state.js';
import { constantName } from '../kernels/wgslText.js';
import { globalBatch } from '../kernels/workload/graph.js';
import { CALL, CHANNEL_GROUPS, COLLECTIVE, GROUP, RATE } from '../kernels/workload/operation.js';
import { productUs, rooflineUs } from '../kernels/workload/roofline.js';
import { MAX_DIMENSIONS, SLOT } from '../psa/parameters.js';

export const OBJECTIVES = ['time*cost', 'time^-3*memory^4', 'reward-bandwidth'].map((text) => parseObjective(text));
export const LIMITS = ['memory <= 24e9', 'mfu >= 0.3', 'time <= 2'].map(parseLimit);
export const PACKED_OBJECTIVES = packObjectives(OBJECTIVES);

/** A design that was simulated. */
export interface Simulated {
  /** Of its last graph. */
  readonly s: State;
  readonly outputs: Float64Array;
  readonly status: number;
}

/** A function: statements of WGSL that put its values, one (`put`) or four (`put4`) each, and the same values in f64. */
export type Twin = readonly [name: string, wgsl: readonly string[], f64: (design: Simulated) => readonly number[]];

const dimensions = [0, 1, 2, 3];
const groups = Object.values(GROUP);
const kinds = Object.values(COLLECTIVE);
const stages = ['first', 'last'] as const;
const MEMORY = ['memoryMB', ...partsOf('memoryMB')] as const;
/** Sizes of collectives, MB. */
const SIZES_MB = [0.001, 3, 70_000];

/** The dimensions in which a group has several NPUs: of the others a phase says nothing. */
function inSpan(s: State, group: number, value: (d: number) => number): number[] {
  return dimensions.map((d) => (s.groupFactor[group * MAX_DIMENSIONS + d]! > 1 ? value(d) : 0));
}

/** A loop over the kinds of collectives that no compiler unrolls: the kernels would be compiled once for each. */
const forKinds = (statements: readonly string[]): string[] => [
  'for (var kind = 0u; kind < min(COLLECTIVE_COUNT, request.count); kind++) {',
  'let channel = kind * CHANNEL_GROUPS + GROUP_DATA;',
  ...statements,
  '}',
];

const put4Spanned = (vector: string): string =>
  `put4(select(vec4<f32>(0.0), vec4<f32>(${vector}), spanned(GROUP_DATA)));`;

/** What a phase of each kind is in the group of all replicas. */
function phaseOf(s: State, kind: number): number[] {
  const group = GROUP.data * MAX_DIMENSIONS;
  const after = (value: () => number) =>
    inSpan(s, GROUP.data, (d) => {
      phase(s, kind, algorithmOf(s, kind, d), d, s.groupFactor[group + d]!, s.groupSpan[group + d]!);
      return value();
    });
  return [
    ...inSpan(s, GROUP.data, (d) => algorithmOf(s, kind, d)),
    ...after(() => s.phaseAlphaUs),
    ...after(() => s.phaseLinks),
    ...after(() => s.phaseReduced),
    ...inSpan(s, GROUP.data, (d) => Number(!admits(algorithmOf(s, kind, d), s.groupFactor[group + d]!))),
  ];
}

/** Times of a collective of each kind and size, and the use of each dimension, where the group is several NPUs. */
function collectiveOf(s: State, kind: number): number[] {
  const channel = kind * CHANNEL_GROUPS + GROUP.data;
  checkChannels(s, 1 << channel, ~0);
  openChannels(s, 1 << channel, ~0, ~0);
  const several = s.groupSize[GROUP.data]! > 1;
  return [
    ...SIZES_MB.flatMap((size) => [
      several ? collectiveUs(s, channel, size) : 0,
      ...inSpan(s, GROUP.data, (d) => stationBusyUs(s, channel, d, size)),
    ]),
    (s.badChannels >> channel) & 1,
  ];
}

function memoryOf(stage: (typeof stages)[number]): Twin {
  const wgsl = stage === 'first' ? '0.0' : 'stages() - 1.0';
  const of = (s: State) => (stage === 'first' ? 0 : s.design[SLOT.workload.pp]! - 1);
  return [
    `memory of stage ${stage}`,
    [
      `stage_memory(${wgsl}); put(stage_layers(${wgsl})); put(micro_batches_in_flight(${wgsl}));`,
      ...MEMORY.map((part) => `put(other[OUTPUT_${constantName(part)}]);`),
    ],
    ({ s }) => {
      stageMemory(s, s.other, of(s));
      return [stageLayers(s, of(s)), microBatchesInFlight(s, of(s)), ...MEMORY.map((part) => s.other[OUTPUT[part]]!)];
    },
  ];
}

export const TWINS: readonly Twin[] = [
  ['decode', ['for (var slot = 0u; slot < SLOT_COUNT; slot++) { put(design[slot]); }'], ({ s }) => [...s.design]],
  ['link_count', ['put4(link_count());'], ({ s }) => dimensions.map((d) => linkCount(s.topology[d]!, s.npus[d]!))],
  [
    'read_network',
    ['put4(link_us_per_mb); put4(hop_us); put4(dimension_gbps); put(bandwidth_per_npu_gbps());'],
    ({ s }) => [...s.linkUsPerMB, ...s.hopUs, ...s.dimensionGBps, bandwidthPerNpuGBps(s)],
  ],
  ...groups.map(
    (group): Twin => [
      `lay_axes, group ${group}`,
      [`put4(group_factor[${group}]); put4(group_span[${group}]); put(group_size[${group}]);`],
      ({ s }) => [
        ...s.groupFactor.subarray(4 * group, 4 * group + 4),
        ...s.groupSpan.subarray(4 * group, 4 * group + 4),
        s.groupSize[group]!,
      ],
    ],
  ),
  [
    'groups_in',
    [0b0101, 0b1000].map((bits) => `put(f32(groups_in(${bits}u)));`),
    ({ s }) => [groupsIn(s, 5), groupsIn(s, 8)],
  ],
  [
    'ceil_log2',
    ['put4(ceil_log2(npus)); put(reduction_us_per_mb());'],
    ({ s }) => [...Array.from(s.npus, ceilLog2), reductionUsPerMB(s)],
  ],
  [
    'phase',
    [
      'read_algorithm(); shape_group(GROUP_DATA);',
      ...forKinds([
        'if (kind == COLLECTIVE_ALL_TO_ALL) { exchange_phase(GROUP_DATA); } else { phase(kind, GROUP_DATA); }',
        ...['algorithm_of(kind)', 'phase_alpha_us', 'phase_links', 'phase_reduced', 'phase_bad'].map(put4Spanned),
      ]),
    ],
    ({ s }) => kinds.flatMap((kind) => phaseOf(s, kind)),
  ],
  [
    'collective_us',
    forKinds([
      'if (kind == COLLECTIVE_ALL_REDUCE) { open_all_reduce(GROUP_DATA); }',
      'else if (kind == COLLECTIVE_ALL_TO_ALL) { open_all_to_all(GROUP_DATA); }',
      'else { open_channel(kind, GROUP_DATA); }',
      'rate_channel(channel);',
      ...SIZES_MB.flatMap((size) => [
        `put(select(0.0, collective_us(channel, ${size}f), group_size[GROUP_DATA] > 1.0));`,
        put4Spanned(`station_busy_us(channel, ${size}f)`),
      ]),
      'put(f32((bad_channels >> channel) & 1u));',
    ]),
    ({ s }) => kinds.flatMap((kind) => collectiveOf(s, kind)),
  ],
  [
    'send_us',
    SIZES_MB.map((size) => `put(send_us(GROUP_PP, ${size}f));`),
    ({ s }) => SIZES_MB.map((size) => sendUs(s, GROUP.pp, size)),
  ],
  [
    'time_calls',
    [`for (var call = 0u; call < ${CALL.rows}u; call++) { put(call_us[call]); }`],
    ({ s }) => [...s.callUs.subarray(0, CALL.rows)],
  ],
  // Those of rows have other numbers in the WGSL, which leaves out rows that no design of the space runs.
  [
    'time_graph_calls',
    [
      'var sum_us = 0.0; var longest = 0.0;',
      `for (var call = ${CALL.rows}u; call < CALL_COUNT; call++) {`,
      '  sum_us += call_us[call]; longest = max(longest, call_us[call]);',
      '}',
      'put(sum_us); put(longest);',
    ],
    ({ s }) => {
      const rows = [...s.callUs.subarray(CALL.rows)];
      return [rows.reduce((sum, us) => sum + us, 0), Math.max(...rows)];
    },
  ],
  [
    'read_graph',
    [
      'put(f32(global_batch())); put(f32(micro_batch)); put(f32(micro_batches)); put(f32(flags));',
      'for (var scale = 0u; scale < SCALE_COUNT; scale++) { put(scales[scale]); }',
    ],
    ({ s }) => [globalBatch(s), s.microBatch, s.microBatches, s.flags, ...s.scales],
  ],
  [
    'roofline_us',
    Object.values(RATE).map((rate) => `put(roofline_us(${rate}u, 7e5f, 40.0f));`),
    ({ s }) => Object.values(RATE).map((rate) => rooflineUs(s, rate, 7e5, 40)),
  ],
  [
    'row_us',
    Object.values(RATE).map((rate) => `put(row_us(${rate}u, 7e5f, 3e4f, 50.0f, 40.0f, 10.0f, 20.0f));`),
    ({ s }) =>
      Object.values(RATE).map((rate) =>
        s.shaped ? productUs(s, rate, 7e5, 3e4, 40, 10, 20) : rooflineUs(s, rate, 7e5, 50),
      ),
  ],
  ['boundary_us', ['put(boundary_us());'], ({ s }) => [boundaryUs(s)]],
  ['cost_usd', ['put(cost_usd()); put4(dimension_usd);'], ({ s }) => [costUsd(s), ...s.dimensionUsd]],
  ...stages.map(memoryOf),
  [
    'stage_saved_mb',
    ['put(stage_saved_mb(place_layers.x)); put(usable_mb());'],
    ({ s }) => [stageSavedMB(s, s.placeLayers[0]!), usableMB(s.design)],
  ],
  [
    'objective_value',
    OBJECTIVES.map((_, k) => `put(objective_value(${k}u));`),
    ({ outputs }) => OBJECTIVES.map((_, k) => objectiveValue(PACKED_OBJECTIVES, k * OBJECTIVE_STRIDE, outputs, 0)),
  ],
  [
    'violation',
    [...LIMITS.map((_, k) => `put(excess(${k}u));`), 'put(f32(broken_limits())); put(violation(status));'],
    ({ s, outputs, status }) => [
      ...LIMITS.map((limit) => excess(limit, outputs, 0)),
      brokenLimits(LIMITS, outputs, 0),
      violation(status, usableMB(s.design), LIMITS, outputs, 0),
    ],
  ],
];
