/** From the cells of a row to fields of a model and parameters of a design. */
import { CosmicError } from '../../../psa/errors.js';
import type { ModelFieldName } from '../../../psa/modelFields.js';
import { findParameter, type ParameterName } from '../../../psa/parameters.js';
import { NUMBER_FORMATS, type NumberFormat } from '../numberFormats.js';
import { hybridAssumed, hybridFields, isHybrid } from './hybrids.js';
import { type MemoryRow, refuse, type TrainingRow } from './row.js';

/** A run: of a row for memory the columns of a row of today are empty. */
type Run = Partial<TrainingRow> & Pick<MemoryRow, 'tp' | 'pp' | 'dp' | 'gpus' | 'seq' | 'global_batch'>;

/** What overrides set: a field of the model, a parameter, or the number of NPUs. */
type Target = `model.${ModelFieldName}` | ParameterName | 'system.npus';

type Settings = Partial<Record<Target, number | string | boolean>>;

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

/**
 * Modules that are recomputed, as notes name them: those of Megatron-Core, the two of arXiv 2412.19437, section 3.2.3, or those that arXiv
 * 2511.02302 added. Of all of attention (`attn`) what makes queries, keys and values of latents is recomputed here, and no other product.
 */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [/\blayernorm\b|\bRMSNorm\b/, 'recomputeNorms'],
  [/\bmla_up_proj\b|\bMLA up-projections\b|\battn\b/, 'recomputeUpProjections'],
  [/\bmlp\b/, 'recomputeMlp'],
  [/\bmoe\b/, 'recomputeExperts'],
  [/\bmoe_expert\b/, 'recomputeExpertProducts'],
  [/\bmoe_act\b/, 'recomputeExpertActivation'],
  [/\bshared_experts\b/, 'recomputeSharedExperts'],
];

/** Activations that a policy of MaxText's keeps, by name, as notes list them: whatever is not among them runs again where it is needed. */
function keptNames({ notes = '' }: Run): string | undefined {
  return notes.match(/\bremat custom, kept: ([^;]*)/)?.[1];
}

/**
 * A layer, but for what is kept. That of the outputs of attention (`context`) with queries, keys and values leaves the MLP; fewer leave
 * next to all of it.
 */
function policyOf(run: Run): Settings | undefined {
  const kept = keptNames(run);
  if (kept === undefined) return undefined;
  if (!/\bcontext\b/.test(kept)) return { 'workload.recomputation': 'full' };
  return { 'workload.recomputation': 'none', 'workload.recomputeNorms': 'on', 'workload.recomputeMlp': 'on' };
}

/** Where a note says modules, the attention core is recomputed only if it is among them. */
function modulesOf(run: Run): Settings {
  const { recompute, notes = '' } = run;
  const policy = policyOf(run);
  if (policy !== undefined) return policy;
  const said = notes
    .split(';')
    .find((note) => /^\s*recompute (?:modules |of |(?:mlp|moe|layernorm|mla_up_proj)\b)/.test(note));
  if (recompute !== 'selective' || said === undefined) return {};
  const on = MODULES.filter(([name]) => name.test(said)).map(([, module]) => [`workload.${module}`, 'on']);
  if (on.length === 0) return {};
  return { ...Object.fromEntries(on), 'workload.recomputation': said.includes('core_attn') ? 'selective' : 'none' };
}

/** How much of its activations a run recomputes, beside modules; undefined where it is not said. */
export function recomputationOf(run: Run): TrainingRow['recompute'] {
  const { 'workload.recomputation': said = run.recompute } = modulesOf(run);
  return said as TrainingRow['recompute'];
}

/** Formats of products by what the column `precision` says; of fp8 without its scaling, scales of the tensor, of today or of before. */
const FORMATS: Readonly<Record<Exclude<NonNullable<Run['precision']>, 'fp32'>, NumberFormat>> = {
  ...NUMBER_FORMATS,
  'fp8-ds': 'fp8Delayed',
  'fp8-cs': 'fp8',
  'fp8-rowwise': 'fp8',
  'fp8-block': 'fp8Block',
};

/**
 * Releases until 2024 ran on Transformer Engine 1 and before, which knew no scales of fp8 but those of steps before (its documentation of
 * 0.1 to 1.12, DelayedScaling); so does Megatron-LM where its arguments name the format alone (--fp8-recipe, delayed).
 */
const DELAYED = /^NeMo 24\.|^MLPerf v[34]\.|^DGXC benchmarking (?:24|25\.02)|^Paxml|^llm-foundry|\bfp8 hybrid\b/;

function takesScalesOfBefore({ precision, framework_version = '', notes = '' }: Run): boolean {
  return precision === 'fp8' && DELAYED.test(`${framework_version}; ${notes}`);
}

function precisionOf(run: Run): Settings {
  const { precision = 'bf16' } = run;
  if (precision === 'fp32') return refuse('products in single precision are not modelled');
  const format = takesScalesOfBefore(run) ? 'fp8Delayed' : FORMATS[precision];
  return format === 'bf16' ? {} : { 'workload.precision': format };
}

function isGptOss({ model = '' }: Run): boolean {
  return /gpt-oss/i.test(model);
}

/** Does a source keep to itself how many of the layers are recomputed? */
export function hidesRecomputation({ notes = '' }: Run): boolean {
  return /blocks recomputed, fraction not printed/.test(notes);
}

/** Layers that are recomputed, where notes say how many. */
function recomputedLayersOf({ recompute, notes = '' }: Run): Settings {
  const layers = notes.match(/\bfull recompute of (\d+) layers\b/)?.[1];
  return recompute !== 'full' || layers === undefined ? {} : { 'workload.recomputedLayers': Number(layers) };
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
