/** From the cells of a row to fields of a model and parameters of a design. */
import { CosmicError } from '../../../psa/errors.js';
import { findParameter } from '../../../psa/parameters.js';
import { precisionOf, takesScalesOfBefore } from './formats.js';
import { hybridAssumed, hybridFields, isHybrid } from './hybrids.js';
import { modulesOf, recomputedLayersOf } from './recomputed.js';
import { refuse, type TrainingRow } from './row.js';
import type { Run, Settings, Target } from './settings.js';

/** Columns that are a field or a parameter as they stand, in the order in which they are set. */
const COLUMNS: readonly (readonly [keyof TrainingRow, Target])[] = [
  ['gpus', 'system.npus'],
  ['hidden', 'model.hidden'],
  ['layers', 'model.layers'],
  ['seq', 'model.seq'],
  ['mlp', 'model.mlp'],
  ['tied', 'model.tiedEmbeddings'],
  ['tp', 'workload.tp'],
  ['pp', 'workload.pp'],
  ['dp', 'workload.dp'],
  ['cp', 'workload.sp'],
  ['ep', 'workload.ep'],
  ['global_batch', 'workload.batch'],
  ['micro_batch', 'workload.microBatch'],
  ['recompute', 'workload.recomputation'],
  ['weight_sharding', 'workload.weightSharding'],
];

/** Of a table that does not print one: Megatron-LM's own for GPT models (arXiv 2104.04473, 5). */
const VOCABULARY = 51_200;

/** Widths of DeepSeek's latent attention (arXiv 2405.04434 and 2412.19437): no table prints them. */
const LATENT: Settings = {
  'model.queryRank': 1536,
  'model.kvRank': 512,
  'model.ropeDim': 64,
  'model.headDim': 192,
  'model.valueDim': 128,
};

/** Layers that a head is worth by its FLOPs, as nanotron counts them: 4·h² and three matrices of an MLP a layer. */
export function headLayers({ hidden, ffn, vocab = VOCABULARY }: Pick<Run, 'hidden' | 'ffn' | 'vocab'>): number {
  return (vocab * hidden!) / (4 * hidden! ** 2 + 3 * hidden! * ffn!);
}

/** What no column says of GPT-OSS (arXiv 2508.10925, 2.2 and 2.3). */
const GPT_OSS: Settings = {
  'model.mlpBias': true,
  'model.attentionBias': 'all',
  'model.window': 128,
  'model.globalEvery': 2,
};

function attentionOf({ attention, heads, head_dim }: Run): Settings {
  // One head of keys and values divides any number of heads, until there are as many as are meant.
  const settings: Settings = { 'model.kvHeads': 1, 'model.heads': heads! };
  if (attention === 'mla') return { ...settings, ...LATENT };
  return head_dim === undefined ? settings : { ...settings, 'model.headDim': head_dim };
}

/** A dense MLP, or layers of experts behind dense ones or between them. */
function mlpOf({ layers, ffn, experts = 1, top_k = 1, expert_ffn, moe_layers, shared_experts = 0 }: Run): Settings {
  if (experts === 1) return { 'model.ffn': ffn! };
  const width = expert_ffn ?? ffn!;
  const mixtures = moe_layers ?? layers!;
  const every = mixtures > 0 && layers! % mixtures === 0 ? layers! / mixtures : 1;
  return {
    'model.ffn': width,
    'model.denseFfn': ffn!,
    'model.experts': experts,
    'model.expertsPerToken': top_k,
    'model.sharedFfn': shared_experts * width,
    'model.mixtureEvery': every,
    'model.leadingDense': every === 1 ? layers! - mixtures : 0,
  };
}

/** Schedules that split the backward pass, as sources name them (arXiv 2401.10241 and 2412.19437). */
const SPLIT_SCHEDULES: readonly (readonly [RegExp, string])[] = [
  [/\bZB-(?:1p|H1)\b/, 'zbH1'],
  [/\bZB-(?:2p|H2)\b/, 'zbH2'],
  [/\bZB-V\b/, 'zbV'],
  [/\bDualPipe\b/, 'dualPipe'],
];

function pipelineOf({ virtual_stages, framework_version = '', notes = '' }: Run): Settings {
  const split = SPLIT_SCHEDULES.find(([name]) => name.test(`${framework_version}; ${notes}`))?.[1];
  // Their chunks of a stage are the schedule's own.
  if (split !== undefined) return { 'workload.virtualStages': 1, 'workload.pipelineSchedule': split };
  if (virtual_stages === undefined) return {};
  return {
    'workload.virtualStages': virtual_stages,
    'workload.pipelineSchedule': virtual_stages > 1 ? 'interleaved' : '1f1b',
  };
}

/** What the parameter of a name may be; nothing where there is none. */
function setIfKnown(name: string, value: number | string, neutral: boolean, what: string): Settings {
  if (neutral) return {};
  return findParameter(name) === undefined ? refuse(`${what} is not modelled`) : { [name as Target]: value };
}

function layoutOf({ ep = 1, etp = 0, dp, tp, fsdp, sequence_parallel }: Run): Settings {
  // Experts lie as all else does where they may: those of tp's width whose ranks are replicas.
  const apart = dp % ep !== 0 || (etp > 0 && etp !== tp);
  return {
    ...(sequence_parallel === undefined ? {} : { 'workload.sequenceParallel': sequence_parallel ? 'on' : 'off' }),
    ...(apart ? { 'workload.etp': etp > 0 ? etp : tp } : {}),
    ...setIfKnown('workload.shardGroup', fsdp ?? 1, (fsdp ?? 1) <= 1, 'sharding inside groups of the replicas'),
  };
}

/** A table that names no activation: Llama-style models are not four times as wide inside, GPT-style ones are. */
function gatedUnsaid(run: Run): boolean {
  const { mlp, hidden, ffn, experts = 1, expert_ffn = ffn } = run;
  if (isHybrid(run)) return false;
  return mlp === undefined && (experts > 1 || ffn !== 4 * hidden!) && expert_ffn !== undefined;
}

function isGptOss({ model = '' }: Run): boolean {
  return /gpt-oss/i.test(model);
}

/** What is the host's: the state and arithmetic of an optimiser, or activations of so many layers. */
function offloadOf({ notes = '' }: Run): Settings {
  const layers = notes.match(/\bactivation offload (\d+) layers\b/)?.[1];
  return {
    ...(/AdamW on the CPU/.test(notes) ? { 'workload.optimizerOffload': 1 } : {}),
    ...(layers === undefined ? {} : { 'workload.offloadedLayers': Number(layers) }),
  };
}

/** All that no column says of a hybrid, instead of what columns would make of it. */
function hybridSettings(run: Run): Settings {
  const fields = hybridFields(run);
  if (fields === undefined) return {};
  const settings = Object.entries(fields).map(([field, value]) => [`model.${field}`, value]);
  return { ...Object.fromEntries(settings), 'model.leadingDense': 0 };
}

const NEEDED = ['hidden', 'ffn', 'layers', 'heads'] as const;

/** What is assumed of a run that its row does not say. */
export function assumptionsOf(run: Run): string[] {
  return [
    ...(gatedUnsaid(run) ? ['a gated MLP, as its width is not four times the hidden size'] : []),
    ...(run.vocab === undefined ? [`a vocabulary of ${VOCABULARY}`] : []),
    ...(run.attention === 'mla' ? ["DeepSeek's widths of latent attention"] : []),
    ...hybridAssumed(run),
    ...(takesScalesOfBefore(run) ? ['scales of fp8 from the steps before, as releases until 2024 had them'] : []),
    ...(isGptOss(run) ? ["GPT-OSS's biases and windows of attention"] : []),
  ];
}

/**
 * The overrides that make a system's default design this run; what it leaves open stays the system's.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE where no model and design is this run
 */
export function overridesOf(run: Run): string[] {
  const missing = NEEDED.filter((column) => run[column] === undefined);
  if (missing.length > 0) refuse(`the shape of the model is not given: ${missing.join(', ')}`);
  const settings: Settings = {
    ...Object.fromEntries(
      COLUMNS.flatMap(([column, target]) => (run[column] === undefined ? [] : [[target, run[column]]])),
    ),
    ...(gatedUnsaid(run) ? { 'model.mlp': 'swiglu' } : {}),
    ...mlpOf(run),
    ...attentionOf(run),
    ...(isGptOss(run) ? GPT_OSS : {}),
    'model.vocab': run.vocab ?? VOCABULARY,
    ...hybridSettings(run),
    ...pipelineOf(run),
    ...modulesOf(run),
    ...recomputedLayersOf(run),
    ...offloadOf(run),
    ...layoutOf(run),
    ...precisionOf(run),
  };
  const kvHeads = run.attention === 'mla' ? run.heads! : (run.kv_heads ?? run.heads!);
  // The last one of a name counts: heads of keys and values come after the heads that they divide.
  return [...Object.entries(settings).map(([name, value]) => `${name}=${value}`), `model.kvHeads=${kvHeads}`];
}

/** What follows from others or is tried where a row leaves it open: no override has a say in it. */
const DECIDED: readonly Target[] = [
  'model.headDim',
  'model.valueDim',
  'model.kvHeads',
  'workload.microBatch',
  'workload.recomputation',
  'workload.virtualStages',
  'workload.pipelineSchedule',
];

/**
 * Refuses overrides that a row decides, which would be lost.
 *
 * @throws CosmicError ARGUMENT
 */
export function checkOverrides(set: readonly string[], decides: readonly string[], id: string): void {
  const nameOf = (assignment: string) => assignment.split('=')[0]!.trim();
  const decided = new Set<string>([...decides.map(nameOf), ...DECIDED]);
  const lost = set.find((assignment) => decided.has(nameOf(assignment)));
  if (lost === undefined) return;
  throw new CosmicError('ARGUMENT', `${nameOf(lost)} is what each row decides, such as ${id}`, {
    file: `--set ${lost}`,
    remedy: 'leave the override out, and write the value into the file',
  });
}
