/**
 * The lowered op graphs of a workload as WGSL: each row a term of a sum or a call, coefficients and conditions as constants. What
 * the functions mean that are called here is said in plan.wgsl and chain.wgsl; the f64 twins loop over the same steps.
 */
import type { CompiledSpace } from '../psa/space.js';
import { layerBusy, openChannels, possibleChannels, timeGraphCalls } from './collective/callProgram.js';
import { rowsWithin } from './decode/features.js';
import { chainGraph } from './schedule/chainProgram.js';
import { planGraph } from './schedule/planProgram.js';
import { realLiteral } from './wgslText.js';
import { GRAPH_INTEGERS, GRAPH_REALS } from './workload/header.js';
import { type Lowering, lower } from './workload/lowering.js';

/** The numbers of all headers, by place. */
function headerFunction(name: string, type: string, perGraph: number, literals: readonly string[]): string[] {
  return [
    `fn ${name}(place: u32) -> ${type} {`,
    `  switch graph * ${perGraph}u + place {`,
    ...literals.map((literal, place) => `    case ${place}u: { return ${literal}; }`),
    `    default: { return ${type}(0); }`,
    '  }',
    '}',
  ];
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

/** The op graphs of a workload as WGSL: their headers, and what plan.wgsl, call.wgsl and chain.wgsl call. */
export function graphProgram(space: CompiledSpace): string {
  const { workload } = space;
  const lowerings = lowerWithin(space);
  const headers = lowerings.map(({ header }) => header);
  const count = lowerings.length;
  const segments = Math.max(1, ...lowerings.map((lowering) => lowering.segments));
  const layerChannels = Math.max(1, ...lowerings.map((lowering) => lowering.layerChannels.length));
  return [
    `const SEGMENT_COUNT: u32 = ${segments}u;`,
    `const LAYER_CHANNEL_COUNT: u32 = ${layerChannels}u;`,
    ...headerFunction(
      'graph_integer',
      'u32',
      GRAPH_INTEGERS,
      headers.flatMap(({ integer }) => [...integer].map((value) => `${value}u`)),
    ),
    ...headerFunction(
      'graph_real',
      'f32',
      GRAPH_REALS,
      headers.flatMap(({ real }) => [...real].map(realLiteral)),
    ),
    ...lowerings.flatMap((lowering, number) => [
      ...planGraph(lowering, number),
      ...timeGraphCalls(lowering, number),
      ...chainGraph(lowering, number),
      ...layerBusy(lowering, number),
    ]),
    ...dispatch('fn plan_graph()', 'plan_graph_#()', count),
    ...dispatch('fn time_graph_calls()', 'time_graph_calls_#()', count),
    ...dispatch('fn chain_graph(section: u32)', 'chain_graph_#(section)', count),
    ...dispatch(
      'fn layer_busy_us(layer: u32) -> vec4<f32>',
      'return layer_busy_us_#(layer)',
      count,
      'return vec4<f32>(0.0);',
    ),
    ...openChannels(possibleChannels(workload, lowerings)),
    ...simulateGraphs(count),
    '',
  ].join('\n');
}
