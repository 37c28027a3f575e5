/** Names of MaxText's settings and what they are without a file (github.com/AI-Hypercomputer/maxtext, configs/base.yml), and of its models. */
import { type NamedModel, namedModel } from '../namedModels.js';

export const FORMAT = 'MaxText';

export const MODEL_NAME = 'model_name';
export const OVERRIDES_MODEL = 'override_model_config';
export const PER_DEVICE = 'per_device_batch_size';
export const ACCUMULATION = 'gradient_accumulation_steps';
export const MICRO_BATCHES = 'num_pipeline_microbatches';
export const DELAYED = 'pipeline_delay_activation_forwarding';
export const LAYERS_PER_STAGE = 'num_layers_per_pipeline_stage';
export const REPEATS = 'num_pipeline_repeats';
export const SEQ = 'max_target_length';
export const ATTENTION = 'attention';
export const CONTEXT_STRATEGY = 'context_parallel_strategy';
export const POLICY = 'remat_policy';
export const QUANTIZATION = 'quantization';
export const WEIGHT_DTYPE = 'weight_dtype';
export const FIRST_MOMENT = 'mu_dtype';
export const STATE_ON_HOST = 'optimizer_memory_host_offload';
export const SHARDED_STATE = 'shard_optimizer_over_data';
export const CAPACITY = 'capacity_factor';
export const TILES = 'num_vocab_tiling';
export const TOPOLOGY = 'compile_topology';
export const SLICES = ['compile_topology_num_slices', 'num_slices'] as const;

export const EMBEDDING = 'base_emb_dim';
export const QUERY_HEADS = 'base_num_query_heads';
export const KV_HEADS = 'base_num_kv_heads';
export const MLP = 'base_mlp_dim';
export const LAYERS = 'base_num_decoder_layers';
export const HEAD = 'head_dim';
export const SCALE = 'global_parameter_scale';
export const EXPERTS = 'num_experts';
export const EXPERT_MLP = 'base_moe_mlp_dim';
export const LATER_TOKENS = 'mtp_num_layers';

/** Its models that have a preset here; none predicts later tokens unless a file says so. */
export const MODELS: readonly NamedModel[] = [
  namedModel(['llama2-7b'], 'llama2-7b'),
  namedModel(['llama2-13b'], 'llama2-13b'),
  namedModel(['llama2-70b'], 'llama2-70b'),
  namedModel(['llama3-8b'], 'llama3-8b'),
  namedModel(['llama3.1-8b'], 'llama3-8b'),
  namedModel(['llama3-70b'], 'llama3-70b'),
  namedModel(['llama3.1-70b'], 'llama3-70b'),
  namedModel(['llama3.3-70b'], 'llama3-70b'),
  namedModel(['llama3-405b'], 'llama3-405b'),
  namedModel(['llama3.1-405b'], 'llama3-405b'),
  namedModel(['llama4-17b-16e'], 'llama4-scout'),
  namedModel(['llama4-17b-128e'], 'llama4-maverick'),
  namedModel(['mistral-7b'], 'mistral-7b'),
  namedModel(['mixtral-8x7b'], 'mixtral-8x7b'),
  namedModel(['mixtral-8x22b'], 'mixtral-8x22b'),
  namedModel(['gemma3-27b'], 'gemma3-27b'),
  namedModel(['gpt3-175b'], 'gpt3-175b'),
  namedModel(['deepseek3-671b'], 'deepseek-v3', { mtpLayers: 0 }),
  namedModel(['kimi-k2-1t'], 'kimi-k2', { mtpLayers: 0 }),
  namedModel(['qwen2.5-7b'], 'qwen2.5-7b'),
  namedModel(['qwen3-8b'], 'qwen3-8b'),
  namedModel(['qwen3-32b'], 'qwen3-32b'),
  namedModel(['qwen3-30b-a3b'], 'qwen3-30b-a3b'),
  namedModel(['qwen3-235b-a22b'], 'qwen3-235b-a22b'),
  namedModel(['qwen3-next-80b-a3b'], 'qwen3-next-80b-a3b', { mtpLayers: 0 }),
  namedModel(['gpt-oss-20b'], 'gpt-oss-20b'),
  namedModel(['gpt-oss-120b'], 'gpt-oss-120b'),
];
