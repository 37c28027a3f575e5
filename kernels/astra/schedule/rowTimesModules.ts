import { MAX_DIMENSIONS } from '../../../psa/parameters.js';
import { constantLines, namedConstants } from '../../wgslText.js';
import { collectivePrelude, planModules } from '../collective/modules.js';
import { NO_ALGORITHM, SYSTEM_WORD, SYSTEM_WORDS } from '../collective/planLayout.js';
import { GROUP } from '../graph/rows.js';
import { SEND, SENDS } from '../graph/stageGraph.js';
import {
  ITEM_WORD,
  ITEM_WORDS,
  NO_GROUP,
  ROWS_STATUS,
  ROWS_THREAD,
  ROWS_THREAD_WORDS,
  ROWS_WORD,
  ROWS_WORDS,
  ROWS_WORKGROUP_SIZE,
  THREAD_PLAN_WORDS,
} from './rowTimesLayout.js';

/** The WGSL files of the shader that finds the times of rows, relative to the package root. */
export const rowTimesModules: readonly string[] = [
  'kernels/astra/schedule/rowTimesEntry.wgsl',
  ...planModules,
  'kernels/astra/collective/chunks.wgsl',
  'kernels/astra/collective/collective.wgsl',
  'kernels/astra/schedule/rowTimes.wgsl',
];

/** Their constants, from the TypeScript tables. */
export function rowTimesPrelude(): string {
  const own = constantLines([
    ...namedConstants('SYSTEM', SYSTEM_WORD),
    ...namedConstants('ROWS', ROWS_WORD),
    ...namedConstants('ROWS', ROWS_STATUS),
    ...namedConstants('ROWS_THREAD', ROWS_THREAD),
    ...namedConstants('ITEM', ITEM_WORD),
    ...namedConstants('SEND', SEND),
    ...namedConstants('GROUP', GROUP),
    ...Object.entries({
      MAX_DIMENSIONS,
      NO_ALGORITHM,
      SYSTEM_WORDS,
      ROWS_WORDS,
      ROWS_THREAD_WORDS,
      ITEM_WORDS,
      NO_GROUP,
      SENDS,
      THREAD_PLAN_WORDS,
      ROWS_WORKGROUP_SIZE,
    }),
  ]);
  return collectivePrelude() + own;
}
