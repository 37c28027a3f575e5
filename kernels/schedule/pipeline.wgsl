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

// Compute and exposed communication (tp, sp, ep) of a section, us.
fn section_parts_us(section: u32) -> vec4<f32> {
  return vec4<f32>(section_compute_us[section], section_exposed_us[section]);
}

// Sums those of all sections, as often as a stage runs them: layers, and the edges that it has.
fn sum_sections(layers: f32, embed: f32, head: f32) -> vec4<f32> {
  var sum = layers * section_parts_us(SECTION_LAYER_FORWARD) + layers * section_parts_us(SECTION_LAYER_BACKWARD);
  sum += embed * section_parts_us(SECTION_EMBED_FORWARD);
  sum += embed * section_parts_us(SECTION_EMBED_BACKWARD);
  sum += head * section_parts_us(SECTION_HEAD_FORWARD);
  return sum + head * section_parts_us(SECTION_HEAD_BACKWARD);
}

// Sets the work of all micro-batches on a stage: compute and exposed communication.
fn set_stage(stage: f32, layers_of_stage: f32) {
  let count = f32(micro_batches);
  let layers = count * layers_of_stage;
  let embed = count * embed_share(vec4<f32>(stage)).x;
  let head = count * head_share(vec4<f32>(stage)).x;
  let sum = sum_sections(layers, embed, head);
  parts[OUTPUT_COMPUTE_US] = sum.x;
  parts[OUTPUT_EXPOSED_TP_US] = sum.y;
  parts[OUTPUT_EXPOSED_SP_US] = sum.z;
  parts[OUTPUT_EXPOSED_EP_US] = sum.w;
  parts[OUTPUT_EXPOSED_DP_US] = layers * (forward_period_us - section_us[SECTION_LAYER_FORWARD]) +
    layers * (backward_period_us - section_us[SECTION_LAYER_BACKWARD]);
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

// What exchanges of experts take that have no other micro-batch to travel beside, us: see allAloneUs.
fn all_alone_us() -> f32 {
  if (!HAS_EXPERT_OVERLAP) {
    return 0.0;
  }
  let share = min(f32(micro_batches) / stages(), 1.0);
  let layer_us = section_alone_us[SECTION_LAYER_FORWARD] + section_alone_us[SECTION_LAYER_BACKWARD];
  return share * f32(graph_integer_layers()) * layer_us;
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
  alone_us = all_alone_us();
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

// What a micro-batch takes at a place beyond what its NPU computes and waits for collectives, us: launches, and copies to the host.
fn launch_us(place: u32) -> f32 {
  if (!HAS_HOST_TIME && !offloads_activations()) {
    return 0.0;
  }
  let forward_us = stage_forward_npu_us(place_layers * forward_period_us);
  let npu_us = forward_us + stage_backward_npu_us(place_layers * backward_period_us);
  return at_place(place_us(), place) - at_place(npu_us, place);
}

// Splits the pipeline's time into its parts: one stage's compute and communication, launches, bubble, sends, us.
fn split_pipeline() {
  let place = work_place();
  let count = f32(micro_batches);
  set_stage(at_place(place_stage, place), at_place(place_layers, place));
  parts[OUTPUT_EXPOSED_EP_US] += alone_us;
  parts[OUTPUT_LAUNCH_US] = count * launch_us(place);
  parts[OUTPUT_BUBBLE_US] = select(at_end(pipeline_us) - count * at_place(place_us(), place), 0.0, stages() == 1.0);
  parts[OUTPUT_EXPOSED_PP_US] = at_end(sends_us);
}
