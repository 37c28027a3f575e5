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

// Layers and edges of a pass over a stage, where a layer and the sections at the model's ends take so long, us.
fn pass_us(stage: u32, layers: f32, layer_us: f32, first_us: f32, last_us: f32) -> f32 {
  return layers * layer_us + select(0.0, first_us, stage == 0u) + select(0.0, last_us, stage == stages() - 1u);
}

// Time of the NPU for a forward pass of one micro-batch on a stage, us.
fn stage_forward_npu_us(stage: u32, layers: f32) -> f32 {
  return pass_us(stage, layers, forward_period_us, section_us[SECTION_EMBED_FORWARD], section_us[SECTION_HEAD_FORWARD]);
}

// The same backward, where a layer takes `period_us`, us.
fn stage_backward_npu_us(stage: u32, layers: f32, period_us: f32) -> f32 {
  return pass_us(stage, layers, period_us, section_us[SECTION_EMBED_BACKWARD], section_us[SECTION_HEAD_BACKWARD]);
}

// Forward time of one micro-batch on a stage, us.
fn stage_forward_us(stage: u32, layers: f32) -> f32 {
  let layer_us = section_host_us[SECTION_LAYER_FORWARD];
  let first_us = section_host_us[SECTION_EMBED_FORWARD];
  let host_us = pass_us(stage, layers, layer_us, first_us, section_host_us[SECTION_HEAD_FORWARD]);
  return smooth_maximum(stage_forward_npu_us(stage, layers), host_us) + design[SLOT_COMPUTE_HOST_MICRO_BATCH_US];
}

// Backward time of one micro-batch on a stage, where a layer takes `period_us`, us; 0 in inference.
fn stage_backward_us(stage: u32, layers: f32, period_us: f32) -> f32 {
  if (!is_training()) {
    return 0.0;
  }
  let layer_us = section_host_us[SECTION_LAYER_BACKWARD];
  let first_us = section_host_us[SECTION_EMBED_BACKWARD];
  let host_us = pass_us(stage, layers, layer_us, first_us, section_host_us[SECTION_HEAD_BACKWARD]);
  let npu_us = stage_backward_npu_us(stage, layers, period_us);
  return smooth_maximum(npu_us, host_us) + design[SLOT_COMPUTE_HOST_MICRO_BATCH_US];
}

fn add_place(stage: u32, alike: i32) {
  if (alike <= 0) {
    return;
  }
  place_stage[places] = stage;
  place_stages[places] = f32(alike);
  place_layers[places] = stage_layers(stage);
  places++;
}

// Finds the stages that differ: the first, the last, and those between with one layer more or fewer.
fn find_places() {
  let count = stages();
  let between = i32(count) - 2;
  let longer = i32(max(graph_integer(GRAPH_INTEGER_LAYERS) % count, 1u)) - 1;
  places = 0u;
  add_place(0u, 1);
  add_place(1u, min(longer, between));
  add_place(max(count, 2u) - 2u, between - longer);
  add_place(count - 1u, select(0, 1, count > 1u));
}

// Forward and backward time of one micro-batch at a place, us.
fn place_us(place: u32) -> f32 {
  return place_forward_us[place] + place_backward_us[place];
}

// Times the last backward pass, which may take longer than others; the delay is that of all stages, us.
fn time_last_pass() {
  last_pass_delay_us = 0.0;
  let same = last_backward_period_us == backward_period_us;
  for (var place = 0u; place < places; place++) {
    let steady_us = place_backward_us[place];
    place_last_us[place] = steady_us;
    if (!same) {
      place_last_us[place] = stage_backward_us(place_stage[place], place_layers[place], last_backward_period_us);
    }
    last_pass_delay_us += place_stages[place] * (place_last_us[place] - steady_us);
  }
}

// Times a micro-batch on all stages, if sections or periods have changed; the slowest is the first of equal ones.
fn time_stages() {
  if (!stale_stages) {
    return;
  }
  stale_stages = false;
  all_stages_us = 0.0;
  slowest_place = 0u;
  for (var place = 0u; place < places; place++) {
    let stage = place_stage[place];
    let layers = place_layers[place];
    place_forward_us[place] = stage_forward_us(stage, layers);
    place_backward_us[place] = stage_backward_us(stage, layers, backward_period_us);
    let us = place_us(place);
    all_stages_us += place_stages[place] * us;
    if (us > place_us(slowest_place)) {
      slowest_place = place;
    }
  }
  time_last_pass();
}
