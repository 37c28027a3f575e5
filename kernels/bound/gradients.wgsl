// Gradients of a box that overlap: what they take beside their longest station. Twin of gradients.ts, which says why.

// The least that a call of gradients takes beside its longest station, us.
fn gradient_rest_us(call: u32, group: u32) -> f32 {
  if (call_mb[call] <= 0.0) {
    return 0.0;
  }
  if (gradient_collective() == COLLECTIVE_ALL_REDUCE) {
    return bound_collective_us(COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group, call_mb[call], true);
  }
  return bound_collective_us(COLLECTIVE_REDUCE_SCATTER * CHANNEL_GROUPS + group, call_mb[call], true);
}

// The same of shards between groups of replicas, us.
fn outer_rest_us(call: u32) -> f32 {
  if (!HAS_SHARD_GROUPS || call_mb[call] <= 0.0) {
    return 0.0;
  }
  return bound_collective_us(COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + GROUP_OUTER_DATA, call_mb[call], true);
}

// Sets the calls of gradients that overlap to what they take beside their longest station, and that station's least use.
fn bound_gradients() {
  if (!is_training() || !overlaps_gradients() || scatters_gradients()) {
    return;
  }
  let dense_us = gradient_busy(CALL_GRADIENT_DENSE, GROUP_DATA);
  let expert_us = gradient_busy(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA);
  let outer_dense_us = outer_busy_us(CALL_OUTER_DENSE);
  let outer_expert_us = outer_busy_us(CALL_OUTER_EXPERT);
  let together_us = longest_us(dense_us + expert_us + (outer_dense_us + outer_expert_us));
  let outer_own_us = longest_us(outer_dense_us) + longest_us(outer_expert_us);
  let own_us = longest_us(dense_us) + longest_us(expert_us) + outer_own_us;
  let shared_us = select(0.0, own_us - together_us, single);
  let dense_rest_us = gradient_rest_us(CALL_GRADIENT_DENSE, GROUP_DATA);
  let expert_rest_us = gradient_rest_us(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA);
  let rest_us = dense_rest_us + expert_rest_us + outer_rest_us(CALL_OUTER_DENSE) + outer_rest_us(CALL_OUTER_EXPERT);
  call_us[CALL_GRADIENT_DENSE] = rest_us + shared_us + together_us;
  call_us[CALL_GRADIENT_EXPERT] = 0.0;
  if (HAS_SHARD_GROUPS) {
    call_us[CALL_OUTER_DENSE] = 0.0;
    call_us[CALL_OUTER_EXPERT] = 0.0;
  }
}
