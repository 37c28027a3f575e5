// A collective of a group over all dimensions that the group spans, in chunks. Twin of collective.ts.

// The outermost dimension in which a group has several NPUs.
fn last_dimension(group: u32) -> u32 {
  var last = 0u;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    if (group_factor[group][d] > 1u) {
      last = d;
    }
  }
  return last;
}

// Time of one chunk of `size_mb` in dimension d for a phase of a collective, us.
fn phase_us(kind: u32, group: u32, d: u32, size_mb: f32) -> f32 {
  phase(kind, d, group_factor[group][d], group_span[group][d]);
  return phase_alpha_us + phase_beta_us_per_mb * size_mb;
}

// Sets collective_us and, per dimension, busy_us; size_mb is the whole buffer.
fn collective(kind: u32, group: u32, size_mb: f32) {
  collective_us = 0.0;
  busy_us = vec4<f32>(0.0);
  if (group_size[group] <= 1u || size_mb <= 0.0) {
    return;
  }
  let chunks = design[SLOT_COLLECTIVE_CHUNKS];
  let aware = design_count(SLOT_COLLECTIVE_MULTI_DIMENSIONAL) == COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE;
  let split = kind == COLLECTIVE_ALL_REDUCE && aware;
  let shrinks = split || kind == COLLECTIVE_REDUCE_SCATTER || kind == COLLECTIVE_ALL_GATHER;
  let last = last_dimension(group);
  var chunk_mb = size_mb / chunks;
  var longest_us = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let factor = group_factor[group][d];
    if (factor <= 1u) {
      continue;
    }
    // A station: one phase, or the way up and the way down. One call in a loop keeps compiled shaders small.
    let halves = split && d != last;
    var station_us = 0.0;
    for (var way = 0u; way < select(1u, 2u, halves); way++) {
      let half = select(COLLECTIVE_REDUCE_SCATTER, COLLECTIVE_ALL_GATHER, way == 1u);
      station_us += phase_us(select(kind, half, halves), group, d, chunk_mb);
    }
    collective_us += station_us;
    longest_us = max(longest_us, station_us);
    busy_us[d] = chunks * station_us;
    if (shrinks) {
      chunk_mb /= f32(factor);
    }
  }
  collective_us += (chunks - 1.0) * longest_us;
}

// Time to send `size_mb` to the next pipeline stage over the slowest dimension that stages cross, us.
fn send_us(group: u32, size_mb: f32) -> f32 {
  var slowest_us = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let factor = group_factor[group][d];
    if (factor <= 1u) {
      continue;
    }
    let stride = select(1u, group_span[group][d] / factor, topology[d] == NETWORK_TOPOLOGY_RING);
    slowest_us = max(slowest_us, f32(stride) * (hop_us[d] + link_us_per_mb[d] * size_mb));
  }
  return slowest_us;
}
