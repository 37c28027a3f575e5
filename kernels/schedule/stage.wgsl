// Time of one micro-batch on a pipeline stage: its layers, and at either end of the model an edge. Twin of stage.ts; a vector
// has a component for each place, that is a stage and all that are like it.

// of the current graph: layers that all stages have, and the number of stages that have one more; whether layers of an end are
// said, and whether stages are other than even
var<private> even_layers: vec2<f32>;
var<private> ends_stated: bool;
var<private> uneven_stages: bool;

fn stages() -> f32 {
  return design[SLOT_WORKLOAD_PP];
}

// Sets how layers lie over stages: it is asked for often, and drivers inline every call.
fn split_layers() {
  let layers = graph_integer_layers();
  let each = whole_quotient(layers, u32(stages()));
  even_layers = vec2<f32>(f32(each), f32(layers - each * u32(stages())));
  let stated = design[SLOT_WORKLOAD_FIRST_STAGE_LAYERS] + design[SLOT_WORKLOAD_LAST_STAGE_LAYERS];
  ends_stated = stages() > 1.0 && stated > 0.0;
  let counts = design[SLOT_WORKLOAD_EMBEDDING_LAYERS] + design[SLOT_WORKLOAD_HEAD_LAYERS] > 0.0;
  uneven_stages = (HAS_BALANCED_EDGES && counts) || states_ends();
}

// Is it said how many layers the first or the last of several stages has?
fn states_ends() -> bool {
  return HAS_STATED_ENDS && ends_stated;
}

// Stages whose layers are not said.
fn other_stages() -> f32 {
  let first = select(0.0, 1.0, design[SLOT_WORKLOAD_FIRST_STAGE_LAYERS] > 0.0);
  return stages() - first - select(0.0, 1.0, design[SLOT_WORKLOAD_LAST_STAGE_LAYERS] > 0.0);
}

// Layers that those share.
fn other_layers() -> f32 {
  let stated = design[SLOT_WORKLOAD_FIRST_STAGE_LAYERS] + design[SLOT_WORKLOAD_LAST_STAGE_LAYERS];
  return f32(graph_integer_layers()) - stated;
}

// Sets STATUS_LAYERS where layers of the first and the last stage that are said leave none for a stage, or some for no stage.
fn check_ends() {
  if (!HAS_STATED_ENDS || !states_ends()) {
    return;
  }
  if (other_layers() < other_stages() || (other_stages() == 0.0 && other_layers() > 0.0)) {
    status |= STATUS_LAYERS;
  }
}

// Layers before a stage where those of an end are said.
fn layers_between_ends(stage: f32) -> f32 {
  let first = design[SLOT_WORKLOAD_FIRST_STAGE_LAYERS];
  let others = max(other_stages(), 1.0);
  let rest = max(other_layers(), 0.0);
  let each = f32(whole_quotient(u32(rest), u32(others)));
  let before = stage - select(0.0, 1.0, first > 0.0);
  return min(first + before * each + min(before, rest - each * others), f32(graph_integer_layers()));
}

// Are stages other than even: by what is said of their ends, or as embedding and head count where layers are shared out?
fn balances_edges() -> bool {
  return (HAS_BALANCED_EDGES || HAS_STATED_ENDS) && uneven_stages;
}

// Layers before a stage.
fn layers_before(stage: f32) -> f32 {
  if (!balances_edges()) {
    return stage * even_layers.x + min(stage, even_layers.y);
  }
  let layers = f32(graph_integer_layers());
  if (stage == 0.0 || stage == stages()) {
    return select(layers, 0.0, stage == 0.0);
  }
  if (HAS_STATED_ENDS && states_ends()) {
    return layers_between_ends(stage);
  }
  let embedding = design[SLOT_WORKLOAD_EMBEDDING_LAYERS];
  let share = (layers + embedding + design[SLOT_WORKLOAD_HEAD_LAYERS]) / stages();
  return min(max(ceil(stage * share - embedding - STAGE_TOLERANCE), 0.0), layers);
}

// Layers of a stage: contiguous blocks, earlier stages take the remainder, or each ends with the layer that fills its share.
fn stage_layers(stage: f32) -> f32 {
  if (balances_edges()) {
    return layers_before(stage + 1.0) - layers_before(stage);
  }
  return even_layers.x + select(0.0, 1.0, stage < even_layers.y);
}

// A maximum without a corner: host and NPU wait for one another now and then.
fn smooth_maximum(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let share = min(a, b) / max(a, b);
  return select(max(a, b) * sqrt(1.0 + share * share), a, b <= vec4<f32>(0.0));
}

// A pass of so much of the NPU's time and of the host's, us: beside one another, or, where launches block, in turns.
fn beside_host_us(npu_us: vec4<f32>, host_us: vec4<f32>) -> vec4<f32> {
  var us = smooth_maximum(npu_us, host_us);
  if (HAS_LAUNCH_BLOCKING && design_count(SLOT_COMPUTE_LAUNCH_BLOCKING) == 1u) {
    us = npu_us + host_us;
  }
  return us + design[SLOT_COMPUTE_HOST_MICRO_BATCH_US];
}

// A pass over the stages, whose layers and, at the model's ends, sections take so long, us.
fn pass_us(layers_us: vec4<f32>, first_us: f32, last_us: f32) -> vec4<f32> {
  return layers_us + place_embed * first_us + place_head * last_us;
}

// Time of the NPU for a forward pass of one micro-batch, us.
fn stage_forward_npu_us(layers_us: vec4<f32>) -> vec4<f32> {
  return pass_us(layers_us, section_us[SECTION_EMBED_FORWARD], section_us[SECTION_HEAD_FORWARD]);
}

// The same backward, where the layers take `layers_us`, us.
fn stage_backward_npu_us(layers_us: vec4<f32>) -> vec4<f32> {
  return pass_us(layers_us, section_us[SECTION_EMBED_BACKWARD], section_us[SECTION_HEAD_BACKWARD]);
}

// Forward time of one micro-batch, us.
fn stage_forward_us(layers_us: vec4<f32>) -> vec4<f32> {
  let npu_us = stage_forward_npu_us(beside_offload_us(layers_us));
  if (!HAS_HOST_TIME) {
    return npu_us;
  }
  let host_layers_us = place_layers * section_host_us[SECTION_LAYER_FORWARD];
  let host_us = pass_us(host_layers_us, section_host_us[SECTION_EMBED_FORWARD], section_host_us[SECTION_HEAD_FORWARD]);
  return beside_host_us(npu_us, host_us);
}

// Backward time of one micro-batch, where the layers take `layers_us`, us; 0 in inference.
fn stage_backward_us(layers_us: vec4<f32>) -> vec4<f32> {
  if (!is_training()) {
    return vec4<f32>(0.0);
  }
  let npu_us = stage_backward_npu_us(beside_offload_us(layers_us));
  if (!HAS_HOST_TIME) {
    return npu_us;
  }
  let host_layers_us = place_layers * section_host_us[SECTION_LAYER_BACKWARD];
  let host_us = pass_us(host_layers_us, section_host_us[SECTION_EMBED_BACKWARD], section_host_us[SECTION_HEAD_BACKWARD]);
  return beside_host_us(npu_us, host_us);
}

// Sets the stages that differ, and their layers: the first, those between with one layer more or fewer, and the last.
fn set_places() {
  let between = stages() - 2.0;
  // Drivers inline each call: layers of the ends follow from those before their neighbours.
  let first_layers = layers_before(1.0);
  let before_last = layers_before(stages() - 1.0);
  let last_layers = f32(graph_integer_layers()) - before_last;
  if (balances_edges() && between > 0.0) {
    let layers = before_last - first_layers;
    let each = f32(whole_quotient(u32(layers), u32(between)));
    let longer = layers - each * between;
    place_stage = vec4<f32>(0.0, 1.0, between, stages() - 1.0);
    place_stages = vec4<f32>(1.0, longer, between - longer, 1.0);
    place_layers = vec4<f32>(first_layers, each + 1.0, each, last_layers);
    return;
  }
  let longer = max(even_layers.y, 1.0) - 1.0;
  let last = select(0.0, 1.0, stages() > 1.0);
  place_stage = vec4<f32>(0.0, 1.0, max(stages(), 2.0) - 2.0, stages() - 1.0);
  place_stages = max(vec4<f32>(1.0, min(longer, between), between - longer, last), vec4<f32>(0.0));
  place_layers = even_layers.x + select(vec4<f32>(0.0), vec4<f32>(1.0), place_stage < vec4<f32>(even_layers.y));
  if (balances_edges()) {
    place_layers.x = first_layers;
    place_layers.w = last_layers;
  }
}

// Finds the stages that differ, and what of the micro-batches passes embedding and head there; it follows from the plan.
fn find_places() {
  set_places();
  place_embed = embed_share(place_stage);
  place_head = head_share(place_stage);
  find_copies();
}

// Sums forward passes and gradients of weights over all stages, for schedules that split the backward pass, us.
fn sum_split_passes() {
  let layers_us = place_layers * section_weight_us[SECTION_LAYER_BACKWARD];
  let own_us = pass_us(layers_us, section_weight_us[SECTION_EMBED_BACKWARD], section_weight_us[SECTION_HEAD_BACKWARD]);
  place_weight_us = min(own_us, place_backward_us);
  all_forward_us = sum_us(place_stages * place_forward_us);
  all_weight_us = sum_us(place_stages * place_weight_us);
}

// Forward and backward time of one micro-batch, us; 0 where there is no such stage.
fn place_us() -> vec4<f32> {
  return select(vec4<f32>(0.0), place_forward_us + place_backward_us, place_stages > vec4<f32>(0.0));
}

// The component of a place.
fn at_place(values: vec4<f32>, place: u32) -> f32 {
  let inner = select(values.x, values.y, place == 1u);
  return select(select(inner, values.z, place == 2u), values.w, place == 3u);
}

// Of values of the places that of the one that the step ends with.
fn at_end(values: vec4<f32>) -> f32 {
  if (HAS_SPLIT_BACKWARD) {
    return at_place(values, end_place);
  }
  return values.x;
}

// Sets what the last backward pass takes longer, at each place and over all stages, where layers wait for gradients: no stage
// longer than for all that it sends before its last layer ends, us.
fn time_last_pass() {
  let wait_us = last_backward_period_us - backward_period_us;
  place_delay_us = vec4<f32>(0.0);
  last_pass_delay_us = 0.0;
  if (wait_us != 0.0) {
    let sent_us = (place_layers - 1.0) * longest_us(gradient_busy_us);
    let waits_us = min(place_layers * wait_us, sent_us);
    let last_us = stage_backward_us(place_layers * backward_period_us + waits_us);
    place_delay_us = select(vec4<f32>(0.0), last_us - place_backward_us, place_layers > vec4<f32>(1.0));
    last_pass_delay_us = sum_us(place_stages * place_delay_us);
  }
}

// Times a micro-batch on all stages, if sections or periods have changed; the slowest is the first of equal ones.
fn time_stages() {
  if (!stale_stages) {
    return;
  }
  stale_stages = false;
  place_forward_us = stage_forward_us(place_layers * forward_period_us);
  place_backward_us = stage_backward_us(place_layers * backward_period_us);
  let us = place_us();
  all_stages_us = sum_us(place_stages * us);
  let slowest_us = longest_us(us);
  slowest_place = select(3u, 2u, us.z == slowest_us);
  slowest_place = select(slowest_place, 1u, us.y == slowest_us);
  slowest_place = select(slowest_place, 0u, us.x == slowest_us);
  time_last_pass();
  if (splits_backward()) {
    sum_split_passes();
  }
}
