/**
 * The op graphs of a workload as WGSL: each row a term of a sum or a call, coefficients and conditions as constants. What the
 * functions mean that are called here is said in plan.wgsl and chain.wgsl; the f64 twins read the same rows from tables.
 */
import type { Workload } from '../../psa/space.js';
import { constantName, realLiteral } from '../wgslText.js';
import {
  CHANNEL_COUNT,
  COLLECTIVE,
  FLAG,
  type Flag,
  GROUP,
  GROUP_COUNT,
  type Group,
  type Join,
  type Operation,
  type Scale,
  type Term,
} from './operation.js';
import { buildTables, callKey, GRAPH_INTEGERS, GRAPH_REALS, HEADER_START, numberCalls } from './tables.js';
import { LAYER_SECTIONS, type OpGraph, SECTIONS, type Section } from './transformer.js';

/** Terms as one sum of products, MFLOP or MB: one for each scale. */
function sumOf(terms: readonly Term[]): string {
  const byScale = new Map<Scale, number>();
  for (const [coefficient, scale] of terms) byScale.set(scale, (byScale.get(scale) ?? 0) + coefficient * 1e-6);
  const products = [...byScale]
    .filter(([, coefficient]) => coefficient !== 0)
    .map(([scale, coefficient]) =>
      scale === 'one' ? realLiteral(coefficient) : `${realLiteral(coefficient)} * scales[SCALE_${constantName(scale)}]`,
    );
  return join(products);
}

/** Expressions as one sum. */
function join(expressions: readonly string[]): string {
  return expressions.length === 0 ? '0.0' : expressions.join(' + ');
}

/** When a row runs, as an expression; undefined: always. */
function conditionOf({ when, kind, group }: Operation): string | undefined {
  const flags = Object.entries(when) as [Flag, boolean][];
  const mask = flags.reduce((bits, [flag]) => bits | FLAG[flag], 0);
  const value = flags.reduce((bits, [flag, wanted]) => (wanted ? bits | FLAG[flag] : bits), 0);
  const conditions = [
    ...(mask === 0 ? [] : [`runs(${mask}u, ${value}u)`]),
    ...(kind === 'collective' ? [`degree(${GROUP[group]}u) > 1.0`] : []),
  ];
  return conditions.length === 0 ? undefined : conditions.join(' && ');
}

function groupsOf<T>(rows: readonly Operation[], key: (row: Operation) => T): [T, Operation[]][] {
  const groups = new Map<T, Operation[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return [...groups];
}

/** The sum of what rows of one condition come to, where they run. */
function sumByCondition(rows: readonly Operation[], sum: (rows: readonly Operation[]) => string): string {
  return join(
    groupsOf(rows, conditionOf).map(([condition, own]) =>
      condition === undefined ? sum(own) : `select(0.0, ${sum(own)}, ${condition})`,
    ),
  );
}

/** A sum of terms of rows, each where its row runs. */
function sumWhere(rows: readonly Operation[], termOf: (row: Operation) => Term): string {
  const contributing = rows.filter((row) => termOf(row)[0] !== 0);
  return sumByCondition(contributing, (own) => sumOf(own.map(termOf)));
}

/** How many rows run. */
function countWhere(rows: readonly Operation[]): string {
  return sumByCondition(rows, (own) => realLiteral(own.length));
}

function rooflineOf({ kind, flops, input, output, weight }: Operation): string {
  return `roofline_us(KIND_${constantName(kind)}, ${sumOf([flops])}, ${sumOf([input, output, weight])})`;
}

/** Whether one of the rows runs. */
function anyOf(rows: readonly Operation[]): string {
  const conditions = new Set(rows.map(conditionOf));
  return conditions.has(undefined) ? 'true' : [...conditions].map((condition) => `(${condition})`).join(' || ');
}

const isCollective = ({ kind }: Operation): boolean => kind === 'collective';
const channelOf = ({ collective, group }: Operation): number => COLLECTIVE[collective] * GROUP_COUNT + GROUP[group];

/** What a compute operation waits for, the stronger the greater; −1: nothing yet. */
const STRENGTH: Readonly<Record<Join, number>> = { none: 0, previous: 1, last: 2 };

/** A section in the order in which it runs: waits, sums of compute, collectives. */
type ChainPart =
  | { readonly wait: Join; readonly groups: string }
  | { readonly rows: readonly Operation[] }
  | { readonly collective: Operation };

/** The groups of the last collective and the one before, where compute may wait: constants, or what the chain knows. */
function waitedGroups(pending: ReadonlySet<Group>): string {
  const [only] = [...pending].map((group) => `${GROUP[group]}u`);
  return pending.size === 1 ? `${only}, ${only}` : 'last_group, previous_group';
}

/** Splits a section where compute may have to wait; rows between become one sum. */
function chainParts(rows: readonly Operation[]): ChainPart[] {
  const parts: ChainPart[] = [];
  let pending = new Set<Group>();
  let waited = STRENGTH.last;
  let sum: Operation[] = [];
  const endSum = (): void => {
    if (sum.length > 0) parts.push({ rows: sum });
    sum = [];
  };
  for (const row of rows) {
    if (isCollective(row)) {
      endSum();
      parts.push({ collective: row });
      pending.add(row.group);
      waited = -1;
      continue;
    }
    if (STRENGTH[row.join] > waited) {
      endSum();
      parts.push({ wait: row.join, groups: waitedGroups(pending) });
      waited = STRENGTH[row.join];
      if (row.join === 'last') pending = new Set();
    }
    sum.push(row);
  }
  endSum();
  if (pending.size > 0) parts.push({ wait: 'last', groups: waitedGroups(pending) });
  return parts;
}

/** The parts of all sections, with the segments of compute numbered. */
function partsOf(graph: OpGraph): { parts: Record<Section, ChainPart[]>; segments: Map<ChainPart, number> } {
  const parts = Object.fromEntries(SECTIONS.map((section) => [section, chainParts(graph[section])])) as Record<
    Section,
    ChainPart[]
  >;
  const segments = new Map<ChainPart, number>();
  for (const part of Object.values(parts).flat()) if ('rows' in part) segments.set(part, segments.size);
  return { parts, segments };
}

/** The largest input and output of the operations that run, MB. */
function largestOf(rows: readonly Operation[]): string {
  return groupsOf(rows, conditionOf).reduce((largest, [condition, own]) => {
    const most = own.map(({ input, output }) => sumOf([input, output])).reduce((a, b) => `max(${a}, ${b})`);
    return `max(${largest}, ${condition === undefined ? most : `select(0.0, ${most}, ${condition})`})`;
  }, '0.0');
}

function planSection(
  section: Section,
  rows: readonly Operation[],
  segments: readonly [ChainPart, number][],
  trains: boolean,
): string[] {
  const place = `[SECTION_${constantName(section)}]`;
  const computing = rows.filter((row) => !isCollective(row));
  const communicating = rows.filter(isCollective);
  // What a collective leaves is kept where the group is a single NPU, too.
  const keeping = rows.map((row): Operation => ({ ...row, kind: 'elementwise' }));
  const own = segments.map(([, number]) => `segment_us[${number}u]`);
  return [
    ...segments.map(
      ([part, number]) =>
        `  segment_us[${number}u] = ${'rows' in part ? sumByCondition(part.rows, (own) => join(own.map(rooflineOf))) : ''};`,
    ),
    `  section_compute_us${place} = ${join(own)};`,
    `  section_launch_us${place} = launch_us * (${countWhere(computing)});`,
    `  section_saved_mb${place} = ${sumWhere(keeping, ({ saved }) => saved)};`,
    `  section_core_mb${place} = ${sumWhere(
      keeping.filter(({ core }) => core),
      ({ saved }) => saved,
    )};`,
    `  section_groups${place} = ${
      groupsOf(communicating, ({ group }) => group)
        .map(([group, own]) => `select(0u, ${1 << GROUP[group]}u, ${anyOf(own)})`)
        .join(' | ') || '0u'
    };`,
    ...(section === 'layerForward' && !trains ? [`  section_largest_mb = ${largestOf(computing)};`] : []),
  ];
}

/** The collectives of a layer by channel: how many, and MB in all. */
function planTerms(graph: OpGraph): string[] {
  return LAYER_SECTIONS.flatMap((section, layer) =>
    groupsOf(graph[section].filter(isCollective), channelOf).flatMap(([channel, rows]) => [
      `  term_count[${termPlace(layer, channel)}u] = ${countWhere(rows)};`,
      `  term_mb[${termPlace(layer, channel)}u] = ${sumWhere(rows, ({ input }) => input)};`,
    ]),
  );
}

const termPlace = (layer: number, channel: number): number => layer * CHANNEL_COUNT + channel;

function planGraph(graph: OpGraph, number: number): string[] {
  const { parts, segments } = partsOf(graph);
  const calls = numberCalls(graph);
  const rows = Object.values(graph).flat().filter(isCollective);
  return [
    `fn plan_graph_${number}() {`,
    '  let launch_us = design[SLOT_COMPUTE_HOST_LAUNCH_US];',
    ...groupsOf(rows, callKey).map(
      ([key, own]) =>
        `  plan_call(${calls.get(key)}u, ${channelOf(own[0]!)}u, ${sumOf([own[0]!.input])}, ${anyOf(own)});`,
    ),
    ...SECTIONS.flatMap((section) =>
      planSection(
        section,
        graph[section],
        [...segments].filter(([part]) => parts[section].includes(part)),
        graph.layerBackward.length > 0,
      ),
    ),
    ...planTerms(graph),
    '}',
  ];
}

function timeGraphCalls(graph: OpGraph, number: number): string[] {
  const calls = numberCalls(graph);
  const rows = Object.values(graph).flat().filter(isCollective);
  return [
    `fn time_graph_calls_${number}() {`,
    ...groupsOf(rows, callKey).map(([key, [row]]) => `  time_call(${calls.get(key)}u, ${channelOf(row!)}u);`),
    '}',
  ];
}

function chainPart(part: ChainPart, section: Section, graph: OpGraph, segments: Map<ChainPart, number>): string {
  if ('rows' in part) return `compute(segment_us[${segments.get(part)}u]);`;
  if ('wait' in part) return `wait_${part.wait}(${part.groups});`;
  const { collective: row } = part;
  const call = numberCalls(graph).get(callKey(row));
  const runs = conditionOf({ ...row, kind: 'gemm' }) ?? 'true';
  const layer = (LAYER_SECTIONS as readonly Section[]).indexOf(section);
  const queue = layer >= 0 ? `section_queue_us[${layer}u]` : 'vec3<f32>(0.0)';
  return `communicate(${call}u, ${GROUP[row.group]}u, ${runs}, ${queue});`;
}

function chainGraph(graph: OpGraph, number: number): string[] {
  const { parts, segments } = partsOf(graph);
  return [
    `fn chain_graph_${number}(section: u32) {`,
    ...SECTIONS.filter((section) => parts[section].length > 0).flatMap((section) => [
      `  if (section == SECTION_${constantName(section)}) {`,
      ...parts[section].map((part) => `    ${chainPart(part, section, graph, segments)}`),
      '  }',
    ]),
    '}',
  ];
}

/** Use of the dimensions by the collectives of a layer. */
function blockGraph(graph: OpGraph, number: number): string[] {
  const sums = LAYER_SECTIONS.map((section, layer) =>
    groupsOf(graph[section].filter(isCollective), channelOf).map(
      ([channel]) => `term_busy_us(${termPlace(layer, channel)}u, ${channel}u)`,
    ),
  );
  return [
    `fn block_graph_${number}(layer: u32) -> vec4<f32> {`,
    `  if (layer == 0u) { return ${sums[0]!.join(' + ') || 'vec4<f32>(0.0)'}; }`,
    `  return ${sums[1]!.join(' + ') || 'vec4<f32>(0.0)'};`,
    '}',
  ];
}

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
function dispatch(signature: string, call: string, graphs: number, fallback = ''): string[] {
  const name = (graph: number): string => call.replace('#', String(graph));
  if (graphs === 1) return [`${signature} {`, `  ${name(0)};`, '}'];
  const cases = Array.from({ length: graphs }, (_, graph) => `    case ${graph}u: { ${name(graph)}; }`);
  return [`${signature} {`, '  switch graph {', ...cases, `    default: { ${fallback} }`, '  }', '}'];
}

/** The channels that a design of the workload may use: those of rows, and those between replicas and stages. */
function possibleChannels(workload: Workload, graphs: readonly OpGraph[]): Set<number> {
  const channels = new Set(graphs.flatMap((graph) => Object.values(graph).flat().filter(isCollective).map(channelOf)));
  const add = (collective: keyof typeof COLLECTIVE, group: Group): unknown =>
    channels.add(COLLECTIVE[collective] * GROUP_COUNT + GROUP[group]);
  const replicas: Group[] = workload.phases.some(({ experts }) => experts > 1) ? ['data', 'expertData'] : ['data'];
  for (const group of replicas) {
    add('allGather', group);
    if (workload.phases.some(({ phase }) => phase === 'training')) {
      add('allReduce', group);
      add('reduceScatter', group);
    }
  }
  add('allGather', 'tp');
  return channels;
}

/** Opens and rates all possible channels, group by group. */
function openChannels(channels: ReadonlySet<number>): string[] {
  const lines = Object.values(GROUP).flatMap((group) => {
    const own = [...channels].filter((channel) => channel % GROUP_COUNT === group);
    if (own.length === 0) return [];
    return [
      `  if (((opened >> ${group}u) & 1u) == 1u) {`,
      `    shape_group(${group}u);`,
      ...own.map((channel) => `    open_channel(${Math.floor(channel / GROUP_COUNT)}u, ${group}u);`),
      '  }',
      `  if (((rated >> ${group}u) & 1u) == 1u) {`,
      ...own.map((channel) => `    rate_channel(${channel}u);`),
      '  }',
    ];
  });
  return ['fn open_channels(opened: u32, rated: u32) {', '  read_algorithm();', ...lines, '}'];
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

/** The op graphs of a workload as WGSL: their headers, and what plan.wgsl, call.wgsl and chain.wgsl call. */
export function graphProgram(workload: Workload): string {
  const { graphs, integer, real } = buildTables(workload);
  const headers = integer.slice(HEADER_START, HEADER_START + graphs.length * GRAPH_INTEGERS);
  const count = graphs.length;
  const segments = Math.max(1, ...graphs.map((graph) => partsOf(graph).segments.size));
  return [
    `const SEGMENT_COUNT: u32 = ${segments}u;`,
    ...headerFunction(
      'graph_integer',
      'u32',
      GRAPH_INTEGERS,
      [...headers].map((value) => `${value}u`),
    ),
    ...headerFunction('graph_real', 'f32', GRAPH_REALS, [...real.slice(0, count * GRAPH_REALS)].map(realLiteral)),
    ...graphs.flatMap((graph, number) => [
      ...planGraph(graph, number),
      ...timeGraphCalls(graph, number),
      ...chainGraph(graph, number),
      ...blockGraph(graph, number),
    ]),
    ...dispatch('fn plan_graph()', 'plan_graph_#()', count),
    ...dispatch('fn time_graph_calls()', 'time_graph_calls_#()', count),
    ...dispatch('fn chain_graph(section: u32)', 'chain_graph_#(section)', count),
    ...dispatch('fn block_us(layer: u32) -> vec4<f32>', 'return block_graph_#(layer)', count, 'return vec4<f32>(0.0);'),
    ...openChannels(possibleChannels(workload, graphs)),
    ...simulateGraphs(count),
    '',
  ].join('\n');
}
