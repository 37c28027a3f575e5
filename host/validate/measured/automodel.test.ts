/** What is read of rows of NeMo AutoModel beyond their words. */
import { expect, it } from 'vitest';
import { loadSystem } from '../../../psa/system.js';
import { KernelBench } from '../kernels/bench.js';
import { withRecipe } from './recipes.js';
import { trainingRow } from './row.js';
import { stated, TORCH_GROUPED } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '1', dp: '8', global_batch: '64', notes: '' },
};

it('its benchmarks have a loss on logits in half precision', () => {
  const set = (framework_version: string) =>
    stated(trainingRow.parse({ ...cells, framework_version })).flatMap((one) => one.set);
  expect(set('NeMo AutoModel main')).toContain('workload.loss=half');
  expect(set('torchtitan')).not.toContain('workload.loss=half');
});

it("products of torch's grouped kernel have the rate that it has by itself on Hopper, and AutoModel's hybrids run it", () => {
  const set = (more: Record<string, string>) =>
    stated(withRecipe(trainingRow.parse({ ...cells, framework_version: 'NeMo AutoModel main', ...more }))).flatMap(
      (one) => one.set,
    );
  const rate = `compute.expertEfficiency=${TORCH_GROUPED}`;
  expect(set({ notes: 'TE + DeepEP + torch_mm' })).toContain(rate);
  for (const size of ['Nano', 'Super', 'Ultra']) expect(set({ model: `Nemotron-3-${size}` })).toContain(rate);
  expect(set({ model: 'Qwen3-30B-A3B', experts: '128' })).not.toContain(rate);
  expect(set({ gpu: 'gb200', notes: 'compiled SDPA MLA + torch_mm experts' })).not.toContain(rate);
  // pytorch/ao, pull request 2490: widths, and time of 8,192 tokens on 16 experts, us.
  const h100 = new KernelBench(loadSystem('h100-sxm'));
  const shape = { m: 8192, groups: 16, precision: 'bf16', quantizes: false } as const;
  for (const [k, n, us] of [
    [5120, 8192, 1310],
    [8192, 5120, 1260],
  ] as const) {
    expect(h100.productUs({ ...shape, k, n }) / TORCH_GROUPED / us).toBeCloseTo(1, 1);
  }
});
