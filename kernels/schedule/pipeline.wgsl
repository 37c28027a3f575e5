// Micro-batches through the stages of a pipeline. Twin of pipeline.ts.

// Model chunks per stage.
fn model_chunks() -> f32 {
  let interleaved = design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) == WORKLOAD_PIPELINE_SCHEDULE_INTERLEAVED;
  return select(1.0, design[SLOT_WORKLOAD_VIRTUAL_STAGES], interleaved);
}

// Time to send one micro-batch's activations to the next stage, each rank its part, and to gather the whole there, us.
fn boundary_us() -> f32 {
  return send_us(GROUP_PP, graph_real(GRAPH_REAL_BOUNDARY_MB) * scales[SCALE_TOKENS_TP]) + call_us[CALL_BOUNDARY];
}

// Time between micro-batches at the slowest stage, before its sends show, us.
fn work_period_us() -> f32 {
  if (design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) != WORKLOAD_PIPELINE_SCHEDULE_GPIPE) {
    return place_us(slowest_place);
  }
  var forward_us = 0.0;
  var backward_us = 0.0;
  for (var place = 0u; place < places; place++) {
    forward_us = max(forward_us, place_forward_us[place]);
    backward_us = max(backward_us, place_backward_us[place]);
  }
  return forward_us + backward_us;
}

// What sends add to the work of a period: what they exceed it by, or all of them where stages wait for them, us.
fn exposed_sends_us(work_us: f32, send_us: f32) -> f32 {
  let hidden_us = select(0.0, work_us, design_count(SLOT_WORKLOAD_PIPELINE_OVERLAP) == 1u);
  return max(select(1.0, 2.0, is_training()) * model_chunks() * send_us - hidden_us, 0.0);
}

// Adds `share` of a section's compute and exposed communication to the parts of the step.
fn add_section(section: u32, share: f32) {
  parts[OUTPUT_COMPUTE_US] += share * section_compute_us[section];
  parts[OUTPUT_EXPOSED_TP_US] += share * section_exposed_us[CHAIN_GROUPS * section];
  parts[OUTPUT_EXPOSED_SP_US] += share * section_exposed_us[CHAIN_GROUPS * section + 1u];
  parts[OUTPUT_EXPOSED_EP_US] += share * section_exposed_us[CHAIN_GROUPS * section + 2u];
}

// Adds the work of all micro-batches on a stage.
fn add_stage(stage: u32, layers_of_stage: f32) {
  let count = f32(micro_batches);
  let layers = count * layers_of_stage;
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

// Sets what all micro-batches take: m of them on the slowest stage with a fill and drain of the others; and the sends that
// show, us.
fn time_pipeline() {
  let period_us = work_period_us();
  let count = f32(micro_batches);
  pipeline_us = count * period_us;
  sends_us = 0.0;
  if (stages() <= 1u) {
    return;
  }
  let sending_us = boundary_us();
  pipeline_us += (all_stages_us - period_us) / model_chunks();
  sends_us = select(1.0, 2.0, is_training()) * f32(stages() - 1u) * sending_us;
  sends_us += (count - 1.0) * exposed_sends_us(period_us, sending_us);
}

// Splits the pipeline's time into its parts: the slowest stage's compute and communication, launches, bubble, sends, us.
fn add_pipeline() {
  let stage = place_stage[slowest_place];
  let layers = place_layers[slowest_place];
  let own_us = place_us(slowest_place);
  add_stage(stage, layers);
  let npu_us = stage_forward_npu_us(stage, layers) + stage_backward_npu_us(stage, layers, backward_period_us);
  parts[OUTPUT_LAUNCH_US] += f32(micro_batches) * (own_us - npu_us);
  parts[OUTPUT_BUBBLE_US] += select(pipeline_us - f32(micro_batches) * own_us, 0.0, stages() == 1u);
  parts[OUTPUT_EXPOSED_PP_US] += sends_us;
}
