/** Megatron-LM and Megatron-Core: command lines (github.com/NVIDIA/Megatron-LM, megatron/training/arguments.py). */
import type { CompiledSpace } from '../../../psa/space.js';
import type { WrittenSetting } from '../configurationFile.js';
import { exportConfiguration } from '../exportConfiguration.js';
import { type Framework, type JobSize, knownSettings } from '../framework.js';
import { readArguments } from '../shell/argumentFile.js';
import { withDeepspeed } from './deepspeedFile.js';
import { DEEPSPEED_ROW } from './deepspeedRows.js';
import { NOT_SIMULATED, WITHOUT_EFFECT } from './effects.js';
import { withPattern } from './hybridFile.js';
import { MODEL_ROWS } from './modelRows.js';
import { MODULE_OFFLOAD_ROW } from './moduleOffload.js';
import { FORMAT, PARALLEL_ROWS } from './parallelRows.js';
import { FACT_RULES, SETTING_RULES, WORDS } from './rules.js';
import { STAGE_ROWS } from './stageRows.js';
import { TRAINING_ROWS } from './trainingRows.js';

const ROWS = [...PARALLEL_ROWS, ...STAGE_ROWS, ...TRAINING_ROWS, MODULE_OFFLOAD_ROW, DEEPSPEED_ROW];

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
  notSimulated: NOT_SIMULATED,
  recognises: (file, text) => /\.(sh|bash|args|txt|sbatch|slurm)$/.test(file) || /--[a-z]+(-[a-z]+)+/.test(text),
  parse: (text, file, given) => withPattern(withDeepspeed(readArguments(text, file, (name) => KNOWN.has(name), given))),
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
