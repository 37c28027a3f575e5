/**
 * What a release of a framework does by the recipes in its repository, where the table of its results does not say it. Such a row is
 * read as if its notes said so. What a table prints is never overruled, not even by its own recipe: a row is tried as it was published.
 */
import type { TrainingRow } from './row.js';

interface Recipe {
  /** What the columns `framework_version` and `model` say. */
  readonly version: RegExp;
  readonly model: RegExp;
  /** Where it has a recipe of its own for some machines or ways of routing. */
  readonly where?: (row: TrainingRow) => boolean;
  readonly recompute?: TrainingRow['recompute'];
  readonly virtualStages?: number;
  readonly microBatch?: number;
  readonly sequenceParallel?: boolean;
  readonly notes?: string;
}

const DEEPSEEK = /deepseek-v3/i;
const isHopper = ({ gpu }: TrainingRow) => gpu.startsWith('h');
const isRack = ({ gpu }: TrainingRow) => gpu.startsWith('gb');
const isKind =
  (kind: string) =>
  ({ gpu }: TrainingRow) =>
    gpu.split('-')[0] === kind;
/**
 * NeMo AutoModel's enable_fsdp_optimizations, and in its pipelines always (components/moe/fsdp_mixin.py): until a step's last backward pass
 * weights are not sharded again, reshard_after_forward being false, and gradients are not reduced.
 */
const STAY = 'FSDP synchronises once a step';
/**
 * NeMo AutoModel's recipes of benchmarks take torch.optim.Adam and name no type of the weights, which are then in bf16: so are its moments
 * (docs.nvidia.com/nemo/automodel, mixed-precision training).
 */
const HALF = 'weights and moments in half precision';
/** Its recipes of Nemotron 3's benchmarks: experts: torch_mm. */
const TORCH_EXPERTS = 'experts torch_mm';
const hasExperts = ({ experts = 1 }: TrainingRow) => experts > 1;
const isDropless = ({ notes }: TrainingRow) => /dropless/.test(notes);

const QWEN3_235B = /qwen3-235b/i;
/** account_for_embedding_in_pipeline_split and account_for_loss_in_pipeline_split of Megatron-Core. */
const SPLIT = 'embedding and loss count in the pipeline split';

const RECIPES: readonly Recipe[] = [
  // Megatron-Bridge, recipes/qwen/qwen3_moe.py: the pipeline's split, "required for 235B model"; scripts/performance/configs/qwen:
  // recompute_granularity = None; on H100 moe_a2a_overlap = True and tp_comm_overlap = False, on racks hybridep.
  {
    version: /Megatron-Bridge v0\.[23]\./,
    model: QWEN3_235B,
    where: isHopper,
    recompute: 'none',
    notes: `${SPLIT}; EP all-to-all overlap; tp comm overlap False`,
  },
  {
    version: /Megatron-Bridge v0\.[23]\./,
    model: QWEN3_235B,
    where: isRack,
    recompute: 'none',
    notes: `${SPLIT}; dispatcher hybridep`,
  },
  { version: /Megatron-Bridge v0\.[23]\./, model: QWEN3_235B, recompute: 'none', notes: SPLIT },
  // Megatron-Bridge, recipes/llama/llama3.py, llama31_405b_pretrain_config: the same split; its 0.3, scripts/performance/configs/llama/
  // llama31_workload_base_configs.py: layers are recomputed in none of those with 256 and more GPUs.
  { version: /Megatron-Bridge v0\.3\./, model: /llama3\.1-405b/i, recompute: 'none', notes: SPLIT },
  { version: /Megatron-Bridge v0\./, model: /llama3\.1-405b/i, notes: SPLIT },
  // NeMo 25.04.01, scripts/performance/llm/pretrain_deepseek_v3.py: a callback that drops tokens; NVIDIA/dgxc-benchmarking,
  // deepseek_v3/pretraining/launch.sh: modules that are recomputed. cuDNN has the backward pass of attention whose heads have 192
  // and 128 values on Blackwell from 9.11 on (TransformerEngine, fused_attn.cpp), so recomputing it saves its scores.
  {
    version: /DGXC benchmarking 25\.05/,
    model: DEEPSEEK,
    where: isRack,
    recompute: 'selective',
    notes: 'token drop; unfused attention',
  },
  {
    version: /DGXC benchmarking 25\.05/,
    model: DEEPSEEK,
    where: isHopper,
    recompute: 'selective',
    notes: 'token drop; recompute modules mla_up_proj',
  },
  // Megatron-Bridge 0.1, scripts/performance/configs/deepseek/deepseek_v3_llm_pretrain.py: what is drop-less runs with DeepEP.
  {
    version: /Megatron-Bridge v0\.1\./,
    model: DEEPSEEK,
    where: (row) => isHopper(row) && isDropless(row),
    recompute: 'selective',
    notes: 'recompute modules mla_up_proj+mlp; dispatcher deepep; EP all-to-all overlap',
  },
  {
    version: /Megatron-Bridge v0\.1\./,
    model: DEEPSEEK,
    where: (row) => !isDropless(row),
    recompute: 'selective',
    notes: 'recompute modules mla_up_proj',
  },
  // Megatron-Bridge 0.1, scripts/performance/configs/qwen3: recompute_granularity = None.
  { version: /Megatron-Bridge v0\.1\./, model: /qwen3/i, recompute: 'none' },
  // Megatron-Bridge 0.2: all recipes of these on racks have it, also where the table's degrees are not the recipe's.
  {
    version: /Megatron-Bridge v0\.2\./,
    model: /deepseek-v3|qwen3/i,
    where: isRack,
    notes: 'dispatcher hybridep',
  },
  // Megatron-Bridge 0.2, scripts/performance/configs/gpt_oss/workload_base_configs.py.
  {
    version: /Megatron-Bridge v0\.2\./,
    model: /gpt-oss/i,
    where: (row) => isKind('b200')(row) || isHopper(row),
    recompute: 'selective',
    notes: 'recompute modules layernorm+moe_act',
  },
  // Megatron-Bridge 0.3.1, scripts/performance/configs/llama/llama3_workload_base_configs.py: no recompute_modules.
  {
    version: /Megatron-Bridge v0\.3\.1/,
    model: /llama3-70b/i,
    where: (row) => isKind('gb300')(row) && (row.fsdp ?? 0) === 0,
    recompute: 'none',
  },
  // The same, gpt_oss_workload_base_configs.py: its releases before and behind recompute the same on B200.
  {
    version: /Megatron-Bridge v0\.3\.1/,
    model: /gpt-oss/i,
    where: isKind('b200'),
    recompute: 'selective',
    notes: 'recompute modules layernorm+moe_act',
  },
  // The same, qwen3_workload_base_configs.py: pull request 2477, with other degrees on H100, went into 0.4 alone.
  {
    version: /Megatron-Bridge v0\.3\.1/,
    model: /qwen3-30b/i,
    where: isHopper,
    recompute: 'none',
    notes: 'dispatcher deepep; EP all-to-all overlap',
  },
  // Megatron-Bridge 0.6, perf_recipes/nemotronh: cuda_graph_impl transformer_engine, as its releases before it.
  {
    version: /Megatron-Bridge v0\.6\./,
    model: /nemotron-3-(nano|super|5-lightning)/i,
    notes: 'CUDA graph transformer_engine:attn+mamba+moe_router+moe_preprocess; dispatcher hybridep',
  },
  // NeMo AutoModel, examples/llm_benchmark/gpt_oss/gptoss_20b_te_deepep.yaml: no activation_checkpointing.
  { version: /AutoModel/, model: /gpt-oss-20b/i, recompute: 'none', notes: `${STAY}; ${HALF}` },
  // The same, examples/llm_benchmark: fake_balanced_gate and enable_fsdp_optimizations in those that have experts; of Nemotron 3 Super and
  // Ultra moe.reshard_after_forward instead.
  {
    version: /AutoModel/,
    model: /./,
    where: (row) => hasExperts(row) && !/fake balanced/.test(row.notes),
    notes: `fake balanced gate; ${STAY}; ${HALF}`,
  },
  { version: /AutoModel/, model: /./, where: hasExperts, notes: `${STAY}; ${HALF}` },
  { version: /AutoModel/, model: /nemotron-3-nano/i, notes: `${STAY}; ${HALF}; ${TORCH_EXPERTS}` },
  { version: /AutoModel/, model: /nemotron-3-(?:super|ultra)/i, notes: TORCH_EXPERTS },
  // Megatron-Core's authors, Megatron-MoE-ModelZoo at 30631ea5, runtime_configs/benchmarking/runtime.conf: TP 2, PP 8, EP 8, VPP 1.
  {
    version: /^Megatron-Core/,
    model: /mixtral-8x22b/i,
    where: ({ tp, pp, ep, etp }) => tp === 2 && pp === 8 && ep === 8 && etp === tp,
    virtualStages: 1,
  },
  // AMD-AGI/Primus, examples/megatron/configs/MI325X/llama3.1_70B-BF16-pretrain.yaml and its twin in FP8: full, 72 of 80 layers.
  { version: /^Primus/, model: /llama3-70b/i, where: isKind('mi325x'), recompute: 'full' },
  // AMD-AGI/maxtext-slurm, configs/deepseek3-671b.gpu.yml: weight_dtype bfloat16; train_env.sh: XLA_PYTHON_CLIENT_MEM_FRACTION=.93.
  {
    version: /^MaxText, (?:NVIDIA jax|ROCm jax-training)/,
    model: DEEPSEEK,
    notes: "weights in half precision alone; XLA's client takes 0.93 of the memory",
  },
  // gkarfakis19/Rapid-LLM, validation_scripts/uci_train_lime.py at 173a765e: MICRO_BATCH_SIZE = 1 of the benchmark, tp_sp False; and
  // a100_80GB.yaml beside it: no recomputation.
  {
    version: /^PyTorch \(not stated\)/,
    model: /llama2-7b/i,
    where: ({ notes }) => /uci_train\.py/.test(notes),
    recompute: 'none',
    microBatch: 1,
    sequenceParallel: false,
  },
];

/** The row with what its release's recipe says and its own cells do not. */
export function withRecipe(row: TrainingRow): TrainingRow {
  const recipe = RECIPES.find(
    ({ version, model, where }) =>
      version.test(row.framework_version) && model.test(row.model ?? '') && (where?.(row) ?? true),
  );
  if (recipe === undefined || row.notes.includes('recompute/graph settings')) return row;
  return {
    ...row,
    notes: recipe.notes === undefined ? row.notes : `${row.notes}; ${recipe.notes}`,
    recompute: row.recompute ?? recipe.recompute,
    virtual_stages: row.virtual_stages ?? recipe.virtualStages,
    micro_batch: row.micro_batch ?? recipe.microBatch,
    sequence_parallel: row.sequence_parallel ?? recipe.sequenceParallel,
  };
}
