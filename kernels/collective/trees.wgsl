// All-reduces over several nodes by trees in the place of a ring. Twin of trees.ts, which says why; a vector has a component for each dimension.

const HAS_TREES_OVER_NODES = HAS_TREES || HAS_IN_SWITCH_REDUCTION;

// The dimensions in which a group has several NPUs.
fn spanned(group: u32) -> vec4<bool> {
  return group_factor[group] > vec4<f32>(1.0);
}

// Whether a dimension is the outermost of them.
fn last_dimension(group: u32) -> vec4<bool> {
  let n = group_factor[group];
  let outer = vec4<f32>(n.y * n.z * n.w, n.z * n.w, n.w, 1.0);
  return spanned(group) & (outer == vec4<f32>(1.0));
}

// Whether a group spans more than the innermost dimension.
fn is_between_nodes(group: u32) -> bool {
  return group_size[group] > group_factor[group].x;
}

// The ranks of a group that differ further out than each dimension.
fn places_outside(group: u32) -> vec4<f32> {
  let n = group_factor[group];
  return vec4<f32>(n.y * n.z * n.w, n.z * n.w, n.w, 1.0);
}

// Hops in each dimension of one ring through all NPUs of a group.
fn round_hops(group: u32) -> vec4<f32> {
  return (group_factor[group] - 1.0) * places_outside(group);
}

// The outermost dimension of a group where it is a network between nodes behind a switch; behind_switch: the dimensions that are one.
fn joining_dimension(group: u32, behind_switch: vec4<bool>) -> vec4<bool> {
  return last_dimension(group) & behind_switch & vec4<bool>(false, true, true, true);
}

// Whether trees of chains join the nodes of a group.
fn joins_by_trees(group: u32, tree_efficiency: f32, behind_switch: vec4<bool>) -> bool {
  return tree_efficiency > 0.0 && group_size[group] > 2.0 && any(joining_dimension(group, behind_switch));
}

// Whether trees join the nodes of a group whose switches reduce; reduces: the dimensions whose switch does.
fn joins_by_switches(group: u32, behind_switch: vec4<bool>, reduces: vec4<bool>) -> bool {
  let inside = spanned(group) & !last_dimension(group);
  return any(inside) && all(reduces | !inside) && any(joining_dimension(group, behind_switch));
}

// Nodes that trees join.
fn nodes_of(group: u32) -> f32 {
  let n = select(vec4<f32>(1.0), group_factor[group], last_dimension(group));
  return n.x * n.y * (n.z * n.w);
}

// Times that the busiest of some nodes sends an all-reduce by two trees.
fn tree_load(nodes: f32) -> f32 {
  return min(2.0, 0.5 * nodes);
}

// Times that the link of each of `size` NPUs of some nodes carries that.
fn tree_links(size: f32, nodes: f32) -> f32 {
  return (tree_load(nodes) * nodes) / size;
}

// Levels of a binary tree over the nodes of a group.
fn levels_of(group: u32) -> f32 {
  return ceil_log2(vec4<f32>(nodes_of(group))).x;
}

// Hops in each dimension of a branch of trees.
fn branch_hops(group: u32) -> vec4<f32> {
  return select(round_hops(group) / nodes_of(group), vec4<f32>(levels_of(group)), last_dimension(group));
}

// Messages one behind the other of an all-reduce by two trees.
fn tree_hops(group: u32) -> f32 {
  return 2.0 * (group_size[group] / nodes_of(group) - 1.0 + levels_of(group));
}

// What the first byte of an all-reduce takes up a branch and down where the hops of each dimension take so long, us.
fn branches_us(group: u32, step_us: vec4<f32>) -> f32 {
  return 2.0 * sum_us(select(vec4<f32>(0.0), branch_hops(group) * step_us, spanned(group)));
}

// What the slowest hop of two trees takes per MB, us: between the nodes, or of the chains inside. ring_us_per_mb: what a ring takes.
fn longest_hop_us_per_mb(group: u32, between_us_per_mb: vec4<f32>, ring_us_per_mb: vec4<f32>) -> f32 {
  let size = group_size[group];
  let chains_us_per_mb = ring_us_per_mb * (size / max(size - 1.0, 1.0));
  return longest_us(select(chains_us_per_mb, tree_links(size, nodes_of(group)) * between_us_per_mb, last_dimension(group)));
}

// What the first piece of an all-reduce takes up and down trees over nodes whose switches reduce, us.
fn switch_branches_us(levels_passed: f32, step_us: f32, npus_of_node: f32) -> f32 {
  return 2.0 * levels_passed * (FLUSHED_HOPS * step_us + TREE_PIECE_US + SWITCH_PIECE_US * npus_of_node);
}

// What it is of the outermost dimension of a group.
fn outermost(group: u32, values: vec4<f32>) -> f32 {
  return sum_us(select(vec4<f32>(0.0), values, last_dimension(group)));
}

// What trees over nodes whose switches reduce take to begin, us.
fn switch_tree_us_of(group: u32, step_us: vec4<f32>, passes: vec4<f32>) -> f32 {
  let levels_passed = select(levels_of(group), 1.0, outermost(group, passes) > 0.0);
  return switch_branches_us(levels_passed, outermost(group, step_us), group_size[group] / nodes_of(group));
}

// What they take per MB, us. passes: times that an all-reduce within the switch of a dimension crosses a link.
fn switch_tree_us_per_mb_of(group: u32, passes: vec4<f32>, us_per_mb: vec4<f32>) -> f32 {
  let n = group_factor[group];
  let nodes = nodes_of(group);
  let between = outermost(group, passes);
  let load = tree_load(nodes);
  let crossings = select(load, min(between, load), between > 0.0);
  let in_switch = vec4<f32>((n.x + 1.0) / n.x, 1.0, 1.0, 1.0) * passes / product_inside(n);
  let inside = select(load, 1.0, between > 0.0) * in_switch;
  let links = select(inside, vec4<f32>(crossings * nodes / group_size[group]), last_dimension(group));
  return longest_us(select(vec4<f32>(0.0), links * us_per_mb, spanned(group)));
}

// Sets what trees of an all-reduce of the group that is opened take to start; 0 without.
fn open_trees(group: u32) {
  let behind_switch = has_topology(NETWORK_TOPOLOGY_SWITCH);
  let step_us = hop_us + endpoint_us();
  if (HAS_TREES) {
    let joins = joins_by_trees(group, design[SLOT_NETWORK_TREE_EFFICIENCY], behind_switch);
    tree_us[group] = select(0.0, branches_us(group, phase_alpha_us / others) + start_us(group), joins);
    tree_most_pieces_us[group] = select(0.0, tree_hops(group) * TREE_PIECE_US, joins);
  }
  if (HAS_IN_SWITCH_REDUCTION) {
    let joins = joins_by_switches(group, behind_switch, switch_passes > vec4<f32>(0.0));
    let us = switch_tree_us_of(group, step_us, switch_passes) + start_us(group);
    switch_tree_us[group] = select(0.0, us, joins);
  }
}

// Sets what they take at the rate of the links.
fn rate_trees(group: u32) {
  let channel = COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + group;
  let flat = is_flat_ring();
  if (HAS_IN_SWITCH_REDUCTION) {
    let us_per_mb = channel_us_per_mb[channel] + switch_tree_us_per_mb_of(group, switch_passes, link_us_per_mb);
    switch_tree_us_per_mb[group] = select(0.0, us_per_mb, flat && switch_tree_us[group] > 0.0);
  }
  if (HAS_TREES) {
    let joins = flat && tree_most_pieces_us[group] > 0.0;
    let efficiency = select(1.0, design[SLOT_NETWORK_TREE_EFFICIENCY], joins);
    let longest = longest_hop_us_per_mb(group, link_us_per_mb, station_us_per_mb[channel]);
    let us_per_mb = channel_us_per_mb[channel] + longest / efficiency;
    tree_us_per_mb[group] = select(0.0, us_per_mb, joins);
    tree_us_per_root_mb[group] = pieces_us_per_root_mb(tree_hops(group) * us_per_mb);
  }
}

// The least of what an all-reduce of `size_mb` takes by trees, us; LARGEST without.
fn trees_us(group: u32, size_mb: f32) -> f32 {
  var us = LARGEST;
  if (HAS_TREES) {
    let pieces_us = min(tree_us_per_root_mb[group] * sqrt(size_mb), tree_most_pieces_us[group]);
    let by_chains = tree_us[group] + tree_us_per_mb[group] * size_mb + pieces_us;
    us = select(us, min(us, by_chains), tree_us_per_mb[group] > 0.0);
  }
  if (HAS_IN_SWITCH_REDUCTION) {
    let by_switches = switch_tree_us[group] + switch_tree_us_per_mb[group] * size_mb;
    us = select(us, min(us, by_switches), switch_tree_us_per_mb[group] > 0.0);
  }
  return us;
}
