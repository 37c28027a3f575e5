// Micro-batches through the stages of a pipeline. Twin of pipeline.ts.

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

// What sends add to the work of a period: what they exceed it by, or all of them where stages wait for them, us.
fn exposed_sends_us(work_us: f32) -> f32 {
  let hidden_us = select(0.0, work_us, design_count(SLOT_WORKLOAD_PIPELINE_OVERLAP) == 1u);
  return max(period_sends_us() - hidden_us, 0.0);
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
  parts[OUTPUT_EXPOSED_PP_US] += (count - 1.0) * exposed_sends_us(period_us);
}
