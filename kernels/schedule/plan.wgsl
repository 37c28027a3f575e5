// What of a step depends on the workload and the NPUs alone. Twin of plan.ts; the steps of the op graphs are written out as
// plan_graph, see planProgram.ts.

// Plans a call of so many MB, if it takes place and has something to send.
fn plan_call(call: u32, channel: u32, size_mb: f32, happens: bool) {
  let sends = happens && size_mb > 0.0;
  call_mb[call] = select(0.0, size_mb, sends);
  used_channels |= select(0u, 1u << channel, sends);
}

// Calls over the replicas of weights and between stages; edges of the model are where a pipeline has its ends.
fn plan_replicas() {
  let reduce = gradient_collective() * CHANNEL_GROUPS;
  let gradient = gradient_bytes();
  let dense_m = layer_dense_m();
  let expert_m = layer_expert_m();
  let embed_m = edge_m(graph_real_embed_m());
  let head_m = select(0.0, edge_m(graph_real_own_head_m()), head_share(vec4<f32>(0.0)).x > 0.0);
  let sharded = gathers_weights();
  let training = is_training();
  let gather = COLLECTIVE_ALL_GATHER * CHANNEL_GROUPS;
  plan_call(CALL_GATHER_DENSE, gather + GROUP_DATA, WEIGHT_BYTES * dense_m, sharded);
  plan_call(CALL_GATHER_EXPERT, gather + GROUP_EXPERT_DATA, WEIGHT_BYTES * expert_m, sharded);
  plan_call(CALL_FIRST_GATHER, gather + GROUP_DATA, WEIGHT_BYTES * (embed_m + head_m), sharded);
  plan_call(CALL_GRADIENT_DENSE, reduce + GROUP_DATA, gradient * dense_m, training);
  plan_call(CALL_GRADIENT_EXPERT, reduce + GROUP_EXPERT_DATA, gradient * expert_m, training);
  plan_call(CALL_HEAD_GRADIENT, reduce + GROUP_DATA, gradient * head_m, training);
  plan_call(CALL_EMBED_GRADIENT, reduce + GROUP_DATA, gradient * embed_m, training);
  if (HAS_SHARD_GROUPS) {
    let outer = COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + GROUP_OUTER_DATA;
    let reduces = training && shard_copies() > 1u;
    plan_call(CALL_OUTER_DENSE, outer, gradient * (dense_m / shard_ranks()), reduces);
    plan_call(CALL_OUTER_EXPERT, outer, gradient * (expert_m / expert_shard_ranks()), reduces);
    plan_call(CALL_OUTER_HEAD, outer, gradient * (head_m / shard_ranks()), reduces);
    plan_call(CALL_OUTER_EMBED, outer, gradient * (embed_m / shard_ranks()), reduces);
  }
  let updates = training && gathers_updates();
  let layers = stages_held() * place_layers.x;
  let updated_m = layers * dense_m + embed_m + head_m;
  plan_call(CALL_UPDATED_DENSE, gather + GROUP_DATA, WEIGHT_BYTES * updated_m, updates);
  plan_call(CALL_UPDATED_EXPERT, gather + GROUP_EXPERT_DATA, WEIGHT_BYTES * layers * expert_m, updates);
  let sends = stages() > 1.0 && (flags & FLAG_SEQUENCE_PARALLEL) == 0u;
  let boundary_mb = graph_real_boundary_mb() * scales[SCALE_TOKENS];
  plan_call(CALL_BOUNDARY, gather + GROUP_TP, boundary_mb, sends);
}

// The groups of a section's collectives that have several NPUs, as bits.
fn several_npus() -> u32 {
  let ring = context_ring();
  let etp = select(1.0, design[SLOT_WORKLOAD_ETP], experts_apart());
  return select(0u, 1u << GROUP_TP, design[SLOT_WORKLOAD_TP] > 1.0)
    | select(0u, 1u << GROUP_EP, design[SLOT_WORKLOAD_EP] > 1.0)
    | select(0u, 1u << GROUP_SP, context_inner() > 1.0)
    | select(0u, 1u << GROUP_CONTEXT_RING, ring > 1.0)
    | select(0u, 1u << GROUP_ETP, etp > 1.0);
}

// The host's time for the experts of a rank in one of their products, us.
fn experts_launch_us() -> f32 {
  let ranks = select(1.0, expert_shard_ranks(), gathers_weights());
  let shards_us = select(0.0, design[SLOT_COMPUTE_HOST_SHARD_US] * ranks, ranks > 1.0);
  let us = (design[SLOT_COMPUTE_HOST_EXPERT_US] + shards_us) * f32(graph_integer_experts()) / design[SLOT_WORKLOAD_EP];
  return select(us, 0.0, design[SLOT_WORKLOAD_EXPERT_CAPACITY] > 0.0);
}

// Whether the group of a row's collective has several NPUs.
fn has_several(group: u32) -> bool {
  return (several_groups & (1u << group)) != 0u;
}

// Whether a row runs: of the flags in the mask, those of `value` are set and no others.
fn runs(mask: u32, value: u32) -> bool {
  return (flags & mask) == value;
}

// Bytes that the inputs of products are kept with, relative to half precision: as they were quantised.
fn kept_share() -> f32 {
  if (HAS_PRECISION) {
    return operand_share[RATE_LINEAR];
  }
  return 1.0;
}

// Plans the step of the current graph; sets plan_status.
fn plan() {
  status = 0u;
  read_schedule();
  split_layers();
  read_graph();
  check_schedule();
  check_ends();
  plan_status = status;
  if (HAS_RECOMPUTED_LAYERS) {
    planned_again_share = layer_again_share();
  }
  read_rates();
  used_channels = 0u;
  several_groups = several_npus();
  plan_graph();
  find_places();
  plan_replicas();
}
