// One phase of a collective in one dimension, as latency alpha and, per megabyte, times of the link's and the share that is
// reduced. Twin of phase.ts, which says why.

// Smallest L with 2^L >= n.
fn ceil_log2(n: u32) -> u32 {
  return select(32u - countLeadingZeros(n - 1u), 0u, n <= 1u);
}

// The algorithm of a collective in a dimension, after `same` and `topology` are resolved.
fn algorithm_of(kind: u32, d: u32) -> u32 {
  var algorithm = design_count(SLOT_COLLECTIVE_ALL_REDUCE_ALGORITHM + 4u * kind + d);
  if (algorithm == ALGORITHM_SAME) {
    algorithm = design_count(SLOT_COLLECTIVE_ALGORITHM + d);
  }
  if (algorithm != ALGORITHM_TOPOLOGY) {
    return algorithm;
  }
  if (topology[d] == NETWORK_TOPOLOGY_RING) {
    return ALGORITHM_RING;
  }
  if (topology[d] == NETWORK_TOPOLOGY_SWITCH) {
    return ALGORITHM_HALVING_DOUBLING;
  }
  return ALGORITHM_DIRECT;
}

// Time to reduce one received megabyte: two reads and a write of local memory, us.
fn reduction_us_per_mb() -> f32 {
  return 3.0 * 1000.0 / (design[SLOT_COMPUTE_MEMORY_BANDWIDTH_GBPS] * design[SLOT_COMPUTE_MEMORY_EFFICIENCY]);
}

// A scatter or gather, or an all-to-all, on a Ring: sets alpha (us) and links.
fn ring_topology_phase(exchange: bool, algorithm: u32, d: u32, n: u32, span: u32) {
  let stride = f32(span / n);
  let two_lanes = span == npus[d];
  let lane_links = stride / select(1.0, 2.0, two_lanes);
  let stride_hop_us = hop_us[d] * stride;
  let ep = endpoint_us();
  let levels = f32(ceil_log2(n));
  let count = f32(n);
  let crossing = f32(n * n / 4u) / count;
  if (algorithm == ALGORITHM_RING) {
    phase_alpha_us = (count - 1.0) * (stride_hop_us + ep);
    phase_links = select((count - 1.0) / count, crossing, exchange) * lane_links;
  } else if (algorithm == ALGORITHM_HALVING_DOUBLING) {
    phase_alpha_us = (count - 1.0) * stride_hop_us + levels * ep;
    phase_links = select(levels / 2.0, (count - 1.0) / 2.0, exchange) * stride;
  } else if (algorithm == ALGORITHM_DOUBLE_BINARY_TREE && !exchange) {
    phase_alpha_us = 2.0 * ((count - 1.0) * stride_hop_us + levels * ep);
    phase_links = 0.75 * levels * stride;
  } else {
    phase_alpha_us = f32(select(n - 1u, n / 2u, two_lanes)) * stride_hop_us + ep;
    phase_links = crossing * lane_links;
  }
}

// The same on a Switch or FullyConnected.
fn direct_topology_phase(exchange: bool, algorithm: u32, d: u32, n: u32) {
  let peer_links = select(n - 1u, 1u, topology[d] == NETWORK_TOPOLOGY_SWITCH);
  let step_us = hop_us[d] + endpoint_us();
  let levels = f32(ceil_log2(n));
  let count = f32(n);
  if (algorithm == ALGORITHM_RING) {
    let neighbour_links = f32(min(2u, peer_links));
    let share = select((count - 1.0) / count, f32(n * n / 4u) / count, exchange);
    phase_alpha_us = (count - 1.0) * step_us;
    phase_links = share / neighbour_links;
  } else if (algorithm == ALGORITHM_HALVING_DOUBLING) {
    phase_alpha_us = levels * step_us;
    phase_links = select((count - 1.0) / count, levels / 2.0, exchange);
  } else if (algorithm == ALGORITHM_DOUBLE_BINARY_TREE && !exchange) {
    phase_alpha_us = 2.0 * levels * step_us;
    phase_links = select(0.75, 1.5, peer_links == 1u);
  } else {
    phase_alpha_us = step_us;
    phase_links = (count - 1.0) / count / f32(peer_links);
  }
}

// Sets alpha and links of one scatter or gather around a ring, whatever algorithm the design names.
fn ring_phase(d: u32, n: u32, span: u32) {
  if (topology[d] == NETWORK_TOPOLOGY_RING) {
    ring_topology_phase(false, ALGORITHM_RING, d, n, span);
  } else {
    direct_topology_phase(false, ALGORITHM_RING, d, n);
  }
}

// Sets alpha (us), links and reduced share of a phase of the collective `step` among n NPUs that span `span` numbers of dimension d; marks the channel
// that it is for where the algorithm does not admit n.
fn phase(channel: u32, step: u32, d: u32, n: u32, span: u32) {
  let algorithm = algorithm_of(step, d);
  if (algorithm == ALGORITHM_HALVING_DOUBLING && (1u << ceil_log2(n)) != n) {
    bad_channels |= 1u << channel;
  }
  let exchange = step == COLLECTIVE_ALL_TO_ALL;
  if (topology[d] == NETWORK_TOPOLOGY_RING) {
    ring_topology_phase(exchange, algorithm, d, n, span);
  } else {
    direct_topology_phase(exchange, algorithm, d, n);
  }
  let tree = algorithm == ALGORITHM_DOUBLE_BINARY_TREE;
  if (step == COLLECTIVE_ALL_REDUCE) {
    phase_alpha_us *= select(2.0, 1.0, tree);
    phase_links *= select(2.0, 4.0 / 3.0, tree);
  }
  let reduces = step == COLLECTIVE_ALL_REDUCE || step == COLLECTIVE_REDUCE_SCATTER;
  phase_reduced = select(0.0, select(f32(n - 1u) / f32(n), 1.0, tree), reduces);
}
