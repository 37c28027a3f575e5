/**
 * NeMo's and Megatron-Bridge's recipes in YAML: Megatron-Core's arguments by other names (Megatron-Bridge, ConfigContainer;
 * NeMo, megatron_gpt_config.yaml).
 */
import { stringify } from 'yaml';
import { notExpressible } from '../../export/designValues.js';
import type { Framework } from '../framework.js';
import { withPattern } from '../megatron/hybridFile.js';
import { MEGATRON } from '../megatron/megatron.js';
import { CHUNKS, PER_CHUNK, SCHEDULE_ROW } from '../megatron/stageRows.js';
import {
  ACTIVATION_OFFLOAD,
  OFFLOAD_ROW,
  OFFLOADED_LAYERS,
  PRECISION_ROW,
  WEIGHT_COPIES_ROW,
} from '../megatron/trainingRows.js';
import { type Row, written } from '../row.js';
import { nestedData, readYaml } from '../tree/yaml.js';
import { KEYS, NOT_SIMULATED, WITHOUT_EFFECT } from './keys.js';
import { CLASS, namedModel } from './models.js';
import { TranslatedFile, translated } from './translation.js';

const FORMAT = 'NeMo';

/** NeMo says how many model chunks a stage has, not how large they are. */
const schedule: Row = {
  ...SCHEDULE_ROW,
  write: (design) =>
    SCHEDULE_ROW.write(design).map((setting) => {
      if (setting.name === PER_CHUNK) return written(CHUNKS, design.values.number('workload.virtualStages'));
      return setting;
    }),
};

const MIXED = 'mixed_precision';
const OLD = 'trainer.precision';

/** Presets of mixed precision, and what of our formats they are. */
const PRESETS = {
  bf16_mixed: 'bf16',
  bf16_with_fp8_current_scaling_mixed: 'fp8',
  bf16_with_fp8_delayed_scaling_mixed: 'fp8Delayed',
  bf16_with_fp8_subchannel_scaling_mixed: 'fp8Block',
  bf16_with_mxfp8_mixed: 'mxfp8',
  bf16_with_nvfp4_mixed: 'nvfp4',
  fp16_mixed: 'bf16',
  bf16: 'bf16',
  fp16: 'bf16',
} as const;

const precision: Row = {
  settings: [MIXED, OLD, 'model.fp8'],
  targets: PRECISION_ROW.targets,
  read: (given) => {
    const delayed = given.has('model.fp8') && given.text('model.fp8') !== 'False' && given.truth('model.fp8', false);
    const format = given.choice<string>(MIXED, PRESETS, delayed ? 'fp8Delayed' : 'bf16');
    return { 'workload.precision': format, 'workload.attentionPrecision': 'bf16' };
  },
  write: ({ values }) => {
    if (values.text('workload.attentionPrecision') !== 'bf16') {
      throw notExpressible('attention in fp8', FORMAT, 'add --set workload.attentionPrecision=bf16');
    }
    const format = values.text('workload.precision');
    const preset = Object.entries(PRESETS).find(([, name]) => name === format)?.[0];
    if (preset !== undefined) return [written(MIXED, preset)];
    throw notExpressible(`products in ${format}`, FORMAT, 'add --set workload.precision=bf16');
  },
};

const OF_ACTIVATIONS = ['model.cpu_offloading_activations', 'model.config.cpu_offloading_activations'] as const;

/** Layers are offloaded where a switch of its own says so, and of them what two more name: activations, unless denied. */
const offloads: Row = {
  ...OFFLOAD_ROW,
  settings: [...OFFLOAD_ROW.settings, ...OF_ACTIVATIONS],
  read: (given) => {
    const read = OFFLOAD_ROW.read(given);
    const leave = given.has(ACTIVATION_OFFLOAD) && OF_ACTIVATIONS.every((name) => given.truth(name, true));
    return leave ? read : { ...read, 'workload.offloadedLayers': 'none' };
  },
  write: (design) =>
    OFFLOAD_ROW.write(design).flatMap((setting) =>
      setting.name === OFFLOADED_LAYERS ? [written(ACTIVATION_OFFLOAD), setting] : [setting],
    ),
};

/** Presets of mixed precision differ by release in whether weights are kept in eight bits: it stays what the software has. */
const ROWS = MEGATRON.rows
  .filter((row) => row !== WEIGHT_COPIES_ROW)
  .map((row) => {
    if (row === SCHEDULE_ROW) return schedule;
    if (row === OFFLOAD_ROW) return offloads;
    return row === PRECISION_ROW ? precision : row;
  });

/** Nodes and GPUs of a node: of NeMo's trainer, or of a comment such as `# 8 nodes of 8 GPUs`. */
function npusOf(values: ReadonlyMap<string, string>, text: string): number | undefined {
  const [nodes, each] = ['trainer.num_nodes', 'trainer.devices'].map((name) => Number(values.get(name)));
  if (nodes! * each! > 0) return nodes! * each!;
  const [, count, size] = /^# (\d+) nodes? of (\d+) GPUs?$/m.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * Number(size);
}

export const NEMO: Framework = {
  ...MEGATRON,
  name: 'nemo',
  title: 'NeMo or Megatron-Bridge',
  rows: ROWS,
  namedModel,
  modelNames: CLASS,
  fileNames: KEYS.flatMap(({ keys }) => keys),
  withoutEffect: WITHOUT_EFFECT,
  notSimulated: NOT_SIMULATED,
  recognises: (file) => /\.ya?ml$/.test(file),
  parse: (text, file) => withPattern(new TranslatedFile(readYaml(text, file, npusOf), KEYS)),
  print: (settings, { npus, perNode }) =>
    `# ${npus / perNode} nodes of ${perNode} GPUs\n${stringify(nestedData(translated(settings, KEYS)), { lineWidth: 0 })}`,
};
