// What a framework holds beyond what the op graph keeps. Twin of framework.ts.

// Bytes that the loss takes beyond those of the op graph, MB.
fn loss_extra_mb() -> f32 {
  var loss = design_count(SLOT_WORKLOAD_LOSS);
  if (loss == WORKLOAD_LOSS_IN_PLACE) {
    return 0.0;
  }
  if (loss == WORKLOAD_LOSS_BY_SHARDING) {
    loss = select(WORKLOAD_LOSS_IN_PLACE, WORKLOAD_LOSS_PLAIN, gathers_weights());
  }
  let logits_m = graph_real_logits_m();
  let own_m = logits_m * scales[SCALE_TOKENS_TP];
  if (loss == WORKLOAD_LOSS_PLAIN || (loss == WORKLOAD_LOSS_GATHERED && design[SLOT_WORKLOAD_TP] == 1.0)) {
    return (LOSS_BYTES_PLAIN - LOSS_BYTES_IN_PLACE) * own_m;
  }
  if (loss == WORKLOAD_LOSS_GATHERED) {
    return LOSS_BYTES_GATHERED * logits_m * scales[SCALE_TOKENS] - LOSS_BYTES_IN_PLACE * own_m;
  }
  if (loss == WORKLOAD_LOSS_HALF) {
    return (LOSS_BYTES_HALF - LOSS_BYTES_IN_PLACE) * own_m;
  }
  if (loss == WORKLOAD_LOSS_CHUNKED) {
    return (LOSS_BYTES_CHUNKED - LOSS_BYTES_IN_PLACE) * own_m;
  }
  return select(0.0, (LOSS_BYTES_FUSED - LOSS_BYTES_IN_PLACE) * own_m, loss == WORKLOAD_LOSS_FUSED);
}

// Does the loss fragment memory?
fn joins_logits() -> bool {
  return design_count(SLOT_WORKLOAD_LOSS) == WORKLOAD_LOSS_GATHERED;
}

// What unfused kernels of a layer keep of a micro-batch beyond the op graph, MB.
fn unfused_mb() -> f32 {
  let combined = !HAS_RECOMPUTED_EXPERTS || (flags & FLAG_RECOMPUTE_EXPERTS) == 0u;
  return design[SLOT_WORKLOAD_NORM_KERNEL] * graph_real_norm_copies_mb() * scales[SCALE_TOKENS_SEQ]
    + min(design[SLOT_WORKLOAD_ROTARY_KERNEL], 1.0) * graph_real_rotary_copies_mb() * scales[SCALE_TOKENS_TP]
    + design[SLOT_WORKLOAD_ACTIVATION_KERNEL] * graph_real_activation_copies_mb() * scales[SCALE_TOKENS_TP]
    + select(0.0, design[SLOT_WORKLOAD_COMBINE_KERNEL], combined) * graph_real_routed_mb() * scales[SCALE_TOKENS_SEQ];
}

// What places of a layer that stay empty in the mean keep of a micro-batch, MB.
fn empty_places_mb() -> f32 {
  let kept = !HAS_RECOMPUTED_EXPERTS || (flags & FLAG_RECOMPUTE_EXPERTS) == 0u;
  return select(0.0, (expert_places() - 1.0) * graph_real_routed_kept_mb() * scales[SCALE_TOKENS_SEQ], kept);
}

// Gradients of what experts return in as many places, as they come and sorted by expert, MB.
fn placed_gradients_mb() -> f32 {
  let places = expert_places();
  return select(0.0, 2.0 * places * graph_real_routed_mb() * scales[SCALE_TOKENS_SEQ], places > 1.0);
}

// What a stage has sent on and keeps of a micro-batch, MB.
fn sent_mb(is_last: bool) -> f32 {
  let freed = design[SLOT_WORKLOAD_STAGE_OUTPUTS] == 0.0 || is_last;
  return select(graph_real_boundary_mb() * scales[SCALE_TOKENS_SEQ], 0.0, freed);
}

// Buckets and buffers that gradients of so many parameters (millions) are reduced in, MB.
fn buckets_mb(whole_m: f32) -> f32 {
  let mb = design[SLOT_WORKLOAD_BUCKET_BYTES] * whole_m + 1000.0 * design[SLOT_WORKLOAD_REDUCTION_BUFFER_GB];
  return select(0.0, mb, group_size[GROUP_DATA] * group_size[GROUP_OUTER_DATA] > 1.0);
}

// Gradients of a layer that is on its way to its shards, MB.
fn unsharded_gradients_mb() -> f32 {
  let leave = copies_gradients() && scatters_gradients() && group_size[GROUP_DATA] * group_size[GROUP_OUTER_DATA] > 1.0;
  return select(0.0, (WEIGHT_BYTES + gradient_bytes()) * (layer_dense_m() + layer_expert_m()), leave);
}

// Buffers that live through a step, MB.
fn buffers_mb(is_last: bool) -> f32 {
  let gathers = select(0.0, design[SLOT_WORKLOAD_GATHER_BUFFERS], design[SLOT_WORKLOAD_TP] > 1.0);
  let experts_here = f32(graph_integer_experts()) / design[SLOT_WORKLOAD_EP];
  let shapes_m = layer_dense_m() + layer_expert_m() / experts_here + select(0.0, edge_m(graph_real_head_m()), is_last);
  return gathers * graph_real_boundary_mb() * scales[SCALE_TOKENS]
    + design[SLOT_WORKLOAD_WEIGHT_GRADIENT_BUFFERS] * WEIGHT_BYTES * shapes_m
    + 1000.0 * design[SLOT_COMPUTE_WORKSPACE_GB];
}
