// A collective of a group over all dimensions that the group spans, in chunks. Twin of collective.ts.

// The outermost dimension in which a group has several NPUs.
fn last_dimension(group: u32) -> u32 {
  return 31u - countLeadingZeros(group_dimensions[group]);
}

// Time to start a collective, us.
fn start_us(group: u32) -> f32 {
  return design[SLOT_NETWORK_COLLECTIVE_OVERHEAD_US] * f32(ceil_log2(group_size[group]));
}

// One ring over all NPUs of a group; sets what flow_shop sets.
fn flat_ring(channel: u32, kind: u32, group: u32) {
  let size = f32(group_size[group]);
  let rounds = select(1.0, 2.0, kind == COLLECTIVE_ALL_REDUCE);
  let reduced = select((size - 1.0) / size, 0.0, kind == COLLECTIVE_ALL_GATHER);
  var inner = 1.0;
  var step_us = 0.0;
  var links = vec4<f32>(0.0);
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let factor = group_factor[group * MAX_DIMENSIONS + d];
    if (factor <= 1u) {
      continue;
    }
    ring_phase(d, factor, group_span[group * MAX_DIMENSIONS + d]);
    step_us = max(step_us, phase_alpha_us / f32(factor - 1u));
    let lane_links = phase_links * f32(factor) / f32(factor - 1u) / inner;
    links[d] = rounds * (size - 1.0) * lane_links / size;
    inner *= f32(factor);
  }
  station_links[channel] = links;
  channel_us[channel] = rounds * (size - 1.0) * step_us + start_us(group);
  channel_us_per_mb[channel] = reduced * reduction_us_per_mb();
  channel_sum[channel] = 0.0;
  channel_longest[channel] = 1.0;
}

// A flow shop of equal chunks over the dimensions.
fn flow_shop(channel: u32, kind: u32, group: u32) {
  let chunks = design[SLOT_COLLECTIVE_CHUNKS];
  let aware = design_count(SLOT_COLLECTIVE_MULTI_DIMENSIONAL) == COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE;
  let split = kind == COLLECTIVE_ALL_REDUCE && aware;
  let shrinks = split || kind == COLLECTIVE_REDUCE_SCATTER || kind == COLLECTIVE_ALL_GATHER;
  let last = last_dimension(group);
  let reduction_us = reduction_us_per_mb();
  var share = 1.0;
  var busy_us = vec4<f32>(0.0);
  var links = vec4<f32>(0.0);
  var reduced = vec4<f32>(0.0);
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let factor = group_factor[group * MAX_DIMENSIONS + d];
    if (factor <= 1u) {
      continue;
    }
    // A station: one phase, or the way up and the way down. One call in a loop keeps compiled shaders small.
    let halves = split && d != last;
    for (var way = 0u; way < select(1u, 2u, halves); way++) {
      let half = select(COLLECTIVE_REDUCE_SCATTER, COLLECTIVE_ALL_GATHER, way == 1u);
      phase(channel, select(kind, half, halves), d, factor, group_span[group * MAX_DIMENSIONS + d]);
      busy_us[d] = busy_us[d] + chunks * phase_alpha_us;
      links[d] = links[d] + share * phase_links;
      reduced[d] = reduced[d] + share * phase_reduced;
    }
    if (shrinks) {
      share /= f32(factor);
    }
  }
  station_us[channel] = busy_us;
  station_links[channel] = links;
  station_reduction_us_per_mb[channel] = reduced * reduction_us;
  channel_us[channel] = start_us(group);
  channel_us_per_mb[channel] = 0.0;
  channel_sum[channel] = 1.0 / chunks;
  channel_longest[channel] = 1.0 - 1.0 / chunks;
}

// Sets what a kind of collective in a group costs. All 0 where the group is one NPU.
fn open_channel(kind: u32, group: u32) {
  let channel = kind * GROUP_COUNT + group;
  bad_channels &= ~(1u << channel);
  channel_us[channel] = 0.0;
  channel_us_per_mb[channel] = 0.0;
  channel_sum[channel] = 0.0;
  channel_longest[channel] = 0.0;
  station_us[channel] = vec4<f32>(0.0);
  station_links[channel] = vec4<f32>(0.0);
  station_reduction_us_per_mb[channel] = vec4<f32>(0.0);
  if (group_size[group] <= 1u) {
    return;
  }
  let flat = design_count(SLOT_COLLECTIVE_MULTI_DIMENSIONAL) == COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING;
  if (flat && kind != COLLECTIVE_ALL_TO_ALL) {
    flat_ring(channel, kind, group);
  } else {
    flow_shop(channel, kind, group);
  }
}

// Sets what the stations of a channel take per MB at the rate of the links.
fn rate_channel(channel: u32) {
  station_us_per_mb[channel] = station_links[channel] * link_us_per_mb + station_reduction_us_per_mb[channel];
}

// Brings channels up to date: those of `used` whose group is in `rated`, of which `opened` anew (all bits).
fn open_channels(used: u32, opened: u32, rated: u32) {
  var rest = used;
  while (rest != 0u) {
    let channel = 31u - countLeadingZeros(rest);
    rest &= ~(1u << channel);
    let group = channel % GROUP_COUNT;
    if (((rated >> group) & 1u) == 0u) {
      continue;
    }
    if (((opened >> group) & 1u) == 1u) {
      open_channel(channel / GROUP_COUNT, group);
    }
    rate_channel(channel);
  }
}

// Use of each dimension by a collective of `size_mb`, us.
fn station_busy_us(channel: u32, size_mb: f32) -> vec4<f32> {
  return station_us[channel] + station_us_per_mb[channel] * size_mb;
}

// Time of a collective in an open channel, us; size_mb is the whole buffer, above 0.
fn collective_us(channel: u32, size_mb: f32) -> f32 {
  let busy_us = station_busy_us(channel, size_mb);
  let sum_us = channel_sum[channel] * (busy_us.x + busy_us.y + (busy_us.z + busy_us.w));
  let longest_us = channel_longest[channel] * max(max(busy_us.x, busy_us.y), max(busy_us.z, busy_us.w));
  return channel_us[channel] + channel_us_per_mb[channel] * size_mb + sum_us + longest_us;
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
