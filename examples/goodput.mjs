// A job on 1,024 and on 100,352 H100 is not the same question: failures, the best interval of checkpoints, days and dollars.
//   node examples/goodput.mjs
import { compileDesign, designEvaluator, designRow, loadDefault } from 'cosmic';

for (const npus of [1024, 16_384, 100_352]) {
  // The machine knows how often its GPUs and nodes fail, what they draw and what they cost; the job says the rest.
  const facts = ['job.tokens=15e12', 'job.storageGBps=2000', 'reliability.restartS=900', 'power.overhead=1.2'];
  const set = [`system.npus=${npus}`, `workload.batch=${npus}`, ...facts];
  const space = compileDesign(loadDefault('dgx-h100', 'llama3-70b', set));
  const { outputs } = designRow(space, designEvaluator(space)(space.fixed));
  const { mtbfHours, checkpointIntervalS, goodput, days, energyKWh, jobUsd } = outputs;
  console.log(
    `${npus} NPUs: a failure each ${mtbfHours.toFixed(1)} h, a checkpoint each ${checkpointIntervalS.toFixed(0)} s,`,
    `${(goodput * 100).toFixed(1)} % goodput; ${days.toFixed(1)} days, ${(energyKWh / 1e6).toFixed(1)} GWh,`,
    `$ ${(jobUsd / 1e6).toFixed(1)} M`,
  );
}
