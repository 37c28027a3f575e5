/** Places of experts for all that could come, and the fullest ranks, in WGSL as in f64: with and without shared experts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { addTo, evaluateOnBoth } from './bothBackends.js';
import { Comparison } from './comparison.js';

const SPACE = `
version: 1
name: places
description: places of experts
system: h100-sxm
model: deepseek-v3
workload:
  tp: { values: [1, 2] }
  dp: { values: [16, 32] }
  ep: { values: [1, 2, 8] }
  recomputation: { values: [none, full] }
  recomputeExperts: { values: all }
  recomputeExpertActivation: { values: all }
  expertRoom: { values: all }
  expertLoad: { values: [1, 1.5, 9] }
  expertLoadSpread: { values: [0, 0.2] }
  expertCapacity: { values: [none, 1.25] }
  expertDispatch: { values: all }
constraints:
  - workload.dp * workload.tp == system.npus
objective: time
`;

const folder = temporaryFolder('places');

it.skipIf(!(await webgpuAvailable())).each(['deepseek-v3', 'mixtral-8x7b'])('%s', async (model) => {
  const file = join(folder, `${model}.yaml`);
  writeFileSync(file, SPACE);
  const space = compilePsa(loadPsa(file, { model, set: ['system.npus=32'] }));
  const evaluated = await evaluateOnBoth(space, { kind: 'samples', seed: 1, start: 0n, count: 400 });
  const comparison = new Comparison();
  addTo(comparison, evaluated, { space: 'places', system: 'h100-sxm', model, held: [] });
  expect(comparison.verdict().failures).toEqual([]);
});
