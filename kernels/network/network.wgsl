// The network of a design: links, hops, and how the parallelism axes lie over its dimensions. Twin of network.ts.

// Links of an NPU that a dimension's bandwidth is divided among.
fn link_count(kind: u32, count: u32) -> u32 {
  if (kind == NETWORK_TOPOLOGY_RING) {
    return 2u;
  }
  if (kind == NETWORK_TOPOLOGY_FULLY_CONNECTED) {
    return max(count, 2u) - 1u;
  }
  return 1u;
}

// Reads dimensions (bits): us per MB on one link, us per hop.
fn read_network(dimensions: u32) {
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    if (((dimensions >> d) & 1u) == 0u) {
      continue;
    }
    let kind = design_count(SLOT_NETWORK_TOPOLOGY + d);
    let count = design_count(SLOT_NETWORK_NPUS + d);
    let bandwidth_gbps = design[SLOT_NETWORK_BANDWIDTH_GBPS + d];
    let link_gbps = bandwidth_gbps * design[SLOT_NETWORK_EFFICIENCY + d] / f32(link_count(kind, count));
    let hops = select(1.0, 2.0, kind == NETWORK_TOPOLOGY_SWITCH);
    npus[d] = count;
    topology[d] = kind;
    // A dimension that is not in use may have no bandwidth.
    link_us_per_mb[d] = select(0.0, 1000.0 / link_gbps, count > 1u);
    dimension_gbps[d] = select(0.0, bandwidth_gbps, count > 1u);
    hop_us[d] = hops * design[SLOT_NETWORK_LATENCY_NS + d] * 1e-3;
  }
}

// Time to inject one message, us.
fn endpoint_us() -> f32 {
  return design[SLOT_NETWORK_ENDPOINT_DELAY_NS] * 1e-3;
}

// Degree of an axis; the dp axis is what the experts leave of it.
fn axis_size(axis: u32) -> u32 {
  if (axis == AXIS_TP) {
    return design_count(SLOT_WORKLOAD_TP);
  }
  if (axis == AXIS_SP) {
    return design_count(SLOT_WORKLOAD_SP);
  }
  if (axis == AXIS_EP) {
    return design_count(SLOT_WORKLOAD_EP);
  }
  if (axis == AXIS_DP) {
    return design_count(SLOT_WORKLOAD_DP) / design_count(SLOT_WORKLOAD_EP);
  }
  return design_count(SLOT_WORKLOAD_PP);
}

// Adds an axis' part of a dimension to a group.
fn join_group(group: u32, d: u32, factor: u32, span: u32) {
  let place = group * MAX_DIMENSIONS + d;
  group_factor[place] *= factor;
  group_span[place] = max(group_span[place], span);
  group_size[group] *= factor;
  group_dimensions[group] |= 1u << d;
  dimension_groups[d] |= 1u << group;
}

// Adds a part of an axis to all groups that it belongs to.
fn join_groups(axis: u32, d: u32, factor: u32, span: u32) {
  if (axis == AXIS_TP) {
    join_group(GROUP_TP, d, factor, span);
  }
  if (axis == AXIS_SP) {
    join_group(GROUP_SP, d, factor, span);
  }
  if (axis == AXIS_EP) {
    join_group(GROUP_EP, d, factor, span);
  }
  if (axis == AXIS_PP) {
    join_group(GROUP_PP, d, factor, span);
  }
  if (axis == AXIS_SP || axis == AXIS_EP || axis == AXIS_DP) {
    join_group(GROUP_DATA, d, factor, span);
  }
  if (axis == AXIS_SP || axis == AXIS_DP) {
    join_group(GROUP_EXPERT_DATA, d, factor, span);
  }
}

// Lays the axes over the dimensions as mixed radices, innermost first; sets STATUS_MAPPING where they do not fit.
fn lay_axes() {
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    dimension_groups[d] = 0u;
  }
  for (var place = 0u; place < GROUP_COUNT * MAX_DIMENSIONS; place++) {
    group_factor[place] = 1u;
    group_span[place] = 1u;
  }
  for (var group = 0u; group < GROUP_COUNT; group++) {
    group_size[group] = 1u;
    group_dimensions[group] = 0u;
  }
  var d = 0u;
  var used = 1u;
  var order = design_count(SLOT_WORKLOAD_AXIS_ORDER);
  for (var place = 0u; place < AXIS_COUNT; place++) {
    let axis = order & 7u;
    order >>= 3u;
    var rest = axis_size(axis);
    while (rest > 1u) {
      while (d < MAX_DIMENSIONS && used >= npus[min(d, MAX_DIMENSIONS - 1u)]) {
        d++;
        used = 1u;
      }
      if (d >= MAX_DIMENSIONS) {
        status |= STATUS_MAPPING;
        return;
      }
      let left = npus[d] / used;
      let factor = min(rest, left);
      if (left % factor != 0u || rest % factor != 0u) {
        status |= STATUS_MAPPING;
        return;
      }
      join_groups(axis, d, factor, used * factor);
      used *= factor;
      rest /= factor;
    }
  }
}

// Bandwidth per NPU, GB/s, summed over the dimensions that have more than one NPU.
fn bandwidth_per_npu_gbps() -> f32 {
  return dimension_gbps.x + dimension_gbps.y + dimension_gbps.z + dimension_gbps.w;
}
