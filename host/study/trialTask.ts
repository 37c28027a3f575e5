import { parseObjective } from '../../kernels/objective/objective.js';
import type { CompiledSpace } from '../../psa/space.js';
import { engineScore, type ScoreTable, tableScore } from './scores.js';
import { type History, runTrial, type SeededTrial } from './trials.js';

/** What a thread of a study begins with; plain data, but for the table, which all threads share. */
export interface TrialTaskData {
  readonly space: CompiledSpace;
  readonly objective: string;
  readonly optimum: number;
  /** Of small spaces. */
  readonly table: ScoreTable | undefined;
}

/** Runs searches of one space on this thread. */
export function createTrialTask({ space, objective, optimum, table }: TrialTaskData): (trial: SeededTrial) => History {
  const score = table === undefined ? engineScore(space, parseObjective(objective)) : tableScore(space, table);
  return (trial) => runTrial(space.genes, score, optimum, trial);
}
