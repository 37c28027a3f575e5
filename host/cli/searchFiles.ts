import { designTable } from '../runs/designTable.js';
import type { SearchContext, SearchOutcome } from './searchOutcome.js';
import { searchJson } from './searchReport.js';

/** Writes tables and results into the run. */
export function writeSearch(context: SearchContext, outcome: SearchOutcome): void {
  const { run, space } = context;
  const { winners, pareto, objectives } = outcome;
  run.writeTable('best', designTable(space, winners, objectives));
  if (objectives.length > 1) run.writeTable('pareto', designTable(space, pareto, objectives));
  const result = searchJson(context, outcome);
  run.writeJson('result.json', result);
  run.writeJson('best.json', result.best[0] ?? null);
}
