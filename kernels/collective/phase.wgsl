// One phase of a collective in each dimension, as latency alpha and, per megabyte, times of the link's and the share that is
// reduced. Twin of phase.ts, which says why; a vector has a component for each dimension, n is the group's NPUs there.

// of the group that is opened: n - 1, (n - 1) / n, (n^2 / 4) / n, log2(n) rounded up, NPU numbers over which it lies, of those how far
// its NPUs are apart, and whether a ring has two lanes
var<private> others: vec4<f32>;
var<private> other_share: vec4<f32>;
var<private> crossing: vec4<f32>;
var<private> levels: vec4<f32>;
var<private> span: vec4<f32>;
var<private> stride: vec4<f32>;
var<private> two_lanes: vec4<bool>;
// the algorithms that all collectives share, and alpha and links of a scatter or gather by them
var<private> shared_algorithm: vec4<u32>;
var<private> shared_alpha_us: vec4<f32>;
var<private> shared_links: vec4<f32>;

// Smallest L with 2^L >= n, for n >= 1: the exponent of n - 1 and one.
fn ceil_log2(n: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(max(vec4<i32>(bitcast<vec4<u32>>(n - 1.0) >> vec4<u32>(23u)) - 126, vec4<i32>(0)));
}

// Whether n is a power of two: its mantissa is 1.
fn is_power_of_two(n: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(n) & vec4<u32>(0x007fffffu)) == vec4<u32>(0u);
}

// What `topology` stands for as an algorithm.
fn natural_algorithm() -> vec4<u32> {
  let on_switch = vec4<u32>(ALGORITHM_HALVING_DOUBLING);
  let natural = select(vec4<u32>(ALGORITHM_DIRECT), on_switch, has_topology(NETWORK_TOPOLOGY_SWITCH));
  return select(natural, vec4<u32>(ALGORITHM_RING), has_topology(NETWORK_TOPOLOGY_RING));
}

// Reads the algorithms that collectives have unless they have their own.
fn read_algorithm() {
  let algorithm = vec4<u32>(design_dimensions(SLOT_COLLECTIVE_ALGORITHM));
  shared_algorithm = on_axes(select(algorithm, natural_algorithm(), algorithm == vec4<u32>(ALGORITHM_TOPOLOGY)));
}

// An algorithm, or the rings of a torus along its axes.
fn on_axes(algorithm: vec4<u32>) -> vec4<u32> {
  if (!HAS_TORUS) {
    return algorithm;
  }
  return select(algorithm, vec4<u32>(ALGORITHM_RING), on_torus());
}

// The algorithms of a collective, after `same` and `topology` are resolved.
fn algorithm_of(kind: u32) -> vec4<u32> {
  if (!HAS_OWN_ALGORITHMS) {
    return shared_algorithm;
  }
  let own = vec4<u32>(design_dimensions(SLOT_COLLECTIVE_ALL_REDUCE_ALGORITHM + 4u * kind));
  let resolved = select(own, natural_algorithm(), own == vec4<u32>(ALGORITHM_TOPOLOGY));
  return on_axes(select(resolved, shared_algorithm, own == vec4<u32>(ALGORITHM_SAME)));
}

// Reads the NPUs of a group, for the phases of its collectives.
fn shape_group(group: u32) {
  let n = group_factor[group];
  let one_nth = 1.0 / n;
  others = n - 1.0;
  other_share = others * one_nth;
  crossing = floor(n * n * 0.25) * one_nth;
  levels = ceil_log2(n);
  span = group_span[group];
  stride = whole_quotients(span, one_nth);
  two_lanes = span == npus;
  if (!HAS_OWN_ALGORITHMS) {
    topology_phase(false, shared_algorithm);
    shared_alpha_us = phase_alpha_us;
    shared_links = phase_links;
  }
}

// Time to reduce one received megabyte: two reads and a write of local memory, us.
fn reduction_us_per_mb() -> f32 {
  return REDUCTION_ACCESSES * us_per_mb * design[SLOT_NETWORK_REDUCTION_SHARE];
}

// A number for each dimension by its algorithm.
fn by_algorithm(
  algorithm: vec4<u32>,
  ring: vec4<f32>,
  halving_doubling: vec4<f32>,
  double_binary_tree: vec4<f32>,
  direct: vec4<f32>,
) -> vec4<f32> {
  var chosen = select(direct, ring, algorithm == vec4<u32>(ALGORITHM_RING));
  chosen = select(chosen, halving_doubling, algorithm == vec4<u32>(ALGORITHM_HALVING_DOUBLING));
  return select(chosen, double_binary_tree, algorithm == vec4<u32>(ALGORITHM_DOUBLE_BINARY_TREE));
}

// Messages that an NPU waits for one after the other, of a scatter or gather.
fn messages(algorithm: vec4<u32>) -> vec4<f32> {
  return by_algorithm(algorithm, others, levels, 2.0 * levels, vec4<f32>(1.0));
}

// Hops of these messages on a Ring; elsewhere each has one.
fn ring_hops(algorithm: vec4<u32>) -> vec4<f32> {
  let n = others + 1.0;
  return stride * by_algorithm(algorithm, others, others, 2.0 * others, select(others, floor(n * 0.5), two_lanes));
}

// Times that a link of a Ring carries the data of a scatter or gather, or of an all-to-all.
fn ring_links(exchange: bool, algorithm: vec4<u32>) -> vec4<f32> {
  let lane = select(vec4<f32>(1.0), vec4<f32>(0.5), two_lanes);
  let halving_doubling = 0.5 * select(levels, others, exchange);
  let ring = select(other_share, crossing, exchange) * lane;
  let direct = crossing * lane;
  let tree = select(TREE_SHARE * levels, direct, exchange);
  return stride * by_algorithm(algorithm, ring, halving_doubling, tree, direct);
}

// The same of a Switch, which has one link, or FullyConnected, which has one for each peer.
fn direct_links(exchange: bool, algorithm: vec4<u32>) -> vec4<f32> {
  let peers = select(others, vec4<f32>(1.0), has_topology(NETWORK_TOPOLOGY_SWITCH));
  let direct = other_share / peers;
  let ring = select(other_share, crossing, exchange) / min(vec4<f32>(2.0), peers);
  let halving_doubling = select(other_share, 0.5 * levels, exchange);
  let tree = select(select(vec4<f32>(TREE_SHARE), vec4<f32>(2.0 * TREE_SHARE), peers == vec4<f32>(1.0)), direct, exchange);
  return by_algorithm(algorithm, ring, halving_doubling, tree, direct);
}

// Sets alpha (us) and links of a scatter or gather, or an all-to-all.
fn topology_phase(exchange: bool, algorithm: vec4<u32>) {
  // The all-to-all has no trees.
  let tree = algorithm == vec4<u32>(ALGORITHM_DOUBLE_BINARY_TREE);
  let own = select(algorithm, vec4<u32>(ALGORITHM_DIRECT), tree & vec4<bool>(exchange));
  let on_ring = has_topology(NETWORK_TOPOLOGY_RING);
  let count = messages(own);
  phase_alpha_us = select(count, ring_hops(own), on_ring) * hop_us + count * endpoint_us();
  phase_links = select(direct_links(exchange, own), ring_links(exchange, own), on_ring);
  if (HAS_TORUS) {
    torus_phase(exchange);
  }
}

// The same of one scatter or gather around a ring, whatever algorithm the design names.
fn ring_phase() {
  let on_ring = has_topology(NETWORK_TOPOLOGY_RING);
  let lane = select(vec4<f32>(1.0), vec4<f32>(0.5), two_lanes);
  let peers = select(others, vec4<f32>(1.0), has_topology(NETWORK_TOPOLOGY_SWITCH));
  phase_alpha_us = others * (select(vec4<f32>(1.0), stride, on_ring) * hop_us + endpoint_us());
  phase_links = select(other_share / min(vec4<f32>(2.0), peers), stride * (other_share * lane), on_ring);
  if (HAS_TORUS) {
    torus_phase(false);
  }
}

// Times that a link carries an all-reduce that the switch of a dimension reduces; 0 where it does not.
fn in_switch_links() -> vec4<f32> {
  let n = others + 1.0;
  return vec4<f32>((n.x + 1.0) / n.x, 1.0, 1.0, 1.0) * switch_passes;
}

// The fewer of two numbers of links, where the second is not 0.
fn fewer_links(links: vec4<f32>, in_switch: vec4<f32>) -> vec4<f32> {
  return select(links, min(links, in_switch), in_switch > vec4<f32>(0.0));
}

// The NPUs further in that carry a part of a ring's data in parallel.
fn lanes_inside(kind: u32, group: u32) -> vec4<f32> {
  return select(product_inside(group_factor[group]), vec4<f32>(1.0), vec4<bool>(is_passed_round(kind, group)));
}

// Times that a link carries a collective of one ring over the group that is opened; the last phase is the ring's.
fn ring_lanes(kind: u32, group: u32) -> vec4<f32> {
  let size = group_size[group];
  let inner = lanes_inside(kind, group);
  let lane_links = phase_links / (other_share * inner);
  let rounds = select(1.0, 2.0, kind == COLLECTIVE_ALL_REDUCE);
  let links = rounds * (size - 1.0) / size * lane_links;
  if (!HAS_IN_SWITCH_REDUCTION || kind != COLLECTIVE_ALL_REDUCE) {
    return links;
  }
  let in_node = vec4<bool>(group_factor[group].x < size, false, false, false);
  return select(fewer_links(links, in_switch_links() / inner), links, in_node);
}

// In which dimensions an algorithm admits the NPUs of a group.
fn admits(algorithm: vec4<u32>, group: u32) -> vec4<bool> {
  return (algorithm != vec4<u32>(ALGORITHM_HALVING_DOUBLING)) | is_power_of_two(group_factor[group]);
}

// Makes of a scatter or gather, or an all-to-all, a phase of the collective `step`, and sets the share that it reduces.
fn finish_phase(step: u32, algorithm: vec4<u32>) {
  let tree = algorithm == vec4<u32>(ALGORITHM_DOUBLE_BINARY_TREE);
  if (step == COLLECTIVE_ALL_REDUCE) {
    phase_alpha_us *= select(vec4<f32>(2.0), vec4<f32>(1.0), tree);
    phase_links *= select(vec4<f32>(2.0), vec4<f32>(1.0 / TREE_SHARE), tree);
    if (HAS_IN_SWITCH_REDUCTION) {
      phase_links = fewer_links(phase_links, in_switch_links());
    }
  }
  phase_reduced = vec4<f32>(0.0);
  if (step == COLLECTIVE_ALL_REDUCE || step == COLLECTIVE_REDUCE_SCATTER) {
    phase_reduced = select(other_share, vec4<f32>(1.0), tree);
  }
}

// Sets alpha (us), links and reduced share of a phase of the collective `step`, but for the all-to-all, in the group that is opened;
// and the dimensions whose algorithm does not admit their n.
fn phase(step: u32, group: u32) {
  let algorithm = algorithm_of(step);
  phase_bad = !admits(algorithm, group);
  if (HAS_OWN_ALGORITHMS) {
    topology_phase(false, algorithm);
  } else {
    phase_alpha_us = shared_alpha_us;
    phase_links = shared_links;
  }
  finish_phase(step, algorithm);
}

// The same of the all-to-all, which shares no phase: drivers would inline both into each.
fn exchange_phase(group: u32) {
  let algorithm = algorithm_of(COLLECTIVE_ALL_TO_ALL);
  phase_bad = !admits(algorithm, group);
  topology_phase(true, algorithm);
  finish_phase(COLLECTIVE_ALL_TO_ALL, algorithm);
}
