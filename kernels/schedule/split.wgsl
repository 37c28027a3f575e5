// What a pipeline's schedule does to its stages. Twin of split.ts; a vector has a component for each place or stage.

// of the current graph: what the next two functions tell, found once
var<private> backward_splits: bool;
var<private> both_ends: bool;

// Sets what of the schedule is asked for often: drivers inline every call.
fn read_schedule() {
  let split = design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) >= WORKLOAD_PIPELINE_SCHEDULE_ZB_H1;
  backward_splits = split && stages() > 1.0 && is_training();
  both_ends = backward_splits && has_schedule(WORKLOAD_PIPELINE_SCHEDULE_DUAL_PIPE);
}

fn has_schedule(schedule: u32) -> bool {
  return design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) == schedule;
}

// Does the schedule split the backward pass into gradients of inputs and of weights, which may come later?
fn splits_backward() -> bool {
  return HAS_SPLIT_BACKWARD && backward_splits;
}

// Do micro-batches come from both ends, so that each NPU holds a stage and its mirror?
fn is_bidirectional() -> bool {
  return HAS_SPLIT_BACKWARD && both_ends;
}

// Does the first NPU hold the model's first and last chunk?
fn returns_to_first() -> bool {
  return HAS_SPLIT_BACKWARD && has_schedule(WORKLOAD_PIPELINE_SCHEDULE_ZB_V) && splits_backward();
}

// Model chunks per stage.
fn model_chunks() -> f32 {
  let interleaved = design_count(SLOT_WORKLOAD_PIPELINE_SCHEDULE) == WORKLOAD_PIPELINE_SCHEDULE_INTERLEAVED;
  return select(1.0, design[SLOT_WORKLOAD_VIRTUAL_STAGES], interleaved);
}

// Stages whose parameters an NPU holds.
fn stages_held() -> f32 {
  return select(1.0, 2.0, is_bidirectional());
}

// The share of the micro-batches whose embedding a stage computes.
fn embed_share(stage: vec4<f32>) -> vec4<f32> {
  let is_first = stage == vec4<f32>(0.0);
  if (!HAS_SPLIT_BACKWARD) {
    return select(vec4<f32>(0.0), vec4<f32>(1.0), is_first);
  }
  let share = select(1.0, 0.5, is_bidirectional());
  let first = select(vec4<f32>(0.0), vec4<f32>(share), is_first);
  let mirrored = vec4<bool>(is_bidirectional()) & (stage == vec4<f32>(stages() - 1.0));
  return select(first, vec4<f32>(share), mirrored);
}

// The same of the head.
fn head_share(stage: vec4<f32>) -> vec4<f32> {
  if (is_bidirectional()) {
    return embed_share(stage);
  }
  let head_stage = select(stages() - 1.0, 0.0, returns_to_first());
  return select(vec4<f32>(0.0), vec4<f32>(1.0), stage == vec4<f32>(head_stage));
}

// Sets STATUS_SCHEDULE where the schedule has no such micro-batches or stages.
fn check_schedule() {
  let pp = design_count(SLOT_WORKLOAD_PP);
  let virtual_stages = design_count(SLOT_WORKLOAD_VIRTUAL_STAGES);
  if (virtual_stages > 1u) {
    let group = interleave_group();
    let rest = micro_batches - whole_quotient(micro_batches, group) * group;
    let interleaved = has_schedule(WORKLOAD_PIPELINE_SCHEDULE_INTERLEAVED);
    if (!interleaved || pp == 1u || group < pp || (rest > 0u && rest < pp)) {
      status |= STATUS_SCHEDULE;
    }
  }
  if (is_bidirectional() && (pp % 2u != 0u || micro_batches % 2u != 0u || micro_batches < 2u * pp)) {
    status |= STATUS_SCHEDULE;
  }
}

// Micro-batches that follow one another on a model chunk before the next chunk has its turn.
fn interleave_group() -> u32 {
  let group = design_count(SLOT_WORKLOAD_INTERLEAVE_GROUP);
  return select(design_count(SLOT_WORKLOAD_PP), group, group > 0u);
}
