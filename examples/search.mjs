// Search a space of 19 million million designs with a genetic algorithm, and compare with the system's default.
//   node examples/search.mjs
import { baselineOf, compilePsa, createEvaluator, Goal, loadPsa, parseObjective, search, searchWinners } from 'cosmic';

const psa = loadPsa('cosmic-full');
const space = compilePsa(psa);
const objective = parseObjective('time');
const evaluator = await createEvaluator(space, { backend: 'auto' });
const found = await search(evaluator, { agent: 'ga', evaluations: 20_000, population: 1000, seed: 1, objective, top: 5 });
await evaluator.close();

const usual = baselineOf(psa, [objective]).objectives[0];
console.log(`default: ${usual.toFixed(1)} s a step`);
for (const { ordinal, objectives } of searchWinners(space, found, new Goal(space, [objective]), 5)) {
  console.log(`design ${ordinal}: ${objectives[0].toFixed(3)} s, ${(usual / objectives[0]).toFixed(2)} times as fast`);
}
