import { expect, it } from 'vitest';
import type { ParameterName } from '../../psa/parameters.js';
import { notSimulatedNotes } from './framework.js';
import { FRAMEWORK_NAMES, frameworkOf } from './frameworks.js';
import { readConfiguration } from './readConfiguration.js';

const MEGATRON = frameworkOf('megatron');
const NEMO = frameworkOf('nemo');

it('says of settings whose effect is not simulated what is taken instead, unless they are off', () => {
  const script = `torchrun pretrain_gpt.py --num-layers 4 --enable-cuda-graph --moe-deepep-num-sms 20 --seed 1 --moe-flex-attention false`;
  const { settings } = MEGATRON.parse(script, 'train.sh', new Map());
  const file = { settings } as Parameters<typeof notSimulatedNotes>[1];
  expect(notSimulatedNotes(MEGATRON, file)).toEqual([
    '--enable-cuda-graph is not simulated: the host launches every kernel',
    '--moe-deepep-num-sms is not simulated: exchanges of experts take no multiprocessors from products',
  ]);
  const recipe = NEMO.parse(
    'model:\n  cpu_offloading_weights: false\n  enable_cuda_graph: true\n',
    'recipe.yaml',
    new Map(),
  );
  expect(notSimulatedNotes(NEMO, recipe)).toEqual([
    'model.enable_cuda_graph is not simulated: the host launches every kernel',
  ]);
});

it('torchtitan: a file with the names of 2024 is the same job', () => {
  const torchtitan = frameworkOf('torchtitan');
  const job = (text: string) => {
    const file = torchtitan.parse(text, 'a.toml', new Map());
    const { facts } = readConfiguration(torchtitan, file, { system: 'h100-sxm', npus: 64 });
    return Object.fromEntries(JOB.map((name) => [name, facts.value(name)]));
  };
  const JOB = ['tp', 'pp', 'dp', 'microBatch', 'batch', 'shardGroup', 'precision', 'tensorOverlap'].map(
    (name) => `workload.${name}` as ParameterName,
  );
  const model = '[model]\nname = "llama3"\nflavor = "70B"\n';
  const before = `${model}[training]\nbatch_size = 4\nseq_len = 8192\ntensor_parallel_degree = 8\ndata_parallel_shard_degree = 4\ncompile = true\n[experimental]\npipeline_parallel_degree = 2\npipeline_parallel_microbatches = 2\nenable_async_tensor_parallel = true\n[float8]\nenable_float8_linear = true\n`;
  const now = `${model.replace('"70B"', '"70B"\nconverters = ["float8"]')}[training]\nlocal_batch_size = 4\nseq_len = 8192\n[parallelism]\ntensor_parallel_degree = 8\ndata_parallel_shard_degree = 4\npipeline_parallel_degree = 2\npipeline_parallel_microbatch_size = 2\nenable_async_tensor_parallel = true\n[compile]\nenable = true\n`;
  expect(job(before)).toEqual(job(now));
  expect(job(before)).toMatchObject({ 'workload.tp': 8, 'workload.pp': 2, 'workload.precision': 'fp8' });
});

it('NeMo 1 has a method of recomputation beside a selective one, which it does not look at', () => {
  const text = (granularity: string) =>
    `trainer: { num_nodes: 1, devices: 8 }\nmodel:\n  mcore_gpt: true\n  micro_batch_size: 1\n  global_batch_size: 64\n  encoder_seq_length: 2048\n  num_layers: 24\n  hidden_size: 2048\n  ffn_hidden_size: \${multiply:4, \${.hidden_size}}\n  num_attention_heads: 16\n  activations_checkpoint_granularity: ${granularity}\n  activations_checkpoint_method: block\n`;
  const settings = (granularity: string) => [
    ...frameworkOf('nemo').parse(text(granularity), 'a.yaml', new Map()).settings.keys(),
  ];
  expect(settings('selective')).not.toContain('--recompute-method');
  expect(settings('full')).toContain('--recompute-method');
});

it.each(FRAMEWORK_NAMES)('%s: a setting changes nothing, or something that is not simulated, not both', (name) => {
  const { withoutEffect, notSimulated } = frameworkOf(name);
  const names = [
    ...['--enable-cuda-graph', '--cpu-offload', '--moe-hybridep-num-sms', '--delay-wgrad-compute'],
    ...['model.cpu_offloading_weights', 'model.enable_cuda_graph', 'model.moe_deepep_num_sms'],
    ...['zero_optimization.offload_optimizer.device', 'zero_optimization.cpu_offload'],
  ];
  const notOf = names.filter((setting) => notSimulated.some(({ settings }) => settings.test(setting)));
  expect(notOf.length > 0).toBe(notSimulated.length > 0);
  expect(notOf.filter((setting) => withoutEffect.test(setting))).toEqual([]);
});
