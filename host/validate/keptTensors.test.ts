/** What full recomputation keeps all the same, and shards of weights, in WGSL as in f64: of models with and without latents, experts and further norms. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KEPT_TENSORS } from '../../kernels/workload/operation.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { addTo, evaluateOnBoth } from './bothBackends.js';
import { Comparison } from './comparison.js';

const SPACE = `
version: 1
name: kept
description: what full recomputation keeps
system: h100-sxm
model: llama3-8b
workload:
  tp: { values: [1, 4] }
  dp: { values: [4, 16] }
  recomputation: { values: [none, full] }
  recomputationBlock: { values: [1, 2] }
  recomputedLayers: { values: [all, 3] }
  recomputationEnd: { values: all }
  offloadedLayers: { values: [none, 4] }
  offloadProjection: { values: all }
  weightSharding: { values: [zero1, zero3] }
  masterWeightBytes: { values: [0, 4] }
  weightShards: { values: all }
  precision: { values: [bf16, fp8] }
${KEPT_TENSORS.map((tensor) => `  ${tensor}: { values: all }`).join('\n')}
constraints:
  - workload.dp * workload.tp == system.npus
objective: time
`;

const folder = temporaryFolder('kept');

it.skipIf(!(await webgpuAvailable())).each(['llama3-8b', 'deepseek-v3', 'gemma3-27b'])('%s', async (model) => {
  const file = join(folder, `${model}.yaml`);
  writeFileSync(file, SPACE);
  const space = compilePsa(loadPsa(file, { model, set: ['system.npus=16'] }));
  const evaluated = await evaluateOnBoth(space, { kind: 'samples', seed: 1, start: 0n, count: 400 });
  const comparison = new Comparison();
  addTo(comparison, evaluated, { space: 'kept', system: 'h100-sxm', model, held: [] });
  expect(comparison.verdict().failures).toEqual([]);
});
