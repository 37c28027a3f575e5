/** Configurations of transformers as they stand on Hugging Face, and the sizes that their makers publish. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { productFlops } from '../../kernels/workload/header.js';
import { modelSize } from '../../kernels/workload/modelSize.js';
import { opGraph } from '../../kernels/workload/transformer.js';
import { parseSource } from '../document.js';
import { CosmicError } from '../errors.js';
import { layerKinds } from '../layerKinds.js';
import { loadModel, readModel, workloadOf } from '../model.js';
import { completeFields } from '../modelFields.js';
import { packageRoot } from '../packageRoot.js';
import type { ModelPhase } from '../space.js';

const FOLDER = join(packageRoot, 'test', 'data', 'models');

interface Published {
  /** Parameters, of the card or counted in the released weights; `rounded`: half of the last digit that is stated, a whole one if cut off. */
  readonly total: number;
  readonly active: number | null;
  readonly rounded?: { readonly total?: number; readonly active?: number };
}

const PUBLISHED = Object.entries(
  JSON.parse(readFileSync(join(FOLDER, 'published.json'), 'utf8')) as Record<string, Published>,
);

function sizeOf(m: ModelPhase) {
  return modelSize(m, productFlops(m, opGraph(m)));
}

function expectPublished(got: number, published: number, rounded = 0): void {
  expect(Math.abs(got - published), `${got} for ${published}`).toBeLessThanOrEqual(Math.max(1e-3 * published, rounded));
}

function sizeNamed(name: string) {
  const [phase] = loadModel(join(FOLDER, `${name}.json`)).phases as [ModelPhase];
  return sizeOf(phase);
}

it.each(PUBLISHED)('%s has the parameters that are published', (name, { total, rounded }) =>
  expectPublished(sizeNamed(name).parameters, total, rounded?.total));

const ACTIVE = PUBLISHED.flatMap(([name, { active, rounded }]) =>
  active === null ? [] : [[name, active, rounded?.active] as const],
);

it.each(ACTIVE)('%s has so many active ones: %d', (name, active, rounded) =>
  expectPublished(sizeNamed(name).activeParameters, active, rounded));

/** Makers of hybrids of linear attention count what is active without embedding and head. */
it.each([
  ['Ring-mini-linear-2.0', 0.957e9, 5e5],
  ['MiniMax-Text-01', 45.9e9, 5e7],
])('%s has so many active parameters between embedding and head: %d', (name, active, rounded) => {
  const [phase] = loadModel(join(FOLDER, `${name}.json`)).phases as [ModelPhase];
  expectPublished(sizeOf(phase).activeParameters - 2 * phase.vocab * phase.hidden, active, rounded);
});

it('the weights of Qwen3-Next, which have a layer that predicts a later token, are as many as Hugging Face counts', () => {
  const [phase] = loadModel(join(FOLDER, 'Qwen3-Next-80B-A3B.json')).phases as [ModelPhase];
  const { parameters, mtpParameters } = sizeOf({ ...phase, mtpLayers: 1 });
  expectPublished(parameters + mtpParameters, 81.325e9);
});

/** Large models whose embeddings are tied all the same. */
const TIED_ALL_THE_SAME = [
  'ERNIE-4.5-21B-A3B',
  'Hunyuan-A13B',
  'SmolLM2-1.7B',
  'SmolLM3-3B',
  'aya-expanse-32b',
  'c4ai-command-a-03-2025',
  'c4ai-command-r-plus',
  'c4ai-command-r-v01',
  'gemma-2-27b',
  'gemma-3-12b',
  'gemma-3-27b',
  'granite-3.0-1b-a400m',
  'granite-3.0-2b-base',
  'granite-3.1-8b-base',
  'granite-4.0-h-micro',
  'granite-4.0-h-small',
  'granite-4.0-micro',
  'grok-1',
];

/** Small models whose embeddings are not. */
const UNTIED_ALL_THE_SAME = ['OLMo-2-1B', 'stablelm-2-1_6b'];

it('a model that does not say whether its embeddings are tied is taken as configurations of its size are', () => {
  const gated = readdirSync(FOLDER)
    .filter((file) => file !== 'published.json')
    .map((file) => loadModel(join(FOLDER, file)).phases[0]!)
    .filter((phase) => phase.gated && phase.vocab > 0);
  const others = gated.filter((phase) => {
    const fields = { ...phase, mlp: 'swiglu' as const, tiedEmbeddings: undefined };
    const complete = completeFields(fields, (field) => new Error(field));
    return complete.tiedEmbeddings !== phase.tiedEmbeddings;
  });
  expect(gated.length).toBeGreaterThan(40);
  expect(others.map(({ model }) => model).sort()).toEqual([...TIED_ALL_THE_SAME, ...UNTIED_ALL_THE_SAME].sort());
});

function read(config: object): ReturnType<typeof workloadOf> {
  return workloadOf(readModel([parseSource(JSON.stringify(config, null, 1), 'config.json')]));
}

function errorOf(config: object): CosmicError {
  try {
    read(config);
  } catch (error) {
    if (error instanceof CosmicError) return error;
  }
  throw new Error('no error');
}

const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 128,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 100,
};

describe('fields', () => {
  it('says what was read, and what has no effect', () => {
    const { readings } = read({ ...LLAMA, rope_theta: 1e6, transformers_version: '4.43.0' });
    expect(readings).toMatchObject([
      { family: 'llama', withoutEffect: ['architectures', 'model_type', 'rope_theta', 'transformers_version'] },
    ]);
    expect(readings![0]!.read.map(({ field }) => field)).toContain('hidden_size');
  });

  it('has the family from its architecture where the type is missing', () => {
    const { model_type: _, ...config } = LLAMA;
    expect(read(config).readings![0]!.family).toBe('llama');
  });

  it.each([
    ['a size that it does not know', { ...LLAMA, num_memory_layers: 3 }, 'num_memory_layers', 11],
    ['a family that it does not know', { ...LLAMA, model_type: 'lamma' }, 'lamma', 5],
    ['a number that is none', { ...LLAMA, hidden_size: 'big' }, 'hidden_size', 6],
    ['an activation that it does not know', { ...LLAMA, hidden_act: 'sine' }, 'sine', 11],
    [
      'layers without a period',
      { ...LLAMA, model_type: 'gemma2', layer_types: ['full_attention', 'sliding_attention'] },
      'layer_types',
      11,
    ],
  ])('refuses %s, naming the field', (_, config, named, at) => {
    const { message, file, line, remedy } = errorOf(config);
    expect(message).toContain(named);
    expect([file, line, remedy === '']).toEqual(['config.json', at, false]);
  });

  it('takes null for none, not for what the family takes where a file is silent: Mistral Small has no windows', () => {
    const mistral = { ...LLAMA, model_type: 'mistral' };
    expect(read({ ...mistral, sliding_window: null }).phases[0]).toMatchObject({ window: 0 });
    expect(read(mistral).phases[0]).toMatchObject({ window: 4096 });
  });

  it('reads a tower beside the text model as what the text model is, and names that where it is not known', () => {
    const beside = (type: string) => ({ model_type: 'mistral3', text_config: { ...LLAMA, model_type: type } });
    expect(read(beside('ministral3')).readings![0]!.family).toBe('ministral3');
    expect(errorOf(beside('mistral4')).message).toContain("'mistral4' is not known");
    expect(errorOf(beside('jamba')).message).toContain('recurrent state');
  });

  it('reads MiMo as Qwen2 with a layer that predicts a later token', () => {
    // Fields as in github.com/NVIDIA-NeMo/Megatron-Bridge, tests/unit_tests, of XiaomiMiMo/MiMo-7B-Base.
    const mimo = { ...LLAMA, model_type: 'mimo', attention_bias: true, num_nextn_predict_layers: 1 };
    expect(read(mimo).phases[0]).toMatchObject({ attentionBias: 'qkv', qkNorm: 'none', mtpLayers: 1 });
  });

  it("reads Hunyuan's mixtures with fields of its other models, which its class has, but for those that say more", () => {
    const config = JSON.parse(readFileSync(join(FOLDER, 'Hunyuan-A13B.json'), 'utf8'));
    const ranks = { use_mla: false, kv_lora_rank: 512, q_lora_rank: 1536, qk_rope_head_dim: 64, v_head_dim: 128 };
    const more = { ...config, ...ranks, use_cla: false, anyres_pooling_size: 2, num_media_embeds: 257 };
    expect(read(more).phases).toEqual(read(config).phases);
    expect(errorOf({ ...more, use_mla: true }).message).toContain('latent attention');
  });

  it('reads Qwen3.5, dense and a mixture, as Qwen3-Next: kinds in a list or each fourth, a layer that predicts a later token', () => {
    const sizes = { ...LLAMA, num_hidden_layers: 4, linear_num_value_heads: 8, linear_num_key_heads: 4 };
    const dense = read({ ...sizes, model_type: 'qwen3_5_text', mtp_num_hidden_layers: 1 }).phases[0]!;
    expect(dense).toMatchObject({ layers: 4, layerPattern: '(M-)(M-)(M-)(*-)', attentionGate: true, mtpLayers: 1 });
    expect(dense).toMatchObject({ stateRule: 'gatedDelta', stateHeads: 8, stateGroups: 4, stateChunk: 64 });
    const layer_types = ['full_attention', 'linear_attention', 'linear_attention', 'linear_attention'];
    const mixture = { ...sizes, model_type: 'qwen3_5_moe_text', moe_intermediate_size: 32, layer_types };
    expect(read(mixture).phases[0]).toMatchObject({
      layerPattern: '(*E)(ME)(ME)(ME)',
      experts: 256,
      ffn: 32,
      qkNorm: 'head',
    });
    expect(errorOf({ ...mixture, layer_types: ['mamba', ...layer_types.slice(1)] }).message).toContain('layer_types');
  });

  it('reads lightning attention by the list of its makers, and refuses what a Kimi says more', () => {
    const old = { ...LLAMA, model_type: 'minimax_text_01', attn_type_list: [0, 1] };
    expect(read(old).phases[0]).toMatchObject({
      layerPattern: '(ME)(*E)',
      stateRule: 'lightning',
      stateConvolution: 0,
    });
    expect(errorOf({ ...old, attn_type_list: [0] }).message).toContain('kinds of layers');
    const kimi = JSON.parse(readFileSync(join(FOLDER, 'Kimi-Linear-48B-A3B.json'), 'utf8'));
    expect(errorOf({ ...kimi, mla_use_output_gate: true }).message).toContain('gates');
    expect(errorOf({ ...kimi, attn_res_block_size: 12 }).message).toContain('attn_res_block_size');
    expect(errorOf({ ...kimi, num_hidden_layers: 28 }).message).toContain('28 layers');
  });

  it('tells what is left of a model whose attention chooses its tokens', () => {
    expect(errorOf({ ...LLAMA, model_type: 'glm_moe_dsa' }).remedy).toContain('set model_type to deepseek_v3');
  });

  it('refuses a file that lacks a size', () => {
    const { hidden_size: _, ...config } = LLAMA;
    expect(errorOf(config)).toMatchObject({ code: 'SCHEMA', message: 'the configuration lacks hidden_size' });
  });

  it.each([
    ['nemotron_h_puzzle', 'all different'],
    ['jamba', 'recurrent state'],
    ['zamba2', 'many layers share'],
    ['mamba2', 'configurations are not read'],
    ['rwkv7', 'recurrent state'],
    ['t5', 'an encoder'],
    ['deepseek_v32', 'chooses the tokens'],
  ])('refuses %s and says what is missing', (model_type, missing) => {
    expect(errorOf({ ...LLAMA, model_type }).message).toContain(missing);
  });

  it.each([
    ['mtp_hybrid_override_pattern', 'M'],
    ['mtp_layers_block_type', ['mamba', 'moe']],
  ])('refuses layers of Nemotron 3 that predict later tokens and are no attention and mixture, by %s', (field, blocks) => {
    const { mtp_hybrid_override_pattern: _, ...config } = JSON.parse(
      readFileSync(join(FOLDER, 'Nemotron-3-Super-120B-A12B.json'), 'utf8'),
    );
    expect(errorOf({ ...config, [field]: blocks }).message).toContain('not attention and a mixture');
  });
});

describe('layers of several kinds', () => {
  const kinds = (name: string, change: Partial<ModelPhase> = {}) => {
    const [phase] = loadModel(join(FOLDER, `${name}.json`)).phases as [ModelPhase];
    return layerKinds({ ...phase, ...change }).map(({ layers, mlp, window }) => [layers, mlp === 'experts', window]);
  };

  it.each([
    [
      'leading dense layers, and one that predicts a later token',
      'DeepSeek-V3',
      {},
      [
        [3, false, undefined],
        [58, true, undefined],
        [1, true, undefined],
      ],
    ],
    [
      'each second layer a mixture',
      'Llama-4-Maverick-17B-128E',
      { window: 0 },
      [
        [24, false, undefined],
        [24, true, undefined],
      ],
    ],
    [
      'five local layers to a global one',
      'gemma-3-27b',
      {},
      [
        [52, false, 1024],
        [10, false, undefined],
      ],
    ],
    [
      'each second layer local',
      'gpt-oss-20b',
      {},
      [
        [12, true, 128],
        [12, true, undefined],
      ],
    ],
    [
      'a state space or attention in the place of one another, and a mixture',
      'granite-4.0-h-small',
      {},
      [
        [36, true, undefined],
        [4, true, undefined],
      ],
    ],
    [
      'a state space or attention in the place of one another, and an MLP',
      'granite-4.0-h-1b',
      {},
      [
        [36, false, undefined],
        [4, false, undefined],
      ],
    ],
    ['a hybrid in name alone', 'granite-4.0-micro', {}, [[40, false, undefined]]],
    ['windows as long as the sequence are none', 'gpt-oss-20b', { context: 128, seq: 128 }, [[24, true, undefined]]],
  ] as const)('%s', (_, name, change, expected) => expect(kinds(name, change)).toEqual(expected));
});
