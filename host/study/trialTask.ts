import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import type { CompiledSpace } from '../../psa/space.js';
import { engineScore, type Score, type ScoreTable, scoreLikeTable, tableScore } from './scores.js';
import { type History, runTrial, type SeededTrial } from './trials.js';

/** What a thread of a study begins with; plain data, but for the table, which all threads share. */
export interface TrialTaskData {
  readonly space: CompiledSpace;
  readonly objective: string;
  readonly optimum: number;
  /** Of small spaces; `none`: scores are to be those of a table all the same. */
  readonly table: ScoreTable | 'none' | undefined;
}

/** Runs searches of one space on this thread. */
export function createTrialTask({ space, objective, optimum, table }: TrialTaskData): (trial: SeededTrial) => History {
  const score = scoreOf(space, parseObjective(objective), table);
  return (trial) => runTrial(space.genes, score, optimum, trial);
}

function scoreOf(space: CompiledSpace, objective: Objective, table: TrialTaskData['table']): Score {
  if (table === undefined) return engineScore(space, objective);
  return table === 'none' ? scoreLikeTable(space, objective) : tableScore(space, table);
}
