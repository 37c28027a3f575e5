/** The collectives of op graphs, as calls of the functions in call.wgsl and collective.wgsl. */
import type { Workload } from '../../psa/space.js';
import { CHANNEL_COUNT, COLLECTIVE, GROUP, GROUP_COUNT, type Group } from '../workload/operation.js';
import { channelOf, groupsOf, isCollective } from '../workload/rowText.js';
import { callKey, numberCalls } from '../workload/tables.js';
import { LAYER_SECTIONS, type OpGraph } from '../workload/transformer.js';

/** Place of a channel among the terms of a layer, see state.wgsl. */
export const termPlace = (layer: number, channel: number): number => layer * CHANNEL_COUNT + channel;

/** Times the calls of a graph's rows. */
export function timeGraphCalls(graph: OpGraph, number: number): string[] {
  const calls = numberCalls(graph);
  const rows = Object.values(graph).flat().filter(isCollective);
  return [
    `fn time_graph_calls_${number}() {`,
    ...groupsOf(rows, callKey).map(([key, [row]]) => `  time_call(${calls.get(key)}u, ${channelOf(row!)}u);`),
    '}',
  ];
}

/** Use of the dimensions by the collectives of a layer. */
export function blockGraph(graph: OpGraph, number: number): string[] {
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

/** The channels that a design of the workload may use: those of rows, and those between replicas and stages. */
export function possibleChannels(workload: Workload, graphs: readonly OpGraph[]): Set<number> {
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
export function openChannels(channels: ReadonlySet<number>): string[] {
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
