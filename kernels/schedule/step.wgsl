// One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. Twin of step.ts.

// bytes and operations of Adam in mixed precision, per parameter
const OPTIMIZER_TRAFFIC_BYTES: f32 = 30.0;
const OPTIMIZER_FLOPS: f32 = 12.0;

// Adds the optimiser on the first stage, and with ZeRO-1 the gather of the weights that it updated.
fn add_optimizer() {
  let layers = stage_layers(0u);
  let head_m = select(0.0, edge_m(GRAPH_REAL_HEAD_M), stages() == 1u);
  let dense_m = layers * layer_dense_m() + edge_m(GRAPH_REAL_EMBED_M) + head_m;
  let expert_m = layers * layer_expert_m();
  let whole = weight_sharding() == WORKLOAD_WEIGHT_SHARDING_NONE;
  let replicas = select(f32(group_size[GROUP_DATA]), 1.0, whole);
  let expert_replicas = select(replicas / design[SLOT_WORKLOAD_EP], 1.0, whole);
  let own_m = dense_m / replicas + expert_m / expert_replicas;
  parts[OUTPUT_OPTIMIZER_US] +=
    roofline_us(KIND_ELEMENTWISE, OPTIMIZER_FLOPS * own_m, OPTIMIZER_TRAFFIC_BYTES * own_m);
  if (weight_sharding() != WORKLOAD_WEIGHT_SHARDING_ZERO1) {
    return;
  }
  let gathered_us = replica_us(COLLECTIVE_ALL_GATHER, WEIGHT_BYTES, dense_m, expert_m);
  let hidden_us = select(0.0, stage_forward_us(0u) / model_chunks(), overlaps_gradients());
  parts[OUTPUT_EXPOSED_DP_US] += max(gathered_us - hidden_us, 0.0);
}

// Sets `parts` to the time of one step of the current graph and what it consists of, us.
fn step_graph() {
  for (var i = 0u; i < OUTPUT_COUNT; i++) {
    parts[i] = 0.0;
  }
  layer();
  add_pipeline();
  first_gather_us = first_gathers_us();
  parts[OUTPUT_EXPOSED_DP_US] += first_gather_us;
  if (is_training()) {
    add_gradients();
    add_optimizer();
  }
  for (var part = OUTPUT_COMPUTE_US; part <= OUTPUT_OPTIMIZER_US; part++) {
    parts[OUTPUT_TIME_US] += parts[part];
  }
}
