// Price of the network, $. Twin of cost.ts, which says where the prices come from.

const NO_PRICE: f32 = -1.0;

// $ per GB/s of an NPU's bandwidth in each dimension, whose tiers are the space's; 0 where there is no price.
fn price_factor() -> vec4<f32> {
  let link = vec4<f32>(LINK_PRICE[TIERS.x], LINK_PRICE[TIERS.y], LINK_PRICE[TIERS.z], LINK_PRICE[TIERS.w]);
  let port = vec4<f32>(SWITCH_PRICE[TIERS.x], SWITCH_PRICE[TIERS.y], SWITCH_PRICE[TIERS.z], SWITCH_PRICE[TIERS.w]);
  let nic = vec4<f32>(NIC_PRICE[TIERS.x], NIC_PRICE[TIERS.y], NIC_PRICE[TIERS.z], NIC_PRICE[TIERS.w]);
  let switched = select(2.0 * link + port + nic, vec4<f32>(0.0), port == vec4<f32>(0.0));
  return select(link, switched, has_topology(NETWORK_TOPOLOGY_SWITCH));
}

// The same where a design may have prices of its own.
fn dimension_factor() -> vec4<f32> {
  let links = design_dimensions(SLOT_PRICES_LINKS_USD_PER_GBPS);
  let switches = design_dimensions(SLOT_PRICES_SWITCH_USD_PER_GBPS);
  let own = select(links, switches, has_topology(NETWORK_TOPOLOGY_SWITCH));
  return select(price_factor(), own, own > vec4<f32>(0.0));
}

// Prices the network, after read_network: $ per NPU in each dimension.
fn read_prices() {
  let factor = dimension_factor();
  let usd = select(factor * dimension_gbps, vec4<f32>(NO_PRICE), factor == vec4<f32>(0.0));
  dimension_usd = select(vec4<f32>(0.0), usd, npus > vec4<f32>(1.0));
}

// The network's price, $; 0 with STATUS_PRICE where a dimension has none.
fn cost_usd() -> f32 {
  if (any(dimension_usd < vec4<f32>(0.0))) {
    status |= STATUS_PRICE;
    return 0.0;
  }
  let per_npu = dimension_usd.x + dimension_usd.y + dimension_usd.z + dimension_usd.w;
  return system_npus() * per_npu;
}
