// A collective of a group over all dimensions that the group spans, in chunks. Twin of collective.ts; a vector has a component
// for each dimension.

// Whether an all-reduce goes up through the dimensions and down again.
fn is_bandwidth_aware() -> bool {
  return design_count(SLOT_COLLECTIVE_MULTI_DIMENSIONAL) == COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE;
}

// Share of the copies of tokens, one for each of a token's experts, that pass each dimension where they are exchanged by node, with the
// weights of all experts of the node.
fn exchanged_share(kind: u32, group: u32) -> vec4<f32> {
  if (HAS_DISPATCH_BY_NODE && kind == COLLECTIVE_ALL_TO_ALL && group == GROUP_EP) {
    let n = group_factor[group];
    let outer = n.z * n.w;
    let share = routed_share(vec4<f32>(n.x * n.y * outer, n.y * outer, outer, n.w));
    return select(vec4<f32>(1.0), share * (1.0 + ROUTED_WEIGHTS / (n.y * outer)), dispatches_by_node());
  }
  return vec4<f32>(1.0);
}

// Times as much as they are that a kind of collective's links in a group carry, where exchanges of experts reach a share of the rate.
fn link_load(kind: u32, group: u32, exchange_efficiency: f32) -> f32 {
  if (HAS_EXCHANGE_EFFICIENCY && kind == COLLECTIVE_ALL_TO_ALL && group == GROUP_EP) {
    return 1.0 / exchange_efficiency;
  }
  return 1.0;
}

// Time to start a collective, us.
fn start_us(group: u32) -> f32 {
  let doublings = ceil_log2(vec4<f32>(group_size[group])).x;
  let us = design[SLOT_NETWORK_COLLECTIVE_START_US] + design[SLOT_NETWORK_COLLECTIVE_OVERHEAD_US] * doublings;
  // A degree that does not fit may leave a group of one NPU.
  return select(0.0, us, group_size[group] > 1.0);
}

// Whether a kind of collective goes round a ring of context parallelism, by no other algorithm.
fn is_passed_round(kind: u32, group: u32) -> bool {
  return group == GROUP_CONTEXT_RING && kind == COLLECTIVE_ALL_GATHER;
}

// What a ring over several nodes takes longer at most by the protocol for large buffers than by that for small ones, us.
fn simple_us(message_count: f32, message_us: f32) -> f32 {
  return (SIMPLE_MESSAGES - 1.0) * message_count * message_us;
}

// The least that a hop of a ring takes, us.
fn message_us_of(group: u32, message_us: f32) -> f32 {
  return select(0.0, message_us, is_between_nodes(group));
}

// Hops of a ring of a kind of collective in a group, one behind the other.
fn hops_of(kind: u32, group: u32) -> f32 {
  return select(1.0, 2.0, kind == COLLECTIVE_ALL_REDUCE) * (group_size[group] - 1.0);
}

// Whether pieces of a ring pass all its hops, and cost no more than by the protocol for large buffers.
fn passes_nodes(kind: u32, group: u32) -> bool {
  return is_between_nodes(group) && !is_passed_round(kind, group);
}

// What all messages of one round of a ring take whose hops in each dimension take so long, us.
fn round_us(kind: u32, group: u32, step_us: vec4<f32>) -> f32 {
  let hops_us = select(vec4<f32>(0.0), step_us, spanned(group));
  if (is_passed_round(kind, group)) {
    return (group_size[group] - 1.0) * longest_us(hops_us);
  }
  return sum_us(round_hops(group) * hops_us);
}

// One ring over all NPUs of a group; sets what flow_shop sets.
fn flat_ring(channel: u32, kind: u32, group: u32) {
  let size = group_size[group];
  let rounds = select(1.0, 2.0, kind == COLLECTIVE_ALL_REDUCE);
  let reduced = select((size - 1.0) / size, 0.0, kind == COLLECTIVE_ALL_GATHER);
  let spans = spanned(group);
  let message_us = message_us_of(group, design[SLOT_NETWORK_MESSAGE_US]);
  ring_phase();
  station_us[channel] = vec4<f32>(0.0);
  station_links[channel] = select(vec4<f32>(0.0), ring_lanes(kind, group), spans);
  station_reduction_us_per_mb[channel] = vec4<f32>(0.0);
  channel_us[channel] = rounds * round_us(kind, group, max(phase_alpha_us / others, vec4<f32>(message_us))) + start_us(group);
  channel_us_per_mb[channel] = reduced * reduction_us_per_mb();
  channel_sum[channel] = 0.0;
  channel_longest[channel] = 1.0;
  if (HAS_TREES_OVER_NODES && kind == COLLECTIVE_ALL_REDUCE) {
    open_trees(group);
  }
}

// The same of a design's channel.
fn channel_passes_nodes(channel: u32) -> bool {
  let kind = channel / CHANNEL_GROUPS;
  return is_flat_ring() && kind != COLLECTIVE_ALL_TO_ALL && passes_nodes(kind, channel % CHANNEL_GROUPS);
}

// What pieces cost a channel, us.
fn pieces_us(channel: u32, size_mb: f32) -> f32 {
  let us = channel_us_per_root_mb[channel] * sqrt(size_mb);
  let most_us = simple_us(hops_of(channel / CHANNEL_GROUPS, channel % CHANNEL_GROUPS), design[SLOT_NETWORK_MESSAGE_US]);
  return select(us, min(us, most_us), channel_passes_nodes(channel));
}

// A flow shop of equal chunks over the dimensions, whose stations are the last phase.
fn flow_shop(channel: u32, kind: u32, group: u32, shrinks: bool) {
  let chunks = design[SLOT_COLLECTIVE_CHUNKS];
  let spans = spanned(group);
  let share = select(vec4<f32>(1.0), 1.0 / product_inside(group_factor[group]), vec4<bool>(shrinks));
  let exchanged = link_load(kind, group, design[SLOT_NETWORK_EXCHANGE_EFFICIENCY]) * exchanged_share(kind, group);
  station_us[channel] = select(vec4<f32>(0.0), chunks * phase_alpha_us, spans);
  station_links[channel] = select(vec4<f32>(0.0), share * exchanged * phase_links, spans);
  station_reduction_us_per_mb[channel] = select(vec4<f32>(0.0), share * phase_reduced * reduction_us_per_mb(), spans);
  channel_us[channel] = start_us(group);
  channel_us_per_mb[channel] = 0.0;
  channel_sum[channel] = 1.0 / chunks;
  channel_longest[channel] = 1.0 - 1.0 / chunks;
  bad_channels = select(bad_channels & ~(1u << channel), bad_channels | (1u << channel), any(phase_bad & spans));
}

// Makes of an all-reduce's phase a way up and a way down, in all but the outermost dimension that the group spans.
fn split_phase(group: u32) {
  let alpha_us = phase_alpha_us;
  let links = phase_links;
  let reduced = phase_reduced;
  let bad = phase_bad;
  phase(COLLECTIVE_REDUCE_SCATTER, group);
  let up_us = phase_alpha_us;
  let up_links = phase_links;
  let up_reduced = phase_reduced;
  let up_bad = phase_bad;
  phase(COLLECTIVE_ALL_GATHER, group);
  let halves = !last_dimension(group) & vec4<bool>(is_bandwidth_aware());
  phase_alpha_us = select(alpha_us, up_us + phase_alpha_us, halves);
  phase_links = select(links, up_links + phase_links, halves);
  phase_reduced = select(reduced, up_reduced, halves);
  phase_bad = select(bad, up_bad | phase_bad, halves);
}

// Whether collectives but the all-to-all go round one ring over all NPUs of their group.
fn is_flat_ring() -> bool {
  return HAS_FLAT_RING && design_count(SLOT_COLLECTIVE_MULTI_DIMENSIONAL) == COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING;
}

// Sets what a kind of collective that goes round a ring costs in the group that is opened, whatever the design's algorithms.
fn open_ring(kind: u32, group: u32) {
  let channel = kind * CHANNEL_GROUPS + group;
  bad_channels &= ~(1u << channel);
  flat_ring(channel, kind, group);
}

// Sets what a scatter or gather in the group that is opened costs: the stations of a group of one NPU do nothing.
fn open_channel(kind: u32, group: u32) {
  if (is_flat_ring()) {
    open_ring(kind, group);
  } else {
    phase(kind, group);
    flow_shop(kind * CHANNEL_GROUPS + group, kind, group, true);
  }
}

// The same of an all-reduce.
fn open_all_reduce(group: u32) {
  if (is_flat_ring()) {
    open_ring(COLLECTIVE_ALL_REDUCE, group);
  } else {
    phase(COLLECTIVE_ALL_REDUCE, group);
    split_phase(group);
    flow_shop(COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group, COLLECTIVE_ALL_REDUCE, group, is_bandwidth_aware());
  }
}

// The same of an all-to-all, which goes round no ring of all NPUs.
fn open_all_to_all(group: u32) {
  exchange_phase(group);
  flow_shop(COLLECTIVE_ALL_TO_ALL * CHANNEL_GROUPS + group, COLLECTIVE_ALL_TO_ALL, group, false);
}

// What the pieces of a buffer cost, per root of a MB, where it takes so long per MB.
fn pieces_us_per_root_mb(us_per_mb: f32) -> f32 {
  return 2.0 * sqrt(design[SLOT_NETWORK_PIECE_US] * us_per_mb);
}

// Sets what the stations of a channel take per MB at the rate of the links, and what the pieces of a buffer cost.
fn rate_channel(channel: u32) {
  let us_per_mb = station_links[channel] * link_us_per_mb + station_reduction_us_per_mb[channel];
  station_us_per_mb[channel] = us_per_mb;
  if (HAS_TREES_OVER_NODES && channel / CHANNEL_GROUPS == COLLECTIVE_ALL_REDUCE) {
    rate_trees(channel % CHANNEL_GROUPS);
  }
  if (HAS_PIECES) {
    let stations_us_per_mb = channel_sum[channel] * sum_us(us_per_mb) + channel_longest[channel] * longest_us(us_per_mb);
    let all_us_per_mb = channel_us_per_mb[channel] + stations_us_per_mb;
    let hops = select(1.0, hops_of(channel / CHANNEL_GROUPS, channel % CHANNEL_GROUPS), channel_passes_nodes(channel));
    channel_us_per_root_mb[channel] = pieces_us_per_root_mb(hops * all_us_per_mb);
  }
}

// Use of each dimension by a collective of `size_mb`, us.
fn station_busy_us(channel: u32, size_mb: f32) -> vec4<f32> {
  return station_us[channel] + station_us_per_mb[channel] * size_mb;
}

// Time of a collective in an open channel, us; size_mb is the whole buffer, above 0.
fn collective_us(channel: u32, size_mb: f32) -> f32 {
  let busy_us = station_busy_us(channel, size_mb);
  let all_us = channel_sum[channel] * sum_us(busy_us);
  let slowest_us = channel_longest[channel] * longest_us(busy_us);
  var us = channel_us[channel] + channel_us_per_mb[channel] * size_mb + all_us + slowest_us;
  if (HAS_PIECES) {
    us += pieces_us(channel, size_mb);
  }
  if (HAS_TREES_OVER_NODES && channel / CHANNEL_GROUPS == COLLECTIVE_ALL_REDUCE) {
    return min(us, trees_us(channel % CHANNEL_GROUPS, size_mb));
  }
  return us;
}

// Time to send `size_mb` to the next pipeline stage over the slowest dimension that stages cross, us.
fn send_us(group: u32, size_mb: f32) -> f32 {
  let strides = whole_quotients(group_span[group], 1.0 / group_factor[group]);
  let stride = select(vec4<f32>(1.0), strides, has_topology(NETWORK_TOPOLOGY_RING));
  return longest_us(select(vec4<f32>(0.0), stride * (hop_us + link_us_per_mb * size_mb), spanned(group)));
}
