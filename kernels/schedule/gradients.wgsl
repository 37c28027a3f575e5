// The traffic of weights and gradients that compute does not hide. Twin of gradients.ts.

// Time of a collective over a stage's edge weights (embedding or head), us; busy_us stays set.
fn edge_us(place: u32) -> f32 {
  collective(gradient_collective(), GROUP_DATA, edge_m(place) * gradient_bytes());
  let sharded = weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3;
  return select(collective_us, collective_us / design[SLOT_NETWORK_SHARDING_EFFICIENCY], sharded);
}

// What the last backward pass takes longer on all stages, beside the reduction of gradients, us.
fn last_pass_delay_us() -> f32 {
  if (last_backward_period_us == backward_period_us) {
    return 0.0;
  }
  let steady_period_us = backward_period_us;
  let steady_us = all_stages_us();
  backward_period_us = last_backward_period_us;
  let last_us = all_stages_us();
  backward_period_us = steady_period_us;
  return (last_us - steady_us) / model_chunks();
}

// Time of the last backward pass on the first stage, us.
fn last_pass_us() -> f32 {
  let steady_period_us = backward_period_us;
  backward_period_us = last_backward_period_us;
  let us = stage_backward_us(0u);
  backward_period_us = steady_period_us;
  return us;
}

// What gradients that overlap take after the last backward pass, us; busy_us: the head's use of the dimensions.
fn gradient_tail_us(pieces: f32) -> f32 {
  let newest_first = design_count(SLOT_COLLECTIVE_SCHEDULING_POLICY) == COLLECTIVE_SCHEDULING_POLICY_LIFO;
  let between_us = (pieces - 1.0) / pieces * last_pass_us();
  var tail_us = 0.0;
  var longest_us = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let piece_us = gradient_busy_us[d];
    if (piece_us <= 0.0) {
      continue;
    }
    let chain_use_us = select(0.0, (pieces - 1.0) * backward_block_us[d], newest_first);
    let backlog_us = pieces * piece_us + busy_us[d] + chain_use_us - between_us;
    tail_us = max(max(tail_us, piece_us), backlog_us);
    longest_us = max(longest_us, piece_us);
  }
  return tail_us + gradient_us - longest_us;
}

// Adds what gradients take that nothing hides, on the first stage, where the backward pass ends last, us.
fn add_gradients() {
  let sharded = weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3;
  let pieces = select(max(stage_layers(0u), 1.0), 1.0, sharded);
  busy_us = vec4<f32>(0.0);
  var head_us = 0.0;
  if (stages() == 1u) {
    head_us = edge_us(GRAPH_REAL_HEAD_M);
  }
  // A sharded head is kept with the embedding, and its gradient reduced at the end.
  if (sharded) {
    busy_us = vec4<f32>(0.0);
  }
  var layers_us = pieces * gradient_us + head_us;
  if (overlaps_gradients()) {
    layers_us = gradient_tail_us(pieces);
  }
  if (sharded) {
    layers_us += head_us;
  }
  parts[OUTPUT_EXPOSED_DP_US] += layers_us + edge_us(GRAPH_REAL_EMBED_M);
  if (overlaps_gradients()) {
    parts[OUTPUT_EXPOSED_DP_US] += last_pass_delay_us();
  }
}

// Sharded weights that nothing hides the gather of: the first layer's, and the edges' of the model, us.
fn first_gathers_us() -> f32 {
  if (weight_sharding() != WORKLOAD_WEIGHT_SHARDING_ZERO3) {
    return 0.0;
  }
  let head_m = select(0.0, edge_m(GRAPH_REAL_HEAD_M), stages() == 1u);
  collective(COLLECTIVE_ALL_GATHER, GROUP_DATA, (edge_m(GRAPH_REAL_EMBED_M) + head_m) * WEIGHT_BYTES);
  return gather_us + collective_us / design[SLOT_NETWORK_SHARDING_EFFICIENCY];
}
