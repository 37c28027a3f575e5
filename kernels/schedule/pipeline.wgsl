// Micro-batches through the stages of a pipeline. Twin of pipeline.ts; a vector has a component for each place.

// How often a micro-batch passes an NPU on its way forward.
fn chunks_passed() -> f32 {
  return select(model_chunks(), 2.0, returns_to_first());
}

// Time to send one micro-batch's activations to the next stage, each rank its part, and to gather the whole there, us.
fn boundary_us() -> f32 {
  return send_us(GROUP_PP, graph_real_boundary_mb() * scales[SCALE_TOKENS_TP]) + call_us[CALL_BOUNDARY];
}

// Time between micro-batches at a place, or at the slowest one, before its sends show, us.
fn work_period_us() -> vec4<f32> {
  if (design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) != WORKLOAD_PIPELINE_SCHEDULE_GPIPE) {
    return select(vec4<f32>(longest_us(place_us())), place_us(), splits_backward());
  }
  let exists = place_stages > vec4<f32>(0.0);
  let forward_us = longest_us(select(vec4<f32>(0.0), place_forward_us, exists));
  return vec4<f32>(forward_us + longest_us(select(vec4<f32>(0.0), place_backward_us, exists)));
}

// What sends add to the work of a period: what they exceed it by, or all of them where stages wait for them, us.
fn exposed_sends_us(work_us: vec4<f32>, send_us: f32) -> vec4<f32> {
  let hidden_us = select(vec4<f32>(0.0), work_us, design_count(SLOT_WORKLOAD_PIPELINE_OVERLAP) == 1u);
  return max(select(1.0, 2.0, is_training()) * chunks_passed() * send_us - hidden_us, vec4<f32>(0.0));
}

// Adds `share` of a section's compute and exposed communication to the parts of the step.
fn add_section(section: u32, share: f32) {
  parts[OUTPUT_COMPUTE_US] += share * section_compute_us[section];
  parts[OUTPUT_EXPOSED_TP_US] += share * section_exposed_us[section].x;
  parts[OUTPUT_EXPOSED_SP_US] += share * section_exposed_us[section].y;
  parts[OUTPUT_EXPOSED_EP_US] += share * section_exposed_us[section].z;
}

// Adds the work of all micro-batches on a stage.
fn add_stage(stage: f32, layers_of_stage: f32) {
  let count = f32(micro_batches);
  let layers = count * layers_of_stage;
  add_section(SECTION_LAYER_FORWARD, layers);
  add_section(SECTION_LAYER_BACKWARD, layers);
  parts[OUTPUT_EXPOSED_DP_US] += layers * (forward_period_us - section_us[SECTION_LAYER_FORWARD]);
  parts[OUTPUT_EXPOSED_DP_US] += layers * (backward_period_us - section_us[SECTION_LAYER_BACKWARD]);
  let first = count * embed_share(vec4<f32>(stage)).x;
  add_section(SECTION_EMBED_FORWARD, first);
  add_section(SECTION_EMBED_BACKWARD, first);
  let last = count * head_share(vec4<f32>(stage)).x;
  add_section(SECTION_HEAD_FORWARD, last);
  add_section(SECTION_HEAD_BACKWARD, last);
}

// What gradients of weights fill of gaps, of no more micro-batches than there are, us.
fn filled_us(most: f32) -> vec4<f32> {
  return min(most, f32(micro_batches)) * place_weight_us;
}

// How long a stage is idle where gradients of weights fill gaps, us: see splitIdleUs.
fn split_idle_us() -> vec4<f32> {
  let others = stages() - 1.0;
  let none = vec4<f32>(0.0);
  let forward_us = all_forward_us - place_forward_us;
  let delay_us = max(last_pass_delay_us - stages_held() * place_delay_us, none);
  let backward_us = max(all_stages_us - all_forward_us - place_backward_us, none) + delay_us;
  let input_us = max(backward_us - (all_weight_us - place_weight_us), none);
  switch design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) {
    case WORKLOAD_PIPELINE_SCHEDULE_ZB_H1: { return input_us + max(forward_us - filled_us(others), none); }
    case WORKLOAD_PIPELINE_SCHEDULE_ZB_H2: { return max(forward_us + input_us - filled_us(2.0 * others), none); }
    case WORKLOAD_PIPELINE_SCHEDULE_ZB_V: { return max(max(forward_us, input_us) - filled_us(others), none); }
    default: {
      let half = 0.5 * stages() - 1.0;
      return max(half / others * (forward_us + 2.0 * backward_us) - filled_us(3.0 * half), none);
    }
  }
}

// The place whose work a step consists of: the slowest, or the one that the step ends with where each ends by itself.
fn work_place() -> u32 {
  return select(slowest_place, end_place, splits_backward());
}

// Sets what all micro-batches take: m of them on the slowest stage with a fill and drain of the others, or on each with its idle
// time; and the sends that show, us.
fn time_pipeline() {
  let period_us = work_period_us();
  let count = f32(micro_batches);
  pipeline_us = count * period_us;
  sends_us = vec4<f32>(0.0);
  if (stages() <= 1.0) {
    return;
  }
  let sending_us = boundary_us();
  if (splits_backward()) {
    pipeline_us += split_idle_us();
  } else {
    pipeline_us += (all_stages_us - period_us) / model_chunks();
  }
  let once_us = select(1.0, 2.0, is_training()) * (stages() - 1.0) * sending_us * select(1.0, 2.0, returns_to_first());
  sends_us = once_us + (count - stages_held()) * exposed_sends_us(period_us, sending_us);
}

// Splits the pipeline's time into its parts: one stage's compute and communication, launches, bubble, sends, us.
fn add_pipeline() {
  let place = work_place();
  let own_us = at_place(place_us(), place);
  add_stage(at_place(place_stage, place), at_place(place_layers, place));
  let forward_us = stage_forward_npu_us(place_layers * forward_period_us);
  let npu_us = at_place(forward_us + stage_backward_npu_us(place_layers * backward_period_us), place);
  parts[OUTPUT_LAUNCH_US] += f32(micro_batches) * (own_us - npu_us);
  parts[OUTPUT_BUBBLE_US] += select(at_end(pipeline_us) - f32(micro_batches) * own_us, 0.0, stages() == 1.0);
  parts[OUTPUT_EXPOSED_PP_US] += at_end(sends_us);
}
