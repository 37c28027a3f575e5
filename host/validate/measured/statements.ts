/** What the columns `framework_version` and `notes` state of a run that no other column says. */
import { HELD } from './held.js';
import { MEGASCALE } from './megascale.js';
import { MEGATRON_ARGUMENTS, TENSORS_ALONE } from './megatronArguments.js';
import { NANOTRON } from './nanotron.js';
import { always, NODE, type Phrase } from './phrase.js';
import type { TrainingRow } from './row.js';
import { EXPERTS } from './statementsOfExperts.js';

export interface Statement {
  /** In words; the same for all rows that state it. */
  readonly says: string;
  readonly set: readonly string[];
}

const GB_PER_GBIT = 1 / 8;

/** 16 lanes of 16 GT/s, 128 bits in 130 (PCI Express Base Specification 4.0). */
const PCIE_4_GBPS = 31.5;

/** Calibrated on 30 steps of InternEvo on nodes of 4 × 100 Gb/s. */
const ROCE_EFFICIENCY = 0.45;

/**
 * Of the memory's bandwidth, where operands are quantised by rows for one product and by columns for the next, and results of backward
 * products are scaled by kernels of their own (pytorch/ao, pull request 1325); calibrated on 4 steps of torchtitan with two models.
 */
const AXES_QUANTIZATION_EFFICIENCY = 0.18;

/** Of what instructions of Ampere reach on Hopper (compute.synchronousAttention), as fsdp2's. */
const FLASH_ATTENTION_2 = 0.7;

const NODES = /\bnodes of (\d+) GPUs\b/;
const nodeOf = ({ notes }: TrainingRow) => Number(NODES.exec(notes)?.[1] ?? NODE);

/**
 * Of the chip's products of experts, what torch._grouped_mm reaches on Hopper, a kernel of CUTLASS: 525 and 545 TFLOP/s on H100 with 16 experts of
 * 512 tokens in the mean and widths of 5,120 and 8,192 (pytorch/ao, pull request 2490), where its constants, of TensorRT-LLM's, say 579 and 581.
 */
export const TORCH_GROUPED = 0.92;

const isHopper = ({ gpu }: TrainingRow) => gpu.startsWith('h');
const isBlackwell = ({ gpu }: TrainingRow) => /^g?b\d/.test(gpu);
/** Attention of kernels written for the chip, as its table has them. */
const OF_THE_CHIP = 'compute.synchronousAttention=0';

/**
 * All steps of MLPerf Training v5.1 that name NVFP4 are graphs; so are some in fp8: measured times were in sight when this was chosen. A
 * configuration that is named after a machine of another chip is not the run's own.
 */
function isGraphInFour({ gpu, notes }: TrainingRow): boolean {
  const isAnothers = gpu.startsWith('b300') && /config config_\w*B200-/.test(notes);
  return /CUDA graphs/.test(notes) && /_fp4\.sh/.test(notes) && !isAnothers;
}

/**
 * Configurations of Llama 3.1 8B in mlcommons/training_results_v5.1: those in NVFP4 (Dell's, Nebius's) and HPE's of H200 take
 * config_common_fp8attn.sh in, which has FP8_DPA=True; the others in fp8 (NVIDIA's, Dell's, Supermicro's), and those of 405B, do not.
 */
function attendsInEight(row: TrainingRow): boolean {
  const { precision, model = '', notes } = row;
  const inFour = precision === 'nvfp4' || (precision === undefined && isGraphInFour(row));
  return (inFour && /8b/i.test(model)) || /config_XD670_8x8x1xtp1pp1cp2_8b/.test(notes);
}

const PHRASES: readonly Phrase[] = [
  ...NANOTRON,
  ...MEGASCALE,
  ...HELD,
  ...MEGATRON_ARGUMENTS,
  {
    pattern: /(\d+)x(\d+) Gb\/s (?:RoCE|IB|InfiniBand|Omni-Path)[^;]* per node/,
    says: 'network cards of a node as the notes say',
    set: ([, cards, gigabits], row) => [
      `network.bandwidthGBps[1]=${(Number(cards) * Number(gigabits) * GB_PER_GBIT) / nodeOf(row)}`,
    ],
  },
  {
    pattern: NODES,
    says: 'GPUs of a node as the notes say',
    set: ([, node], { gpus }) => (gpus > Number(node) ? [`network.npus[0]=${node}`] : []),
  },
  {
    pattern: /RoCE per node/,
    says: 'RoCE reaches 45 % of the cards, as calibrated on InternEvo',
    set: always(`network.efficiency[1]=${ROCE_EFFICIENCY}`),
  },
  {
    pattern: /(\d+) Gb\/s per node as printed/,
    says: 'bandwidth of a node as the notes say',
    set: ([, gigabits]) => [`network.bandwidthGBps[1]=${(Number(gigabits) * GB_PER_GBIT) / NODE}`],
  },
  {
    pattern: /interconnect not stated/,
    says: 'PCI Express 4.0 inside a machine whose links are not stated',
    set: always(`network.bandwidthGBps[0]=${PCIE_4_GBPS}`),
  },
  {
    pattern: /(\d+) slice\(s\) of (\d+) chips/,
    says: 'slices as the notes say',
    set: ([, slices, chips], { gpus }) => (Number(slices) * Number(chips) === gpus ? [`network.npus[0]=${chips}`] : []),
  },
  {
    pattern: /all-gather offloaded to SparseCore/,
    says: 'sharded weights gathered by cores of their own, beside all compute',
    set: always('workload.shardingOverlap=1'),
  },
  {
    pattern: /CP all-to-all|sequence parallel \d+ \(all-to-all/,
    says: 'context parallelism that exchanges heads',
    set: always('workload.contextExchange=allToAll'),
  },
  {
    // pytorch/pytorch, torch/distributed/tensor/experimental/_attention.py: enable_load_balance is on unless told otherwise.
    pattern: /zigzag ring attention|ring attention of Accelerate/,
    says: 'a rank that has both ends of the sequence in context parallelism',
    set: (_, { cp }) => (cp > 1 ? ['workload.contextBalance=on'] : []),
  },
  ...EXPERTS,
  {
    pattern: /precision ambiguous \(FP8 or NVFP4\)/,
    says: 'where a log does not tell fp8 from nvfp4, nvfp4 if its step was a graph and a configuration of that fits, else fp8',
    set: (_, row) =>
      row.precision === undefined ? [`workload.precision=${isGraphInFour(row) ? 'nvfp4' : 'fp8'}`] : [],
  },
  {
    pattern: /MLPerf v5\.1/,
    says: "attention in eight bits where products have four, and in HPE's runs, as their configurations have it",
    set: (_, row) => (attendsInEight(row) ? ['workload.attentionPrecision=fp8'] : []),
  },
  {
    pattern: /first and last stage one layer less|embedding and loss count in the pipeline split/,
    says: 'embedding and head that count for a layer each where layers are shared out to stages',
    set: always('workload.embeddingLayers=1', 'workload.headLayers=1'),
  },
  {
    // linkedin/Liger-Kernel: a norm is one kernel each way, and its cross-entropy leaves the gradient where the logits were; beside the
    // head (fused linear) of some tokens at a time.
    pattern: /\bLiger\b/,
    says: "norms of a kernel and a loss in the place of its logits, as Liger's kernels have them",
    set: (_, { notes }) => [
      'workload.normKernel=fused',
      `workload.loss=${/linear cross-entropy/.test(notes) ? 'chunked' : 'fused'}`,
    ],
  },
  {
    pattern: /attention\/RMS kernel: (?!.*RMS kernel \()|\bno fused norms\b/,
    says: 'norms of a kernel for each operation where none of their own is named',
    set: always('workload.normKernel=unfused'),
  },
  {
    pattern: /attention\/RMS kernel: torch/,
    says: 'a softmax of a kernel for each operation, as PyTorch has them',
    set: always('workload.softmaxKernel=unfused'),
  },
  {
    pattern: /flash_attentionv1/,
    says: 'half the rate of FlashAttention-2 (arXiv 2307.08691, 4.1)',
    set: always('compute.fusedAttentionHalfDim=348'),
  },
  {
    // Its container, PyTorch of April 2023 (23.04), was there before FlashAttention-2 was published (arXiv 2307.08691, July 2023); Transformer
    // Engine asked for flash-attn 1.0.2 then, and the Dockerfile of version 3.1 installs 2.0.8.
    pattern: /MLPerf v3\.0/,
    says: 'half the rate of FlashAttention-2 on Hopper, which came after it (arXiv 2307.08691, 4.1)',
    set: (_, row) => (isHopper(row) ? [`compute.synchronousAttention=${FLASH_ATTENTION_2 / 2}`] : []),
  },
  {
    // pytorch/pytorch, aten/src/ATen/native/transformers/cuda/sdp_utils.cpp, check_prefer_cudnn_attention: on Hopper and Blackwell with cuDNN
    // 9.15 and later, which releases have from 2.11 on (huggingface/transformers, pull request 48163). On Blackwell fsdp2 has it always.
    pattern: /PyTorch[^;]*(?:\(\w* ?202[6-9]\)|\b2\.(?:1[1-9]|[2-9]\d)\b)/,
    says: 'attention of cuDNN, which PyTorch prefers from 2.11 on',
    set: (_, row) => (isHopper(row) ? [OF_THE_CHIP] : []),
  },
  {
    pattern: /flash[ -]?attention[ -]?2\b/i,
    says: 'FlashAttention-2, of instructions that chips of before have, too',
    // What llm-foundry reaches with it was calibrated on its own steps.
    set: (_, row) =>
      (isHopper(row) || isBlackwell(row)) && !/llm-foundry/.test(row.framework_version)
        ? [`compute.synchronousAttention=${FLASH_ATTENTION_2}`]
        : [],
  },
  {
    pattern: /flash[ -]?attention[ -]?[34]\b/i,
    says: 'attention of kernels written for the chip',
    set: (_, row) => (isHopper(row) || isBlackwell(row) ? [OF_THE_CHIP] : []),
  },
  {
    pattern: /unfused attention|no flash attention/,
    says: 'unfused attention',
    set: always('workload.attention=unfused'),
  },
  {
    // Megatron-Core's rope_utils.py: a factor of YaRN is not supported by Transformer Engine's kernel.
    pattern: /Megatron-Bridge/,
    says: 'queries and keys that operations of their own rotate, as frequencies are scaled',
    set: (_, { model }) => (/gpt-oss/i.test(model ?? '') ? ['workload.rotaryKernel=operations'] : []),
  },
  {
    // PyTorch's fully_shard sums what is not reduced yet in the type in which it will be (accumulate_unsharded_grad_if_needed). Experts
    // that ep alone spreads it does not hold (AutoModel's apply_fsdp): autograd sums their gradients in half precision.
    pattern: /FSDP synchronises once a step/,
    says: 'weights that stay and gradients that leave once a step, summed by operations of their own',
    set: (_, { global_batch, dp, micro_batch = 1, ep = 1 }) => [
      'workload.reshardAfter=step',
      'workload.gradientSync=step',
      ...(global_batch > dp * micro_batch ? ['workload.gradientAccumulation=unfused'] : []),
      ...(ep === dp ? ['workload.mainGradientBytes=2'] : []),
    ],
  },
  {
    // NeMo AutoModel's backend.compile_attn: torch.compile with fullgraph of the whole of latent attention.
    pattern: /compiled SDPA MLA/,
    says: 'latent attention compiled as a whole',
    set: always('workload.rotaryKernel=fused'),
  },
  {
    // NeMo AutoModel's recipes of benchmarks (examples/llm_benchmark): MaskedCrossEntropy with fp32_upcast: false.
    pattern: /NeMo AutoModel/,
    says: 'a loss on logits in half precision',
    set: always('workload.loss=half'),
  },
  {
    // Its GroupedExpertsTE hands biases to Transformer Engine's GroupedLinear; weights of tokens act on them in the activation before
    // (from June 2026 on an operation of its own mends that, NVIDIA-NeMo/Automodel, pull request 2591).
    pattern: /TE grouped linear|expert GEMMs only, TE/,
    says: 'biases of experts in the kernels of their products',
    set: (_, { model }) => (/gpt-oss/i.test(model ?? '') ? ['workload.expertBiasKernel=fused'] : []),
  },
  {
    pattern: /\btorch_mm\b/,
    says: "products of experts at the rate of torch's grouped kernel on Hopper, measured by itself",
    set: (_, row) => (isHopper(row) ? [`compute.expertEfficiency=${TORCH_GROUPED}`] : []),
  },
  {
    // Megatron-LM, megatron/core/transformer/moe/experts.py at this commit: activation_func_with_probs.
    pattern: /Megatron-LM 4af25fe/,
    says: "the router's weights in the activation of experts",
    set: (_, { experts = 1 }) => (experts > 1 ? ['workload.combineKernel=fused'] : []),
  },
  {
    // DeepSpeed, runtime/zero/stage_1_and_2.py: gradients in the weights' type; runtime/bf16_optimizer.py: sums in single precision, and those
    // of the micro-batch beside them.
    pattern: /Megatron-DeepSpeed/,
    says: 'gradients of DeepSpeed: in half precision in fp16, in bf16 beside their sums in single precision',
    set: (_, { precision }) => [`workload.mainGradientBytes=${precision === 'fp16' ? 2 : 6}`],
  },
  {
    // DeepSpeed, runtime/zero/stage_1_and_2.py (reduce_gradients) and runtime/engine.py (buffered_allreduce_fallback): 5e8 gradients in the type of
    // their sums; runtime/pipe/engine.py: what was sent on stays in pipe_buffers until its backward pass.
    pattern: /Megatron-DeepSpeed/,
    says: 'buffers of 5e8 gradients, and outputs of stages that stay until their backward pass, as DeepSpeed has them',
    set: (_, { precision }) => [
      `workload.reductionBufferGB=${precision === 'fp16' ? 1 : 2}`,
      'workload.stageOutputs=kept',
    ],
  },
  {
    pattern: /weights and moments in half precision/,
    says: 'no weights in single precision, and moments in half precision',
    set: always('workload.masterWeightBytes=0', 'workload.momentBytes=2'),
  },
  {
    // MaxText's weight_dtype: gradients have the type of their weight, and so have both moments where mu_dtype is not set (set_mu_dtype of its
    // configs/pyconfig.py, zeros_like of optax.adamw).
    pattern: /weights in half precision alone/,
    says: 'no weights in single precision, gradients and moments in half precision as the weights',
    set: always('workload.masterWeightBytes=0', 'workload.momentBytes=2', 'workload.mainGradientBytes=2'),
  },
  {
    pattern: /XLA's client takes ([\d.]+\d) of the memory/,
    says: "a share of the memory that XLA's client takes",
    set: ([, share]) => [`compute.programShare=${share}`],
  },
  { pattern: /with (?:1 )?MTP/, says: 'one layer that predicts a later token', set: always('model.mtpLayers=1') },
  { pattern: /parallel (?:attention\+MLP )?block/, says: 'a parallel block', set: always('model.parallelBlock=true') },
  {
    pattern: /gradients reduced in half precision/,
    says: 'gradients that travel in half precision',
    set: always('workload.gradientBytes=2'),
  },
  {
    // foundation-model-stack/fms-fsdp, main_training_llama.py: FullyShardedDataParallel; fms_fsdp/policies/mixed_precision.py: reduce_dtype bfloat16.
    pattern: /fms-fsdp/,
    says: "gradients in half precision and flat parameters, as PyTorch's first FSDP is told to have them",
    set: always('workload.gradientBytes=2', 'workload.shardLayout=flat'),
  },
  {
    pattern: /torchtitan/,
    says: 'every second product recomputed where selective is said',
    set: (_, { recompute }) => (recompute === 'selective' ? ['workload.recomputeOperations=on'] : []),
  },
  {
    // pytorch/torchtitan, pull request 2095 (December 2025): until then _op_sac_save_list had no cuDNN attention, which Blackwell has (pull request 1196).
    pattern: /torchtitan(?!.*\(\w* ?202[6-9]\))/,
    says: 'attention of cuDNN recomputed where selective is said, as torchtitan did not save it until December 2025',
    set: (_, row) => (row.recompute === 'selective' && isBlackwell(row) ? ['workload.recomputeFusedCore=on'] : []),
  },
  {
    pattern: /torchtitan/,
    says: 'gathers in half precision where scales are those of rows, of which and of columns operands are quantised',
    set: (_, { precision }) =>
      precision === 'fp8-rowwise'
        ? ['workload.tensorGather=half', `compute.quantizationEfficiency=${AXES_QUANTIZATION_EFFICIENCY}`]
        : [],
  },
  {
    pattern: /CUDA graphs of a whole step/,
    says: 'steps that are one graph each, which no host waits for',
    set: always('compute.hostLaunchUs=0'),
  },
  {
    // Of mixtures whose experts take as many tokens as come they hold attention and the router (arXiv 2603.07685), as those whose notes
    // name the parts: what is launched for experts, exchanges and copies is most of what a host has to do.
    pattern: /CUDA graphs/,
    says: 'CUDA graphs',
    set: (_, { experts = 1 }) => (experts > 1 ? [] : ['compute.hostLaunchUs=0']),
  },
  {
    pattern: /CUDA_LAUNCH_BLOCKING/,
    says: 'a host that waits for each launch',
    set: always('compute.launchBlocking=on'),
  },
  {
    pattern: /tp comm overlap True|async tensor parallelism|AsyncTP|reduce-scatter mode with async comm/,
    says: 'tensor-parallel traffic beside compute',
    set: always('workload.tensorOverlap=on'),
  },
  {
    pattern: /tp comm overlap False|vanilla tensor parallelism|no TP\/PP overlap/,
    says: 'tensor-parallel traffic alone',
    set: always(TENSORS_ALONE),
  },
  {
    // Megatron-Bridge: gathers of weights in four bits exclude userbuffers, so all recipes in NVFP4 set tp_comm_overlap = False (perf_recipes,
    // scripts/performance/configs/llama); deepseek_v3.py does so always, those of Nemotron 3 Super and Ultra leave comm_overlap at None.
    pattern: /Megatron-Bridge/,
    says: 'tensor-parallel traffic alone in four bits and of DeepSeek-V3 and Nemotron 3, as recipes have it',
    set: (_, { tp, precision, model = '' }) =>
      tp > 1 && (precision === 'nvfp4' || /deepseek-v3|nemotron-3-(?:super|ultra)/i.test(model)) ? [TENSORS_ALONE] : [],
  },
];

/** What a row states in words. */
export function stated(row: TrainingRow): Statement[] {
  const text = `${row.framework_version}; ${row.notes}`;
  return PHRASES.flatMap(({ pattern, says, set }) => {
    const match = pattern.exec(text);
    const overrides = match === null ? [] : set(match, row);
    return overrides.length === 0 ? [] : [{ says, set: overrides }];
  });
}
