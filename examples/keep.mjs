// Keep a search on disk, as the command line does: Ctrl-C ends it, and the same command goes on with it.
//   node examples/keep.mjs runs/kept
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advanceRun, createEvaluator, createRun, openRun, openSpace, psa, range, searchSettings, values } from 'cosmic';

const [path = join(mkdtempSync(join(tmpdir(), 'cosmic-')), 'kept')] = process.argv.slice(2);

async function begin() {
  // A preset's name or the path of a PsA file would do, too.
  const mine = psa('mine')
    .system('cosmic-1024')
    .model('gpt3-175b')
    .vary('workload.tp', values(1, 2, 4, 8))
    .vary('workload.pp', values(1, 2, 4, 8))
    .vary('workload.weightSharding', values('none', 'zero1', 'zero3'))
    .perDimension('network.bandwidthGBps', range(50, 500, 50))
    .objective('time*cost');
  const open = openSpace(mine);
  const evaluator = await createEvaluator(open.space, { backend: 'auto' });
  const settings = searchSettings(open, { agent: 'ga', evaluations: 100_000, seed: 1, top: 3 });
  return { run: createRun(path, open, settings, evaluator), evaluator };
}

async function goOn() {
  const run = openRun(path);
  return { run, evaluator: await createEvaluator(run.space, { backend: run.backend }) };
}

const { run, evaluator } = await (existsSync(path) ? goOn() : begin());
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
const { evaluated, finished, winners, goal, baseline } = await advanceRun(run, evaluator, {
  signal: interrupt.signal,
  onProgress: ({ evaluated: done, total }) => {
    if (process.stderr.isTTY) process.stderr.write(`${done} of ${total} designs\r`);
  },
});
await evaluator.close();

console.log(`${evaluated} designs, ${finished ? 'all that were asked for' : 'the same command goes on'}: ${path}`);
for (const winner of winners) {
  const gain = baseline.objectives[0] / winner.objectives[0];
  console.log(
    `design ${winner.ordinal}: ${winner.objectives[0].toExponential(3)} ${goal.first.unit}, ${gain.toFixed(2)} times better than the default`,
  );
}
