import { category, fraction, logarithmic, number, onOff, type ParameterRow } from './row.js';

const microseconds = { ...number, min: 0, max: 1e6, neutral: { value: 0 }, unit: 'us' } as const;

/** An inner size at which products reach half of the rate that deep ones have. */
const halfDepth = { ...number, min: 0, max: 1e5, neutral: { value: 0 }, unit: 'elements' } as const;

const depthNs = { ...number, min: 0, max: 1e3, neutral: { value: 0 }, unit: 'ns' } as const;

/** Rates of products of a number format narrower than 16 bits: five slots. */
function narrowFormat(bits: 'eight' | 'four', slot: number) {
  const formats = `${bits}-bit formats`;
  return {
    peakTflops: {
      ...logarithmic,
      slot,
      min: 0,
      max: 1e6,
      neutral: { value: 0 },
      unit: 'TFLOP/s',
      description: `peak arithmetic rate in ${formats}; 0: the NPU has none`,
    },
    gemmEfficiency: { ...fraction, slot: slot + 1, description: `gemmEfficiency in ${formats}` },
    gemmHalfDepth: { ...halfDepth, slot: slot + 2, description: `gemmHalfDepth in ${formats}` },
    gemmDepthNs: { ...depthNs, slot: slot + 3, description: `gemmDepthNs in ${formats}` },
    quantizationUs: {
      ...microseconds,
      slot: slot + 4,
      description: `time to start what turns an operand of a product into ${formats}, besides its traffic`,
    },
  } as const;
}

const eightBit = narrowFormat('eight', 111);
const fourBit = narrowFormat('four', 116);

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
  elementwiseShare: {
    ...fraction,
    slot: 215,
    description:
      "share of memoryEfficiency that a framework's element-wise kernels reach, which move more than fused ones would",
  },
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
    // Eager and captured runs of Llama 3.1 8B on H100, 8.4 and 5.1 ms a token, say 19.
    neutral: { value: 16 },
    description: "the host's time to launch one operation; the longer of host and NPU counts; 16 unless a system says",
  },
  hostExpertUs: {
    ...microseconds,
    slot: 189,
    max: 1e6,
    description:
      "the host's time for each expert of a rank in each product of experts that have no capacity, beside the product's launch",
  },
  hostShardUs: {
    ...microseconds,
    slot: 227,
    description:
      "the host's time for each expert of a rank in each such product, and each of the ranks that share its weights, where weights are gathered (`zero3`) one by one",
  },
  hostMicroBatchUs: {
    ...microseconds,
    slot: 73,
    max: 1e9,
    description: "the host's time for each pass of a micro-batch through a stage, besides launches",
  },
  launchBlocking: {
    ...category(onOff, 'off'),
    slot: 229,
    description: 'the host waits for what it launched before it launches more (`CUDA_LAUNCH_BLOCKING=1`)',
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
  programShare: {
    ...fraction,
    slot: 214,
    description:
      "share of an NPU's memory that the program may take, whatever the reserve leaves; XLA's client on GPUs has a setting for it",
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
      'what an allocator reserves beyond what is allocated, as a share of activations, working buffers and joined logits',
  },
  gemmHalfDepth: {
    ...halfDepth,
    slot: 109,
    description: 'inner size k at which a product reaches half of gemmEfficiency: k/(k + half)',
  },
  gemmDepthNs: {
    ...depthNs,
    slot: 110,
    description: 'time that each element of the inner size adds to a product whatever its other sizes',
  },
  eightBitPeakTflops: eightBit.peakTflops,
  eightBitGemmEfficiency: eightBit.gemmEfficiency,
  eightBitGemmHalfDepth: eightBit.gemmHalfDepth,
  eightBitGemmDepthNs: eightBit.gemmDepthNs,
  eightBitQuantizationUs: eightBit.quantizationUs,
  fourBitPeakTflops: fourBit.peakTflops,
  fourBitGemmEfficiency: fourBit.gemmEfficiency,
  fourBitGemmHalfDepth: fourBit.gemmHalfDepth,
  fourBitGemmDepthNs: fourBit.gemmDepthNs,
  fourBitQuantizationUs: fourBit.quantizationUs,
  attentionHalfDepth: {
    ...halfDepth,
    slot: 121,
    description:
      'keys that a query sees, twice the mean, at which fused attention reaches half of what long sequences do',
  },
  attentionDepthNs: {
    ...depthNs,
    slot: 122,
    description: 'time that each of these keys adds to fused attention whatever its other sizes',
  },
  attentionBackwardEfficiency: {
    ...number,
    slot: 123,
    min: 0.1,
    max: 2,
    neutral: { value: 1 },
    description: 'rate of the backward pass of fused attention, relative to that of its forward pass',
  },
  eightBitAttentionHalfDim: { ...halfDim, slot: 124, description: 'fusedAttentionHalfDim in eight-bit formats' },
  cacheEfficiency: {
    ...number,
    slot: 125,
    min: 0,
    max: 1,
    neutral: { value: 0 },
    description: 'share of the memory bandwidth at which attention reads a cache; 0: memoryEfficiency',
  },
  lossEfficiency: {
    ...number,
    slot: 205,
    min: 0,
    max: 1,
    neutral: { value: 0 },
    description: 'share of the memory bandwidth that kernels of the loss reach; 0: memoryEfficiency',
  },
  gemmMemoryEfficiency: {
    ...number,
    slot: 128,
    min: 0,
    max: 1,
    neutral: { value: 0 },
    description: 'share of the memory bandwidth at which matrix products read and write; 0: memoryEfficiency',
  },
  quantizationEfficiency: {
    ...number,
    slot: 172,
    min: 0,
    max: 1,
    neutral: { value: 0 },
    description:
      'share of the memory bandwidth at which operands are read and written to be quantised; 0: memoryEfficiency',
  },
  hostLinkGBps: {
    ...logarithmic,
    slot: 186,
    min: 1e-3,
    max: 1e6,
    // PCIe 4.0 with 16 lanes: 31.5 GB/s less its packets.
    neutral: { value: 25 },
    unit: 'GB/s',
    description: 'bandwidth of an NPU and its host in each direction, for what is offloaded; 25 unless a system says',
  },
  hostMemoryGBps: {
    ...logarithmic,
    slot: 187,
    min: 1e-3,
    max: 1e6,
    // Two sockets with 8 channels of DDR4-3200 for 8 NPUs.
    neutral: { value: 51 },
    unit: 'GB/s',
    description: "an NPU's share of its host's memory bandwidth, for an offloaded optimiser; 51 unless a system says",
  },
  hostMemoryEfficiency: {
    ...fraction,
    slot: 188,
    description: "share of the host's memory bandwidth that its optimiser reaches",
  },
  synchronousRate: {
    ...fraction,
    slot: 190,
    description:
      'share of the peak arithmetic rate that matrix instructions reach which wait for their result, as chips of before have them',
  },
  synchronousAttention: {
    ...number,
    slot: 191,
    min: 0,
    max: 1,
    neutral: { value: 0 },
    description:
      'share of that at which a fused attention runs that uses them, whatever the size of a head; 0: it is the one of the machine',
  },
  attentionOverheadUs: {
    ...microseconds,
    slot: 130,
    description: 'time to start fused attention, or attention over a cache, besides kernelOverheadUs',
  },
  expertPadding: {
    ...number,
    slot: 131,
    min: 0,
    max: 1024,
    neutral: { value: 0 },
    unit: 'tokens',
    description: "tokens by which each expert's products grow, as tiles are filled up: half a tile in the mean",
  },
  expertEfficiency: {
    ...fraction,
    slot: 197,
    neutral: { value: 1 },
    description: 'rate of the grouped products of experts relative to that of other products',
  },
  sustainedClock: {
    ...fraction,
    slot: 129,
    description: 'clock under the load of whole steps, relative to that at which single kernels were measured',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
