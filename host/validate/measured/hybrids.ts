/**
 * Hybrids with state-space layers: no column says their shape, but their name does. Of the layers that predict later tokens releases
 * have one, which training runs as often as is said here.
 */
import { loadModel, modelSources, readModel } from '../../../psa/model.js';
import type { ModelFieldName } from '../../../psa/modelFields.js';
import type { TrainingRow } from './row.js';

type Fields = { readonly [Name in ModelFieldName]?: number | string | boolean | undefined };

interface Hybrid {
  /** What the columns `model` and `framework_version` say. */
  readonly model: RegExp;
  readonly version?: RegExp;
  readonly preset: string;
  /** What a run has beyond the preset. */
  readonly more?: Fields;
}

/** The first that fits. */
const HYBRIDS: readonly Hybrid[] = [
  { model: /nemotron-h-8b/i, preset: 'nemotron-h-8b' },
  { model: /nemotron-h-56b/i, preset: 'nemotron-h-56b' },
  { model: /nemotron-3-nano/i, preset: 'nemotron3-nano-30b-a3b' },
  // Nano's shape (its configuration: https://huggingface.co/nvidia/NVIDIA-Nemotron-3.5-Lightning-30B-A3B-BF16), with such layers: the
  // summary's TFLOP/s over its tokens/s are those of two passes.
  { model: /nemotron-3-5-lightning/i, preset: 'nemotron3-nano-30b-a3b', more: { mtpLayers: 2 } },
  // AutoModel's TFLOP/s over its tokens/s are those of the model alone.
  {
    model: /nemotron-3-super/i,
    version: /automodel/i,
    preset: 'nemotron3-super-120b-a12b',
    more: { mtpLayers: 0 },
  },
  { model: /nemotron-3-super/i, preset: 'nemotron3-super-120b-a12b' },
  { model: /nemotron-3-ultra/i, preset: 'nemotron3-ultra-550b-a55b' },
];

/** Nemotron-H (arXiv 2504.03624) and its successors Nemotron-3, whose sizes are words: Nemotron-3-8B of 2023 is a transformer. */
const HYBRID = /mamba|nemotron-h\b|nemotron-3-(?!\d+b)/i;

type Named = Partial<Pick<TrainingRow, 'model' | 'notes' | 'framework_version'>>;

/** Layers of state space among those of attention: their columns would be read as those of a transformer. */
export function isHybrid({ model = '', notes = '' }: Named): boolean {
  return HYBRID.test(model) || /hybrid mamba/i.test(notes);
}

function hybridOf({ model = '', framework_version = '' }: Named): Hybrid | undefined {
  return HYBRIDS.find((one) => one.model.test(model) && (one.version?.test(framework_version) ?? true));
}

/** Is it a hybrid whose shape nobody published? */
export function hasUnknownShape(row: Named): boolean {
  return isHybrid(row) && hybridOf(row) === undefined;
}

/** Fields of such a model, without those that a run decides; undefined where its shape is not known. */
export function hybridFields(row: Named): Fields | undefined {
  const hybrid = hybridOf(row);
  if (hybrid === undefined) return undefined;
  const { seq: _, batch: __, ...fields } = readModel(modelSources(hybrid.preset)).phases[0]!.fields;
  return { ...fields, ...hybrid.more };
}

/** What is assumed of its shape. */
export function hybridAssumed(row: Named): string[] {
  const hybrid = hybridOf(row);
  if (hybrid === undefined) return [];
  const mtp = hybrid.more?.mtpLayers;
  return [`the shape of ${hybrid.preset}${mtp === undefined ? '' : `, ${mtp} layers that predict later tokens`}`];
}

/** The row with the cells that its model's name says. */
export function withShape(row: TrainingRow): TrainingRow {
  const hybrid = hybridOf(row);
  if (hybrid === undefined) return row;
  const { layers, hidden, ffn, denseFfn, heads, kvHeads, vocab, experts, expertsPerToken } = loadModel(hybrid.preset)
    .phases[0]!;
  const mixture = experts > 1 ? { experts, top_k: expertsPerToken, expert_ffn: ffn } : {};
  return { ...row, layers, hidden, ffn: denseFfn, heads, kv_heads: kvHeads, vocab, ...mixture };
}
