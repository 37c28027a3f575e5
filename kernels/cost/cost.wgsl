// Price of the network, $. Twin of cost.ts, which says where the prices come from.

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

// The network's price, $; 0 with STATUS_PRICE where a dimension has none.
fn cost_usd() -> f32 {
  var per_npu = 0.0;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    if (npus[d] <= 1u) {
      continue;
    }
    let factor = price_factor(topology[d], request.tiers[d]);
    if (factor == 0.0) {
      status |= STATUS_PRICE;
      return 0.0;
    }
    per_npu += factor * design[SLOT_NETWORK_BANDWIDTH_GBPS + d];
  }
  return f32(npus.x * npus.y * npus.z * npus.w) * per_npu;
}
