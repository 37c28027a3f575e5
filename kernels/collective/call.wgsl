// The collectives that a step consists of, each of which may take place many times. Twin of call.ts.

// Times the calls of the stale groups, us.
fn time_calls() {
  for (var i = 0u; i < active_calls; i++) {
    let call = active_call[i];
    let channel = call_channel[call];
    if (((stale_groups >> (channel % GROUP_COUNT)) & 1u) == 1u) {
      call_us[call] = collective_us(channel, call_mb[call]);
    }
  }
}

// A call's use of each dimension, us.
fn call_busy_us(call: u32) -> vec4<f32> {
  let size_mb = call_mb[call];
  if (size_mb <= 0.0) {
    return vec4<f32>(0.0);
  }
  return station_busy_us(call_channel[call], size_mb);
}
