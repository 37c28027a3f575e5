// One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. Twin of step.ts.

// bytes and operations of Adam in mixed precision, per parameter
const OPTIMIZER_TRAFFIC_BYTES: f32 = 30.0;
const OPTIMIZER_FLOPS: f32 = 12.0;

fn stages() -> u32 {
  return design_count(SLOT_WORKLOAD_PP);
}

// Layers of a stage: contiguous blocks, earlier stages take the remainder.
fn stage_layers(stage: u32) -> f32 {
  let layers = graph_integer(GRAPH_INTEGER_LAYERS);
  return f32(layers / stages() + select(0u, 1u, stage < layers % stages()));
}

// A maximum without a corner: host and NPU wait for one another now and then.
fn smooth_maximum(a: f32, b: f32) -> f32 {
  if (b <= 0.0) {
    return a;
  }
  let share = min(a, b) / max(a, b);
  return max(a, b) * sqrt(1.0 + share * share);
}

// Edges of the model on a stage: the sections at its first and last stage, us.
fn edges_us(stage: u32, first_us: f32, last_us: f32) -> f32 {
  return select(0.0, first_us, stage == 0u) + select(0.0, last_us, stage == stages() - 1u);
}

// Time of the NPU for a forward pass of one micro-batch on a stage, us.
fn stage_forward_npu_us(stage: u32) -> f32 {
  let edge_us = edges_us(stage, section_us[SECTION_EMBED_FORWARD], section_us[SECTION_HEAD_FORWARD]);
  return stage_layers(stage) * forward_period_us + edge_us;
}

// The same backward, us.
fn stage_backward_npu_us(stage: u32) -> f32 {
  let edge_us = edges_us(stage, section_us[SECTION_EMBED_BACKWARD], section_us[SECTION_HEAD_BACKWARD]);
  return stage_layers(stage) * backward_period_us + edge_us;
}

// Forward time of one micro-batch on a stage, us.
fn stage_forward_us(stage: u32) -> f32 {
  let edge_us = edges_us(stage, section_host_us[SECTION_EMBED_FORWARD], section_host_us[SECTION_HEAD_FORWARD]);
  let host_us = stage_layers(stage) * section_host_us[SECTION_LAYER_FORWARD] + edge_us;
  return smooth_maximum(stage_forward_npu_us(stage), host_us) + design[SLOT_COMPUTE_HOST_MICRO_BATCH_US];
}

// Backward time of one micro-batch on a stage, us; 0 in inference.
fn stage_backward_us(stage: u32) -> f32 {
  if (!is_training()) {
    return 0.0;
  }
  let edge_us = edges_us(stage, section_host_us[SECTION_EMBED_BACKWARD], section_host_us[SECTION_HEAD_BACKWARD]);
  let host_us = stage_layers(stage) * section_host_us[SECTION_LAYER_BACKWARD] + edge_us;
  return smooth_maximum(stage_backward_npu_us(stage), host_us) + design[SLOT_COMPUTE_HOST_MICRO_BATCH_US];
}

// Forward and backward time of one micro-batch on a stage, us.
fn stage_us(stage: u32) -> f32 {
  return stage_forward_us(stage) + stage_backward_us(stage);
}

// Forward and backward time of all stages: the first, the last, and those between with one layer more or fewer, us.
fn all_stages_us() -> f32 {
  let count = stages();
  if (count == 1u) {
    return stage_us(0u);
  }
  let longer = graph_integer(GRAPH_INTEGER_LAYERS) % count;
  let longer_between = max(longer, 1u) - 1u;
  let shorter_between = count - 2u - longer_between;
  return stage_us(0u) + stage_us(count - 1u) + f32(longer_between) * stage_us(1u) +
    f32(shorter_between) * stage_us(count - 2u);
}

// Model chunks per stage.
fn model_chunks() -> f32 {
  let interleaved = design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) == WORKLOAD_PIPELINE_SCHEDULE_INTERLEAVED;
  return select(1.0, design[SLOT_WORKLOAD_VIRTUAL_STAGES], interleaved);
}

// Time to send one micro-batch's activations to the next stage, each rank its part, and to gather the whole there, us.
fn boundary_us() -> f32 {
  let boundary_mb = graph_real(GRAPH_REAL_BOUNDARY_MB);
  let us = send_us(GROUP_PP, boundary_mb * scales[SCALE_TOKENS_TP]);
  if ((flags & FLAG_SEQUENCE_PARALLEL) != 0u) {
    return us;
  }
  collective(COLLECTIVE_ALL_GATHER, GROUP_TP, boundary_mb * scales[SCALE_TOKENS]);
  return us + collective_us;
}

// The stage that takes longest for a micro-batch: the first, the second (as all between) or the last.
fn slowest_stage() -> u32 {
  let count = stages();
  var slowest = 0u;
  var slowest_us = stage_us(0u);
  for (var i = 1u; i <= 2u && i < count; i++) {
    let stage = select(count - 1u, 1u, i == 1u && count > 2u);
    let us = stage_us(stage);
    if (us > slowest_us) {
      slowest_us = us;
      slowest = stage;
    }
  }
  return slowest;
}

// Longest forward time of any stage, us.
fn gpipe_forward_us() -> f32 {
  let count = stages();
  var forward_us = 0.0;
  for (var i = 0u; i <= 2u && i < count; i++) {
    forward_us = max(forward_us, stage_forward_us(select(i, count - 1u, i == 2u)));
  }
  return forward_us;
}

// Longest backward time of any stage, us.
fn gpipe_backward_us() -> f32 {
  let count = stages();
  var backward_us = 0.0;
  for (var i = 0u; i <= 2u && i < count; i++) {
    backward_us = max(backward_us, stage_backward_us(select(i, count - 1u, i == 2u)));
  }
  return backward_us;
}

// Time between micro-batches at the slowest stage, before its sends show, us.
fn work_period_us(slowest: u32) -> f32 {
  if (design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) == WORKLOAD_PIPELINE_SCHEDULE_GPIPE) {
    return gpipe_forward_us() + gpipe_backward_us();
  }
  return stage_us(slowest);
}

// Sends of a micro-batch there and back, over each model chunk, us.
fn period_sends_us() -> f32 {
  return select(1.0, 2.0, is_training()) * model_chunks() * boundary_us();
}

// Adds `share` of a section's compute and exposed communication to the parts of the step.
fn add_section(section: u32, share: f32) {
  parts[OUTPUT_COMPUTE_US] += share * section_compute_us[section];
  parts[OUTPUT_EXPOSED_TP_US] += share * section_exposed_us[section].x;
  parts[OUTPUT_EXPOSED_SP_US] += share * section_exposed_us[section].y;
  parts[OUTPUT_EXPOSED_EP_US] += share * section_exposed_us[section].z;
}

// Adds the work of all micro-batches on a stage.
fn add_stage(stage: u32) {
  let count = f32(micro_batches);
  let layers = count * stage_layers(stage);
  add_section(SECTION_LAYER_FORWARD, layers);
  add_section(SECTION_LAYER_BACKWARD, layers);
  parts[OUTPUT_EXPOSED_DP_US] += layers * (forward_period_us - section_us[SECTION_LAYER_FORWARD]);
  parts[OUTPUT_EXPOSED_DP_US] += layers * (backward_period_us - section_us[SECTION_LAYER_BACKWARD]);
  if (stage == 0u) {
    add_section(SECTION_EMBED_FORWARD, count);
    add_section(SECTION_EMBED_BACKWARD, count);
  }
  if (stage == stages() - 1u) {
    add_section(SECTION_HEAD_FORWARD, count);
    add_section(SECTION_HEAD_BACKWARD, count);
  }
}

// Adds the pipeline: m micro-batches on the slowest stage, a fill and drain of the others, and the sends that show.
fn add_pipeline() {
  let slowest = slowest_stage();
  let own_us = stage_us(slowest);
  add_stage(slowest);
  let npu_us = stage_forward_npu_us(slowest) + stage_backward_npu_us(slowest);
  parts[OUTPUT_LAUNCH_US] += f32(micro_batches) * (own_us - npu_us);
  if (stages() <= 1u) {
    return;
  }
  let directions = select(1.0, 2.0, is_training());
  let period_us = work_period_us(slowest);
  let count = f32(micro_batches);
  parts[OUTPUT_BUBBLE_US] += count * (period_us - own_us) + (all_stages_us() - period_us) / model_chunks();
  parts[OUTPUT_EXPOSED_PP_US] += directions * f32(stages() - 1u) * boundary_us();
  parts[OUTPUT_EXPOSED_PP_US] += (count - 1.0) * max(period_sends_us() - period_us, 0.0);
}

// Time of a collective over a stage's edge weights (embedding or head), us; busy_us stays set.
fn edge_us(place: u32) -> f32 {
  collective(gradient_collective(), GROUP_DATA, edge_m(place) * GRADIENT_BYTES);
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

// Sharded weights that nothing hides the gather of: the first layer's, and the edges' of the model, us.
fn first_gathers_us() -> f32 {
  if (weight_sharding() != WORKLOAD_WEIGHT_SHARDING_ZERO3) {
    return 0.0;
  }
  let head_m = select(0.0, edge_m(GRAPH_REAL_HEAD_M), stages() == 1u);
  collective(COLLECTIVE_ALL_GATHER, GROUP_DATA, (edge_m(GRAPH_REAL_EMBED_M) + head_m) * WEIGHT_BYTES);
  return gather_us + collective_us / design[SLOT_NETWORK_SHARDING_EFFICIENCY];
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
