import { describe, expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { temporaryFolder, writerIn } from '../../../test/temporaryFolder.js';
import { exportConfiguration } from '../exportConfiguration.js';
import { frameworkOf, openConfiguration } from '../frameworks.js';
import { violations } from '../legality.js';
import { type Configuration, readConfiguration } from '../readConfiguration.js';
import { switchesOf } from '../switches.js';

const write = writerIn(temporaryFolder('maxtext'));

function read(
  name: string,
  text: string,
  options: { npus?: number; model?: string; system?: string } = {},
): Configuration {
  const { framework, file } = openConfiguration(write(name, text));
  expect(framework.name).toBe('maxtext');
  return readConfiguration(framework, file, { system: 'tpu-v5p', ...options });
}

const values = ({ facts }: Configuration, ...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, facts.value(`workload.${name}` as 'workload.dp')]));

/** A script as those of MaxText's folders of configurations are. */
const SCRIPT = `
export EXECUTABLE="train"
export XLA_FLAGS="--xla_gpu_enable_latency_hiding_scheduler=true
--xla_gpu_enable_command_buffer=''"
python3 -m MaxText.$EXECUTABLE \${PKG:-$PWD/src/MaxText}/configs/models/gpu/some.yml run_name=$RUN_NAME \\
    hardware=gpu steps=10 model_name=llama3.1-405b attention=cudnn_flash_te remat_policy=save_qkv_proj \\
    per_device_batch_size=1.0 max_target_length=8192 \\
    dcn_fsdp_parallelism=128 ici_fsdp_parallelism=8 quantization="" base_output_directory=$OUTPUT_PATH
`;

describe('scripts give settings behind a file', () => {
  it('axes within nodes and between them are one', () => {
    const configuration = read('128vm.sh', SCRIPT, { system: 'h100-sxm' });
    expect(configuration.npus).toBe(1024);
    expect(configuration.notUnderstood).toEqual([]);
    expect(configuration.notes).toEqual([expect.stringContaining('some.yml is not read')]);
    expect(
      values(configuration, 'weightSharding', 'shardGroup', 'microBatch', 'batch', 'keepQkv', 'keepProjection'),
    ).toEqual({
      ...{
        weightSharding: 'zero3',
        shardGroup: 'all',
        microBatch: 1,
        batch: 1024,
        keepQkv: 'device',
        keepProjection: 'off',
      },
    });
    expect(configuration.facts.model).toMatchObject({ layers: 126, seq: 8192 });
    expect(violations(configuration)).toEqual([]);
  });

  it('a setting is changed where it stands, between nodes too', () => {
    const { file } = read('128vm.sh', SCRIPT, { system: 'h100-sxm' });
    const changed = file.edited([
      { name: 'ici_fsdp_parallelism', values: ['512'] },
      { name: 'ici_tensor_parallelism', values: ['2'] },
    ]);
    expect(changed).toContain('dcn_fsdp_parallelism=128 ici_fsdp_parallelism=4 ');
    expect(changed).toMatch(/ici_tensor_parallelism=2\b/);
    expect(() => file.edited([{ name: 'ici_fsdp_parallelism', values: ['64'] }])).toThrow(/dcn_fsdp_parallelism 128/);
  });

  it('sizes are those of base.yml times a scale', () => {
    const text =
      'python3 -m MaxText.train configs/base.yml per_device_batch_size=4 global_parameter_scale=64 ici_tensor_parallelism=4\n';
    const { facts } = read('64b.sh', text, { npus: 128 });
    expect(facts.model).toMatchObject({ layers: 64, hidden: 8192, heads: 64, ffn: 28672, headDim: 128, seq: 2048 });
    const wrong = text.replace('scale=64', 'scale=48');
    expect(() => read('48b.sh', wrong, { npus: 128 })).toThrow(/global_parameter_scale is 48/);
  });
});

const FILE = 'base_config: "base.yml"\nper_device_batch_size: 2\nmodel_name: "llama3-8b"\n';

describe('files stand on base.yml', () => {
  it('its defaults are those of what a file does not say', () => {
    const configuration = read('job.yml', FILE, { npus: 64 });
    expect(values(configuration, 'tp', 'sp', 'pp', 'weightSharding', 'recomputation', 'batch')).toEqual({
      ...{ tp: 1, sp: 1, pp: 1, weightSharding: 'zero3', recomputation: 'full', batch: 128 },
    });
    expect(configuration.facts.model.seq).toBe(2048);
  });

  it('a named model goes before sizes, unless they are to override it', () => {
    const sized = `${FILE}base_num_decoder_layers: 4\n`;
    expect(read('named.yml', sized, { npus: 8 }).facts.model.layers).toBe(32);
    expect(read('sized.yml', `${sized}override_model_config: True\n`, { npus: 8 }).facts.model.layers).toBe(4);
    expect(() => read('other.yml', FILE.replace('llama3-8b', 'gemma2-9b'), { npus: 8 })).toThrow(/gemma2-9b/);
    expect(() => read('nameless.yml', 'per_device_batch_size: 2\n', { npus: 8 })).toThrow(/describes no model/);
  });

  it.each([
    ['v5p-256', 1, 128],
    ['v6e-256', 1, 256],
    ['v4-128', 2, 128],
  ])('%s on %i slices has so many chips', (topology, slices, chips) => {
    const text = `${FILE}compile_topology: ${topology}\ncompile_topology_num_slices: ${slices}\n`;
    const configuration = read('aot.yml', text);
    expect(configuration.npus).toBe(chips);
    expect(values(configuration, 'shardGroup')).toEqual({ shardGroup: slices === 1 ? 'all' : chips / slices });
  });

  it('policies say what of a layer is kept, and where', () => {
    const kept = (policy: string) =>
      values(
        read('p.yml', `${FILE}${policy}`, { npus: 8 }),
        'keepQkv',
        'keepAttentionOutput',
        'keepProjection',
        'keepMlpProducts',
        'offloadedLayers',
      );
    const none = {
      keepQkv: 'off',
      keepAttentionOutput: 'off',
      keepProjection: 'off',
      keepMlpProducts: 'off',
      offloadedLayers: 'none',
    };
    const device = { keepQkv: 'device', keepProjection: 'device', keepMlpProducts: 'device' };
    expect(kept('')).toEqual(none);
    expect(kept('remat_policy: minimal\n')).toEqual({ ...none, ...device });
    const custom = 'remat_policy: custom\ndecoder_layer_input: offload\nquery_proj: offload\nmlpwi_0: device\n';
    expect(kept(custom)).toEqual({ ...none, keepQkv: 'host', keepMlpProducts: 'device', offloadedLayers: 32 });
    // Without custom they say nothing.
    expect(kept('query_proj: offload\n')).toEqual(none);
    expect(() => kept('remat_policy: minimul\n')).toThrow(/remat_policy is 'minimul'/);
  });

  it.each([
    ['', 'bf16'],
    ['quantization: "int8"\n', 'int8'],
    ['quantization: fp8\n', 'fp8Delayed'],
    ['quantization: fp8_full\nuse_qwix_quantization: True\n', 'fp8'],
  ])('products of %j are in %s', (text, precision) => {
    expect(values(read('q.yml', `${FILE}${text}`, { npus: 8 }), 'precision')).toEqual({ precision });
  });

  it('weights in half precision have gradients and moments of two bytes', () => {
    const names = ['masterWeightBytes', 'momentBytes', 'mainGradientBytes'];
    expect(values(read('w.yml', `${FILE}weight_dtype: bfloat16\n`, { npus: 8 }), ...names)).toEqual({
      ...{ masterWeightBytes: 0, momentBytes: 2, mainGradientBytes: 2 },
    });
    expect(values(read('m.yml', `${FILE}mu_dtype: bfloat16\n`, { npus: 8 }), 'momentBytes')).toEqual({
      momentBytes: 3,
    });
  });

  it('pipelines have GPipe of one round, chunks of several', () => {
    const pipeline = (more: string) =>
      values(
        read('pp.yml', `${FILE}ici_pipeline_parallelism: 4\n${more}`, { npus: 8 }),
        'pipelineSchedule',
        'virtualStages',
        'microBatch',
      );
    expect(pipeline('num_layers_per_pipeline_stage: 8\n')).toEqual({
      pipelineSchedule: 'gpipe',
      virtualStages: 1,
      microBatch: 2,
    });
    expect(pipeline('num_pipeline_microbatches: 8\n')).toEqual({
      pipelineSchedule: 'interleaved',
      virtualStages: 8,
      microBatch: 1,
    });
  });

  it('what does not fit a mesh is told', () => {
    const broken = (more: string, npus = 8) =>
      violations(read('b.yml', `${FILE}${more}`, { npus })).map(({ says }) => says);
    expect(broken('ici_fsdp_parallelism: 4\n')).toEqual([expect.stringContaining('axes of 4 devices')]);
    expect(broken('ici_data_parallelism: -1\nici_fsdp_parallelism: -1\n')).toContainEqual(
      expect.stringContaining('2 axes are -1'),
    );
    expect(broken('ici_pipeline_parallelism: 4\nnum_pipeline_microbatches: 6\n', 12)).toContainEqual(
      expect.stringContaining('6 micro-batches are no multiple of 4 stages'),
    );
    expect(() => broken('ici_tensor_parallelism: 1.5\n')).toThrow(/ici_tensor_parallelism is '1.5'/);
  });

  it('notes what is not simulated, and settings that are misspelt', () => {
    const { notes, notUnderstood, slips } = read(
      'n.yml',
      `${FILE}use_sparse_indexer: True\nremat_polcy: full\nmoba: False\n`,
      { npus: 8 },
    );
    expect(notes).toEqual([expect.stringContaining('use_sparse_indexer')]);
    expect(notUnderstood).toEqual(['remat_polcy']);
    expect(slips).toMatchObject([{ name: 'remat_polcy', meant: 'remat_policy' }]);
  });
});

it('what layers keep is a switch, in the words of its policies', () => {
  const { facts, framework } = read('s.yml', `${FILE}remat_policy: save_qkv_proj\n`, { npus: 8 });
  const settable = new Set<string>(framework.rows.flatMap(({ targets }) => targets));
  const kept = (lacksMemory: boolean) =>
    switchesOf(facts, (name) => settable.has(name), lacksMemory).find(({ name }) => name === 'kept tensors')?.values;
  expect(kept(false)).toHaveLength(4);
  expect(kept(false)?.at(-1)).toMatchObject({ 'workload.keepAttentionOutput': 'device' });
  // Of a job that lacks memory fewer.
  expect(kept(true)).toEqual([expect.objectContaining({ 'workload.keepQkv': 'off' })]);
});

it('what has a policy is written as that', () => {
  const set = [
    'system.npus=8',
    'workload.recomputation=full',
    'workload.keepQkv=device',
    'workload.keepProjection=device',
  ];
  const written = (...more: readonly string[]) => {
    const space = compileDesign(loadDefault('h100-sxm', 'llama3-8b', [...set, ...more], undefined, 'maxtext'));
    return exportConfiguration(frameworkOf('maxtext'), space, space.fixed).text;
  };
  expect(written('workload.keepMlpProducts=device')).toContain('remat_policy: minimal\n');
  expect(written('workload.keepMlpProducts=host')).toContain(
    'remat_policy: custom\nqkv_proj: device\nout_proj: device\nmlpwi: offload\n',
  );
});
