/** The sections of op graphs in the order in which they run, as calls of the functions in chain.wgsl. */
import { constantName, realLiteral } from '../wgslText.js';
import type { Lowering, Step } from '../workload/lowering.js';
import { flagBits, GROUP, type Group } from '../workload/operation.js';
import { conditionOf } from '../workload/rowText.js';
import { LAYER_SECTIONS, SECTIONS, type Section } from '../workload/transformer.js';

/** The groups of the last collective and the one before, where compute may wait: constants, or what the chain knows. */
function waitedGroups(pending: readonly Group[]): string {
  const [only] = pending.map((group) => `${GROUP[group]}u`);
  return pending.length === 1 ? `${only}, ${only}` : 'last_group, previous_group';
}

function stepText(step: Step, section: Section): string {
  if (step.kind === 'compute') return `compute(segment_us[${step.segment}u]);`;
  if (step.kind === 'wait') {
    const { mask, value } = flagBits(step.when);
    const wait = `wait_${step.join}(${waitedGroups(step.pending)});`;
    return mask === 0 ? wait : `if (runs(${mask}u, ${value}u)) { ${wait} }`;
  }
  const runs = conditionOf({ ...step.row, kind: 'gemm' }) ?? 'true';
  const layer = (LAYER_SECTIONS as readonly Section[]).indexOf(section);
  const queue = layer >= 0 ? `section_queue_us[${layer}u]` : 'vec3<f32>(0.0)';
  return `communicate(${step.call}u, ${GROUP[step.row.group]}u, ${realLiteral(step.row.share)}, ${runs}, ${queue});`;
}

/** Runs a section of a graph: what chain_graph does for it. */
export function chainGraph({ steps }: Lowering, number: number): string[] {
  return [
    `fn chain_graph_${number}(section: u32) {`,
    ...SECTIONS.filter((section) => steps[section].length > 0).flatMap((section) => [
      `  if (section == SECTION_${constantName(section)}) {`,
      ...steps[section].map((step) => `    ${stepText(step, section)}`),
      '  }',
    ]),
    '}',
  ];
}
