// What one layer takes in a full pipeline: its chain beside the traffic of weights and gradients. Twin of layer.ts.

fn is_training() -> bool {
  return graph_integer_phase() == PHASE_TRAINING;
}

// Parameters of a layer on one NPU that data-parallel ranks replicate, in millions.
fn layer_dense_m() -> f32 {
  return graph_real_dense_m() * scales[SCALE_WEIGHT] + graph_real_kv_m() * scales[SCALE_WEIGHT_KV];
}

// Parameters of a layer's experts on one NPU, in millions.
fn layer_expert_m() -> f32 {
  return graph_real_expert_m() * scales[SCALE_WEIGHT_EXPERT];
}

// Parameters of the embedding or the head on one NPU, in millions.
fn edge_m(parameters_m: f32) -> f32 {
  return parameters_m * scales[SCALE_WEIGHT];
}

// Stretches the traffic of sharded weights to the bandwidth that it reaches.
fn slow_sharded_traffic() {
  let factor = 1.0 / design[SLOT_NETWORK_SHARDING_EFFICIENCY];
  gather_us *= factor;
  gradient_us *= factor;
  gather_busy_us *= factor;
  gradient_busy_us *= factor;
}

// Sets the traffic of a layer beside its chain: gathers of sharded weights and reductions of gradients, experts after the rest.
fn layer_traffic() {
  gather_us = call_us[CALL_GATHER_DENSE] + call_us[CALL_GATHER_EXPERT];
  let gather = COLLECTIVE_ALL_GATHER * CHANNEL_GROUPS;
  gather_busy_us = call_busy_us(CALL_GATHER_DENSE, gather + GROUP_DATA) +
    call_busy_us(CALL_GATHER_EXPERT, gather + GROUP_EXPERT_DATA);
  gradient_us = call_us[CALL_GRADIENT_DENSE] + call_us[CALL_GRADIENT_EXPERT] +
    (outer_us(CALL_OUTER_DENSE) + outer_us(CALL_OUTER_EXPERT));
  gradient_busy_us = gradient_busy(CALL_GRADIENT_DENSE, GROUP_DATA) +
    gradient_busy(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA) +
    (outer_busy_us(CALL_OUTER_DENSE) + outer_busy_us(CALL_OUTER_EXPERT));
  if (gathers_weights()) {
    slow_sharded_traffic();
  }
}

// The sum of four times, us.
fn sum_us(us: vec4<f32>) -> f32 {
  return us.x + us.y + (us.z + us.w);
}

// The longest of four times, us.
fn longest_us(us: vec4<f32>) -> f32 {
  return max(max(us.x, us.y), max(us.z, us.w));
}

// The longest other communication on the dimensions of a group at the start of a layer, if the group communicates in it, us.
fn queue_us(section: u32, group: u32, load_us: vec4<f32>) -> f32 {
  let queued_us = longest_us(select(vec4<f32>(0.0), load_us, spanned(group)));
  return select(0.0, queued_us, ((section_groups[section] >> group) & 1u) == 1u);
}

// The same of a ring of context parallelism, us.
fn ring_queue_us(section: u32, load_us: vec4<f32>) -> f32 {
  if (!HAS_CONTEXT_RING) {
    return 0.0;
  }
  return queue_us(section, GROUP_CONTEXT_RING, load_us);
}

// The same of the ranks that split experts, us.
fn expert_queue_us(section: u32, load_us: vec4<f32>) -> f32 {
  if (!HAS_EXPERTS_APART) {
    return 0.0;
  }
  return queue_us(section, GROUP_ETP, load_us);
}

// Sets what the collectives of a layer wait for where the newest does not overtake the others; tells whether that is something
// else than before.
fn queue(section: u32, layer: u32) -> bool {
  let backward = section == SECTION_LAYER_BACKWARD;
  // Weights that stay are gathered beside the first forward pass.
  let with_gathers = prefetches() && select(gathers_weights(), gathers_backward(), backward);
  // Of the last micro-batch alone, where those of each are not scattered.
  let with_gradients = backward && overlaps_gradients() && (scatters_gradients() || !gathers_weights());
  let load_us = select(vec4<f32>(0.0), gather_busy_us, with_gathers) +
    select(vec4<f32>(0.0), gradient_busy_us, with_gradients);
  let waits = design_count(SLOT_COLLECTIVE_SCHEDULING_POLICY) != COLLECTIVE_SCHEDULING_POLICY_LIFO;
  let queues_us = vec3<f32>(
    max(queue_us(section, GROUP_TP, load_us), expert_queue_us(section, load_us)),
    max(queue_us(section, GROUP_SP, load_us), ring_queue_us(section, load_us)),
    queue_us(section, GROUP_EP, load_us),
  );
  let us = select(vec3<f32>(0.0), queues_us, waits);
  let changed = any(us != section_queue_us[layer]);
  section_queue_us[layer] = us;
  return changed;
}

// Whether something has changed for a section since it ran.
fn is_stale(section: u32) -> bool {
  return stale_plan || (section_groups[section] & stale_groups) != 0u;
}

// The same of a section of a layer, which may wait for other traffic than before.
fn is_stale_layer(section: u32, layer: u32) -> bool {
  let queued = queue(section, layer);
  return queued || is_stale(section);
}

// Runs every section of the graph once, layers beside their traffic; but not where nothing has changed for it.
fn run_sections() {
  if (is_stale(SECTION_EMBED_FORWARD)) {
    chain_embed_forward();
  }
  if (is_stale_layer(SECTION_LAYER_FORWARD, 0u)) {
    chain_layer_forward();
    section_block_us[0] = layer_busy_us(0u);
  }
  if (is_stale(SECTION_HEAD_FORWARD)) {
    chain_head_forward();
  }
  if (is_stale(SECTION_HEAD_BACKWARD)) {
    chain_head_backward();
  }
  if (is_stale_layer(SECTION_LAYER_BACKWARD, 1u)) {
    chain_layer_backward();
    section_block_us[1] = layer_busy_us(1u);
  }
  if (is_stale(SECTION_EMBED_BACKWARD)) {
    chain_embed_backward();
  }
}

// A forward pass of a layer that gathers its weights: beside the layer before, or first, us.
fn gathering_forward_us() -> f32 {
  let own_us = section_us[SECTION_LAYER_FORWARD];
  if (!prefetches()) {
    return own_us + gather_us;
  }
  let beside_us = max(section_loaded_us[SECTION_LAYER_FORWARD], gather_us);
  let period_us = max(beside_us, longest_us(section_block_us[0] + gather_busy_us));
  return period_us + (1.0 - design[SLOT_WORKLOAD_SHARDING_OVERLAP]) * min(own_us, gather_us);
}

// A backward pass of a layer that gathers its weights again, or whose gradients leave, us.
fn sharded_backward_us() -> f32 {
  let beside = gathers_backward() && prefetches();
  let gathering_us = select(0.0, gather_us, beside);
  let leaving_us = select(0.0, gradient_us, scatters_gradients());
  let traffic_us = select(vec4<f32>(0.0), gather_busy_us, beside) +
    select(vec4<f32>(0.0), gradient_busy_us, scatters_gradients());
  var period_us = max(max(section_loaded_us[SECTION_LAYER_BACKWARD], gathering_us), leaving_us);
  period_us = max(period_us, longest_us(section_block_us[1] + traffic_us));
  let alone = 1.0 - design[SLOT_WORKLOAD_SHARDING_OVERLAP];
  period_us += alone * min(section_us[SECTION_LAYER_BACKWARD], gathering_us + leaving_us);
  return period_us + select(0.0, gather_us, gathers_backward() && !beside);
}

// Sets the periods of a layer, us.
fn layer() {
  layer_traffic();
  run_sections();
  forward_period_us = section_us[SECTION_LAYER_FORWARD];
  backward_period_us = section_us[SECTION_LAYER_BACKWARD];
  last_backward_period_us = section_loaded_us[SECTION_LAYER_BACKWARD];
  if (gathers_forward()) {
    forward_period_us = gathering_forward_us();
  }
  // Inference has no backward pass to gather weights for.
  if (is_training() && (gathers_backward() || scatters_gradients())) {
    backward_period_us = sharded_backward_us();
  }
  if (gathers_weights() || scatters_gradients()) {
    last_backward_period_us = backward_period_us;
    stale_stages = true;
  }
}
