// Time of one micro-batch on a pipeline stage: its layers, and at either end of the model an edge. Twin of stage.ts.

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
