/** What a step's plan holds of an op graph, as sums over its rows: segments of compute, calls, activations. See plan.wgsl. */
import { termPlace } from '../collective/callProgram.js';
import { constantName } from '../wgslText.js';
import { GROUP, type Operation } from '../workload/operation.js';
import {
  anyOf,
  channelOf,
  countWhere,
  groupsOf,
  isCollective,
  join,
  largestOf,
  rooflineOf,
  sumByCondition,
  sumOf,
  sumWhere,
} from '../workload/rowText.js';
import { callKey, numberCalls } from '../workload/tables.js';
import { LAYER_SECTIONS, type OpGraph, SECTIONS, type Section } from '../workload/transformer.js';
import { partsOf, type Segment } from './chainProgram.js';

function planSection(
  section: Section,
  rows: readonly Operation[],
  segments: readonly [Segment, number][],
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
      ([segment, number]) =>
        `  segment_us[${number}u] = ${sumByCondition(segment.rows, (own) => join(own.map(rooflineOf)))};`,
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

/** Plans a graph: what plan_graph does for it. */
export function planGraph(graph: OpGraph, number: number): string[] {
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
        [...segments].filter(([segment]) => parts[section].includes(segment)),
        graph.layerBackward.length > 0,
      ),
    ),
    ...planTerms(graph),
    '}',
  ];
}
