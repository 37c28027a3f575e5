import { constantLines, namedConstants } from '../../wgslText.js';
import { GATHERS } from '../graph/rows.js';
import { SEND } from '../graph/stageGraph.js';
import { COMMUNICATE, COMPUTE, SLOTS } from './nodes.js';
import { BACKWARD, ENTERS, FORWARD } from './passes.js';
import { AHEAD, BEHIND, KEPT } from './snapshot.js';
import { GATHERING } from './steady.js';
import * as layout from './stepLayout.js';

/** The WGSL files of the shader that runs steps of the astra-sim profile, relative to the package root. */
export const stepModules: readonly string[] = [
  'kernels/astra/schedule/stepEntry.wgsl',
  'kernels/astra/whole.wgsl',
  'kernels/astra/schedule/elapsed.wgsl',
  'kernels/astra/schedule/stage.wgsl',
  'kernels/astra/schedule/readyNodes.wgsl',
  'kernels/astra/schedule/progress.wgsl',
  'kernels/astra/schedule/clearLayers.wgsl',
  'kernels/astra/schedule/steady.wgsl',
  'kernels/astra/schedule/movedLayers.wgsl',
  'kernels/astra/schedule/stagesInTurn.wgsl',
];

/** Threads that share a workgroup; each runs a step of its own. */
export const STEPS_WORKGROUP_SIZE = 32;

/** The slot of a node that does not run, and the node of a slot that is free. */
const FREE = 2 ** 32 - 1;

/** Their constants, from the TypeScript tables. */
export function stepPrelude(): string {
  const {
    ELAPSED_TIMES,
    ENTRY_SLOT_WORDS,
    STAGE_STATE_WORDS,
    STEP_RESULT_WORDS,
    STEP_STAGE_WORDS,
    STEP_WORKGROUP_WORDS,
    WAITS_BITS,
  } = layout;
  return constantLines([
    ...namedConstants('STEP', layout.STEP),
    ...namedConstants('STEP_STAGE', layout.STEP_STAGE),
    ...namedConstants('STEP_GRAPH', layout.STEP_GRAPH),
    ...namedConstants('STEP_WORKGROUP', layout.STEP_WORKGROUP),
    ...namedConstants('STEP_RESULT', layout.STEP_RESULT),
    ...namedConstants('STAGE_STATE', layout.STAGE_STATE),
    ...namedConstants('SNAPSHOT', layout.SNAPSHOT),
    ...namedConstants('NODE_BIT', layout.NODE_BIT),
    ...namedConstants('ELAPSED', layout.ELAPSED),
    ...namedConstants('SEND', SEND),
    ...namedConstants('GATHERING', GATHERING),
    ...Object.entries({
      COMPUTE,
      COMMUNICATE,
      SLOTS,
      FREE,
      FORWARD,
      BACKWARD,
      ENTERS,
      EACH: GATHERS.length,
      AHEAD,
      BEHIND,
      KEPT,
      ELAPSED_TIMES,
      ENTRY_SLOT_WORDS,
      STAGE_STATE_WORDS,
      STEP_RESULT_WORDS,
      STEP_STAGE_WORDS,
      STEP_WORKGROUP_WORDS,
      STEPS_WORKGROUP_SIZE,
      WAITS_BITS,
      WAITS_IN_WORD: 32 / WAITS_BITS,
      ROW_MASK: (1 << layout.NODE_BIT.gather) - 1,
      WAITS_MASK: (1 << WAITS_BITS) - 1,
    }),
  ]);
}
