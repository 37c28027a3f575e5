// Sweep all of a small space of one's own: the best designs, and the trade-off of time and memory.
//   node examples/sweep.mjs
import { fileURLToPath } from 'node:url';
import { compilePsa, createEvaluator, describeDesign, loadPsa, parseObjective, refine } from 'cosmic';

const space = compilePsa(loadPsa(fileURLToPath(new URL('./llama3-64.yaml', import.meta.url))));
const request = {
  source: { kind: 'ordinals' },
  start: 0n,
  count: space.count,
  objectives: [parseObjective('time'), parseObjective('memory')],
  top: 3,
  pareto: true,
};
const evaluator = await createEvaluator(space, { backend: 'cpu' });
// What a sweep keeps was found in f32 where the backend is a GPU: `refine` evaluates it again in f64.
const { evaluated, feasible, top, pareto } = refine(space, request, await evaluator.sweep(request));
await evaluator.close();

const describe = (ordinal) =>
  describeDesign(space, ordinal)
    .filter(({ open }) => open)
    .map(({ parameter, value }) => `${parameter.split('.')[1]} ${value}`)
    .join(', ');
console.log(`${feasible} of ${evaluated} designs are feasible. The fastest:`);
for (const { ordinal, objectives } of top) console.log(`  ${objectives[0].toFixed(2)} s  ${describe(ordinal)}`);
console.log('Less memory for more time:');
for (const { ordinal, objectives } of pareto.toSorted((a, b) => b.objectives[1] - a.objectives[1])) {
  console.log(`  ${objectives[1].toFixed(1)} GB  ${objectives[0].toFixed(2)} s  ${describe(ordinal)}`);
}
