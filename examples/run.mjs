// Read a run that the command line or a program wrote: what it found, how each of its searches got on, its page with charts.
//   node examples/run.mjs runs/mine
import { writeFileSync } from 'node:fs';
import { explainDesign, readRun, reportPage } from 'cosmic';

const [path, ...others] = process.argv.slice(2);
if (path === undefined) {
  console.log('usage: node examples/run.mjs <run>, such as one that cosmic search wrote');
  process.exit();
}
const run = readRun(path, ...others);
console.log(`${run.evaluated} designs, ${run.feasible} of them feasible`);
for (const { settings, backend, part } of run.sweeps) {
  console.log(`${settings.count} designs from ${settings.start} on ${backend.name}: ${part.feasible} feasible`);
}
for (const { settings, state } of run.searches) {
  const [evaluations, objective] = state.history.at(-1) ?? [0, Number.NaN];
  console.log(`${settings.agent}, seed ${settings.seed}: ${objective} after ${evaluations} designs`);
}
const [best] = run.winners;
if (best !== undefined) {
  console.log(explainDesign(run.space, best, run.goal.first, run.baseline).sentences[0]);
  writeFileSync('run.html', reportPage(run));
}
