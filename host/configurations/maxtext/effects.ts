/** Settings of MaxText that no row reads. */
import { beginning, type NotSimulated } from '../framework.js';

/** What a job begins and ends with, logs and data; kernels and how they are called, whose constants stand in the software's file. */
const AROUND = `
  base_config run_name base_output hardware steps log_ metrics gcs_ save_ tensorboard enable_tensorboard use_vertex vertex_ managed_ml
  enable_checkpointing async_checkpointing checkpoint_ max_num_checkpoints load_ lora_ force_unroll source_checkpoint local_checkpoint
  enable_(single|continuous|multi_tier|emergency|orbax|goodput|pathways|gcp|data_shuffling|dropout|jax|nnx|prefix|model_warmup|llm|padding|checkpoint)
  multi_tier mtc_ replicator colocated_ jax_ skip_jax dump_ profil skip_first upload_all hide_profiler collect_stack stack_trace monitor_ report_
  heartbeat step_deviation goodput_ override_(model|logical) debug compiled_trainstep compile_topology num_slices subslice custom_mesh allow_split
  optimize_mesh mesh_axes logical_axis data_sharding input_data_sharding sharding_tolerance shard_mode shardy max_checkify
  dataset tokeniz train_ eval_ hf_ grain_ packing num_epoch add_(bos|eos) use_truncation max_corpus expansion_factor generate_padding
  max_segments reuse_example data_shuffle init_weights tfds use_chat chat_template enable_rampup per_device_batch_size_(start|increment) global_rampup
  learning_rate lr_ warmup_ wsd_ cosine_ opt_type adam_ muon_ gradient_clipping use_dpo dpo_ use_sft sft_ target_eval
`;
const KERNELS = `
  normaliz rope_ use_iota scan_layers param_scan scan_pipeline set_remat fused_ use_custom_sort use_ring_of wi_tile wo_tile megablox sparse_matmul
  norm_topk routed_ load_balance use_random_routing n_routing topk_routing capacity_ matmul_precision dtype$ dtype_mm grad_dtype logits_dot cast_logits
  float32_ activations_in activation_dtype dropout_rate sa_ use_(tokamax|jax_splash|splash|max_logit|untrainable|qwix|ragged) force_q_layout
  cost_estimate dq_reduction local_rope rope yarn beta_ mscale partial_rotary max_position original_max context_parallel_load nope_layer
  replicate_quant quant constant_bound weight_quantization act_quantization bwd_quantization kv_quant model_call_mode final_logits attn_logits
  use_post_ mlp_activations_limit temperature_tuning attention_sink mtp_(loss|eval) inhomogeneous_layer mla_naive
  (max_)?prefill prompt decode_ autoregressive inference_ generate_slice ar_cache compute_axis reshape_q stack_prefill multi_sampling return_log
  prometheus pagedattn use_chunked chunked ragged_ use_multimodal use_audio freeze_ image_ video_ audio_ posemb .*_for_(vit|audio)$ mrope
  vllm_ internal_compile record_internal sinkhorn use_mrope position_id cp_ moba_ index_ gdn_ use_qk_norm_in layerwise xprof elastic
`;

export const WITHOUT_EFFECT = beginning('', `${AROUND} ${KERNELS}`);

export const NOT_SIMULATED: readonly NotSimulated[] = [
  { settings: /^parameter_memory_host_offload$/, instead: 'weights lie on the device' },
  { settings: /^pipeline_parallel_layers$/, instead: 'all layers are in the pipeline' },
  { settings: /^pipeline_fsdp_ag_once$/, instead: 'weights are gathered for each micro-batch' },
  { settings: /^use_batch_split_schedule$/, instead: 'exchanges of experts are as the software has them' },
  { settings: /^(shard_exp_on_fsdp|use_2d_fsdp|moe_fsdp)/, instead: 'weights of experts are sharded as all others' },
  { settings: /^(moba|use_sparse_indexer)$/, instead: 'attention looks at all tokens before' },
  { settings: /^mlp_bias$/, instead: 'products of the MLP add no bias' },
  { settings: /^mhc_expansion_rate$/, instead: 'layers have one residual stream' },
];
