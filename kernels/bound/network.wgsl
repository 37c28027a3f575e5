// The network of a box: of each coefficient the least that any allowed choice has, each by itself. Twin of network.ts; a vector
// has a component for each dimension.

// time per MB on a link and of a hop, us, by topology; and the topologies that are allowed, as bits
var<private> topology_link_us_per_mb: array<vec4<f32>, TOPOLOGY_COUNT>;
var<private> topology_hop_us: array<vec4<f32>, TOPOLOGY_COUNT>;
var<private> topology_switch_passes: array<vec4<f32>, TOPOLOGY_COUNT>;
var<private> allowed: vec4<u32>;
// ends of the bandwidth per NPU, GB/s, and of its price, $
var<private> least_gbps: vec4<f32>;
var<private> most_gbps: vec4<f32>;
var<private> least_usd: vec4<f32>;
var<private> most_usd: vec4<f32>;

// Allows a topology where the box does, but not without a price where that counts; widens the prices, $ per GB/s so far.
fn allow_topology(kind: u32, priced: bool) {
  topology = vec4<u32>(kind);
  let factor = dimension_factor();
  let lacks_price = (npus > vec4<f32>(1.0)) & (factor == vec4<f32>(0.0));
  let asked = has_code(code_dimensions(SLOT_NETWORK_TOPOLOGY), kind);
  let allows = asked & !(vec4<bool>(priced) & lacks_price);
  allowed |= select(vec4<u32>(0u), vec4<u32>(1u << kind), allows);
  least_usd = select(least_usd, min(least_usd, factor), allows);
  most_usd = select(most_usd, max(most_usd, factor), allows);
}

// Sets bandwidths and prices of the dimensions, and the topologies that are allowed: with a price only, where that counts.
fn bound_prices(priced: bool) {
  let used = npus > vec4<f32>(1.0);
  least_gbps = select(vec4<f32>(0.0), design_dimensions(SLOT_NETWORK_BANDWIDTH_GBPS), used);
  most_gbps = select(vec4<f32>(0.0), most_dimensions(SLOT_NETWORK_BANDWIDTH_GBPS), used);
  allowed = vec4<u32>(0u);
  least_usd = vec4<f32>(LARGEST);
  most_usd = vec4<f32>(0.0);
  allow_topology(NETWORK_TOPOLOGY_RING, priced);
  allow_topology(NETWORK_TOPOLOGY_SWITCH, priced);
  allow_topology(NETWORK_TOPOLOGY_FULLY_CONNECTED, priced);
  if (HAS_TORUS) {
    allow_topology(NETWORK_TOPOLOGY_TORUS2_D, priced);
    allow_topology(NETWORK_TOPOLOGY_TORUS3_D, priced);
  }
  least_usd = select(vec4<f32>(0.0), least_usd * least_gbps, used);
  most_usd = select(vec4<f32>(0.0), most_usd * most_gbps, used);
}

// Sets the times of a topology to the least that the box allows.
fn bound_rate(kind: u32) {
  topology = vec4<u32>(kind);
  let peak_gbps = most_dimensions(SLOT_NETWORK_BANDWIDTH_GBPS) * most_dimensions(SLOT_NETWORK_EFFICIENCY);
  topology_link_us_per_mb[kind] = select(vec4<f32>(0.0), 1000.0 * link_count() / peak_gbps, npus > vec4<f32>(1.0));
  let hops = select(1.0, 2.0, kind == NETWORK_TOPOLOGY_SWITCH);
  topology_hop_us[kind] = hops * design_dimensions(SLOT_NETWORK_LATENCY_NS) * 1e-3;
  if (HAS_IN_SWITCH_REDUCTION) {
    read_switch_passes(most_dimensions(SLOT_NETWORK_IN_SWITCH_EFFICIENCY));
    topology_switch_passes[kind] = switch_passes;
  }
}

// Sets the times of all topologies.
fn bound_rates() {
  bound_rate(NETWORK_TOPOLOGY_RING);
  bound_rate(NETWORK_TOPOLOGY_SWITCH);
  bound_rate(NETWORK_TOPOLOGY_FULLY_CONNECTED);
  if (HAS_TORUS) {
    bound_rate(NETWORK_TOPOLOGY_TORUS2_D);
    bound_rate(NETWORK_TOPOLOGY_TORUS3_D);
  }
}

// Gives all dimensions a topology.
fn take_topology(kind: u32) {
  topology = vec4<u32>(kind);
  hop_us = topology_hop_us[kind];
  if (HAS_IN_SWITCH_REDUCTION) {
    switch_passes = topology_switch_passes[kind];
  }
}

// Times that an all-reduce crosses a link within the switch of a dimension, which some choice of the box has.
fn least_switch_passes() -> vec4<f32> {
  let may_be_switch = has_code(allowed, NETWORK_TOPOLOGY_SWITCH);
  return select(vec4<f32>(0.0), topology_switch_passes[NETWORK_TOPOLOGY_SWITCH], may_be_switch);
}

// Makes what a send takes no more than over a topology, where that is allowed.
fn bound_link(kind: u32) {
  let allows = has_code(allowed, kind);
  link_us_per_mb = select(link_us_per_mb, min(link_us_per_mb, topology_link_us_per_mb[kind]), allows);
  hop_us = select(hop_us, min(hop_us, topology_hop_us[kind]), allows);
}

// Sets what a send takes over each dimension to the least over all its topologies.
fn bound_links() {
  link_us_per_mb = vec4<f32>(LARGEST);
  hop_us = vec4<f32>(LARGEST);
  bound_link(NETWORK_TOPOLOGY_RING);
  bound_link(NETWORK_TOPOLOGY_SWITCH);
  bound_link(NETWORK_TOPOLOGY_FULLY_CONNECTED);
  if (HAS_TORUS) {
    bound_link(NETWORK_TOPOLOGY_TORUS2_D);
    bound_link(NETWORK_TOPOLOGY_TORUS3_D);
  }
  // Groups share the links of a Ring; elsewhere each has its own.
  let shares = allowed == vec4<u32>(1u << NETWORK_TOPOLOGY_RING);
  topology = select(vec4<u32>(NETWORK_TOPOLOGY_SWITCH), vec4<u32>(NETWORK_TOPOLOGY_RING), shares);
}
