/** Parameters of every model preset, against what its makers publish. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { modelSize } from '../kernels/workload/modelSize.js';
import { loadModel } from './model.js';
import { packageRoot } from './packageRoot.js';
import { listPresets } from './presets.js';

interface Published {
  readonly total: number;
  readonly active?: number | null;
  /** Half of the last digit that is stated, a whole one if cut off. */
  readonly rounded?: { readonly total?: number; readonly active?: number };
}

/** By the name of the configuration in test/data/models, where the source stands too. */
const CONFIGURATIONS = JSON.parse(
  readFileSync(join(packageRoot, 'test', 'data', 'models', 'published.json'), 'utf8'),
) as Readonly<Record<string, Published>>;

/** Presets of models whose configurations are test data. */
const CONFIGURATION_OF: Readonly<Record<string, string>> = {
  'deepseek-v3': 'DeepSeek-V3',
  'falcon-180b': 'falcon-180B',
  'falcon-h1-7b': 'Falcon-H1-7B',
  'gemma3-27b': 'gemma-3-27b',
  'glm4.5-air': 'GLM-4.5-Air',
  'gpt-j-6b': 'gpt-j-6b',
  'gpt-oss-120b': 'gpt-oss-120b',
  'gpt-oss-20b': 'gpt-oss-20b',
  'granite4-h-small': 'granite-4.0-h-small',
  'grok-1': 'grok-1',
  'kimi-k2': 'Kimi-K2-Base',
  'kimi-linear-48b-a3b': 'Kimi-Linear-48B-A3B',
  'llama2-13b': 'Llama-2-13b',
  'llama2-70b': 'Llama-2-70b',
  'llama2-7b': 'Llama-2-7b',
  'llama3-405b': 'Llama-3.1-405B',
  'llama3-70b': 'Llama-3.1-70B',
  'llama3-8b': 'Meta-Llama-3-8B',
  'llama3.2-1b': 'Llama-3.2-1B',
  'llama4-maverick': 'Llama-4-Maverick-17B-128E',
  'llama4-scout': 'Llama-4-Scout-17B-16E',
  'minimax-m2': 'MiniMax-M2',
  'minimax-text-01': 'MiniMax-Text-01',
  'mistral-7b': 'Mistral-7B-v0.1',
  'mistral-small-24b': 'Mistral-Small-24B',
  'mixtral-8x22b': 'Mixtral-8x22B-v0.1',
  'mixtral-8x7b': 'Mixtral-8x7B-v0.1',
  'mpt-7b': 'mpt-7b',
  'nemotron-h-8b': 'Nemotron-H-8B',
  'nemotron3-nano-30b-a3b': 'Nemotron-3-Nano-30B-A3B',
  'nemotron3-super-120b-a12b': 'Nemotron-3-Super-120B-A12B',
  'nemotron4-15b': 'Nemotron-4-15B',
  'phi4-14b': 'phi-4',
  'qwen2-57b-a14b': 'Qwen2-57B-A14B',
  'qwen2.5-72b': 'Qwen2.5-72B',
  'qwen2.5-7b': 'Qwen2.5-7B',
  'qwen3-235b-a22b': 'Qwen3-235B-A22B',
  'qwen3-30b-a3b': 'Qwen3-30B-A3B',
  'qwen3-32b': 'Qwen3-32B',
  'qwen3-8b': 'Qwen3-8B',
  'qwen3-next-80b-a3b': 'Qwen3-Next-80B-A3B',
  // Of images of 224 pixels, 59 patches less.
  'vit-base': 'vit-base-patch16-224',
  'vit-large': 'vit-large-patch16-224',
};

const stated = (total: number, rounded: number): Published => ({ total, rounded: { total: rounded } });

/** Sizes that stand elsewhere, most of them in a model's name alone. */
const STATED: Readonly<Record<string, Published>> = {
  'llama2-34b': { total: 33743970304 }, // https://huggingface.co/codellama/CodeLlama-34b-hf, of the same shape
  'internlm-7b': { total: 7321948160 }, // https://huggingface.co/internlm/internlm-7b
  'gpt3-126m-pax': stated(126e6, 1e6),
  'gpt3-5b': stated(5e9, 5e8),
  // arXiv 2005.14165, table 2.1: 175.0 B; its head is apart from its token table here.
  ...Object.fromEntries(['gpt3-175b', 'gpt3-175b-chat', 'gpt3-175b-qa'].map((name) => [name, stated(175e9, 5e8)])),
  'llama-like-1.34b': stated(1.34e9, 5e6),
  'llama-like-8.86b': stated(8.86e9, 5e6),
  'llama-like-80b': stated(80e9, 5e8),
  // arXiv 2311.05610: LLaMA's 13.0 and 65.2 B with a token table and a head of 96,000 rows more each.
  'llama-13b-128k': { total: 13.016e9 + 2 * 96000 * 5120 },
  'llama-65b-128k': { total: 65.286e9 + 2 * 96000 * 8192 },
  'maxtext-1024b': stated(1024e9, 8e9),
  'maxtext-16b': stated(16e9, 5e8),
  'maxtext-22b': stated(22e9, 5e8),
  'maxtext-256b': stated(256e9, 3e9),
  'maxtext-52b': stated(52e9, 5e8),
  'maxtext-64b': stated(64e9, 1e9),
  'megascale-175b': stated(175e9, 5e8),
  // arXiv 2504.14960: Mixtral 8x22B's experts cut up, which makes its routers wider.
  'mixtral-8x22b-g8t8': { total: 140620634112 + 56 * (64 - 8) * 6144 },
  'mpt-125m': stated(125e6, 2e6),
  'mpt-13b': stated(13e9, 5e8),
  'mpt-3b': stated(2.65e9, 5e7),
  'mpt-70b': stated(65e9, 5e8),
  'mpt-760m': stated(760e6, 5e6),
  'nemotron-h-56b': stated(56e9, 5e8),
  'nemotron3-8b': stated(8.5e9, 5e7),
  'nemotron3-ultra-550b-a55b': stated(550e9, 5e9),
};

/** Presets that are not their namesakes: the sizes of COSMIC's public code, and a mean of several models. */
const OTHERS = ['cosmic-ensemble', 'gpt3-13b', 'llama-7b'];

const PRESETS = listPresets('models').filter((name) => !OTHERS.includes(name));

it.each(PRESETS)('%s has the parameters that are published', (name) => {
  const published = STATED[name] ?? CONFIGURATIONS[CONFIGURATION_OF[name] ?? ''];
  if (published === undefined) throw new Error(`no source for the size of ${name}: add it here`);
  const { total, active, rounded } = published;
  for (const phase of loadModel(name).phases) {
    const { parameters, activeParameters } = modelSize(phase, 0);
    expect(Math.abs(parameters - total)).toBeLessThanOrEqual(Math.max(1e-3 * total, rounded?.total ?? 0));
    if (typeof active !== 'number') continue;
    expect(Math.abs(activeParameters - active)).toBeLessThanOrEqual(Math.max(1e-3 * active, rounded?.active ?? 0));
  }
});
