// Why is a design good, and what bounds it? And the same design for Megatron-LM and ASTRA-sim.
//   node examples/explain.mjs
import {
  astraExport,
  astraFiles,
  baselineOf,
  compilePsa,
  descend,
  explainDesign,
  Goal,
  loadPsa,
  megatronArguments,
  parseObjective,
  winnerEvaluator,
} from 'cosmic';

const psa = loadPsa('cosmic-workload', { model: 'gpt3-13b', set: ['workload.axisOrder=tp-sp-ep-dp-pp'] });
const space = compilePsa(psa);
const objective = parseObjective('time');
const evaluate = winnerEvaluator(space, new Goal(space, [objective]));
let start;
for (let ordinal = 0n; start === undefined; ordinal++) start = evaluate(ordinal, 1);
const best = descend(space, start, objective);

const { sentences, takenBack } = explainDesign(space, best, objective, baselineOf(psa, [objective]));
console.log(sentences.join('\n'));
for (const { what, ratio } of takenBack) console.log(`without ${what}: ${ratio?.toFixed(2) ?? 'infeasible'}`);
console.log(megatronArguments(space, best.design).join(' '));
console.log(astraFiles(astraExport(space, best.design, 'best'))['network.yml']);
