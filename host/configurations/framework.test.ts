import { expect, it } from 'vitest';
import { OUTPUT } from '../../kernels/outputs.js';
import { compileDesign, defaultOf } from '../../psa/defaults.js';
import { modelSources, readModel } from '../../psa/model.js';
import type { ParameterName } from '../../psa/parameters.js';
import { loadSoftware, withSoftware } from '../../psa/software.js';
import { loadSystem } from '../../psa/system.js';
import { designEvaluator } from '../designs/designs.js';
import { exportConfiguration } from './exportConfiguration.js';
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
    ...['parameter_memory_host_offload', 'pipeline_fsdp_ag_once', 'use_batch_split_schedule', 'moba'],
  ];
  const notOf = names.filter((setting) => notSimulated.some(({ settings }) => settings.test(setting)));
  expect(notOf.length > 0).toBe(notSimulated.length > 0);
  expect(notOf.filter((setting) => withoutEffect.test(setting))).toEqual([]);
});

it('torchtitan: no model of it predicts later tokens, DeepSeek-V3 neither, and none that does is written', () => {
  const torchtitan = frameworkOf('torchtitan');
  const read = (flavor: string, given: { model?: string } = {}) => {
    const text = `[model]\nname = "deepseek_v3"\nflavor = "${flavor}"\n[training]\nlocal_batch_size = 1\n`;
    const file = torchtitan.parse(text, 'a.toml', new Map());
    return readConfiguration(torchtitan, file, { system: 'h100-sxm', npus: 64, ...given });
  };
  for (const one of [read('671B'), read('own', { model: 'deepseek-v3' })]) {
    expect(one.facts.model).toMatchObject({ layers: 61, mtpLayers: 0 });
  }
  const own = withSoftware(loadSystem('h100-sxm'), loadSoftware(torchtitan.software));
  const layout = ['system.npus=64', 'workload.tp=1', 'workload.ep=8', 'workload.weightSharding=zero3'];
  const written = (mtpLayers: number) => {
    const set = [...layout, `model.mtpLayers=${mtpLayers}`];
    const space = compileDesign(defaultOf(own, readModel(modelSources('deepseek-v3')), set));
    return exportConfiguration(torchtitan, space, space.fixed).text;
  };
  expect(() => written(1)).toThrow('layers that predict a later token');
  expect(written(0)).toContain('flavor = "671B"');
  // What a silent file means is not written.
  expect(written(0)).toContain('expert_parallel_degree = 8');
  expect(written(0)).not.toContain('expert_tensor_parallel_degree');
});

it('torchtitan: number formats, a compiled loss and the balance of context are said, or as the software has them', () => {
  const torchtitan = frameworkOf('torchtitan');
  const own = (text: string) => {
    const file = torchtitan.parse(`[model]\nname = "llama3"\nflavor = "8B"\n${text}`, 'a.toml', new Map());
    const { facts, notUnderstood } = readConfiguration(torchtitan, file, { system: 'h100-sxm', npus: 64 });
    expect(notUnderstood).toEqual([]);
    const { number, text: word } = facts;
    return [
      ...(['masterWeightBytes', 'momentBytes', 'mainGradientBytes'] as const).map((name) => number(`workload.${name}`)),
      ...(['loss', 'contextBalance'] as const).map((name) => word(`workload.${name}`)),
    ];
  };
  expect(own('[compile]\nenable = true\n')).toEqual([4, 4, 4, 'plain', 'off']);
  expect(own('[compile]\nenable = true\ncomponents = ["model", "loss"]\n')).toEqual([4, 4, 4, 'inPlace', 'off']);
  expect(own('[compile]\nenable = false\ncomponents = ["loss"]\n')).toEqual([4, 4, 4, 'plain', 'off']);
  expect(own('[training]\ndtype = "bfloat16"\n')).toEqual([0, 2, 2, 'plain', 'off']);
  expect(own('[optimizer]\nbf16_optimizer_states = true\n')).toEqual([4, 2, 4, 'plain', 'off']);
  expect(own('[parallelism]\ncontext_parallel_load_balancer = "headtail"\n')).toEqual([4, 4, 4, 'plain', 'on']);
});

it.each([
  ['nemo.collections.llm.gpt.model.llama.Llama31Config405B', 'llama3-405b'],
  ['megatron.bridge.models.llama.llama_provider.Llama3ModelProvider70B', 'llama3-70b'],
  ['nemo.collections.llm.gpt.model.mixtral.MixtralConfig8x7B', 'mixtral-8x7b'],
  ['nemo.collections.llm.gpt.model.llama.Llama3Config8BOfMine', undefined],
])('NeMo: a recipe of the class %s is of the model %s', (name, preset) => {
  for (const text of [`model:\n  config:\n    _target_: ${name}\n`, `model:\n  _target_: ${name}\n`]) {
    expect(NEMO.namedModel!(NEMO.parse(text, 'a.yaml', new Map()))).toBe(preset);
  }
});

it('DeepSpeed: ZeRO was a switch, and what of ZeRO++ and of pipelines is not simulated is said', () => {
  const deepspeed = frameworkOf('deepspeed');
  const read = (zero: unknown, more = {}) => {
    const text = JSON.stringify({ train_micro_batch_size_per_gpu: 1, zero_optimization: zero, ...more });
    const file = deepspeed.parse(text, 'a.json', new Map());
    return readConfiguration(deepspeed, file, { system: 'h100-sxm', npus: 8, model: 'llama3-8b' });
  };
  expect(read(true).facts.text('workload.weightSharding')).toBe('zero1');
  expect(read(false).facts.text('workload.weightSharding')).toBe('none');
  const { notUnderstood, notes } = read({ stage: 3, zero_hpz_partition_size: 8 }, { pipeline: { stages: 'auto' } });
  expect(notUnderstood).toEqual([]);
  expect(notes).toEqual([
    'zero_optimization.zero_hpz_partition_size is not simulated: all shards are gathered, in half precision',
    'pipeline.stages is not simulated: the job has one stage',
  ]);
});

it('DeepSpeed: of mixtures it says what a loop over experts costs, which takes several times as long', () => {
  const deepspeed = frameworkOf('deepspeed');
  const text = JSON.stringify({ train_micro_batch_size_per_gpu: 1, zero_optimization: { stage: 3 } });
  const read = (model: string, software?: string) =>
    readConfiguration(deepspeed, deepspeed.parse(text, 'a.json', new Map()), {
      ...{ system: 'h100-sxm', npus: 16, model, software },
    });
  expect(read('llama3-8b').notes.join()).not.toContain('loop');
  expect(read('qwen3-30b-a3b').notes.join()).toContain('--software deepspeed-zero-loop');
  const secondsOf = (software?: string) => {
    const space = compileDesign(read('qwen3-30b-a3b', software).psa);
    return designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]! / 1e6;
  };
  expect(secondsOf('deepspeed-zero-loop')).toBeGreaterThan(2 * secondsOf());
});

it('names all that a file lacks at once: its NPUs and its model', () => {
  const read = (flags: string, options: { npus?: number; model?: string } = {}) => {
    const file = MEGATRON.parse(`python pretrain_gpt.py --bf16 ${flags}`, 'run.sh', new Map());
    return () => readConfiguration(MEGATRON, file, { system: 'h100-sxm', ...options });
  };
  const [both, npus, model] = [
    /NPUs the job has and describes no model/,
    /NPUs the job has$/,
    /file describes no model/,
  ];
  expect(read('')).toThrow(both);
  expect(read('', { model: 'llama3-8b' })).toThrow(npus);
  expect(read('', { npus: 8 })).toThrow(model);
});

it.each([
  ['torchtitan', '[model]\nname = "llama3"\nflavor = "9B"\n', 'llama3 9B'],
  ['nemo', 'model:\n  _target_: a.Llama9ModelProvider9B\n', 'a.Llama9ModelProvider9B'],
])('%s: a model that is not known is named', (name, text, named) => {
  const framework = frameworkOf(name);
  const file = framework.parse(text, 'job', new Map());
  const read = () => readConfiguration(framework, file, { system: 'h100-sxm', npus: 8 });
  expect(read).toThrow(`the file names a model that is not known, ${named}`);
});
