/** What a step's plan holds of an op graph, as sums over its rows: segments of compute, calls, activations. See plan.wgsl. */
import { constantName } from '../wgslText.js';
import { type ComputeStep, type Lowering, rowsOf, type Step } from '../workload/lowering.js';
import {
  channelOf,
  GROUP,
  groupsOf,
  isCollective,
  isNarrow,
  KEPT_TENSORS,
  type Operation,
} from '../workload/operation.js';
import { droppingBits, keptParts } from '../workload/recomputation.js';
import {
  anyOf,
  countWhere,
  join,
  largestOf,
  rooflineOf,
  sumByCondition,
  sumOf,
  sumWhere,
} from '../workload/rowText.js';
import { SECTIONS, type Section } from '../workload/transformer.js';

/** The host's time for the experts of a rank, where the space has any. */
function expertLaunches(place: string, computing: readonly Operation[]): string[] {
  const experts = computing.filter(({ rate }) => rate === 'experts');
  if (experts.length === 0) return [];
  return [
    `  if (HAS_HOST_OF_EXPERTS) { section_launch_us${place} += experts_launch_us() * (${countWhere(experts)}); }`,
  ];
}

/** What of a section makes gradients of weights, where a schedule of the space asks for it. */
function weightGradients(section: Section, computing: readonly Operation[]): string[] {
  const own = computing.filter(({ weightGradient }) => weightGradient);
  if (!section.endsWith('Backward')) return [];
  const us = sumByCondition(own, (rows) => join(rows.map(rooflineOf)));
  return [`  if (HAS_SPLIT_BACKWARD) { section_weight_us[SECTION_${constantName(section)}] = ${us}; }`];
}

/** What rows keep, MB. */
function keptMB(rows: readonly Operation[]): string {
  return sumWhere(rows, ({ saved }) => saved);
}

/** What of it is dropped as modules are recomputed, MB. */
function droppedMB(rows: readonly Operation[]): string {
  const dropped = rows.filter((row) => row.saved[0] > 0 && droppingBits(row) !== 0);
  return join(
    groupsOf(dropped, droppingBits).map(([bits, own]) => `select(0.0, ${keptMB(own)}, (flags & ${bits}u) != 0u)`),
  );
}

/** Of what a layer keeps and does not drop, what modules have on the host, or what they leave, MB. */
function byModules(rows: readonly Operation[], onHost: boolean): string {
  const keeping = rows.filter((row) => row.saved[0] > 0 && !(onHost && row.offloadedWith === undefined));
  return join(
    groupsOf(keeping, (row) => `${droppingBits(row)} ${row.offloadedWith}`).map(([, own]) => {
      const { offloadedWith, droppedWith } = own[0]!;
      const bits = droppingBits({ droppedWith });
      const conditions = [
        ...(bits === 0 ? [] : [`(flags & ${bits}u) == 0u`]),
        ...(offloadedWith === undefined
          ? []
          : [`(design_count(SLOT_WORKLOAD_${constantName(offloadedWith)}) == 1u) == ${onHost}`]),
      ];
      return conditions.length === 0 ? keptMB(own) : `select(0.0, ${keptMB(own)}, ${conditions.join(' && ')})`;
    }),
  );
}

/** Tensors that layers which are recomputed whole keep all the same, on the NPU or on the host, in half precision, MB. */
function keptTensors(rows: readonly Operation[], place: 'DEVICE' | 'HOST'): string {
  return join(
    KEPT_TENSORS.flatMap((tensor) => {
      const own = rows.filter(({ keptWith, saved }) => keptWith === tensor && saved[0] > 0);
      const name = `WORKLOAD_${constantName(tensor)}`;
      const kept = `(flags & FLAG_${constantName(tensor)}) != 0u && design_count(SLOT_${name}) == ${name}_${place}`;
      return own.length === 0 ? [] : [`select(0.0, ${keptMB(own)}, ${kept})`];
    }),
  );
}

/** Sets a sum over what rows keep: inputs of products in the format of the design, where the space has several. */
function inFormats(name: string, rows: readonly Operation[], sum: (rows: readonly Operation[]) => string): string[] {
  const narrow = rows.filter((row) => isNarrow(row) && row.saved[0] > 0);
  const others = rows.filter((row) => !narrow.includes(row));
  const text = `${name} =`;
  const inFormat = `  if (HAS_PRECISION) { ${text} ${sum(others)} + kept_share() * (${sum(narrow)}); }`;
  return [`  ${text} ${sum(rows)};`, ...(narrow.length > 0 ? [inFormat] : [])];
}

function planSection(section: Section, steps: readonly Step[], trains: boolean): string[] {
  const place = `[SECTION_${constantName(section)}]`;
  const rows = steps.flatMap(rowsOf);
  const segments = steps.filter((step): step is ComputeStep => step.kind === 'compute');
  const computing = segments.flatMap(rowsOf);
  // What a collective leaves is kept where the group is a single NPU, too.
  const keeping = rows.flatMap(keptParts).map((row): Operation => ({ ...row, kind: 'elementwise' }));
  const groups = groupsOf(rows.filter(isCollective), ({ group }) => group);
  return [
    ...segments.map(
      ({ segment, rows }) => `  segment_us[${segment}u] = ${sumByCondition(rows, (own) => join(own.map(rooflineOf)))};`,
    ),
    `  section_compute_us${place} = ${join(segments.map(({ segment }) => `segment_us[${segment}u]`))};`,
    ...weightGradients(section, computing),
    `  section_launch_us${place} = launch_us * (${countWhere(computing)});`,
    ...expertLaunches(place, computing),
    ...inFormats(`section_saved_mb${place}`, keeping, keptMB),
    ...inFormats(`section_dropped_mb${place}`, keeping, droppedMB),
    ...(section === 'layerForward' && trains
      ? [
          '  if (offloads_parts()) {',
          ...inFormats('offloaded_mb', keeping, (own) => byModules(own, true)),
          ...inFormats('remaining_mb', keeping, (own) => byModules(own, false)),
          '  }',
          `  if (keeps_tensors()) { tensors_mb = ${keptTensors(keeping, 'DEVICE')}; }`,
          `  if (HAS_TENSORS_ON_HOST) { tensors_on_host_mb = ${keptTensors(keeping, 'HOST')}; }`,
        ]
      : []),
    `  section_groups${place} = ${
      groups.map(([group, own]) => `select(0u, ${1 << GROUP[group]}u, ${anyOf(own)})`).join(' | ') || '0u'
    };`,
    ...(section === 'layerForward' && !trains ? [`  largest_mb = ${largestOf(computing)};`] : []),
  ];
}

/** Plans a graph: what plan_graph does for it. */
export function planGraph({ steps, calls, layerChannels }: Lowering, number: number): string[] {
  return [
    `fn plan_graph_${number}() {`,
    '  let launch_us = design[SLOT_COMPUTE_HOST_LAUNCH_US];',
    ...calls.map(
      ([call, rows]) => `  plan_call(${call}u, ${channelOf(rows[0]!)}u, ${sumOf([rows[0]!.input])}, ${anyOf(rows)});`,
    ),
    ...SECTIONS.flatMap((section) => planSection(section, steps[section], steps.layerBackward.length > 0)),
    ...layerChannels.flatMap(({ rows }, place) => [
      `  layer_count[${place}u] = ${countWhere(rows)};`,
      `  layer_mb[${place}u] = ${sumWhere(rows, ({ input }) => input)};`,
    ]),
    '}',
  ];
}
