// Price of the network, $. Twin of cost.ts, which says where the prices come from.

const NO_PRICE: f32 = -1.0;

// $ per GB/s of an NPU's bandwidth in a dimension, 0 where there is no price.
fn price_factor(kind: u32, tier: u32) -> f32 {
  if (kind != NETWORK_TOPOLOGY_SWITCH) {
    return LINK_PRICE[tier];
  }
  if (SWITCH_PRICE[tier] == 0.0) {
    return 0.0;
  }
  return 2.0 * LINK_PRICE[tier] + SWITCH_PRICE[tier] + NIC_PRICE[tier];
}

// Prices dimensions (bits), after read_network: $ per NPU.
fn read_prices(dimensions: u32) {
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    if (((dimensions >> d) & 1u) == 0u) {
      continue;
    }
    dimension_usd[d] = 0.0;
    if (npus[d] > 1u) {
      let factor = price_factor(topology[d], request.tiers[d]);
      dimension_usd[d] = select(factor * dimension_gbps[d], NO_PRICE, factor == 0.0);
    }
  }
}

// The network's price, $; 0 with STATUS_PRICE where a dimension has none.
fn cost_usd() -> f32 {
  if (any(dimension_usd < vec4<f32>(0.0))) {
    status |= STATUS_PRICE;
    return 0.0;
  }
  let per_npu = dimension_usd.x + dimension_usd.y + dimension_usd.z + dimension_usd.w;
  return f32(npus.x * npus.y * npus.z * npus.w) * per_npu;
}
