/** Keys of NeMo's and Megatron-Bridge's files, and the flags of Megatron-LM that they are. */
import { beginning, type NotSimulated } from '../framework.js';
import type { Key } from './translation.js';

const value = (flag: string, ...keys: readonly string[]): Key => ({ flag, keys, says: 'value' });
const there = (flag: string, ...keys: readonly string[]): Key => ({ flag, keys, says: 'there' });
const notThere = (flag: string, ...keys: readonly string[]): Key => ({ flag, keys, says: 'notThere' });

/** Megatron-Bridge's key of a model's field; those of NeMo 2 stand below its model's configuration. */
const model = (key: string): string[] => [`model.${key}`, `model.config.${key}`];

/** Degrees: Megatron-Bridge's and NeMo 1's, and those of NeMo 2's strategy. */
const degree = (key: string): string[] => [`model.${key}`, `trainer.strategy.${key}`, `model.config.${key}`];

/** Recipes turn them on where a file is silent. */
const byRecipe = (key: Key): Key => ({ ...key, otherwise: true });

/** NeMo 1 does not look at it where attention alone is recomputed (megatron_gpt_config.yaml). */
const unlessSelective = (key: Key): Key => ({
  ...key,
  idleWith: ['model.activations_checkpoint_granularity', 'selective'],
});

const DTYPES = { 'torch.float32': 'fp32', 'torch.bfloat16': 'bf16', 'torch.float16': 'fp16', 'torch.uint8': 'fp8' };

const dtype = (flag: string, name: string): Key => ({ ...value(flag, `optimizer.${name}`), words: DTYPES });

export const KEYS: readonly Key[] = [
  value('--tensor-model-parallel-size', ...degree('tensor_model_parallel_size')),
  value('--pipeline-model-parallel-size', ...degree('pipeline_model_parallel_size')),
  value('--num-virtual-stages-per-pipeline-rank', ...degree('virtual_pipeline_model_parallel_size')),
  value('--pipeline-model-parallel-layout', ...degree('pipeline_model_parallel_layout')),
  value('--microbatch-group-size-per-virtual-pipeline-stage', ...degree('microbatch_group_size_per_vp_stage')),
  value('--decoder-first-pipeline-num-layers', ...degree('num_layers_in_first_pipeline_stage')),
  value('--decoder-last-pipeline-num-layers', ...degree('num_layers_in_last_pipeline_stage')),
  there('--account-for-embedding-in-pipeline-split', ...degree('account_for_embedding_in_pipeline_split')),
  there('--account-for-loss-in-pipeline-split', ...degree('account_for_loss_in_pipeline_split')),
  value('--context-parallel-size', ...degree('context_parallel_size')),
  value('--cp-comm-type', ...degree('cp_comm_type')),
  value('--hierarchical-context-parallel-sizes', ...degree('hierarchical_context_parallel_sizes')),
  value('--expert-model-parallel-size', ...degree('expert_model_parallel_size')),
  value('--expert-tensor-parallel-size', ...degree('expert_tensor_parallel_size')),
  there('--sequence-parallel', ...degree('sequence_parallel')),
  there('--use-tp-pp-dp-mapping', 'dist.use_tp_pp_dp_mapping', 'trainer.strategy.use_tp_pp_dp_mapping'),
  value('--micro-batch-size', 'train.micro_batch_size', 'model.micro_batch_size', 'data.micro_batch_size'),
  value('--global-batch-size', 'train.global_batch_size', 'model.global_batch_size', 'data.global_batch_size'),
  byRecipe(
    there(
      '--overlap-grad-reduce',
      'ddp.overlap_grad_reduce',
      'trainer.strategy.ddp.overlap_grad_reduce',
      'model.optim.overlap_grad_sync',
    ),
  ),
  there(
    '--overlap-param-gather',
    'ddp.overlap_param_gather',
    'trainer.strategy.ddp.overlap_param_gather',
    'model.optim.overlap_param_sync',
  ),
  there('--tp-comm-overlap', 'comm_overlap.tp_comm_overlap', 'model.tp_comm_overlap', 'model.ub_tp_comm_overlap'),
  there('--no-async-tensor-model-parallel-allreduce', 'model.disable_async_tensor_model_parallel_allreduce'),
  notThere('--no-overlap-p2p-communication', 'comm_overlap.overlap_p2p_comm', 'model.overlap_p2p_comm'),
  byRecipe(
    there(
      '--use-distributed-optimizer',
      'ddp.use_distributed_optimizer',
      'optimizer.use_distributed_optimizer',
      'trainer.strategy.ddp.use_distributed_optimizer',
    ),
  ),
  there('--use-megatron-fsdp', 'ddp.use_megatron_fsdp', 'dist.use_megatron_fsdp', 'ddp.use_custom_fsdp'),
  value('--num-distributed-optimizer-instances', 'ddp.num_distributed_optimizer_instances'),
  value('--data-parallel-sharding-strategy', 'ddp.data_parallel_sharding_strategy'),
  value('--ckpt-format', 'checkpoint.ckpt_format'),
  notThere('--grad-reduce-in-bf16', 'ddp.grad_reduce_in_fp32', 'trainer.strategy.ddp.grad_reduce_in_fp32'),
  there('--use-precision-aware-optimizer', 'optimizer.use_precision_aware_optimizer'),
  dtype('--main-grads-dtype', 'main_grads_dtype'),
  dtype('--main-params-dtype', 'main_params_dtype'),
  dtype('--exp-avg-dtype', 'exp_avg_dtype'),
  dtype('--exp-avg-sq-dtype', 'exp_avg_sq_dtype'),
  value('--recompute-granularity', ...model('recompute_granularity'), 'model.activations_checkpoint_granularity'),
  unlessSelective(value('--recompute-method', ...model('recompute_method'), 'model.activations_checkpoint_method')),
  unlessSelective(
    value('--recompute-num-layers', ...model('recompute_num_layers'), 'model.activations_checkpoint_num_layers'),
  ),
  value('--recompute-modules', ...model('recompute_modules')),
  there('--optimizer-cpu-offload', 'optimizer.optimizer_cpu_offload'),
  value('--optimizer-offload-fraction', 'optimizer.optimizer_offload_fraction'),
  there('--cpu-offloading', ...model('cpu_offloading')),
  value('--cpu-offloading-num-layers', ...model('cpu_offloading_num_layers')),
  there('--fine-grained-activation-offloading', ...model('fine_grained_activation_offloading')),
  value('--offload-modules', ...model('offload_modules')),
  value('--attention-backend', ...model('attention_backend')),
  value('--num-layers', ...model('num_layers')),
  value('--hidden-size', ...model('hidden_size')),
  value('--ffn-hidden-size', ...model('ffn_hidden_size')),
  value('--num-attention-heads', ...model('num_attention_heads')),
  value('--kv-channels', ...model('kv_channels')),
  // A number of groups is what tells grouped queries.
  { ...value('--num-query-groups', ...model('num_query_groups')), implies: '--group-query-attention' },
  there('--qk-layernorm', ...model('qk_layernorm')),
  there('--attention-output-gate', ...model('attention_output_gate')),
  value('--experimental-attention-variant', ...model('experimental_attention_variant')),
  value('--linear-attention-freq', ...model('linear_attention_freq')),
  value('--linear-conv-kernel-dim', ...model('linear_conv_kernel_dim')),
  value('--linear-key-head-dim', ...model('linear_key_head_dim')),
  value('--linear-value-head-dim', ...model('linear_value_head_dim')),
  value('--linear-num-key-heads', ...model('linear_num_key_heads')),
  value('--linear-num-value-heads', ...model('linear_num_value_heads')),
  there('--multi-latent-attention', ...model('multi_latent_attention')),
  value('--q-lora-rank', ...model('q_lora_rank')),
  value('--kv-lora-rank', ...model('kv_lora_rank')),
  value('--qk-head-dim', ...model('qk_head_dim')),
  value('--qk-pos-emb-head-dim', ...model('qk_pos_emb_head_dim')),
  value('--v-head-dim', ...model('v_head_dim')),
  value(
    '--seq-length',
    'model.seq_length',
    'dataset.sequence_length',
    'model.encoder_seq_length',
    'data.seq_length',
    'model.config.seq_length',
  ),
  value('--max-position-embeddings', ...model('max_position_embeddings')),
  value('--position-embedding-type', ...model('position_embedding_type')),
  {
    ...value('--normalization', ...model('normalization')),
    words: { rmsnorm: 'RMSNorm', layernorm: 'LayerNorm', layernorm1p: 'LayerNorm' },
  },
  { ...there('--swiglu', ...model('gated_linear_unit'), 'model.activation'), truths: ['swiglu', 'fast-swiglu'] },
  notThere('--untie-embeddings-and-output-weights', ...model('share_embeddings_and_output_weights')),
  notThere('--disable-bias-linear', ...model('add_bias_linear'), 'model.bias'),
  there('--add-qkv-bias', ...model('add_qkv_bias')),
  value('--attention-dropout', ...model('attention_dropout')),
  value('--hidden-dropout', ...model('hidden_dropout')),
  value('--mtp-num-layers', ...model('mtp_num_layers')),
  value('--hybrid-layer-pattern', ...model('hybrid_layer_pattern')),
  value('--hybrid-override-pattern', ...model('hybrid_override_pattern')),
  value('--mtp-hybrid-override-pattern', ...model('mtp_hybrid_override_pattern')),
  value('--mamba-num-heads', ...model('mamba_num_heads')),
  value('--mamba-head-dim', ...model('mamba_head_dim')),
  value('--mamba-state-dim', ...model('mamba_state_dim')),
  value('--mamba-num-groups', ...model('mamba_num_groups')),
  value('--num-experts', ...model('num_moe_experts')),
  value('--moe-router-topk', ...model('moe_router_topk')),
  value('--moe-ffn-hidden-size', ...model('moe_ffn_hidden_size')),
  value('--moe-layer-freq', ...model('moe_layer_freq')),
  value('--moe-shared-expert-intermediate-size', ...model('moe_shared_expert_intermediate_size')),
  value('--moe-token-dispatcher-type', ...model('moe_token_dispatcher_type')),
  there('--moe-enable-deepep', ...model('moe_enable_deepep')),
  value('--moe-flex-dispatcher-backend', ...model('moe_flex_dispatcher_backend')),
  value('--moe-router-num-groups', ...model('moe_router_num_groups')),
  value('--moe-router-group-topk', ...model('moe_router_group_topk')),
  value('--moe-expert-capacity-factor', ...model('moe_expert_capacity_factor')),
  there('--moe-pad-expert-input-to-capacity', ...model('moe_pad_expert_input_to_capacity')),
  value('--tokenizer-type', 'tokenizer.tokenizer_type', 'model.tokenizer.type'),
  value('--tokenizer-model', 'tokenizer.tokenizer_model', 'model.tokenizer.model'),
  value('--vocab-size', 'tokenizer.vocab_size', 'model.vocab_size', 'model.config.vocab_size'),
  value('--make-vocab-size-divisible-by', ...model('make_vocab_size_divisible_by')),
];

const OUTSIDE = String.raw`
  name defaults restore_from_path _target_ rng scheduler dataset logger checkpoint profiling exp_manager data log resume
  optim inprocess_restart ft straggler nvrx_straggler peft run rerun_state_machine launcher tokenizer train\.
  optimizer\. dist\. comm_overlap\. trainer\.(?!strategy\.fsdp)
  ddp\.(check|average|bucket|fp8|pad|align|keep|grad_reduce_in_fp32$|preserve|nccl)
`;
/** Switches of kernels and of how they are called, whose constants stand in the software's file; and what trains, not how long. */
const OF_MODEL = String.raw`
  (config\.)?_target_ tokenizer optim data nsys precision bf16 fp16 fp8_ megatron_amp params_dtype autocast
  pipeline_dtype gradient_ apply_ init_method layernorm masked bias_ persist rotary rope openai seq_len_inter
  cross_entropy deterministic fp16_lm hysteresis transformer_engine sync_batch
  moe_router_(load|dtype|pre|force|fusion|score|bias|enable|padding) moe_aux moe_z moe_grouped moe_permute use_flash
  normalize_attention do_layer transformer_block megatron resume activation_func generation transformer_layer_spec
  window scatter parallel_output attention_softmax softmax distribute tp_only test_mode calculate clone batch_p2p
  deallocate barrier finalize no_sync grad_ param_sync perform use_te embedding memory_efficient pre_process
  post_process mcore_gpt use_cpu native_amp make_vocab fp32_residual onnx async num_layers_per_virtual ffn_dropout
  attention_type seed reduce_amax use_emha headscale ub_tp_comm fp8_(margin|interval|amax)
`;

export const WITHOUT_EFFECT = new RegExp(`${beginning('', OUTSIDE).source}|${beginning('model\\.', OF_MODEL).source}`);

export const NOT_SIMULATED: readonly NotSimulated[] = [
  { settings: /^model\.(enable_|external_)?cuda_graph/, instead: 'the host launches every kernel' },
  { settings: /^model\.(config\.)?cpu_offloading_weights$/, instead: 'weights lie on the NPU' },
  { settings: /^model\.moe_(deepep|hybridep)/, instead: 'exchanges of experts take no multiprocessors from products' },
  { settings: /^model\.moe_shared_expert_overlap/, instead: 'shared experts run before tokens leave' },
];
