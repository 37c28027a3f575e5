// The traffic of weights and gradients that compute does not hide. Twin of gradients.ts; a vector has a component for each place
// that the step may end with.

// Time to reduce the gradients of an edge (embedding or head), and then their shards between groups of replicas, us.
fn edge_us(call: u32, outer_call: u32) -> f32 {
  let us = call_us[call] + outer_us(outer_call);
  return select(us, us / design[SLOT_NETWORK_SHARDING_EFFICIENCY], gathers_weights());
}

// What gradients that overlap take after the last backward pass, us; head_busy_us: the head's use of the dimensions.
fn gradient_tail_us(pieces: f32, head_busy_us: vec4<f32>) -> vec4<f32> {
  let oldest_first = design_count(SLOT_COLLECTIVE_SCHEDULING_POLICY) == COLLECTIVE_SCHEDULING_POLICY_FIFO;
  let between_us = (pieces - 1.0) / pieces * place_backward_us + place_delay_us / model_chunks();
  let chain_use_us = select((pieces - 1.0) * section_block_us[1], vec4<f32>(0.0), oldest_first);
  let gathers = gathers_backward() && prefetches() && !scatters_gradients();
  let gathers_us = select(vec4<f32>(0.0), (pieces - 1.0) * gather_busy_us, gathers);
  let work_us = pieces * gradient_busy_us + head_busy_us + chain_use_us + gathers_us;
  let used = gradient_busy_us > vec4<f32>(0.0);
  let piece_us = longest_us(gradient_busy_us);
  let backlog_us = longest_us(select(vec4<f32>(0.0), work_us, used)) - between_us;
  return max(vec4<f32>(piece_us), backlog_us) + gradient_us - piece_us;
}

// What the last micro-batch comes later by, us: see lastDelayUs.
fn last_delay_us() -> vec4<f32> {
  if (splits_backward()) {
    return stages_held() * place_delay_us;
  }
  return vec4<f32>(last_pass_delay_us / model_chunks());
}

// What gradients take that nothing hides, on the first stage, where the backward pass ends last, us.
fn exposed_gradients_us() -> vec4<f32> {
  let sharded = scatters_gradients();
  let pieces = select(max(stages_held() * place_layers.x, 1.0), 1.0, sharded);
  let head_us = edge_us(CALL_HEAD_GRADIENT, CALL_OUTER_HEAD);
  var layers_us = vec4<f32>(pieces * gradient_us + head_us);
  var delay_us = vec4<f32>(0.0);
  if (overlaps_gradients()) {
    // A sharded head is kept with the embedding, and its gradient reduced at the end.
    let head_busy_us = gradient_busy(CALL_HEAD_GRADIENT, GROUP_DATA) + outer_busy_us(CALL_OUTER_HEAD);
    layers_us = gradient_tail_us(pieces, select(head_busy_us, vec4<f32>(0.0), sharded));
    delay_us = last_delay_us();
  }
  if (sharded) {
    layers_us += head_us;
  }
  return layers_us + edge_us(CALL_EMBED_GRADIENT, CALL_OUTER_EMBED) + delay_us;
}

// What the first forward pass of a step takes longer than the others, which find the weights gathered, us: see onceGatheredUs.
fn once_gathered_us() -> vec4<f32> {
  if (gathers_forward()) {
    return vec4<f32>(0.0);
  }
  let longer_us = stage_forward_us(place_layers * gathering_forward_us()) - place_forward_us;
  let slack_us = longest_us(place_us()) - place_us();
  let first_chunk = 1.0 / model_chunks();
  return first_chunk * longer_us + (1.0 - first_chunk) * max(longer_us - slack_us, vec4<f32>(0.0));
}

// Sharded weights that nothing hides the gather of: the first layer's if it is gathered ahead, those that stay for the step as
// far as the first pass waits for them, and the edges' of the model, us.
fn first_gathers_us() -> vec4<f32> {
  if (!gathers_weights()) {
    return vec4<f32>(0.0);
  }
  let ahead_us = select(0.0, gather_us, prefetches());
  return ahead_us + once_gathered_us() + call_us[CALL_FIRST_GATHER] / design[SLOT_NETWORK_SHARDING_EFFICIENCY];
}
