/**
 * The lowered op graphs of a workload as WGSL: each row a term of a sum or a call, coefficients and conditions as constants. What
 * the functions mean that are called here is said in plan.wgsl and chain.wgsl; the f64 twins loop over the same steps.
 */
import type { CompiledSpace } from '../psa/space.js';
import { layerBusy, openChannels, possibleChannels, timeGraphCalls } from './collective/callProgram.js';
import { hasDispatchByNode, hasShardGroups, rowsWithin } from './decode/features.js';
import { chainSections } from './schedule/chainProgram.js';
import { planGraph } from './schedule/planProgram.js';
import { realLiteral } from './wgslText.js';
import { GRAPH_INTEGER, GRAPH_REAL, type GraphHeader } from './workload/header.js';
import { type Lowering, lower } from './workload/lowering.js';
import { routedShares, routedWeights } from './workload/routing.js';

/** A number of the header of each graph, as a function of its own: a choice among all numbers of all graphs would stand at each call. */
function headerNumber(name: string, type: string, literals: readonly string[]): string {
  const [first, ...others] = literals;
  const isSame = others.every((literal) => literal === first);
  const chosen = others.reduce((value, literal, i) => `select(${value}, ${literal}, graph == ${i + 1}u)`, first!);
  return `fn ${name}() -> ${type} { return ${isSame ? first : chosen}; }`;
}

/** The numbers of all headers, one function for each place. */
function headerFunctions(headers: readonly GraphHeader[]): string[] {
  const integers = Object.entries(GRAPH_INTEGER).map(([name, place]) =>
    headerNumber(
      `graph_integer_${name.toLowerCase()}`,
      'u32',
      headers.map(({ integer }) => `${integer[place]!}u`),
    ),
  );
  const reals = Object.entries(GRAPH_REAL).map(([name, place]) =>
    headerNumber(
      `graph_real_${name.toLowerCase()}`,
      'f32',
      headers.map(({ real }) => realLiteral(real[place]!)),
    ),
  );
  return [...integers, ...reals];
}

/** Calls the function of the current graph. */
export function dispatch(signature: string, call: string, graphs: number, fallback = ''): string[] {
  const name = (graph: number): string => call.replace('#', String(graph));
  if (graphs === 1) return [`${signature} {`, `  ${name(0)};`, '}'];
  const cases = Array.from({ length: graphs }, (_, graph) => `    case ${graph}u: { ${name(graph)}; }`);
  return [`${signature} {`, '  switch graph {', ...cases, `    default: { ${fallback} }`, '  }', '}'];
}

/** One graph after the other. Only the plan of a single graph is kept for the next design. */
function simulateGraphs(graphs: number): string[] {
  if (graphs === 1) {
    return [
      'fn simulate_graphs(skip: u32) -> u32 { return simulate_new_graph(skip); }',
      'fn simulate_next_graphs(skip: u32) -> u32 {',
      '  update();',
      '  return simulate_graph(skip);',
      '}',
    ];
  }
  return [
    'fn simulate_graphs(skip: u32) -> u32 {',
    '  var reasons = 0u;',
    `  for (graph = 0u; graph < ${graphs}u; graph++) {`,
    '    reasons |= simulate_new_graph(skip);',
    '  }',
    '  graph = 0u;',
    '  return reasons;',
    '}',
    'fn simulate_next_graphs(skip: u32) -> u32 { return simulate_graphs(skip); }',
  ];
}

/** The op graphs of a space's workload, lowered as far as any of its designs may run them. */
export function lowerWithin(space: CompiledSpace): Lowering[] {
  const rows = rowsWithin(space);
  return space.workload.phases.map((phase) => lower(phase, rows));
}

/** The channels that designs of the space may use. */
export function channelsWithin(space: CompiledSpace, lowerings: readonly Lowering[]): Set<number> {
  return possibleChannels(space.workload, lowerings, hasShardGroups(space));
}

/** Of the copies of tokens those that reach different parts of the experts, so many in each dimension. */
function routedShare(space: CompiledSpace): string[] {
  const shares = hasDispatchByNode(space) ? [...routedShares(space.workload.phases)] : [];
  return [
    `const ROUTED_WEIGHTS: f32 = ${realLiteral(routedWeights(space.workload.phases))};`,
    'fn routed_share(parts: vec4<f32>) -> vec4<f32> {',
    '  var share = vec4<f32>(1.0);',
    ...shares.map(
      ([parts, share]) =>
        `  share = select(share, vec4<f32>(${realLiteral(share)}), parts == vec4<f32>(${realLiteral(parts)}));`,
    ),
    '  return share;',
    '}',
  ];
}

/** The op graphs of a workload as WGSL: their headers, and what plan.wgsl, call.wgsl and chain.wgsl call. */
export function graphProgram(space: CompiledSpace): string {
  const lowerings = lowerWithin(space);
  const count = lowerings.length;
  const segments = Math.max(1, ...lowerings.map((lowering) => lowering.segments));
  const layerChannels = Math.max(1, ...lowerings.map((lowering) => lowering.layerChannels.length));
  return [
    `const SEGMENT_COUNT: u32 = ${segments}u;`,
    `const LAYER_CHANNEL_COUNT: u32 = ${layerChannels}u;`,
    ...headerFunctions(lowerings.map(({ header }) => header)),
    ...lowerings.flatMap((lowering, number) => [
      ...planGraph(lowering, number),
      ...timeGraphCalls(lowering, number),
      ...layerBusy(lowering, number),
    ]),
    ...dispatch('fn plan_graph()', 'plan_graph_#()', count),
    ...dispatch('fn time_graph_calls()', 'time_graph_calls_#()', count),
    ...chainSections(lowerings),
    ...dispatch(
      'fn layer_busy_us(layer: u32) -> vec4<f32>',
      'return layer_busy_us_#(layer)',
      count,
      'return vec4<f32>(0.0);',
    ),
    ...routedShare(space),
    ...openChannels(channelsWithin(space, lowerings)),
    ...simulateGraphs(count),
    '',
  ].join('\n');
}
