// Gradients of a box that overlap: what they take beside their longest station. Twin of gradients.ts, which says why.

// The least that a call of gradients takes beside its longest station, us.
fn gradient_rest_us(call: u32, group: u32) -> f32 {
  if (call_mb[call] <= 0.0) {
    return 0.0;
  }
  if (gradient_collective() == COLLECTIVE_ALL_REDUCE) {
    return bound_collective_us(COLLECTIVE_ALL_REDUCE * GROUP_COUNT + group, call_mb[call], true);
  }
  return bound_collective_us(COLLECTIVE_REDUCE_SCATTER * GROUP_COUNT + group, call_mb[call], true);
}

// Sets the calls of gradients that overlap to what they take beside their longest station, and that station's least use.
fn bound_gradients() {
  if (!is_training() || !overlaps_gradients() || scatters_gradients()) {
    return;
  }
  let dense_us = gradient_busy(CALL_GRADIENT_DENSE, GROUP_DATA);
  let expert_us = gradient_busy(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA);
  let both_us = longest_us(dense_us + expert_us);
  let shared_us = select(0.0, longest_us(dense_us) + longest_us(expert_us) - both_us, single);
  let dense_rest_us = gradient_rest_us(CALL_GRADIENT_DENSE, GROUP_DATA);
  let expert_rest_us = gradient_rest_us(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA);
  call_us[CALL_GRADIENT_DENSE] = dense_rest_us + expert_rest_us + shared_us + both_us;
  call_us[CALL_GRADIENT_EXPERT] = 0.0;
}
