/** What a framework allocates beside weights, gradients, the optimiser's state and activations: rows of the workload. */
import { category, codes, number, onOff, type ParameterRow, whole } from './row.js';

/** Bytes of something a parameter. */
const bytes = { ...whole, min: 0, max: 16, neutral: { value: 0 }, unit: 'bytes' } as const;

export const buffers = {
  bucketBytes: {
    ...bytes,
    slot: 101,
    description:
      'bytes a parameter of the buckets that gradients are reduced in, beside the gradients; where there are replicas',
  },
  reductionBufferGB: {
    ...number,
    slot: 218,
    min: 0,
    max: 1e3,
    neutral: { value: 0 },
    unit: 'GB',
    description:
      'buffers of one size for all models that gradients are joined in to be reduced, beside the gradients; where there are replicas',
  },
  stageOutputs: {
    ...category(codes('freed', 'kept'), 'freed'),
    slot: 219,
    description:
      'what a pipeline stage has sent on is freed, or kept until its gradient has come, beside what its layers keep',
  },
  updateBufferBytes: {
    ...bytes,
    slot: 102,
    description:
      'bytes a parameter of the buffers that a sharded update is gathered through: of all parameters, and of the shard',
  },
  weightCopies: {
    ...whole,
    slot: 213,
    min: 0,
    max: 2,
    neutral: { value: 0 },
    description: "narrow copies of layers' weights that stay beside them for the step: by row, and by column",
  },
  weightGradientBuffers: {
    ...category(onOff, 'off'),
    slot: 103,
    description:
      'half-precision buffers for the weight gradients of a layer and of the head, as Transformer Engine has them',
  },
  gatherBuffers: {
    ...whole,
    slot: 104,
    min: 0,
    max: 16,
    neutral: { value: 0 },
    unit: 'layer inputs',
    description: 'buffers that tensor-parallel gathers leave allocated, each as large as the whole input of a layer',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
