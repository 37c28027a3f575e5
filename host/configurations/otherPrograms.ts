/** Files that people bring to `check` and that no framework of ours reads: what they are instead, and how to ask the same. */
import { CosmicError } from '../../psa/errors.js';

interface OtherProgram {
  readonly title: string;
  /** What its files have and no configuration of ours. */
  readonly is: RegExp;
  /** Where the same is asked: a machine, and the software whose constants are nearest; none of a program that answers requests. */
  readonly asked: string;
}

const SERVES = '--system h100-sxm --set workload.tp=8 --set model.phase=decode';
const SHARDS = '--system h100-sxm --software fsdp2';
const DEEPSPEED = '--system h100-sxm --software deepspeed-zero';
const MEGATRON = '--system h100-sxm --software megatron-core';

const OTHER_PROGRAMS: readonly OtherProgram[] = [
  { title: 'vLLM', is: /\bvllm (serve|bench)\b|vllm\.entrypoints/, asked: SERVES },
  { title: 'SGLang', is: /sglang\.(launch_server|bench)/, asked: SERVES },
  { title: 'TensorRT-LLM', is: /\btrtllm-(serve|build|bench)\b/, asked: `${SERVES} --software tensorrt-llm` },
  { title: 'Axolotl', is: /^base_model:|\baxolotl train\b/m, asked: SHARDS },
  {
    title: 'LLaMA-Factory',
    is: /^(finetuning_type|model_name_or_path):|\bllamafactory-cli\b/m,
    asked: DEEPSPEED,
  },
  { title: 'OLMo', is: /^ +max_sequence_length:/m, asked: SHARDS },
  {
    title: 'llm-foundry',
    is: /^device_train_microbatch_size:/m,
    asked: '--system h100-sxm --software llm-foundry',
  },
  { title: 'LitGPT', is: /^out_dir:|\blitgpt (pretrain|finetune)/m, asked: SHARDS },
  {
    title: 'Accelerate',
    is: /^(distributed_type|fsdp_config|compute_environment):|\baccelerate launch\b/m,
    asked: SHARDS,
  },
  { title: "Hugging Face's trainer", is: /--per_device_train_batch_size\b/, asked: DEEPSPEED },
  { title: 'torchtune', is: /_component_: *torchtune\b/, asked: SHARDS },
  { title: 'NeMo AutoModel', is: /_target_: *nemo_automodel\b/, asked: '--system h100-sxm --software automodel' },
  { title: 'nanotron', is: /^ +batch_accumulation_per_replica:/m, asked: '--system h100-sxm --software nanotron' },
  { title: 'verl', is: /\bverl\.trainer\b/, asked: MEGATRON },
  { title: 'ms-swift', is: /\b(swift|megatron) (sft|pt|rlhf)\b/, asked: MEGATRON },
];

/** Files without a job's settings, and what has them. */
const BESIDE: readonly { readonly what: string; readonly is: RegExp; readonly remedy: string }[] = [
  {
    what: 'a script that starts torchtitan',
    is: /\btorchtitan[./]\w*train\b|--job\.config_file\b/,
    remedy: 'check the TOML file that it names, with --npus',
  },
  {
    what: 'a script that starts a recipe of NeMo or Megatron-Bridge',
    is: /\bnemo llm \w|\bmegatron[./]bridge\b|\/run_(recipe|script)\.py\b/,
    remedy: 'check the recipe that it makes, written as YAML',
  },
  {
    what: 'the description of a model',
    is: /"(architectures|model_type)":/,
    remedy: 'give it by --model, and the configuration of a job beside it',
  },
];

/** What a file is in which no setting of a job was found, and what to check in its place. */
export function withoutSettings(text: string): { readonly what: string; readonly remedy: string } | undefined {
  return BESIDE.find(({ is }) => is.test(uncommented(text)));
}

/** A DeepSpeed file that other programs take with them is one that is read. */
const NAMES_DEEPSPEED = /\bdeepspeed\b.*\.json/;

/**
 * Refuses a file of a program that is known not to be read.
 *
 * @throws CosmicError SCHEMA
 */
export function refuseOtherPrograms(file: string, text: string): void {
  const said = uncommented(text);
  const other = OTHER_PROGRAMS.find(({ is }) => is.test(said));
  if (other === undefined) return;
  const remedy = `describe the job to cosmic simulate: ${other.asked} --model config.json --set system.npus=8 … (docs/check.md)`;
  const deepspeed = NAMES_DEEPSPEED.test(said)
    ? '; or check the DeepSpeed file that it names, with --model and --npus'
    : '';
  throw new CosmicError('SCHEMA', `configurations of ${other.title} are not read`, {
    file,
    remedy: `${remedy}${deepspeed}`,
  });
}

function uncommented(text: string): string {
  return text.replaceAll(/^\s*#.*$/gm, '');
}
