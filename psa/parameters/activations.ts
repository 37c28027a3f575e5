/** What is kept for the backward pass, recomputed or on the host: rows of the workload. */
import { category, codes, fraction, onOff, type ParameterRow, whole } from './row.js';

const recomputed = category(onOff, 'off');
const offloaded = category(onOff, 'off');
const kept = category(codes('off', 'device', 'host'), 'off');

/** Layers that are said, or not. */
export const statedLayers = {
  ...whole,
  min: 0,
  max: 1024,
  nameOfZero: 'even',
  neutral: { value: 0 },
  unit: 'layers',
} as const;

export const activations = {
  recomputation: {
    ...category(codes('none', 'selective', 'full'), 'none'),
    slot: 9,
    description:
      'activations recomputed in the backward pass: those of modules (recomputeNorms and so on) alone, of the core of unfused attention too, or all',
  },
  recomputeFusedCore: {
    ...recomputed,
    slot: 226,
    description:
      'with selective recomputation the core of fused attention runs again, too, though its scores were not kept',
  },
  recomputeOperations: {
    ...recomputed,
    slot: 194,
    description: 'every second product of a dense layer is recomputed, and all between them but attention',
  },
  recomputedLayers: {
    ...statedLayers,
    nameOfZero: 'all',
    slot: 195,
    description:
      'with full recomputation: layers of each model chunk that are recomputed, of the others all is kept; 0 (or `all`): all',
  },
  recomputationEnd: {
    ...category(codes('block', 'needed'), 'block'),
    slot: 193,
    description: 'a layer that is recomputed in full is run to its end, or to the last value that is needed',
  },
  recomputeNorms: {
    ...recomputed,
    slot: 177,
    description: 'norms of a layer are recomputed: their output is not kept',
  },
  recomputeUpProjections: {
    ...recomputed,
    slot: 178,
    description: 'latent attention: queries, keys and values are made of the latents again',
  },
  recomputeMlp: { ...recomputed, slot: 179, description: 'dense MLPs are recomputed from their input' },
  recomputeExperts: {
    ...recomputed,
    slot: 180,
    description: 'mixtures are recomputed from their input, exchanges of tokens too',
  },
  recomputeExpertProducts: {
    ...recomputed,
    slot: 212,
    description: 'experts are recomputed from the tokens that they got, which are not exchanged again',
  },
  recomputeExpertActivation: {
    ...recomputed,
    slot: 181,
    description: 'the activation function of experts is recomputed: its output is not kept',
  },
  recomputeSharedExperts: {
    ...recomputed,
    slot: 182,
    description: 'experts that all tokens go through are recomputed from their input',
  },
  keepQkv: {
    ...kept,
    slot: 221,
    description:
      'with full recomputation: queries, keys and values are kept all the same, on the NPU or on the host, and not made again',
  },
  keepAttentionOutput: {
    ...kept,
    slot: 222,
    description: 'the same of what the core of attention makes, which is not run again',
  },
  keepProjection: { ...kept, slot: 223, description: "the same of what attention's last product makes" },
  keepMlpProducts: {
    ...kept,
    slot: 224,
    description:
      'the same of what the first product of MLPs and experts makes, and the last one of dense MLPs where it is needed again',
  },
  optimizerOffload: {
    ...fraction,
    min: 0,
    neutral: { value: 0 },
    slot: 184,
    description: "share of the optimiser's state that lies on the host, which updates it",
  },
  offloadedLayers: {
    ...statedLayers,
    nameOfZero: 'none',
    slot: 185,
    description: 'layers of each stage whose kept activations leave for the host and come back, beside compute',
  },
  offloadAttentionNorm: {
    ...offloaded,
    slot: 198,
    description:
      'what the norm before attention keeps, of every layer, leaves for the host and comes back, beside compute',
  },
  offloadQkv: {
    ...offloaded,
    slot: 199,
    description: 'the same of the products that make queries, keys and values, and of latents',
  },
  offloadAttentionCore: {
    ...offloaded,
    slot: 200,
    description: 'the same of the core of attention: queries, keys and values',
  },
  offloadProjection: {
    ...offloaded,
    slot: 201,
    description: "the same of attention's last product: the core's output",
  },
  offloadMlpNorm: { ...offloaded, slot: 202, description: 'the same of the norm before the MLP or experts' },
  offloadExperts: {
    ...offloaded,
    slot: 203,
    description: 'the same of the first product of experts: the tokens that they have got',
  },
  offloadExpertActivation: {
    ...offloaded,
    slot: 204,
    description: "the same of experts' activation function: what it reads",
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
