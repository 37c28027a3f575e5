// Collectives of a box. Per channel and dimension the least alpha and the least beta that any allowed topology and algorithm has,
// each by itself; of the ways over several dimensions and of the numbers of chunks the one that is least for each call. Twin of
// collective.ts; a vector has a component for each dimension, and LARGEST stands for what no algorithm admits.

// the least alpha, us, and time per MB, us, of a phase in the group that is opened, by kind of collective
var<private> bound_alpha_us: array<vec4<f32>, COLLECTIVE_COUNT>;
var<private> bound_us_per_mb: array<vec4<f32>, COLLECTIVE_COUNT>;
// of one chunk, and per MB; by channel and way over several dimensions
var<private> way_alpha_us: array<vec4<f32>, WAY_PLACES>;
var<private> way_us_per_mb: array<vec4<f32>, WAY_PLACES>;
// of a whole collective
var<private> way_start_us: array<f32, WAY_PLACES>;
var<private> way_start_us_per_mb: array<f32, WAY_PLACES>;
// the least phase of a ring
var<private> ring_alpha_us: vec4<f32>;
var<private> ring_us_per_mb: vec4<f32>;
// the ways that a channel may take, as bits; none: no algorithm admits its group
var<private> channel_ways: array<u32, CHANNEL_COUNT>;

// Algorithms that a collective may have in each dimension with a topology, as bits.
fn algorithms_of(kind: u32, topology_kind: u32) -> vec4<u32> {
  if (is_torus(topology_kind)) {
    return vec4<u32>(1u << ALGORITHM_RING);
  }
  let shared_codes = code_dimensions(SLOT_COLLECTIVE_ALGORITHM);
  var asked = shared_codes;
  if (HAS_OWN_ALGORITHMS) {
    let own = code_dimensions(SLOT_COLLECTIVE_ALL_REDUCE_ALGORITHM + 4u * kind);
    asked = own | select(vec4<u32>(0u), shared_codes, has_code(own, ALGORITHM_SAME));
  }
  let on_switch = topology_kind == NETWORK_TOPOLOGY_SWITCH;
  let elsewhere = select(ALGORITHM_DIRECT, ALGORITHM_HALVING_DOUBLING, on_switch);
  let natural = select(elsewhere, ALGORITHM_RING, topology_kind == NETWORK_TOPOLOGY_RING);
  return asked | select(vec4<u32>(0u), vec4<u32>(1u << natural), has_code(asked, ALGORITHM_TOPOLOGY));
}

// Makes a phase of a collective no longer than by an algorithm, whose scatter or gather is the last phase, where that is allowed.
fn bound_phase(kind: u32, algorithm: u32, topology_kind: u32, group: u32) {
  let alpha_us = phase_alpha_us;
  let links = phase_links;
  finish_phase(kind, vec4<u32>(algorithm));
  let us_per_mb = phase_links * topology_link_us_per_mb[topology_kind] + phase_reduced * reduction_us_per_mb();
  let asked = has_code(allowed, topology_kind) & has_code(algorithms_of(kind, topology_kind), algorithm);
  let allows = asked & admits(vec4<u32>(algorithm), group);
  bound_alpha_us[kind] = select(bound_alpha_us[kind], min(bound_alpha_us[kind], phase_alpha_us), allows);
  bound_us_per_mb[kind] = select(bound_us_per_mb[kind], min(bound_us_per_mb[kind], us_per_mb), allows);
  phase_alpha_us = alpha_us;
  phase_links = links;
}

// The same where the kind is among those that are asked for, as bits.
fn bound_kind(kind: u32, algorithm: u32, topology_kind: u32, kinds: u32, group: u32) {
  if (((kinds >> kind) & 1u) == 1u) {
    bound_phase(kind, algorithm, topology_kind, group);
  }
}

// Makes the phases of kinds of collectives (bits) no longer than by an algorithm.
fn bound_algorithm(algorithm: u32, topology_kind: u32, kinds: u32, group: u32) {
  topology_phase(false, vec4<u32>(algorithm));
  bound_kind(COLLECTIVE_ALL_REDUCE, algorithm, topology_kind, kinds, group);
  bound_kind(COLLECTIVE_ALL_GATHER, algorithm, topology_kind, kinds, group);
  bound_kind(COLLECTIVE_REDUCE_SCATTER, algorithm, topology_kind, kinds, group);
  topology_phase(true, vec4<u32>(algorithm));
  bound_kind(COLLECTIVE_ALL_TO_ALL, algorithm, topology_kind, kinds, group);
}

// The same by any algorithm on a topology.
fn bound_topology(topology_kind: u32, kinds: u32, group: u32) {
  take_topology(topology_kind);
  bound_algorithm(ALGORITHM_RING, topology_kind, kinds, group);
  bound_algorithm(ALGORITHM_DIRECT, topology_kind, kinds, group);
  bound_algorithm(ALGORITHM_HALVING_DOUBLING, topology_kind, kinds, group);
  bound_algorithm(ALGORITHM_DOUBLE_BINARY_TREE, topology_kind, kinds, group);
}

fn start_phase(kind: u32) {
  bound_alpha_us[kind] = vec4<f32>(LARGEST);
  bound_us_per_mb[kind] = vec4<f32>(LARGEST);
}

// Sets the least phases of kinds of collectives (bits) in the group that is opened, over all topologies and algorithms.
fn bound_phases(kinds: u32, group: u32) {
  start_phase(COLLECTIVE_ALL_REDUCE);
  start_phase(COLLECTIVE_ALL_GATHER);
  start_phase(COLLECTIVE_REDUCE_SCATTER);
  start_phase(COLLECTIVE_ALL_TO_ALL);
  bound_topology(NETWORK_TOPOLOGY_RING, kinds, group);
  bound_topology(NETWORK_TOPOLOGY_SWITCH, kinds, group);
  bound_topology(NETWORK_TOPOLOGY_FULLY_CONNECTED, kinds, group);
  if (HAS_TORUS) {
    bound_topology(NETWORK_TOPOLOGY_TORUS2_D, kinds, group);
    bound_topology(NETWORK_TOPOLOGY_TORUS3_D, kinds, group);
  }
}

// Whether the box allows a way over several dimensions.
fn allows_way(way: u32) -> bool {
  return (codes[SLOT_COLLECTIVE_MULTI_DIMENSIONAL] & (1u << way)) != 0u;
}

// The dimensions in which an algorithm admits a kind of collective.
fn has_phase(kind: u32) -> vec4<bool> {
  return bound_alpha_us[kind] < vec4<f32>(LARGEST);
}

// As flow_shop of collective.wgsl; an all-reduce that is split goes up and down all but the outermost dimension.
fn bound_flow_shop(channel: u32, kind: u32, group: u32, way: u32, asked: bool) {
  let split = kind == COLLECTIVE_ALL_REDUCE && way == COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE;
  let shrinks = split || kind == COLLECTIVE_REDUCE_SCATTER || kind == COLLECTIVE_ALL_GATHER;
  let spans = spanned(group);
  let share = select(vec4<f32>(1.0), 1.0 / product_inside(group_factor[group]), vec4<bool>(shrinks));
  let halves = vec4<bool>(split) & !last_dimension(group);
  let up_and_down_us = bound_alpha_us[COLLECTIVE_REDUCE_SCATTER] + bound_alpha_us[COLLECTIVE_ALL_GATHER];
  let up_and_down_us_per_mb = bound_us_per_mb[COLLECTIVE_REDUCE_SCATTER] + bound_us_per_mb[COLLECTIVE_ALL_GATHER];
  let found_both = has_phase(COLLECTIVE_REDUCE_SCATTER) & has_phase(COLLECTIVE_ALL_GATHER);
  let found = select(has_phase(kind), found_both, halves);
  let place = channel * WAY_COUNT + way;
  way_alpha_us[place] = select(vec4<f32>(0.0), select(bound_alpha_us[kind], up_and_down_us, halves), spans);
  let load = link_load(kind, group, most[SLOT_NETWORK_EXCHANGE_EFFICIENCY]);
  let passing = share * load * exchanged_share(kind, group);
  let us_per_mb = passing * select(bound_us_per_mb[kind], up_and_down_us_per_mb, halves);
  way_us_per_mb[place] = select(vec4<f32>(0.0), us_per_mb, spans);
  way_start_us[place] = start_us(group);
  way_start_us_per_mb[place] = 0.0;
  channel_ways[channel] |= select(0u, 1u << way, asked && all(found | !spans));
}

// Makes the phase of a ring that carries a kind of collective no longer than on a topology; by chains, by switches: or by such trees.
fn bound_ring(topology_kind: u32, kind: u32, group: u32, by_chains: bool, by_switches: bool) {
  take_topology(topology_kind);
  ring_phase();
  let allows = has_code(allowed, topology_kind);
  var links = ring_lanes(kind, group);
  if (HAS_TREES_OVER_NODES && kind == COLLECTIVE_ALL_REDUCE && (by_chains || by_switches)) {
    links = fewest_links(group, links, topology_kind == NETWORK_TOPOLOGY_SWITCH, by_chains, by_switches);
  }
  let us_per_mb = links * topology_link_us_per_mb[topology_kind];
  ring_alpha_us = select(ring_alpha_us, min(ring_alpha_us, phase_alpha_us), allows);
  ring_us_per_mb = select(ring_us_per_mb, min(ring_us_per_mb, us_per_mb), allows);
}

// As flat_ring of collective.wgsl.
fn bound_flat_ring(channel: u32, kind: u32, group: u32, asked: bool) {
  ring_alpha_us = vec4<f32>(LARGEST);
  ring_us_per_mb = vec4<f32>(LARGEST);
  // Of one design the trees are rated by themselves.
  let may_differ = HAS_TREES_OVER_NODES && !single && kind == COLLECTIVE_ALL_REDUCE;
  let by_chains = may_differ && may_be_chains(group);
  let by_switches = may_differ && may_be_switches(group);
  bound_ring(NETWORK_TOPOLOGY_RING, kind, group, by_chains, by_switches);
  bound_ring(NETWORK_TOPOLOGY_SWITCH, kind, group, by_chains, by_switches);
  bound_ring(NETWORK_TOPOLOGY_FULLY_CONNECTED, kind, group, by_chains, by_switches);
  if (HAS_TORUS) {
    bound_ring(NETWORK_TOPOLOGY_TORUS2_D, kind, group, by_chains, by_switches);
    bound_ring(NETWORK_TOPOLOGY_TORUS3_D, kind, group, by_chains, by_switches);
  }
  let size = group_size[group];
  let rounds = select(1.0, 2.0, kind == COLLECTIVE_ALL_REDUCE);
  let reduced = select((size - 1.0) / size, 0.0, kind == COLLECTIVE_ALL_GATHER);
  let spans = spanned(group);
  let step_us = ring_alpha_us / others;
  let message_us = vec4<f32>(message_us_of(group, design[SLOT_NETWORK_MESSAGE_US]));
  let place = channel * WAY_COUNT + COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING;
  way_alpha_us[place] = vec4<f32>(0.0);
  way_us_per_mb[place] = select(vec4<f32>(0.0), ring_us_per_mb, spans);
  way_start_us_per_mb[place] = reduced * reduction_us_per_mb();
  let ring_us = rounds * round_us(kind, group, max(step_us, message_us));
  let least_us = least_start_us(group, ring_us, step_us, by_chains, by_switches);
  way_start_us[place] = start_us(group) + select(ring_us, least_us, by_chains || by_switches);
  channel_ways[channel] |= select(0u, 1u << COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING, asked);
  if (HAS_TREES_OVER_NODES && kind == COLLECTIVE_ALL_REDUCE) {
    bound_trees(group, step_us);
  }
}

// The least that pieces cost by a way over several dimensions, us: where trees may be faster, nothing.
fn bound_pieces_us(channel: u32, way: u32, us_per_mb: f32, size_mb: f32) -> f32 {
  let kind = channel / CHANNEL_GROUPS;
  let group = channel % CHANNEL_GROUPS;
  if (way != COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING || !passes_nodes(kind, group)) {
    return pieces_us_per_root_mb(us_per_mb) * sqrt(size_mb);
  }
  let may_differ = !single && kind == COLLECTIVE_ALL_REDUCE;
  let may_be_trees = may_differ && (may_be_chains(group) || may_be_switches(group));
  let hops = hops_of(kind, group);
  let us = min(pieces_us_per_root_mb(hops * us_per_mb) * sqrt(size_mb), simple_us(hops, design[SLOT_NETWORK_MESSAGE_US]));
  return select(us, 0.0, may_be_trees);
}

// Makes the stations of a channel no longer than by a way.
fn bound_station(channel: u32, way: u32) {
  let place = channel * WAY_COUNT + way;
  let allows = vec4<bool>(((channel_ways[channel] >> way) & 1u) == 1u);
  let us = design[SLOT_COLLECTIVE_CHUNKS] * way_alpha_us[place];
  station_us[channel] = select(station_us[channel], min(station_us[channel], us), allows);
  let us_per_mb = min(station_us_per_mb[channel], way_us_per_mb[place]);
  station_us_per_mb[channel] = select(station_us_per_mb[channel], us_per_mb, allows);
}

// Whether a kind of collective may be one ring over all NPUs of a group.
fn may_be_flat(kind: u32, group: u32) -> bool {
  return (HAS_FLAT_RING && kind != COLLECTIVE_ALL_TO_ALL) || is_passed_round(kind, group);
}

// Bounds a channel of the group that is opened in all ways that the box allows: only an all-reduce differs between those of a
// flow shop, whose first stands for all other kinds.
fn bound_channel(kind: u32, group: u32) {
  let channel = kind * CHANNEL_GROUPS + group;
  let baseline = allows_way(COLLECTIVE_MULTI_DIMENSIONAL_BASELINE);
  let aware = allows_way(COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE);
  let passed = is_passed_round(kind, group);
  let flat = may_be_flat(kind, group);
  let bit = 1u << channel;
  channel_ways[channel] = 0u;
  station_us[channel] = vec4<f32>(LARGEST);
  station_us_per_mb[channel] = vec4<f32>(LARGEST);
  if (kind == COLLECTIVE_ALL_REDUCE) {
    bound_flow_shop(channel, kind, group, COLLECTIVE_MULTI_DIMENSIONAL_BASELINE, baseline);
    bound_flow_shop(channel, kind, group, COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE, aware);
    bound_station(channel, COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE);
  } else {
    bound_flow_shop(channel, kind, group, COLLECTIVE_MULTI_DIMENSIONAL_BASELINE, !passed && (!flat || baseline || aware));
  }
  bound_station(channel, COLLECTIVE_MULTI_DIMENSIONAL_BASELINE);
  if (flat) {
    bound_flat_ring(channel, kind, group, passed || allows_way(COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING));
    bound_station(channel, COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING);
  }
  bad_channels = select(bad_channels & ~bit, bad_channels | bit, channel_ways[channel] == 0u);
}

// What stations take together by a way over several dimensions.
fn stations_of(stations: vec4<f32>, way: u32, chunks: f32) -> f32 {
  let flow = sum_us(stations) / chunks + (1.0 - 1.0 / chunks) * longest_us(stations);
  return select(flow, longest_us(stations), way == COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING);
}

// The same without the longest of them.
fn stations_beside(stations: vec4<f32>, way: u32, chunks: f32) -> f32 {
  let flow = (sum_us(stations) - longest_us(stations)) / chunks;
  return select(flow, 0.0, way == COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING);
}

// Makes a time no longer than that of a collective by a way over several dimensions, with or without its longest station, us.
fn bound_way_us(us: f32, channel: u32, way: u32, chunks: f32, size_mb: f32, beside: bool) -> f32 {
  let place = channel * WAY_COUNT + way;
  let stations_us = chunks * way_alpha_us[place] + way_us_per_mb[place] * size_mb;
  let taken_us = select(stations_of(stations_us, way, chunks), stations_beside(stations_us, way, chunks), beside);
  var own_us = way_start_us[place] + way_start_us_per_mb[place] * size_mb + taken_us;
  if (HAS_PIECES) {
    let us_per_mb = way_start_us_per_mb[place] + stations_of(way_us_per_mb[place], way, chunks);
    own_us += bound_pieces_us(channel, way, us_per_mb, size_mb);
  }
  let is_ring = way == COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING && channel / CHANNEL_GROUPS == COLLECTIVE_ALL_REDUCE;
  if (HAS_TREES_OVER_NODES && single && is_ring) {
    let trees = trees_us(channel % CHANNEL_GROUPS, size_mb);
    own_us = min(own_us, trees - select(0.0, longest_us(stations_us), beside));
  }
  return select(us, min(us, own_us), ((channel_ways[channel] >> way) & 1u) == 1u);
}

// The least time of a collective of `size_mb` over all ways and numbers of chunks, with or without its longest station, us.
fn bound_collective_us(channel: u32, size_mb: f32, beside: bool) -> f32 {
  let kind = channel / CHANNEL_GROUPS;
  var us = LARGEST;
  for (var digit = first_chunks; digit <= last_chunks; digit++) {
    let chunks = chunk_count(digit);
    us = bound_way_us(us, channel, COLLECTIVE_MULTI_DIMENSIONAL_BASELINE, chunks, size_mb, beside);
    if (kind == COLLECTIVE_ALL_REDUCE) {
      us = bound_way_us(us, channel, COLLECTIVE_MULTI_DIMENSIONAL_LOCAL_BWAWARE, chunks, size_mb, beside);
    }
    if (may_be_flat(kind, channel % CHANNEL_GROUPS)) {
      us = bound_way_us(us, channel, COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING, chunks, size_mb, beside);
    }
  }
  return us;
}

// Times a call, us.
fn bound_call(call: u32, channel: u32) {
  call_us[call] = select(0.0, bound_collective_us(channel, call_mb[call], false), call_mb[call] > 0.0);
}

// The same of a call that makes gradients whole, whose kind of collective depends on how weights are sharded.
fn bound_gradient_call(call: u32, group: u32) {
  if (gradient_collective() == COLLECTIVE_ALL_REDUCE) {
    bound_call(call, COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group);
  } else {
    bound_call(call, COLLECTIVE_REDUCE_SCATTER * CHANNEL_GROUPS + group);
  }
}

// Times the calls of a step, as time_calls of call.wgsl does, us.
fn bound_calls() {
  bound_graph_calls();
  let gather = COLLECTIVE_ALL_GATHER * CHANNEL_GROUPS;
  bound_call(CALL_GATHER_DENSE, gather + GROUP_DATA);
  bound_call(CALL_GATHER_EXPERT, gather + GROUP_EXPERT_DATA);
  bound_call(CALL_FIRST_GATHER, gather + GROUP_DATA);
  bound_call(CALL_UPDATED_DENSE, gather + GROUP_DATA);
  bound_call(CALL_UPDATED_EXPERT, gather + GROUP_EXPERT_DATA);
  bound_call(CALL_BOUNDARY, gather + GROUP_TP);
  bound_gradient_call(CALL_GRADIENT_DENSE, GROUP_DATA);
  bound_gradient_call(CALL_GRADIENT_EXPERT, GROUP_EXPERT_DATA);
  bound_gradient_call(CALL_HEAD_GRADIENT, GROUP_DATA);
  bound_gradient_call(CALL_EMBED_GRADIENT, GROUP_DATA);
  if (HAS_SHARD_GROUPS) {
    let outer = COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + GROUP_OUTER_DATA;
    bound_call(CALL_OUTER_DENSE, outer);
    bound_call(CALL_OUTER_EXPERT, outer);
    bound_call(CALL_OUTER_HEAD, outer);
    bound_call(CALL_OUTER_EMBED, outer);
  }
}
