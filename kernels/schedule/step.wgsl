// One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. Twin of step.ts.

// Sets the time of the optimiser on the first stage, us; it follows from the plan and the layout of the axes.
fn time_optimizer() {
  let layers = stages_held() * place_layers.x;
  let head_m = select(0.0, edge_m(graph_real_own_head_m()), head_share(vec4<f32>(0.0)).x > 0.0);
  let dense_m = layers * layer_dense_m() + edge_m(graph_real_embed_m()) + head_m;
  let expert_m = layers * layer_expert_m();
  let whole = weight_sharding() == WORKLOAD_WEIGHT_SHARDING_NONE;
  let replicas = select(group_size[GROUP_DATA], 1.0, whole);
  let expert_replicas = select(group_size[GROUP_EXPERT_DATA], 1.0, whole);
  let own_m = dense_m / replicas + expert_m / expert_replicas;
  let npu_m = own_share() * own_m;
  let traffic_bytes = optimizer_traffic_bytes() + optimizer_passes_bytes();
  optimizer_us = roofline_us(RATE_ELEMENTWISE, OPTIMIZER_FLOPS * npu_m, traffic_bytes * npu_m);
  if (HAS_OPTIMIZER_OFFLOAD) {
    optimizer_us += host_optimizer_us(own_m);
  }
}

// With ZeRO-1 and 2 the gather of the weights that the optimiser updated: beside the next forward pass where traffic overlaps, us.
fn exposed_update_us() -> vec4<f32> {
  let updated_us = call_us[CALL_UPDATED_DENSE] + call_us[CALL_UPDATED_EXPERT];
  let hidden_us = select(vec4<f32>(0.0), place_forward_us / model_chunks(), overlaps_gradients());
  return max(updated_us - hidden_us, vec4<f32>(0.0));
}

// Times one step of the current graph, us; not again where nothing has changed.
fn step_graph() {
  if (!stale_plan && stale_groups == 0u) {
    return;
  }
  time_calls();
  time_step();
}

// Times the step up to the end of the NPUs at each place, us.
fn ends_us() -> vec4<f32> {
  time_pipeline();
  replicas_us = first_gathers_us();
  var us = pipeline_us + sends_us + alone_us;
  if (is_training()) {
    replicas_us += exposed_gradients_us() + exposed_update_us();
    us += optimizer_us;
  }
  return us + replicas_us;
}

// Times the step where schedules split the backward pass, up to the end of the place that takes longest, us: see endTogether.
fn end_together(us: vec4<f32>) {
  let there_us = select(vec4<f32>(0.0), us, place_stages > vec4<f32>(0.0));
  step_us = longest_us(there_us);
  let longest = there_us >= vec4<f32>(step_us * (1.0 - END_TOLERANCE));
  end_place = select(select(select(3u, 2u, longest.z), 1u, longest.y), 0u, longest.x);
  pipeline_us += step_us - us;
}

// Times one step of the current graph, whose calls have been timed, us.
fn time_step() {
  layer();
  time_stages();
  let us = ends_us();
  end_place = 0u;
  step_us = us.x;
  if (splits_backward()) {
    end_together(us);
  }
  stale_plan = false;
  stale_groups = 0u;
}

// Time of a step in which an NPU computes, in the mean of all stages, us; it follows from the plan and the layout of the axes.
fn busy_us() -> f32 {
  let layer_us = section_compute_us[SECTION_LAYER_FORWARD] + section_compute_us[SECTION_LAYER_BACKWARD];
  let embed_us = section_compute_us[SECTION_EMBED_FORWARD] + section_compute_us[SECTION_EMBED_BACKWARD];
  let head_us = section_compute_us[SECTION_HEAD_FORWARD] + section_compute_us[SECTION_HEAD_BACKWARD];
  let pass_us = f32(graph_integer_layers()) * layer_us + (embed_us + head_us);
  return f32(micro_batches) * pass_us / stages() + select(0.0, optimizer_us, is_training());
}

// Sets the times in `parts`: the step and what it consists of, us.
fn split_step() {
  clear_times();
  parts[OUTPUT_TIME_US] = step_us;
  parts[OUTPUT_BUSY_US] = busy_us();
  split_pipeline();
  parts[OUTPUT_EXPOSED_DP_US] += at_end(replicas_us);
  parts[OUTPUT_OPTIMIZER_US] = select(0.0, optimizer_us, is_training());
}
