/** The sections of op graphs in the order in which they run, as calls of the functions in chain.wgsl. */
import { constantName, realLiteral } from '../wgslText.js';
import type { Lowering, Step } from '../workload/lowering.js';
import { flagBits, GROUP, type Group } from '../workload/operation.js';
import { isLayerAgain } from '../workload/recomputation.js';
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
  const { group, share, pipelined } = step.row;
  const often = isLayerAgain(step.row) ? `again_share() * ${realLiteral(share)}` : realLiteral(share);
  return `communicate(${step.call}u, ${GROUP[group]}u, ${often}, ${pipelined}, ${runs}, ${queue});`;
}

/** Runs the steps of a section of the current graph. */
function chainSteps(section: Section, lowerings: readonly Lowering[]): string[] {
  const [lines, ...others] = lowerings.map(({ steps }) => steps[section].map((step) => stepText(step, section)));
  if (others.length === 0) return lines!;
  const cases = [lines!, ...others].map((own, graph) => `    case ${graph}u: { ${own.join(' ')} }`);
  return ['  switch graph {', ...cases, '    default: {}', '  }'];
}

/**
 * Runs each section in a function of its own, such as `chain_layer_forward`: one for all would stand whole at each call, and
 * compilers take longest to throw away what other sections do.
 */
export function chainSections(lowerings: readonly Lowering[]): string[] {
  return SECTIONS.flatMap((section) => {
    const name = constantName(section);
    return [
      `fn chain_${name.toLowerCase()}() {`,
      `  start_chain(SECTION_${name});`,
      ...chainSteps(section, lowerings),
      `  end_chain(SECTION_${name});`,
      '}',
    ];
  });
}
