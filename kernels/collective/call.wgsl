// The collectives that a step consists of, each of which may take place many times. Twin of call.ts.

// Times a call if its group is stale, us.
fn time_call(call: u32, channel: u32) {
  if (((stale_groups >> (channel % CHANNEL_GROUPS)) & 1u) == 1u) {
    call_us[call] = select(0.0, collective_us(channel, call_mb[call]), call_mb[call] > 0.0);
  }
}

// A call that makes gradients whole, whose kind of collective depends on how weights are sharded, us.
fn time_gradient_call(call: u32, group: u32) {
  if (gradient_collective() == COLLECTIVE_ALL_REDUCE) {
    time_call(call, COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group);
  } else {
    time_call(call, COLLECTIVE_REDUCE_SCATTER * CHANNEL_GROUPS + group);
  }
}

// Times the calls of the stale groups, us.
fn time_calls() {
  time_graph_calls();
  let gather = COLLECTIVE_ALL_GATHER * CHANNEL_GROUPS;
  time_call(CALL_GATHER_DENSE, gather + GROUP_DATA);
  time_call(CALL_GATHER_EXPERT, gather + GROUP_EXPERT_DATA);
  time_call(CALL_FIRST_GATHER, gather + GROUP_DATA);
  time_call(CALL_UPDATED_DENSE, gather + GROUP_DATA);
  time_call(CALL_UPDATED_EXPERT, gather + GROUP_EXPERT_DATA);
  time_call(CALL_BOUNDARY, gather + GROUP_TP);
  time_gradient_call(CALL_GRADIENT_DENSE, GROUP_DATA);
  time_gradient_call(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA);
  time_gradient_call(CALL_HEAD_GRADIENT, GROUP_DATA);
  time_gradient_call(CALL_EMBED_GRADIENT, GROUP_DATA);
  if (HAS_SHARD_GROUPS) {
    let outer = COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + GROUP_OUTER_DATA;
    time_call(CALL_OUTER_DENSE, outer);
    time_call(CALL_OUTER_EXPERT, outer);
    time_call(CALL_OUTER_HEAD, outer);
    time_call(CALL_OUTER_EMBED, outer);
  }
}

// A call's use of each dimension, us.
fn call_busy_us(call: u32, channel: u32) -> vec4<f32> {
  return select(vec4<f32>(0.0), station_busy_us(channel, call_mb[call]), call_mb[call] > 0.0);
}

// The same of a call between groups of replicas, us.
fn outer_busy_us(call: u32) -> vec4<f32> {
  if (!HAS_SHARD_GROUPS) {
    return vec4<f32>(0.0);
  }
  return call_busy_us(call, COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + GROUP_OUTER_DATA);
}

// Time of a call between groups of replicas, us.
fn outer_us(call: u32) -> f32 {
  if (!HAS_SHARD_GROUPS) {
    return 0.0;
  }
  return call_us[call];
}

// The same of a call that makes gradients whole, us.
fn gradient_busy(call: u32, group: u32) -> vec4<f32> {
  let reduced = call_busy_us(call, COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group);
  let scattered = call_busy_us(call, COLLECTIVE_REDUCE_SCATTER * CHANNEL_GROUPS + group);
  return select(scattered, reduced, gradient_collective() == COLLECTIVE_ALL_REDUCE);
}

// Use of each dimension by the collectives of a layer in one of its channels, us; layer_busy_us sums them, see callProgram.ts.
fn channel_busy_us(place: u32, channel: u32) -> vec4<f32> {
  return layer_count[place] * station_us[channel] + layer_mb[place] * station_us_per_mb[channel];
}
