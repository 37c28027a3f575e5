// Evaluate a batch of random designs on the best backend there is.
//   node examples/evaluate.mjs
import { compilePsa, createEvaluator, loadPsa, OUTPUT, OUTPUT_COUNT, reasonsOf } from 'cosmic';

const space = compilePsa(loadPsa('cosmic-full', { model: 'gpt3-13b' }));
const evaluator = await createEvaluator(space, { backend: 'auto' });
console.log(evaluator.description);

// Sample i of a seed is the same design on every backend and machine.
const { count, outputs, status } = await evaluator.evaluate({ kind: 'samples', seed: 1, start: 0n, count: 10_000 });

// A row of outputs per design; status 0 is feasible. Times are in µs and sizes in MB.
const rows = Array.from({ length: count }, (_, i) => i);
const feasible = rows.filter((i) => status[i] === 0);
const timeS = (i) => outputs[i * OUTPUT_COUNT + OUTPUT.timeUs] * 1e-6;
const fastest = feasible.reduce((best, i) => (timeS(i) < timeS(best) ? i : best));
const bad = rows.find((i) => status[i] !== 0);
console.log(`${feasible.length} of ${count} are feasible; the fastest takes ${timeS(fastest).toFixed(2)} s a step`);
console.log(`sample ${bad} is not, because it ${reasonsOf(status[bad]).join(', ')}`);

await evaluator.close();
