/** What Megatron-LM is told to do, and what it does when nothing is said. */
import { expect, it } from 'vitest';
import { trainingRow } from './row.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '8', pp: '1', dp: '1', global_batch: '64' },
};
const setBy = (more: Record<string, string>) =>
  stated(trainingRow.parse({ ...cells, ...more })).flatMap(({ set }) => set);

const ALONE = ['workload.tensorOverlap=off', 'workload.gradientOverlap=off', 'workload.pipelineOverlap=off'];

it.each([
  'Megatron-Core 0.6.0',
  'FlagScale 6fc099c on Megatron-LM',
  'Megatron-SWIFT, Megatron-Core 0.12',
])('%s has no traffic beside compute, and sums of gradients in single precision', (framework_version) => {
  const set = setBy({ framework_version, precision: 'bf16' });
  expect(set).toEqual(['workload.gradientBytes=4', 'workload.mainGradientBytes=4', ...ALONE]);
  expect(setBy({ framework_version, precision: 'fp16' })).toEqual(ALONE);
  // Of several chunks a stage sends are beside compute unless they are asked not to be.
  const chunks = setBy({ framework_version, precision: 'fp16', pp: '2', tp: '4', virtual_stages: '3' });
  expect(chunks).toEqual(ALONE.slice(0, 2));
});

it("the script of Pai's patch rotates queries and keys by operations", () => {
  const set = setBy({ framework_version: 'Megatron-LM 240405 with Pai-Megatron-Patch', precision: 'fp16' });
  expect(set).toEqual([...ALONE, 'workload.rotaryKernel=operations']);
});

it("Lumen's script sums gradients in single precision, by operations of their own", () => {
  const set = setBy({ framework_version: 'Lumen on Megatron-LM 1b754411, AITER', precision: 'fp8-ds' });
  const sums = ['workload.gradientBytes=4', 'workload.mainGradientBytes=4', 'workload.gradientAccumulation=unfused'];
  expect(set).toEqual(sums);
});

it('norms that are said not to be fused are kernels for each operation', () => {
  const set = (notes: string) => setBy({ framework_version: 'PaddlePaddle 2.5.1', notes });
  expect(set('no fused norms')).toEqual(['workload.normKernel=unfused']);
  expect(set('fused norms')).toEqual([]);
});

it('Megatron-LM before its README named userbuffers sends tensors alone, where there are ranks to send to', () => {
  expect(setBy({ framework_version: 'Megatron-LM, 2024' })).toEqual(['workload.tensorOverlap=off']);
  expect(setBy({ framework_version: 'Megatron-LM, 2024', tp: '1', pp: '8' })).toEqual([]);
  // Its README's own table has all overlaps, and NeMo's recipes have them, too.
  expect(setBy({ framework_version: 'Megatron-LM README (2024)' })).toEqual([]);
  expect(setBy({ framework_version: 'NeMo 24.07' })).toEqual([]);
});

it('steps of which every launch is waited for say so', () => {
  const notes = 'Jean Zay; CUDA_LAUNCH_BLOCKING=1';
  const set = setBy({ framework_version: 'Megatron-DeepSpeed', notes, precision: 'fp16' });
  expect(set).toContain('compute.launchBlocking=on');
});
