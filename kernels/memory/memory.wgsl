// Memory of the fullest NPU, MB. Twin of memory.ts.

// The same where gradients of weights come later: as many on all stages as on the first.
fn split_in_flight() -> f32 {
  let once = stages() + select(0.0, 1.0, is_bidirectional());
  return select(once, 2.0 * stages() - 1.0, has_schedule(WORKLOAD_PIPELINE_SCHEDULE_ZB_H2));
}

// Micro-batches whose activations a stage keeps at once, in units of all its layers.
fn micro_batches_in_flight(stage: f32) -> f32 {
  let schedule = design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE);
  let count = f32(micro_batches);
  if (schedule == WORKLOAD_PIPELINE_SCHEDULE_GPIPE) {
    return count;
  }
  if (splits_backward()) {
    return min(count, split_in_flight());
  }
  let chunks = model_chunks();
  if (chunks == 1.0) {
    return min(count, stages() - stage);
  }
  let after = stages() - 1.0 - stage;
  return min(count, (2.0 * after + (chunks - 1.0) * f32(interleave_group()) + 1.0) / chunks);
}

// Are there dense layers that lead a mixture, or layers that predict a later token?
fn layers_differ() -> bool {
  return graph_integer_leading() > 0u || graph_real_mtp_dense_m() > 0.0;
}

// Of the layers of a stage, the dense ones that lead.
fn leading_of(stage: f32, layers: f32) -> f32 {
  return min(max(f32(graph_integer_leading()) - layers_before(stage), 0.0), layers);
}

// Parameters of a stage's layers on one NPU that all data-parallel ranks replicate, in millions.
fn stage_dense_m(stage: f32, layers: f32) -> f32 {
  if (!layers_differ()) {
    return layers * layer_dense_m();
  }
  let leading = leading_of(stage, layers);
  let last = select(0.0, 1.0, stage == stages() - 1.0);
  let dense_m = leading * graph_real_leading_dense_m()
    + (layers - leading) * graph_real_other_dense_m()
    + last * graph_real_mtp_dense_m();
  let own_kv_m = model_kv_m() - graph_real_mtp_kv_m();
  let kv_m = layers / f32(graph_integer_layers()) * own_kv_m + last * graph_real_mtp_kv_m();
  return dense_m * scales[SCALE_WEIGHT] + kv_m * scales[SCALE_WEIGHT_KV];
}

// Keys and values of all layers, in millions.
fn model_kv_m() -> f32 {
  return f32(graph_integer_layers()) * graph_real_kv_m();
}

// The same of experts.
fn stage_expert_m(stage: f32, layers: f32) -> f32 {
  if (!layers_differ()) {
    return layers * layer_expert_m();
  }
  let last = select(0.0, 1.0, stage == stages() - 1.0);
  let expert_m = (layers - leading_of(stage, layers)) * graph_real_other_expert_m()
    + last * graph_real_mtp_expert_m();
  return expert_m * scales[SCALE_WEIGHT_EXPERT];
}

// What layers' weights lack of half precision, bytes: inference has them in the products' format alone.
fn narrowed_bytes() -> f32 {
  return select(WEIGHT_BYTES - operand_bytes(design_count(SLOT_WORKLOAD_PRECISION)), 0.0, is_training());
}

// Bytes of the copies of a weight in a format of fewer than 16 bits that stay from the first micro-batch to the last.
fn copy_bytes() -> f32 {
  let format = design_count(SLOT_WORKLOAD_PRECISION);
  let copied = is_training() && format != WORKLOAD_PRECISION_BF16;
  return select(0.0, design[SLOT_WORKLOAD_WEIGHT_COPIES] * operand_bytes(format), copied);
}

// Sets weights, gradients and optimiser state of a stage in `other`.
fn add_parameters(stage: f32, layers: f32) {
  let embeds = embed_share(vec4<f32>(stage)).x > 0.0;
  let has_head = head_share(vec4<f32>(stage)).x > 0.0;
  let head_m = select(edge_m(graph_real_head_m()), edge_m(graph_real_own_head_m()), embeds);
  let edges_m = select(0.0, edge_m(graph_real_embed_m()), embeds) + select(0.0, head_m, has_head);
  let dense_m = stages_held() * stage_dense_m(stage, layers) + edges_m;
  let expert_m = stages_held() * stage_expert_m(stage, layers);
  let replicas = group_size[GROUP_DATA];
  let expert_replicas = group_size[GROUP_EXPERT_DATA];
  let shard_m = dense_m / replicas + expert_m / expert_replicas;
  let whole_m = dense_m + expert_m;
  let sharded = gathers_weights();
  let gathered_m = gathered_layers(layers) * (layer_dense_m() + layer_expert_m()) + edges_m;
  let own_m = select(shard_m, whole_m, weight_sharding() == WORKLOAD_WEIGHT_SHARDING_NONE);
  let training = is_training();
  other[OUTPUT_WEIGHTS_MB] = select(WEIGHT_BYTES * whole_m, shard_bytes() * shard_m, sharded);
  if (HAS_PRECISION) {
    let layers_m = (dense_m - edges_m) / select(1.0, replicas, sharded) + expert_m / select(1.0, expert_replicas, sharded);
    other[OUTPUT_WEIGHTS_MB] -= narrowed_bytes() * layers_m;
    other[OUTPUT_WEIGHTS_MB] += copy_bytes() * (select(whole_m, gathered_m, sharded) - edges_m);
  }
  if (sharded) {
    other[OUTPUT_WEIGHTS_MB] += WEIGHT_BYTES * gathered_m;
  }
  // What leaves layer by layer goes on to the host that updates it.
  var gradients_mb = main_gradient_bytes() * select(whole_m, own_share() * shard_m, scatters_gradients());
  var optimizer_mb = own_share() * optimizer_bytes() * own_m;
  if (HAS_BUFFERS) {
    gradients_mb += buckets_mb(whole_m);
    optimizer_mb += design[SLOT_WORKLOAD_UPDATE_BUFFER_BYTES] * select(0.0, whole_m + own_m, own_m < whole_m);
  }
  other[OUTPUT_GRADIENTS_MB] = select(0.0, gradients_mb, training);
  other[OUTPUT_OPTIMIZER_MB] = select(0.0, optimizer_mb, training);
}

// Sets activations, cache and working buffers of a stage in `other`.
fn add_activations(stage: f32, layers: f32) {
  if (!is_training()) {
    let local = f32(global_batch()) / design[SLOT_WORKLOAD_DP];
    let share = scales[SCALE_CACHE] / f32(micro_batch) * local;
    other[OUTPUT_ACTIVATIONS_MB] = 0.0;
    other[OUTPUT_WORKING_MB] = largest_mb;
    other[OUTPUT_LOSS_MB] = 0.0;
    let states_mb = graph_real_state_mb() * local / design[SLOT_WORKLOAD_TP];
    other[OUTPUT_KV_CACHE_MB] = layers * (graph_real_cache_mb() * share + states_mb);
    return;
  }
  let in_flight = micro_batches_in_flight(stage);
  other[OUTPUT_ACTIVATIONS_MB] = stage_in_memory_mb(layers, in_flight);
  let embedding_mb = embed_share(vec4<f32>(stage)).x * in_flight * section_saved_mb[SECTION_EMBED_FORWARD];
  other[OUTPUT_ACTIVATIONS_MB] += embedding_mb;
  if (HAS_STAGE_OUTPUTS) {
    other[OUTPUT_ACTIVATIONS_MB] += in_flight * sent_mb(stage == stages() - 1.0);
  }
  var working_mb = section_dropped_mb[SECTION_LAYER_FORWARD];
  if (design_count(SLOT_WORKLOAD_RECOMPUTATION) == WORKLOAD_RECOMPUTATION_FULL) {
    working_mb = min(design[SLOT_WORKLOAD_RECOMPUTATION_BLOCK], layers) * layer_again_mb();
  }
  if (HAS_GRADIENT_COPIES) {
    working_mb += unsharded_gradients_mb();
  }
  if (HAS_EXPERT_ROOM) {
    working_mb += placed_gradients_mb();
  }
  var loss_mb = 0.0;
  if (head_share(vec4<f32>(stage)).x > 0.0) {
    loss_mb = section_saved_mb[SECTION_HEAD_FORWARD];
    if (HAS_LOSS) {
      loss_mb += loss_extra_mb();
    }
  }
  // What is as large counts as the loss, in f32 as in f64: what is reserved differs between them.
  let works = working_mb > loss_mb * (1.0 + AS_FULL);
  other[OUTPUT_WORKING_MB] = select(0.0, working_mb, works);
  other[OUTPUT_LOSS_MB] = select(max(working_mb, loss_mb), 0.0, works);
  other[OUTPUT_KV_CACHE_MB] = 0.0;
}

// Sets `other` to the memory of a stage.
fn stage_memory(stage: f32) {
  let layers = stage_layers(stage);
  add_parameters(stage, layers);
  add_activations(stage, layers);
  other[OUTPUT_BUFFERS_MB] = 0.0;
  if ((HAS_BUFFERS || HAS_WEIGHT_GRADIENT_BUFFERS) && is_training()) {
    other[OUTPUT_BUFFERS_MB] = buffers_mb(stage == stages() - 1.0);
  }
  let memory_mb = sum_memory_mb();
  other[OUTPUT_MEMORY_MB] = memory_mb;
  other[OUTPUT_RESERVED_MB] = memory_mb;
  if (HAS_BUFFERS) {
    let loss_mb = select(0.0, other[OUTPUT_LOSS_MB], HAS_LOSS && joins_logits());
    let passing_mb = other[OUTPUT_ACTIVATIONS_MB] + other[OUTPUT_WORKING_MB] + loss_mb;
    other[OUTPUT_RESERVED_MB] += design[SLOT_COMPUTE_ALLOCATOR_SLACK] * passing_mb;
  }
}

// What a checkpoint of the whole model holds, MB: of each parameter its weight and the optimiser's state.
fn checkpoint_mb() -> f32 {
  return select(0.0, graph_real_parameters_m() * (WEIGHT_BYTES + optimizer_bytes()), is_training());
}

// Memory that may be filled, MB, of so much, a reserve, and the share that the program takes; below 0 where the reserve is more than there is.
fn fillable_mb(capacity_gb: f32, reserve_gb: f32, program_share: f32) -> f32 {
  return 1000.0 * min(capacity_gb - reserve_gb, program_share * capacity_gb);
}

// Memory that a design may fill, MB.
fn usable_mb() -> f32 {
  let share = design[SLOT_COMPUTE_PROGRAM_SHARE];
  return fillable_mb(design[SLOT_COMPUTE_MEMORY_CAPACITY_GB], design[SLOT_COMPUTE_RESERVE_GB], share);
}

// Sets the memory in `parts` to that of the fullest stage, and memory_status: what is reserved counts.
fn memory() {
  parts[OUTPUT_MEMORY_MB] = 0.0;
  parts[OUTPUT_RESERVED_MB] = 0.0;
  let last = stages() - 1.0;
  // Where the first stage has fewer or smaller layers, the second may be the fullest.
  let second = last > 1.0 && (layers_differ() || balances_edges());
  let looks = 1u + select(0u, 1u, last > 0.0) + select(0u, 1u, second);
  // A loop of as many turns as the design asks for: drivers do not unroll it, and a stage's memory is compiled once.
  for (var look = 0u; look < looks; look++) {
    stage_memory(select(select(0.0, last, look == 1u), 1.0, look == 2u));
    keep_fuller_stage();
  }
  let full = parts[OUTPUT_RESERVED_MB] > usable_mb();
  memory_status = select(0u, STATUS_MEMORY, full);
}
