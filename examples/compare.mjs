// How much better is the full stack than each stack alone? ViT-Base on 512 NPUs, bandwidth open in one dimension only.
//   node examples/compare.mjs
import { compareStacks, gainOf, parseObjective } from 'cosmic';

const set = ['network.topology[0]=Ring,FullyConnected'];
for (const [dimension, bandwidthGBps] of [200, 200, 50].entries()) {
  set.push(`network.bandwidthGBps[${dimension + 1}]=${bandwidthGBps}`);
}
const [comparison] = await compareStacks(
  {
    system: 'cosmic-512',
    model: 'vit-base',
    set,
    objectives: [parseObjective('time*cost')],
    agent: 'ga',
    evaluations: 5000,
    population: 256,
    seed: 1,
  },
  { backend: 'auto' },
);
for (const { stack, method, evaluated, best } of comparison.optima) {
  const gain = stack === 'full' ? '' : `, the full stack is ${gainOf(comparison, stack).toFixed(2)} times better`;
  console.log(`${stack}: ${best.objectives[0].toFixed(0)} s × $ by ${method} of ${evaluated} designs${gain}`);
}
