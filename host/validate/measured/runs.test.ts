/** Which framework a row ran, and what is tried of it where the row leaves it open. */

import { expect, it } from 'vitest';
import { KEPT_TENSORS } from '../../../kernels/workload/operation.js';
import { CODE, SLOT } from '../../../psa/parameters.js';
import { prepareRow, Systems } from './prediction.js';
import { trainingRow } from './row.js';
import { installationOf } from './runs.js';

const cells = {
  ...{
    id: 'a',
    source: 'NVIDIA Megatron-Bridge performance summary',
    gpu: 'gb300',
    gpus: '64',
    hidden: '2880',
    ffn: '2880',
  },
  ...{ layers: '36', heads: '64', seq: '4096', vocab: '201088', tp: '1', pp: '1', dp: '64', global_batch: '1280' },
  ...{ experts: '128', top_k: '4', ep: '64' },
};

const softwareOf = (more: Record<string, string>) =>
  installationOf(trainingRow.parse({ ...cells, ...more }), {}, {}).software;

it.each([
  ['NeMo 26.06 / Megatron-Bridge v0.5.0', {}, 'megatron-bridge'],
  ['NeMo 26.04 / Megatron-Bridge v0.4.2', {}, 'megatron-core'],
  ['NeMo 26.06 / Megatron-Bridge v0.5.0', { gpu: 'b300-270g' }, 'megatron-core'],
  ['NeMo 26.06 / Megatron-Bridge v0.5.0', { experts: '1', top_k: '1', ep: '1' }, 'megatron-core'],
  ['NeMo 26.04 / Megatron-Bridge v0.4.2', { fsdp: '1' }, 'megatron-fsdp'],
  ['torchtitan, Oct 2024', { notes: 'FSDP + torch.compile' }, 'fsdp2'],
  ['torchtitan, Oct 2024', { notes: 'FSDP' }, 'fsdp2-eager'],
  ['torchtitan', { notes: 'FSDP2, no torch.compile' }, 'fsdp2-eager'],
  ['TRL, Hugging Face Transformers, PyTorch FSDP2', {}, 'fsdp2-eager'],
  ['PyTorch FSDP, Hugging Face Accelerate', { notes: 'torch.compile' }, 'fsdp2'],
  ['Trainer 1.0 (PyTorch 2.13, FSDP2)', {}, 'fsdp2'],
  ['Trainer 1.0 (PyTorch 2.13, FSDP2)', { notes: 'no torch.compile' }, 'fsdp2-eager'],
  ['Trainer 1.0', { notes: 'FSDP2 over all ranks' }, 'fsdp2-eager'],
  ['Trainer 1.0', { notes: 'FSDP2 over all ranks; torch.compile' }, 'fsdp2'],
  ['Trainer 1.0', { notes: 'sharded', weight_sharding: 'zero2' }, 'megatron-core'],
  ['Trainer 1.0', { weight_sharding: 'zero3' }, 'fsdp2'],
  ['Trainer 1.0', { gpu: 'a100-80g', weight_sharding: 'zero3', fsdp: '1' }, 'fsdp2'],
  ['Trainer 1.0', { gpu: 'a100-80g', weight_sharding: 'zero3' }, 'megatron-lm-2021'],
  ['DeepSpeed ZeRO-3, Hugging Face Accelerate', {}, 'deepspeed-zero'],
  ['Megatron-DeepSpeed (BigScience), 2022', {}, 'megatron-lm-2021'],
  ['Megatron-DeepSpeed 11f2d9342', { notes: 'flash attention 2' }, 'megatron-lm-2023'],
  ['DeepSpeed 0.11.1', {}, 'deepspeed-zero'],
  ['PaddlePaddle 2.5.1', { gpu: 'a100-80g', notes: 'flash attention' }, 'megatron-lm-2023'],
  ['PaddlePaddle 2.5.1', { gpu: 'a100-80g', notes: 'no flash attention' }, 'megatron-lm-2021'],
])('%s, %o: %s', (framework_version, more, software) => {
  expect(softwareOf({ framework_version, ...more })).toBe(software);
});

it('where Megatron-Core does not say what it recomputes, modules are tried before whole layers', () => {
  const row = trainingRow.parse({
    ...cells,
    framework_version: 'NeMo 25.11 / Megatron-Bridge v0.2.0',
    iteration_s: '4',
  });
  const place = { file: 'a.csv', line: 2 };
  const triedOf = (more: object) => {
    const installation = installationOf({ ...row, ...more }, {}, place);
    const { settings } = prepareRow(
      { row: { ...row, ...more }, ...place },
      installation,
      new Systems().get(installation),
      [],
    );
    return settings.filter(({ microBatch, virtualStages }) => microBatch === 1 && virtualStages === 1);
  };
  expect(triedOf({}).map(({ recompute, modules = false }) => [recompute, modules])).toEqual([
    ['none', false],
    ['selective', true],
    ['full', false],
  ]);
  expect(triedOf({ framework_version: 'torchtitan' }).some(({ modules }) => modules)).toBe(false);
  expect(triedOf({ recompute: 'selective' }).some(({ modules }) => modules)).toBe(false);
});

it('a mixture of Megatron-Core that does not say its micro-batch has 1, a dense model any that fits', () => {
  const said = trainingRow.parse({ ...cells, iteration_s: '4', recompute: 'none', virtual_stages: '1' });
  const row = { ...said, micro_batch: undefined };
  const place = { file: 'a.csv', line: 2 };
  const triedOf = (more: object) => {
    const given = { ...row, ...more };
    const installation = installationOf(given, {}, place);
    const { settings } = prepareRow({ row: given, ...place }, installation, new Systems().get(installation), []);
    return settings.map(({ microBatch }) => microBatch);
  };
  const framework_version = 'Megatron-Core (early 2025)';
  expect(triedOf({ framework_version })).toEqual([1]);
  expect(triedOf({ framework_version, experts: 1, top_k: 1, ep: 1 }).length).toBeGreaterThan(1);
  expect(triedOf({ framework_version: 'torchtitan' }).length).toBeGreaterThan(1);
});

it('where a source keeps to itself how many layers are recomputed, half of them are, or all', () => {
  const said = trainingRow.parse({ ...cells, iteration_s: '4', framework_version: 'fms-fsdp', recompute: 'selective' });
  const row = { ...said, notes: 'Selective AC = a fraction of the blocks recomputed, fraction not printed' };
  const place = { file: 'a.csv', line: 2 };
  const installation = installationOf(row, {}, place);
  const { settings } = prepareRow({ row, ...place }, installation, new Systems().get(installation), []);
  const half = Math.ceil(said.layers! / said.pp / 2);
  expect(new Set(settings.map(({ recompute, recomputedLayers }) => `${recompute} ${recomputedLayers}`))).toEqual(
    new Set([`full ${half}`, 'full undefined']),
  );
});

it('recomputes as many layers as notes say', () => {
  const said = trainingRow.parse({ ...cells, iteration_s: '4', recompute: 'full' });
  const layersOf = (notes: string) => {
    const row = { ...said, notes };
    const place = { file: 'a.csv', line: 2 };
    const installation = installationOf(row, {}, place);
    return prepareRow({ row, ...place }, installation, new Systems().get(installation), []).design[
      SLOT.workload.recomputedLayers
    ];
  };
  expect(layersOf('full recompute of 5 layers; CUDA graph')).toBe(5);
  expect(layersOf('CUDA graph')).toBe(0);
});

it('of a layer runs again what a policy of MaxText does not keep', () => {
  const said = trainingRow.parse({ ...cells, iteration_s: '4', recompute: 'selective', framework_version: 'MaxText' });
  const againOf = (policy: string) => {
    const row = { ...said, notes: `MFU 60 %; remat ${policy}; 3D torus` };
    const installation = installationOf(row, {}, {});
    const place = { file: 'a.csv', line: 2 };
    const { settings, design } = prepareRow({ row, ...place }, installation, new Systems().get(installation), []);
    expect([...new Set(settings.map(({ recompute }) => recompute))]).toEqual(['full']);
    return [...KEPT_TENSORS, 'offloadedLayers' as const].map((name) => design[SLOT.workload[name]]);
  };
  const { off, device, host } = CODE.workload.keepQkv;
  expect(againOf('custom, kept: context device, query_proj device, key_proj device')).toEqual([
    device,
    device,
    off,
    off,
    0,
  ]);
  expect(againOf('custom, kept: decoder_layer_input offload, query_proj offload')).toEqual([
    host,
    off,
    off,
    off,
    said.layers,
  ]);
  expect(againOf('full: decoder_layer_input offload')).toEqual([off, off, off, off, said.layers]);
  expect(againOf('minimal')).toEqual([device, off, device, device, 0]);
  expect(againOf('minimal_offloaded')).toEqual([host, off, host, host, 0]);
  expect(againOf('save_dot_with_context_except_mlp')).toEqual([device, device, device, off, 0]);
  expect(againOf('full')).toEqual([off, off, off, off, 0]);
});

it("fms-fsdp reduces gradients in half precision, on PyTorch's first FSDP, and torchtitan in single on its second", () => {
  const layoutOf = (framework_version: string) => {
    const read = {
      row: {
        ...trainingRow.parse({
          ...cells,
          experts: '1',
          top_k: '1',
          ep: '1',
          framework_version,
          notes: 'torch.compile',
        }),
        iteration_s: 1,
      },
      file: 'rows.csv',
      line: 2,
    };
    const installation = installationOf(read.row, {}, read);
    const { design } = prepareRow(
      { ...read, row: { ...read.row, layers: 36 } },
      installation,
      new Systems().get(installation),
      [],
    );
    return [SLOT.workload.gradientBytes, SLOT.workload.shardLayout].map((slot) => design[slot]);
  };
  const { flat, perParameter } = CODE.workload.shardLayout;
  expect(layoutOf('fms-fsdp, PyTorch nightly + torch.compile (2024)')).toEqual([2, flat]);
  expect(layoutOf('torchtitan, Oct 2024')).toEqual([4, perParameter]);
});
