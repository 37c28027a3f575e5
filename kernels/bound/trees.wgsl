// Trees of an all-reduce in a box: of one design as collective/trees.wgsl rates them, of several no more than any of them may be. Twin of trees.ts.

// Whether some design of a box may take trees of chains in a group.
fn may_be_chains(group: u32) -> bool {
  return HAS_TREES && joins_by_trees(group, most[SLOT_NETWORK_TREE_EFFICIENCY], has_code(allowed, NETWORK_TOPOLOGY_SWITCH));
}

// The same of trees over nodes whose switches reduce.
fn may_be_switches(group: u32) -> bool {
  if (!HAS_IN_SWITCH_REDUCTION) {
    return false;
  }
  return joins_by_switches(group, has_code(allowed, NETWORK_TOPOLOGY_SWITCH), least_switch_passes() > vec4<f32>(0.0));
}

// The fewest times that a link carries an all-reduce of the group that is opened by a ring, or by trees.
fn fewest_links(group: u32, ring: vec4<f32>, behind_switch: bool, by_chains: bool, by_switches: bool) -> vec4<f32> {
  let trees = tree_links(group_size[group], nodes_of(group));
  let efficiency = select(1.0, most[SLOT_NETWORK_TREE_EFFICIENCY], by_chains && !by_switches);
  let between = select(ring, min(ring, vec4<f32>(trees / efficiency)), vec4<bool>(behind_switch));
  var inside = ring;
  if (HAS_IN_SWITCH_REDUCTION && by_switches) {
    inside = fewer_links(ring, in_switch_links() / product_inside(group_factor[group]));
  }
  return select(inside, between, last_dimension(group));
}

// The least that an all-reduce takes to begin by a ring or by trees, where the hops of each dimension take so long, us.
fn least_start_us(group: u32, ring_us: f32, step_us: vec4<f32>, by_chains: bool, by_switches: bool) -> f32 {
  let chains_us = select(ring_us, min(ring_us, branches_us(group, step_us)), by_chains);
  let last_us = outermost(group, step_us);
  let switches_us = switch_branches_us(1.0, last_us, group_size[group] / nodes_of(group));
  return select(chains_us, min(chains_us, switches_us), by_switches);
}

// As open_trees and rate_trees of collective/trees.wgsl, in a box of one design.
fn bound_trees(group: u32, step_us: vec4<f32>) {
  let place = (COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group) * WAY_COUNT + COLLECTIVE_MULTI_DIMENSIONAL_FLAT_RING;
  let behind_switch = has_code(allowed, NETWORK_TOPOLOGY_SWITCH);
  if (HAS_IN_SWITCH_REDUCTION) {
    let passes = least_switch_passes();
    let joins = single && joins_by_switches(group, behind_switch, passes > vec4<f32>(0.0));
    let rate = switch_tree_us_per_mb_of(group, passes, topology_link_us_per_mb[NETWORK_TOPOLOGY_SWITCH]);
    switch_tree_us[group] = switch_tree_us_of(group, step_us, passes) + start_us(group);
    switch_tree_us_per_mb[group] = select(0.0, way_start_us_per_mb[place] + rate, joins);
  }
  if (HAS_TREES) {
    let efficiency = most[SLOT_NETWORK_TREE_EFFICIENCY];
    let joins = single && joins_by_trees(group, efficiency, behind_switch);
    let between_us_per_mb = topology_link_us_per_mb[NETWORK_TOPOLOGY_SWITCH];
    let longest = longest_hop_us_per_mb(group, between_us_per_mb, way_us_per_mb[place]);
    let us_per_mb = way_start_us_per_mb[place] + longest / select(1.0, efficiency, joins);
    tree_us[group] = branches_us(group, step_us) + start_us(group);
    tree_most_pieces_us[group] = tree_hops(group) * TREE_PIECE_US;
    tree_us_per_mb[group] = select(0.0, us_per_mb, joins);
    tree_us_per_root_mb[group] = pieces_us_per_root_mb(tree_hops(group) * us_per_mb);
  }
}
