/** The collectives of op graphs, as calls of the functions in call.wgsl and collective.wgsl. */
import type { Workload } from '../../psa/space.js';
import type { Lowering } from '../workload/lowering.js';
import { CHANNEL_GROUPS, COLLECTIVE, channelOf, GROUP, type Group } from '../workload/operation.js';
import { LAYER_SECTIONS } from '../workload/transformer.js';
import { isPassedRound } from './collective.js';

/** Times the calls of a graph's rows. */
export function timeGraphCalls({ calls }: Lowering, number: number): string[] {
  return [
    `fn time_graph_calls_${number}() {`,
    ...calls.map(([call, [row]]) => `  time_call(${call}u, ${channelOf(row!)}u);`),
    '}',
  ];
}

/** Use of the dimensions by the collectives of a layer. */
export function layerBusy({ layerChannels }: Lowering, number: number): string[] {
  const terms = layerChannels.map(({ section, channel }, place) => ({
    section,
    text: `channel_busy_us(${place}u, ${channel}u)`,
  }));
  const [forward, backward] = LAYER_SECTIONS.map(
    (section) =>
      terms
        .filter((term) => term.section === section)
        .map(({ text }) => text)
        .join(' + ') || 'vec4<f32>(0.0)',
  );
  return [
    `fn layer_busy_us_${number}(layer: u32) -> vec4<f32> {`,
    `  if (layer == 0u) { return ${forward}; }`,
    `  return ${backward};`,
    '}',
  ];
}

/**
 * The channels that a design of the workload may use: those of rows, and those between replicas and stages.
 *
 * @param shardGroups may replicas shard in groups?
 */
export function possibleChannels(
  workload: Workload,
  lowerings: readonly Lowering[],
  shardGroups: boolean,
): Set<number> {
  const channels = new Set(lowerings.flatMap(({ calls }) => calls.map(([, [row]]) => channelOf(row!))));
  const add = (collective: keyof typeof COLLECTIVE, group: Group): unknown =>
    channels.add(COLLECTIVE[collective] * CHANNEL_GROUPS + GROUP[group]);
  const replicas: Group[] = workload.phases.some(({ experts }) => experts > 1) ? ['data', 'expertData'] : ['data'];
  for (const group of replicas) {
    add('allGather', group);
    if (workload.phases.some(({ phase }) => phase === 'training')) {
      add('allReduce', group);
      add('reduceScatter', group);
    }
  }
  if (shardGroups) add('allReduce', 'outerData');
  add('allGather', 'tp');
  return channels;
}

/** Opens a channel: a function for each kind, for one that chooses among them would stand in the kernel with all of them. */
function openChannel(channel: number): string {
  const kind = Math.floor(channel / CHANNEL_GROUPS);
  const group = channel % CHANNEL_GROUPS;
  if (isPassedRound(kind, group)) return `open_ring(${kind}u, ${group}u)`;
  if (kind === COLLECTIVE.allReduce) return `open_all_reduce(${group}u)`;
  if (kind === COLLECTIVE.allToAll) return `open_all_to_all(${group}u)`;
  return `open_channel(${kind}u, ${group}u)`;
}

/** Opens and rates all possible channels, group by group. */
export function openChannels(channels: ReadonlySet<number>): string[] {
  const lines = Object.values(GROUP).flatMap((group) => {
    const own = [...channels].filter((channel) => channel % CHANNEL_GROUPS === group);
    if (own.length === 0) return [];
    return [
      `  if (((opened >> ${group}u) & 1u) == 1u) {`,
      `    shape_group(${group}u);`,
      ...own.map((channel) => `    ${openChannel(channel)};`),
      '  }',
      `  if (((rated >> ${group}u) & 1u) == 1u) {`,
      ...own.map((channel) => `    rate_channel(${channel}u);`),
      '  }',
    ];
  });
  return ['fn open_channels(opened: u32, rated: u32) {', '  read_algorithm();', ...lines, '}'];
}
