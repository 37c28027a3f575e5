/** The sections of op graphs in the order in which they run, as calls of the functions in chain.wgsl. */

import { constantName } from '../wgslText.js';
import { GROUP, type Group, type Join, type Operation } from '../workload/operation.js';
import { conditionOf, isCollective } from '../workload/rowText.js';
import { callKey, numberCalls } from '../workload/tables.js';
import { LAYER_SECTIONS, type OpGraph, SECTIONS, type Section } from '../workload/transformer.js';

/** What a compute operation waits for, the stronger the greater; −1: nothing yet. */
const STRENGTH: Readonly<Record<Join, number>> = { none: 0, previous: 1, last: 2 };

/** Compute between waits and collectives, as one sum. */
export interface Segment {
  readonly rows: readonly Operation[];
}

/** A section in the order in which it runs: waits, sums of compute, collectives. */
type ChainPart = Segment | { readonly wait: Join; readonly groups: string } | { readonly collective: Operation };

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
export function partsOf(graph: OpGraph): { parts: Record<Section, ChainPart[]>; segments: Map<Segment, number> } {
  const parts = Object.fromEntries(SECTIONS.map((section) => [section, chainParts(graph[section])])) as Record<
    Section,
    ChainPart[]
  >;
  const segments = new Map<Segment, number>();
  for (const part of Object.values(parts).flat()) if ('rows' in part) segments.set(part, segments.size);
  return { parts, segments };
}

function chainPart(part: ChainPart, section: Section, graph: OpGraph, segments: Map<Segment, number>): string {
  if ('rows' in part) return `compute(segment_us[${segments.get(part)}u]);`;
  if ('wait' in part) return `wait_${part.wait}(${part.groups});`;
  const { collective: row } = part;
  const call = numberCalls(graph).get(callKey(row));
  const runs = conditionOf({ ...row, kind: 'gemm' }) ?? 'true';
  const layer = (LAYER_SECTIONS as readonly Section[]).indexOf(section);
  const queue = layer >= 0 ? `section_queue_us[${layer}u]` : 'vec3<f32>(0.0)';
  return `communicate(${call}u, ${GROUP[row.group]}u, ${runs}, ${queue});`;
}

/** Runs a section of a graph: what chain_graph does for it. */
export function chainGraph(graph: OpGraph, number: number): string[] {
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
