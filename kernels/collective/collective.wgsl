// A collective of a group over all dimensions that the group spans, in chunks. Twin of collective.ts.

// The outermost dimension in which a group has several NPUs.
fn last_dimension(group: u32) -> u32 {
  var last = 0u;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    if (group_factor[group * MAX_DIMENSIONS + d] > 1u) {
      last = d;
    }
  }
  return last;
}

// Time of one chunk of `size_mb` in dimension d for a phase of a collective, us.
fn phase_us(kind: u32, group: u32, d: u32, size_mb: f32) -> f32 {
  phase(kind, d, group_factor[group * MAX_DIMENSIONS + d], group_span[group * MAX_DIMENSIONS + d]);
  return phase_alpha_us + phase_beta_us_per_mb * size_mb;
}

// Time to start a collective, us.
fn start_us(group: u32) -> f32 {
  return design[SLOT_NETWORK_COLLECTIVE_OVERHEAD_US] * f32(ceil_log2(group_size[group]));
}

// One ring over all NPUs of a group; sets what collective sets.
fn flat_ring(kind: u32, group: u32, size_mb: f32) {
  let size = f32(group_size[group]);
  let rounds = select(1.0, 2.0, kind == COLLECTIVE_ALL_REDUCE);
  let reduced = select((size - 1.0) / size, 0.0, kind == COLLECTIVE_ALL_GATHER);
  var inner = 1.0;
  var step_us = 0.0;
  var us_per_mb = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let factor = group_factor[group * MAX_DIMENSIONS + d];
    if (factor <= 1u) {
      continue;
    }
    ring_phase(d, factor, group_span[group * MAX_DIMENSIONS + d]);
    step_us = max(step_us, phase_alpha_us / f32(factor - 1u));
    let lane_us_per_mb = phase_beta_us_per_mb * f32(factor) / f32(factor - 1u) / inner;
    us_per_mb = max(us_per_mb, lane_us_per_mb);
    busy_us[d] = rounds * (size - 1.0) * lane_us_per_mb * size_mb / size;
    inner *= f32(factor);
  }
  let ring_us = (size - 1.0) * (step_us + us_per_mb * size_mb / size);
  collective_us = rounds * ring_us + reduced * reduction_us_per_mb() * size_mb + start_us(group);
}

// Sets collective_us and, per dimension, busy_us; size_mb is the whole buffer.
fn run_collective(kind: u32, group: u32, size_mb: f32) {
  collective_us = 0.0;
  busy_us = vec4<f32>(0.0);
  let flat = design_count(SLOT_COLLECTIVE_MULTI_DIMENSIONAL) == COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING;
  if (flat && kind != COLLECTIVE_ALL_TO_ALL) {
    flat_ring(kind, group, size_mb);
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
    let factor = group_factor[group * MAX_DIMENSIONS + d];
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
  collective_us += (chunks - 1.0) * longest_us + start_us(group);
}

// What run_collective sets, or nothing where there is nothing to send; the last of each kind is remembered.
fn collective(kind: u32, group: u32, size_mb: f32) {
  if (group_size[group] <= 1u || size_mb <= 0.0) {
    collective_us = 0.0;
    busy_us = vec4<f32>(0.0);
    return;
  }
  if (known_mb[kind] == size_mb && known_group[kind] == group) {
    collective_us = known_us[kind];
    busy_us = known_busy_us[kind];
    return;
  }
  run_collective(kind, group, size_mb);
  known_group[kind] = group;
  known_mb[kind] = size_mb;
  known_us[kind] = collective_us;
  known_busy_us[kind] = busy_us;
}

// Time to send `size_mb` to the next pipeline stage over the slowest dimension that stages cross, us.
fn send_us(group: u32, size_mb: f32) -> f32 {
  var slowest_us = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let factor = group_factor[group * MAX_DIMENSIONS + d];
    if (factor <= 1u) {
      continue;
    }
    let stride = select(1u, group_span[group * MAX_DIMENSIONS + d] / factor, topology[d] == NETWORK_TOPOLOGY_RING);
    slowest_us = max(slowest_us, f32(stride) * (hop_us[d] + link_us_per_mb[d] * size_mb));
  }
  return slowest_us;
}
