import { fraction, logarithmic, number, type ParameterRow } from './row.js';

const microseconds = { ...number, min: 0, max: 1e6, neutral: { value: 0 }, unit: 'us' } as const;

/** A head size at which attention reaches half of the peak. */
const halfDim = { ...number, min: 0, max: 1e5, neutral: { value: 0 }, unit: 'elements' } as const;

export const compute = {
  peakTflops: {
    ...logarithmic,
    slot: 65,
    min: 1e-3,
    max: 1e6,
    neutral: 'required',
    unit: 'TFLOP/s',
    description: 'peak arithmetic rate of an NPU',
  },
  memoryBandwidthGBps: {
    ...logarithmic,
    slot: 66,
    min: 1e-3,
    max: 1e7,
    neutral: 'required',
    unit: 'GB/s',
    description: "bandwidth of an NPU's memory",
  },
  memoryCapacityGB: {
    ...logarithmic,
    slot: 67,
    min: 1e-3,
    max: 1e6,
    neutral: 'required',
    unit: 'GB',
    description: "capacity of an NPU's memory (1 GB = 1e9 bytes)",
  },
  gemmEfficiency: {
    ...fraction,
    slot: 68,
    description: 'share of the peak arithmetic rate that matrix products reach',
  },
  memoryEfficiency: { ...fraction, slot: 69, description: 'share of the memory bandwidth that kernels reach' },
  attentionHalfDim: {
    ...halfDim,
    slot: 70,
    description:
      'head size d at which unfused attention reaches half of the peak: d/(d + half); 0: like other products',
  },
  fusedAttentionHalfDim: { ...halfDim, slot: 71, description: 'the same for fused attention' },
  hostLaunchUs: {
    ...microseconds,
    slot: 72,
    // What a request of Qwen3-30B-A3B takes on one A100 beyond the reading of its weights: 9.8 ms a token in all.
    neutral: { value: 16 },
    description: "the host's time to launch one operation; the longer of host and NPU counts; 16 unless a system says",
  },
  hostMicroBatchUs: {
    ...microseconds,
    slot: 73,
    max: 1e9,
    description: "the host's time for each pass of a micro-batch through a stage, besides launches",
  },
  reserveGB: {
    ...number,
    slot: 75,
    min: 0,
    max: 1e6,
    neutral: { value: 0 },
    unit: 'GB',
    description: 'memory that a design must leave free: for the driver, libraries and fragmentation',
  },
  kernelOverheadUs: { ...microseconds, slot: 74, description: 'time to start one kernel' },
  workspaceGB: {
    ...number,
    slot: 107,
    min: 0,
    max: 1e4,
    neutral: { value: 0 },
    unit: 'GB',
    description: 'memory that libraries allocate whatever the design, such as workspaces of matrix products',
  },
  allocatorSlack: {
    ...number,
    slot: 108,
    min: 0,
    max: 10,
    neutral: { value: 0 },
    description:
      'what an allocator reserves beyond what is allocated, as a share of activations, working buffers and loss',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
