/** What of a configuration lies on the host. */
import { expect, it } from 'vitest';
import { frameworkOf } from './frameworks.js';
import { HOST_MODULES } from './offloadedModules.js';
import { type Configuration, readConfiguration } from './readConfiguration.js';

/** A file of a framework for one node. */
function read(name: string, file: string, text: string): Configuration {
  const framework = frameworkOf(name);
  const settings = framework.parse(text, file, new Map());
  return readConfiguration(framework, settings, { system: 'h100-sxm', npus: 8, model: 'llama3-8b' });
}

/** The share of the optimiser, and the layers, that lie on the host. */
function offloadedIn(name: string, file: string, text: string): number[] {
  const { facts } = read(name, file, text);
  return [facts.number('workload.optimizerOffload'), facts.number('workload.offloadedLayers')];
}

const NEMO = 'train: { micro_batch_size: 1, global_batch_size: 8 }\n';

it.each([
  ['model: { cpu_offloading: true, cpu_offloading_num_layers: 10 }', [0, 10]],
  ['model: { config: { cpu_offloading: true, cpu_offloading_num_layers: 10 } }', [0, 10]],
  // The number alone switches nothing on, and weights are no activations.
  ['model: { cpu_offloading_num_layers: 10 }', [0, 0]],
  ['model: { cpu_offloading: false, cpu_offloading_num_layers: 10 }', [0, 0]],
  ['model: { cpu_offloading: true, cpu_offloading_num_layers: 10, cpu_offloading_activations: false }', [0, 0]],
  ['optimizer: { optimizer_cpu_offload: true, optimizer_offload_fraction: 0.5 }', [0.5, 0]],
])('NeMo: %s', (text, expected) => expect(offloadedIn('nemo', 'recipe.yaml', NEMO + text)).toEqual(expected));

it.each([
  ['', [0, 0]],
  ['enable_cpu_offload = true', [1, 0]],
  ['enable_cpu_offload = false', [0, 0]],
])('torchtitan: %s', (text, expected) => {
  const file = `[model]\nname = "llama3"\nflavor = "8B"\n[training]\nseq_len = 8192\nlocal_batch_size = 1\n${text}\n`;
  expect(offloadedIn('torchtitan', 'job.toml', file)).toEqual(expected);
});

it.each([
  ['--optimizer-cpu-offload --use-precision-aware-optimizer', [1, 0]],
  ['--optimizer-cpu-offload --optimizer-offload-fraction 0.25 --use-precision-aware-optimizer', [0.25, 0]],
  ['--cpu-offloading-num-layers 4', [0, 4]],
])('Megatron-LM: %s', (text, expected) => {
  const script = `torchrun pretrain_gpt.py --micro-batch-size 1 --global-batch-size 8 --seq-length 8192 ${text}`;
  expect(offloadedIn('megatron', 'train.sh', script)).toEqual(expected);
});

const SCRIPT = 'torchrun pretrain_gpt.py --micro-batch-size 1 --global-batch-size 8 --seq-length 8192';

/** The modules of a file whose activations lie on the host. */
function modulesIn(name: string, file: string, text: string): string[] {
  const { facts } = read(name, file, text);
  return HOST_MODULES.targets.filter((target) => facts.text(target) === 'on');
}

it.each([
  ['', []],
  // The list alone switches nothing on.
  ['--offload-modules core_attn', []],
  [
    '--fine-grained-activation-offloading --offload-modules core_attn attn_proj',
    ['workload.offloadAttentionCore', 'workload.offloadProjection'],
  ],
  [
    '--fine-grained-activation-offloading --offload-modules attn_norm qkv_linear mlp_norm',
    ['workload.offloadAttentionNorm', 'workload.offloadQkv', 'workload.offloadMlpNorm'],
  ],
  [
    '--fine-grained-activation-offloading --offload-modules fused_group_mlp',
    ['workload.offloadExperts', 'workload.offloadExpertActivation'],
  ],
])('Megatron-LM, modules: %s', (text, expected) => {
  expect(modulesIn('megatron', 'train.sh', `${SCRIPT} ${text}`)).toEqual(expected);
});

it.each([
  ['model: { fine_grained_activation_offloading: true, offload_modules: [expert_fc1, moe_act] }', true],
  ['model: { fine_grained_activation_offloading: false, offload_modules: [expert_fc1, moe_act] }', false],
])('NeMo, modules: %s', (text, on) => {
  const modules = on ? ['workload.offloadExperts', 'workload.offloadExpertActivation'] : [];
  expect(modulesIn('nemo', 'recipe.yaml', NEMO + text)).toEqual(modules);
});

it('a module that Megatron-Core does not have is an error that names it', () => {
  const text = `${SCRIPT} --fine-grained-activation-offloading --offload-modules core_atn`;
  expect(() => read('megatron', 'train.sh', text)).toThrow('core_atn is no module');
});
