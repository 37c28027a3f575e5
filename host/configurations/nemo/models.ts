/** Models that recipes name by the class of their configuration, without sizes: of NeMo 2 and of Megatron-Bridge. */
import type { ConfigurationFile } from '../configurationFile.js';

/** Settings that name the class. */
export const CLASS = ['model.config._target_', 'model._target_'] as const;

/** Ends of such classes (nemo.collections.llm.gpt.model, megatron.bridge.models), and the presets that they are. */
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/Llama2(Config|ModelProvider)7B$/, 'llama2-7b'],
  [/Llama2(Config|ModelProvider)13B$/, 'llama2-13b'],
  [/Llama2(Config|ModelProvider)70B$/, 'llama2-70b'],
  [/Llama31?(Config|ModelProvider)8B$/, 'llama3-8b'],
  [/Llama31?(Config|ModelProvider)70B$/, 'llama3-70b'],
  [/Llama31(Config|ModelProvider)405B$/, 'llama3-405b'],
  [/Mixtral(Config|ModelProvider)8x7B$/, 'mixtral-8x7b'],
  [/Mixtral(Config|ModelProvider)8x22B$/, 'mixtral-8x22b'],
  [/Nemotron3(Config|ModelProvider)8B$/, 'nemotron3-8b'],
  [/Nemotron4(Config|ModelProvider)15B$/, 'nemotron4-15b'],
  [/GPT(Config|Provider)175B$/, 'gpt3-175b'],
  [/DeepSeekV3(Config|ModelProvider)$/, 'deepseek-v3'],
  [/Qwen25(Config|ModelProvider)7B$/, 'qwen2.5-7b'],
  [/Qwen25(Config|ModelProvider)72B$/, 'qwen2.5-72b'],
  [/Qwen3(Config|ModelProvider)8B$/, 'qwen3-8b'],
  [/Qwen3(Config|ModelProvider)32B$/, 'qwen3-32b'],
  [/Qwen3(MoE)?(Config|ModelProvider)30B_A3B$/, 'qwen3-30b-a3b'],
  [/Qwen3(MoE)?(Config|ModelProvider)235B_A22B$/, 'qwen3-235b-a22b'],
  [/Qwen3Next(Config|ModelProvider)80B_A3B$/, 'qwen3-next-80b-a3b'],
];

/** The preset of the model that a recipe names; undefined where it names none that is known. */
export function namedModel({ settings }: ConfigurationFile): string | undefined {
  const names = CLASS.map((key) => settings.get(key)?.values[0]?.text ?? '');
  return CLASSES.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
}
