import { designTable } from './designTable.js';
import { resultJson } from './resultJson.js';
import { robustTable } from './robustTable.js';
import type { RunFolder } from './runFolder.js';
import type { RunResult } from './runResult.js';

/** Writes what a run came to into its folder: tables of designs, and all of it as JSON. */
export function writeResult(folder: RunFolder, result: RunResult): void {
  const { space, winners, pareto, goal, manifest } = result;
  const { settings } = manifest;
  const hasFront = settings.kind === 'sweep' ? settings.pareto : goal.objectives.length > 1;
  folder.writeTable('best', designTable(space, winners, goal.objectives));
  if (hasFront) folder.writeTable('pareto', designTable(space, pareto, goal.objectives));
  const robust = robustTable(result);
  if (robust !== undefined) folder.writeTable('robust', robust);
  const json = resultJson(result);
  folder.writeJson('result.json', json);
  folder.writeJson('best.json', json.best[0] ?? null);
}
