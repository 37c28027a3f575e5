/** Names of torchtitan's settings (github.com/pytorch/torchtitan, torchtitan/config/job_config.py), and of its models. */
import { type NamedModel, namedModel } from '../namedModels.js';

export const FORMAT = 'torchtitan';

const P = 'parallelism.';
export const REPLICATE = `${P}data_parallel_replicate_degree`;
export const SHARD = `${P}data_parallel_shard_degree`;
export const TENSOR = `${P}tensor_parallel_degree`;
export const PIPELINE = `${P}pipeline_parallel_degree`;
export const CONTEXT = `${P}context_parallel_degree`;
export const EXPERT = `${P}expert_parallel_degree`;
export const EXPERT_TENSOR = `${P}expert_tensor_parallel_degree`;
export const SCHEDULE = `${P}pipeline_parallel_schedule`;
export const MICRO_BATCH = `${P}pipeline_parallel_microbatch_size`;
/** Of 2024: how many, not how large. */
export const MICRO_BATCHES = 'experimental.pipeline_parallel_microbatches';
export const FIRST_LESS = `${P}pipeline_parallel_first_stage_less_layers`;
export const LAST_LESS = `${P}pipeline_parallel_last_stage_less_layers`;
export const PER_STAGE = `${P}pipeline_parallel_layers_per_stage`;
export const ROTATION = `${P}context_parallel_rotate_method`;
export const RESHARD = `${P}fsdp_reshard_after_forward`;
export const ASYNC = `${P}enable_async_tensor_parallel`;
export const COMPILE = 'compile.enable';
export const COMPONENTS = 'compile.components';
export const LOCAL_BATCH = 'training.local_batch_size';
export const GLOBAL_BATCH = 'training.global_batch_size';
export const SEQ_LEN = 'training.seq_len';
export const NAME = 'model.name';
export const FLAVOR = 'model.flavor';
export const CONVERTERS = 'model.converters';

/** What settings were called before (job_config.py of 2024), by today's names. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['training.batch_size', LOCAL_BATCH],
  ['training.compile', COMPILE],
  ['training.data_parallel_degree', SHARD],
  ['training.data_parallel_replicate_degree', REPLICATE],
  ['training.data_parallel_shard_degree', SHARD],
  ['training.tensor_parallel_degree', TENSOR],
  ['experimental.context_parallel_degree', CONTEXT],
  ['experimental.context_parallel_rotate_method', ROTATION],
  ['experimental.pipeline_parallel_degree', PIPELINE],
  ['experimental.pipeline_parallel_schedule', SCHEDULE],
  ['experimental.enable_async_tensor_parallel', ASYNC],
]);

/** Settings that are lists. */
export const LISTS: ReadonlySet<string> = new Set([CONVERTERS, COMPONENTS]);

/** Its models that have a preset here. */
export const MODELS: readonly NamedModel[] = [
  namedModel(['llama3', '8B'], 'llama3-8b'),
  namedModel(['llama3', '70B'], 'llama3-70b'),
  namedModel(['llama3', '405B'], 'llama3-405b'),
  namedModel(['llama4', '17bx16e'], 'llama4-scout'),
  namedModel(['llama4', '17bx128e'], 'llama4-maverick'),
  namedModel(['deepseek_v3', '671B'], 'deepseek-v3', { mtpLayers: 0 }),
  namedModel(['qwen3', '8B'], 'qwen3-8b'),
  namedModel(['qwen3', '32B'], 'qwen3-32b'),
  namedModel(['qwen3', '30B-A3B'], 'qwen3-30b-a3b'),
  namedModel(['qwen3', '235B-A22B'], 'qwen3-235b-a22b'),
  namedModel(['gpt_oss', '20b'], 'gpt-oss-20b'),
  namedModel(['gpt_oss', '120b'], 'gpt-oss-120b'),
];
