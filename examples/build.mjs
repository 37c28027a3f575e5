// Build a PsA in code instead of YAML: how fast must the outer network be?
//   node examples/build.mjs
import { compilePsa, describeDesign, designEvaluator, designOf, namedOutputs, psa, values } from 'cosmic';

const mine = psa('outer bandwidth')
  .system('dgx-h100')
  .model('llama3-70b')
  .fix('workload.batch', 2048)
  .perDimension('network.bandwidthGBps', [450, values(12.5, 25, 50, 100, 200, 400)])
  .constrain('network.bandwidthGBps[1] <= network.bandwidthGBps[0]')
  .build();

const space = compilePsa(mine);
const evaluate = designEvaluator(space);
for (let ordinal = 0n; ordinal < space.count; ordinal++) {
  const { timeUs, mfu, costUsd } = namedOutputs(evaluate(designOf(space, ordinal)).outputs);
  const { value } = describeDesign(space, ordinal).find((entry) => entry.open);
  console.log(
    `${String(value).padStart(5)} GB/s outside: ${(timeUs * 1e-6).toFixed(2)} s a step, ` +
      `${(100 * mfu).toFixed(1)} % of the peak, network $ ${(costUsd * 1e-6).toFixed(1)} million`,
  );
}
