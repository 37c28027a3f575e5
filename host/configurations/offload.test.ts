/** What of a configuration lies on the host. */
import { expect, it } from 'vitest';
import { frameworkOf } from './frameworks.js';
import { readConfiguration } from './readConfiguration.js';

/** The share of the optimiser, and the layers, of a file of a framework for one node. */
function offloadedIn(name: string, file: string, text: string): number[] {
  const framework = frameworkOf(name);
  const { facts } = readConfiguration(framework, framework.parse(text, file, new Map()), {
    system: 'h100-sxm',
    npus: 8,
    model: 'llama3-8b',
  });
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
