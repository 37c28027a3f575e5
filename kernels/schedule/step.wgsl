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

// Forward time of one micro-batch on a stage, us.
fn stage_forward_us(stage: u32) -> f32 {
  var us = stage_layers(stage) * forward_period_us;
  if (stage == 0u) {
    us += section_us[SECTION_EMBED_FORWARD];
  }
  if (stage == stages() - 1u) {
    us += section_us[SECTION_HEAD_FORWARD];
  }
  return us;
}

// Backward time of one micro-batch on a stage, us.
fn stage_backward_us(stage: u32) -> f32 {
  var us = stage_layers(stage) * backward_period_us;
  if (stage == 0u) {
    us += section_us[SECTION_EMBED_BACKWARD];
  }
  if (stage == stages() - 1u) {
    us += section_us[SECTION_HEAD_BACKWARD];
  }
  return us;
}

// Model chunks per stage.
fn model_chunks() -> f32 {
  let interleaved = design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) == WORKLOAD_PIPELINE_SCHEDULE_INTERLEAVED;
  return select(1.0, design[SLOT_WORKLOAD_VIRTUAL_STAGES], interleaved);
}

// Time to send one micro-batch's activations to the next stage, us.
fn boundary_us() -> f32 {
  return send_us(GROUP_PP, graph_real(GRAPH_REAL_BOUNDARY_MB) * scales[SCALE_TOKENS_SEQ]);
}

// The stage that takes longest for a micro-batch: the first, the second (as all between) or the last.
fn slowest_stage() -> u32 {
  let count = stages();
  var slowest = 0u;
  var slowest_us = stage_forward_us(0u) + stage_backward_us(0u);
  for (var i = 1u; i <= 2u && i < count; i++) {
    let stage = select(count - 1u, 1u, i == 1u && count > 2u);
    let us = stage_forward_us(stage) + stage_backward_us(stage);
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
  return stage_forward_us(slowest) + stage_backward_us(slowest);
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
  let own_us = stage_forward_us(slowest) + stage_backward_us(slowest);
  add_stage(slowest);
  if (stages() <= 1u) {
    return;
  }
  let directions = select(1.0, 2.0, is_training());
  let period_us = work_period_us(slowest);
  let layers = f32(graph_integer(GRAPH_INTEGER_LAYERS));
  var all_us = layers * (forward_period_us + backward_period_us);
  all_us += section_us[SECTION_EMBED_FORWARD] + section_us[SECTION_HEAD_FORWARD];
  all_us += section_us[SECTION_HEAD_BACKWARD] + section_us[SECTION_EMBED_BACKWARD];
  let count = f32(micro_batches);
  parts[OUTPUT_BUBBLE_US] += count * (period_us - own_us) + (all_us - period_us) / model_chunks();
  parts[OUTPUT_EXPOSED_PP_US] += directions * f32(stages() - 1u) * boundary_us();
  parts[OUTPUT_EXPOSED_PP_US] += (count - 1.0) * max(period_sends_us() - period_us, 0.0);
}

// Time of a collective over a stage's edge weights (embedding or head), us; busy_us stays set.
fn edge_us(place: u32) -> f32 {
  collective(gradient_collective(), GROUP_DATA, edge_m(place) * GRADIENT_BYTES);
  return collective_us;
}

// Adds what gradients take after the last backward pass on the first stage, us.
fn add_gradients() {
  let layers = f32(graph_integer(GRAPH_INTEGER_LAYERS));
  let sharded = weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3;
  var head_us = 0.0;
  if (stages() == 1u && !sharded) {
    head_us = edge_us(GRAPH_REAL_HEAD_M);
  }
  let pieces = select(stage_layers(0u), 1.0, sharded);
  let newest_first = design_count(SLOT_COLLECTIVE_SCHEDULING_POLICY) == COLLECTIVE_SCHEDULING_POLICY_LIFO;
  var tail_us = 0.0;
  var longest_us = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let piece_us = gradient_busy_us[d];
    if (piece_us <= 0.0) {
      continue;
    }
    let chain_use_us = select(0.0, backward_block_us[d], newest_first);
    let edge_busy_us = select(0.0, busy_us[d], head_us > 0.0);
    let backlog_us = pieces * piece_us + edge_busy_us + (pieces - 1.0) * (chain_use_us - last_backward_period_us);
    tail_us = max(max(tail_us, piece_us), backlog_us);
    longest_us = max(longest_us, piece_us);
  }
  parts[OUTPUT_EXPOSED_DP_US] += tail_us + gradient_us - longest_us + edge_us(GRAPH_REAL_EMBED_M);
  parts[OUTPUT_EXPOSED_DP_US] += layers * (last_backward_period_us - backward_period_us);
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
  parts[OUTPUT_EXPOSED_DP_US] += replica_us(COLLECTIVE_ALL_GATHER, WEIGHT_BYTES, dense_m, expert_m);
}

// Sets `parts` to the time of one step of the current graph and what it consists of, us.
fn step_graph() {
  for (var i = 0u; i < OUTPUT_COUNT; i++) {
    parts[i] = 0.0;
  }
  layer();
  add_pipeline();
  parts[OUTPUT_EXPOSED_DP_US] += gather_us;
  if (is_training()) {
    add_gradients();
    add_optimizer();
  }
  for (var part = OUTPUT_COMPUTE_US; part <= OUTPUT_OPTIMIZER_US; part++) {
    parts[OUTPUT_TIME_US] += parts[part];
  }
}
