/** Megatron-LM and Megatron-Core: command lines (github.com/NVIDIA/Megatron-LM, megatron/training/arguments.py). */
import type { CompiledSpace } from '../../../psa/space.js';
import type { WrittenSetting } from '../configurationFile.js';
import { exportConfiguration } from '../exportConfiguration.js';
import { type Framework, type JobSize, knownSettings } from '../framework.js';
import { readArguments } from '../shell/argumentFile.js';
import { MODEL_ROWS } from './modelRows.js';
import { FORMAT, PARALLEL_ROWS } from './parallelRows.js';
import { FACT_RULES, SETTING_RULES, WORDS } from './rules.js';
import { TRAINING_ROWS } from './trainingRows.js';

const ROWS = [...PARALLEL_ROWS, ...TRAINING_ROWS];

/** Data, learning rates, checkpoints, logs; and switches of kernels whose constants stand in the software's file. */
const WITHOUT_EFFECT =
  /^-[a-zA-Z]$|^--(lr|min-lr|weight-decay|start-weight|end-weight|clip-grad|adam|sgd|optimizer$|init-method|seed|data-|train-|valid|test-|split|eval|save|load|exit|log-|tensorboard|wandb|timing|profile|no-load|no-save|finetune|use-checkpoint|use-dist-ckpt|ckpt|dist-ckpt|async-save|auto-detect|dataloader|num-workers|reset-|eod-|no-create-attention|create-attention|mock-data|vocab-file|merge-file|tokenizer-|distributed-|rdzv|nproc|nnodes|node[_-]rank|node-rank|master[_-]|local[_-]|use-mcore-models|use-legacy|rotary-|use-rope|rope-|no-rope|norm-epsilon|layernorm-|apply-layernorm|no-persist|no-masked|no-bias|masked-softmax|attention-softmax|no-gradient-accumulation|gradient-accumulation-fusion|accumulate-allreduce|moe-router-(load|score|pre|group|num|topk-s|enable|bias|dtype|force|fusion|padding)|moe-aux|moe-z|moe-input|moe-grouped|moe-permute|moe-per|moe-pad$|moe-enable|moe-use|moe-shared-expert-(overlap|gate)|moe-token-drop|moe-layer-recompute|moe-upcycling|moe-hybrid|moe-flex|enable-experimental|mtp-loss|delay-wgrad|overlap-moe|empty-unused|check-|no-check|manual-gc|calculate|override|rampup|initial-loss|loss-scale|min-loss|hysteresis|attention-mask|te-|tp-comm-(overlap-|bulk|split)|ddp-|no-fp8|fp8-(margin|interval|amax|param|wgrad)|first-last|num-layers-at|cross-entropy|no-async-tensor|disable-tp|cpu-offload|high-priority|nccl|num-dataset|num-distributed|sharp|use-sharp|align|no-align|decoupled|rerun|straggler|heartbeat|ft-|legacy|transformer-impl|spec$|untied|export|inference|external-cuda|enable-cuda|cuda-graph|no-scatter|keep-fp8|lazy|iterations|skip-train|run-workload|result|cache|record|object-storage|max-tokens|retro|bert|tiktoken|no-mmap|no-position-embedding|no-weight-decay|standalone|partition|gpus|ntasks|cpus|mem|time|job-name|output|error|account|exclusive|container|no-container|export|mpi|nodes|comment|qos|dp-sharding|padded|qk-clip|recompute-(rope)|seq-len|defer-|reuse-|use-pytorch-profiler|use-transformer-engine|moe-deepep|moe-hybridep|moe-apply|no-barrier|barrier-|expert-lr|kv-lora-norm|mscale|beta)/;

/** Launchers print the number of NPUs; what runs is Megatron-LM's program for GPT models. */
function print(settings: readonly WrittenSetting[], { npus, perNode }: JobSize): string {
  const launcher = `torchrun --nproc_per_node ${perNode} --nnodes ${npus / perNode} pretrain_gpt.py`;
  const lines = settings.map(({ name, values }) => [name, ...values].join(' '));
  return `#!/usr/bin/env bash\n${[launcher, ...lines].join(' \\\n  ')}\n`;
}

const KNOWN = knownSettings({ rows: ROWS, modelRows: MODEL_ROWS });

export const MEGATRON: Framework = {
  name: 'megatron',
  title: FORMAT,
  software: 'megatron-core',
  rows: ROWS,
  modelRows: MODEL_ROWS,
  modelSetting: '--num-layers',
  words: WORDS,
  factRules: FACT_RULES,
  settingRules: SETTING_RULES,
  withoutEffect: WITHOUT_EFFECT,
  recognises: (file, text) => /\.(sh|bash|args|txt|sbatch|slurm)$/.test(file) || /--[a-z]+(-[a-z]+)+/.test(text),
  parse: (text, file, given) => readArguments(text, file, (name) => KNOWN.has(name), given),
  print,
};

/**
 * A design as arguments of Megatron-LM's pretrain_gpt.py: parallelism, schedule and overlaps, batches, recomputation and
 * the model as it was simulated. Run it on as many GPUs as the design has NPUs.
 *
 * @returns one flag with its values per element
 * @throws CosmicError ARGUMENT where Megatron-LM cannot do what the design does
 */
export function megatronArguments(space: CompiledSpace, design: Float64Array): string[] {
  const { settings } = exportConfiguration(MEGATRON, space, design);
  return settings.map(({ name, values }) => [name, ...values].join(' '));
}
