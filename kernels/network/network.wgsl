// The network of a design: links, hops, and how the parallelism axes lie over its dimensions. Twin of network.ts; a vector has
// a component for each dimension.

// Which dimensions have a topology.
fn has_topology(kind: u32) -> vec4<bool> {
  return topology == vec4<u32>(kind);
}

// For each dimension the product of what the dimensions inside it have.
fn product_inside(n: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(1.0, n.x, n.x * n.y, n.x * n.y * n.z);
}

// Links of an NPU that a dimension's bandwidth is divided among.
fn link_count() -> vec4<f32> {
  let ring_or_switch = select(vec4<f32>(1.0), vec4<f32>(2.0), has_topology(NETWORK_TOPOLOGY_RING));
  let connected = has_topology(NETWORK_TOPOLOGY_FULLY_CONNECTED);
  if (HAS_TORUS) {
    let one_axis = select(ring_or_switch, max(npus - 1.0, vec4<f32>(1.0)), connected);
    return select(one_axis, 2.0 * torus_axes(), on_torus());
  }
  return select(ring_or_switch, max(npus - 1.0, vec4<f32>(1.0)), connected);
}

// Sets how often an all-reduce crosses a link where a switch reduces with an efficiency; 0 where none does.
fn read_switch_passes(efficiency: vec4<f32>) {
  let reduces = has_topology(NETWORK_TOPOLOGY_SWITCH) & (efficiency > vec4<f32>(0.0));
  switch_passes = select(vec4<f32>(0.0), 1.0 / max(efficiency, vec4<f32>(SMALLEST_NORMAL)), reduces);
}

// Reads the dimensions: us per MB on one link, us per hop.
fn read_network() {
  topology = vec4<u32>(design_dimensions(SLOT_NETWORK_TOPOLOGY));
  npus = design_dimensions(SLOT_NETWORK_NPUS);
  let bandwidth_gbps = design_dimensions(SLOT_NETWORK_BANDWIDTH_GBPS);
  let us_per_mb = 1000.0 * link_count() / (bandwidth_gbps * design_dimensions(SLOT_NETWORK_EFFICIENCY));
  let hops = select(vec4<f32>(1.0), vec4<f32>(2.0), has_topology(NETWORK_TOPOLOGY_SWITCH));
  // A dimension that is not in use may have no bandwidth.
  let used = npus > vec4<f32>(1.0);
  link_us_per_mb = select(vec4<f32>(0.0), us_per_mb, used);
  dimension_gbps = select(vec4<f32>(0.0), bandwidth_gbps, used);
  hop_us = hops * design_dimensions(SLOT_NETWORK_LATENCY_NS) * 1e-3;
  if (HAS_IN_SWITCH_REDUCTION) {
    read_switch_passes(design_dimensions(SLOT_NETWORK_IN_SWITCH_EFFICIENCY));
  }
}

// Time to inject one message, us.
fn endpoint_us() -> f32 {
  return design[SLOT_NETWORK_ENDPOINT_DELAY_NS] * 1e-3;
}

// Ranks of sp, or groups of them, round which keys and values are passed; 1 without a ring.
fn context_ring() -> f32 {
  if (!HAS_CONTEXT_RING) {
    return 1.0;
  }
  let sp = design_count(SLOT_WORKLOAD_SP);
  let exchange = design_count(SLOT_WORKLOAD_CONTEXT_EXCHANGE);
  let outer = max(whole_quotient(sp, design_count(SLOT_WORKLOAD_CONTEXT_INNER)), 1u);
  let two_level = select(1.0, f32(outer), exchange == WORKLOAD_CONTEXT_EXCHANGE_TWO_LEVEL);
  return select(two_level, f32(sp), exchange == WORKLOAD_CONTEXT_EXCHANGE_RING);
}

// Those that gather keys and values or exchange heads.
fn context_inner() -> f32 {
  if (!HAS_CONTEXT_RING) {
    return design[SLOT_WORKLOAD_SP];
  }
  return f32(whole_quotient(design_count(SLOT_WORKLOAD_SP), u32(context_ring())));
}

// Whether experts have a layout of their own.
fn experts_apart() -> bool {
  return HAS_EXPERTS_APART && design[SLOT_WORKLOAD_ETP] > 0.0;
}

// Whether a token travels once to each node and rank that has some of its experts.
fn dispatches_by_node() -> bool {
  let by_node = design_count(SLOT_WORKLOAD_EXPERT_DISPATCH) == WORKLOAD_EXPERT_DISPATCH_BY_NODE;
  return HAS_DISPATCH_BY_NODE && by_node && design[SLOT_WORKLOAD_EP] > 1.0;
}

// NPUs that split an expert.
fn expert_tensor_ranks() -> f32 {
  return select(design[SLOT_WORKLOAD_TP], design[SLOT_WORKLOAD_ETP], experts_apart());
}

// NPUs of a pipeline stage.
fn stage_npus() -> u32 {
  return design_count(SLOT_WORKLOAD_TP) * design_count(SLOT_WORKLOAD_SP) * design_count(SLOT_WORKLOAD_DP);
}

// Replicas of an expert that lies apart: at least 1.
fn expert_replicas() -> f32 {
  let whole = whole_quotient(stage_npus(), design_count(SLOT_WORKLOAD_ETP));
  return f32(max(whole_quotient(whole, design_count(SLOT_WORKLOAD_EP)), 1u));
}

// Groups of replicas that each hold a whole copy of the state in shards: their number, at least 1.
fn shard_copies() -> u32 {
  let group = design_count(SLOT_WORKLOAD_SHARD_GROUP);
  let whole = group == 0u || design_count(SLOT_WORKLOAD_WEIGHT_SHARDING) == WORKLOAD_WEIGHT_SHARDING_NONE;
  if (!HAS_SHARD_GROUPS || whole) {
    return 1u;
  }
  return max(whole_quotient(design_count(SLOT_WORKLOAD_SP) * design_count(SLOT_WORKLOAD_DP), group), 1u);
}

// Of so many replicas those of one such group: at least 1.
fn replicas_inside(replicas: f32) -> f32 {
  if (!HAS_SHARD_GROUPS) {
    return replicas;
  }
  return f32(max(whole_quotient(u32(replicas), shard_copies()), 1u));
}

// NPUs that the shards of a dense weight lie on.
fn shard_ranks() -> f32 {
  return design[SLOT_WORKLOAD_SP] * replicas_inside(design[SLOT_WORKLOAD_DP]);
}

// NPUs that the shards of an expert's weight lie on.
fn expert_shard_ranks() -> f32 {
  if (experts_apart()) {
    return replicas_inside(expert_replicas());
  }
  return design[SLOT_WORKLOAD_SP] * replicas_inside(axis_size(AXIS_DP));
}

// Whether groups of replicas take up all of them, and each as many of the dp axis.
fn shards_fit(replicas: f32) -> bool {
  let whole = design_count(SLOT_WORKLOAD_WEIGHT_SHARDING) == WORKLOAD_WEIGHT_SHARDING_NONE;
  if (design[SLOT_WORKLOAD_SHARD_GROUP] == 0.0 || whole) {
    return true;
  }
  let copies = f32(shard_copies());
  let all = copies * design[SLOT_WORKLOAD_SHARD_GROUP] == design[SLOT_WORKLOAD_SP] * design[SLOT_WORKLOAD_DP];
  return all && copies * replicas_inside(replicas) == replicas;
}

// Degree of an axis; the dp axis is what the experts leave of it, at least 1.
fn axis_size(axis: u32) -> f32 {
  switch axis {
    case AXIS_TP: { return design[SLOT_WORKLOAD_TP]; }
    case AXIS_SP: { return design[SLOT_WORKLOAD_SP]; }
    case AXIS_EP: { return select(design[SLOT_WORKLOAD_EP], 1.0, experts_apart()); }
    case AXIS_DP: {
      if (experts_apart()) {
        return design[SLOT_WORKLOAD_DP];
      }
      return f32(max(whole_quotient(design_count(SLOT_WORKLOAD_DP), design_count(SLOT_WORKLOAD_EP)), 1u));
    }
    default: { return design[SLOT_WORKLOAD_PP]; }
  }
}

// of the axes in the order, innermost 0, and their degrees
var<private> axis_place: array<u32, AXIS_COUNT>;
var<private> axis_ranks: array<f32, AXIS_COUNT>;

// The place, if the axis is there, else 0; the order has three bits for each place.
fn place_if(axis: u32, place: u32) -> u32 {
  return select(0u, place, ((design_count(SLOT_WORKLOAD_AXIS_ORDER) >> (3u * place)) & 7u) == axis);
}

// Sets the place and the degree of an axis. An axis looks for itself, for the order is a value and no constant.
fn find_axis(axis: u32) {
  axis_ranks[axis] = axis_size(axis);
  axis_place[axis] = place_if(axis, 1u) + place_if(axis, 2u) + (place_if(axis, 3u) + place_if(axis, 4u));
}

fn find_axes() {
  find_axis(AXIS_TP);
  find_axis(AXIS_SP);
  find_axis(AXIS_EP);
  find_axis(AXIS_DP);
  find_axis(AXIS_PP);
}

// Degree of an axis where it lies inside the place, else 1.
fn size_inside(axis: u32, place: u32) -> f32 {
  return select(1.0, axis_ranks[axis], axis_place[axis] < place);
}

// NPUs of all axes inside an axis.
fn axis_stride(axis: u32) -> f32 {
  let place = axis_place[axis];
  let inner = size_inside(AXIS_TP, place) * size_inside(AXIS_SP, place) * size_inside(AXIS_EP, place);
  return inner * size_inside(AXIS_DP, place) * size_inside(AXIS_PP, place);
}

// Adds an axis' parts of the dimensions to a group.
fn join_group(group: u32, factor: vec4<f32>, span: vec4<f32>) {
  group_factor[group] *= factor;
  group_span[group] = max(group_span[group], span);
}

// Adds an axis' parts to all groups that it belongs to.
fn join_groups(axis: u32, factor: vec4<f32>, span: vec4<f32>) {
  switch axis {
    case AXIS_TP: { join_group(GROUP_TP, factor, span); }
    case AXIS_SP: {
      if (context_ring() == 1.0) {
        join_group(GROUP_SP, factor, span);
      }
      join_group(GROUP_DATA, factor, span);
      if (!experts_apart()) {
        join_group(GROUP_EXPERT_DATA, factor, span);
      }
    }
    case AXIS_EP: {
      join_group(GROUP_EP, factor, span);
      join_group(GROUP_DATA, factor, span);
    }
    case AXIS_DP: {
      join_group(GROUP_DATA, factor, span);
      if (!experts_apart()) {
        join_group(GROUP_EXPERT_DATA, factor, span);
      }
    }
    default: { join_group(GROUP_PP, factor, span); }
  }
}

struct Ranks {
  factor: vec4<f32>,
  span: vec4<f32>,
  // Does their number neither divide nor fill what they have left? 1 or 0, as structures hold numbers alone.
  misfit: u32,
}

// Lays ranks whose numbers are `stride` apart over the dimensions, each of which has the NPU numbers that are multiples of
// `begin`, the inverse of `one_begin`, and below `end`; tells whether their number divides or fills what they have left.
fn lay_ranks(stride: f32, size: f32, begin: vec4<f32>, one_begin: vec4<f32>, end: vec4<f32>) -> Ranks {
  let low = max(vec4<f32>(stride), begin);
  let high = min(vec4<f32>(stride * size), end);
  let meets = high > low;
  let factor = whole_quotients(high, min(vec4<f32>(1.0 / stride), one_begin));
  let span = whole_quotients(high, one_begin);
  let misfit = select(0u, 1u, any(meets & (factor * low != high)));
  return Ranks(select(vec4<f32>(1.0), factor, meets), select(vec4<f32>(1.0), span, meets), misfit);
}

// Lays the dp axis: of groups that shard inside, the outer part is of those that hold the same shard.
fn lay_replicas(begin: vec4<f32>, one_begin: vec4<f32>, end: vec4<f32>) -> bool {
  let stride = axis_stride(AXIS_DP);
  let size = axis_ranks[AXIS_DP];
  let inside = replicas_inside(size);
  let inner = lay_ranks(stride, inside, begin, one_begin, end);
  join_groups(AXIS_DP, inner.factor, inner.span);
  let outer = lay_ranks(stride * inside, f32(shard_copies()), begin, one_begin, end);
  join_group(GROUP_OUTER_DATA, outer.factor, outer.span);
  return (inner.misfit | outer.misfit) == 0u && shards_fit(size);
}

// Lays the sp axis in two parts, if a ring is the outer one.
fn lay_context(stride: f32, begin: vec4<f32>, one_begin: vec4<f32>, end: vec4<f32>) -> bool {
  let ranks = context_ring();
  if (ranks == 1.0) {
    return true;
  }
  let inside = context_inner();
  let inner = lay_ranks(stride, inside, begin, one_begin, end);
  let ring = lay_ranks(stride * inside, ranks, begin, one_begin, end);
  join_group(GROUP_SP, inner.factor, inner.span);
  join_group(GROUP_CONTEXT_RING, ring.factor, ring.span);
  return (inner.misfit | ring.misfit) == 0u;
}

// Lays an axis over the dimensions.
fn lay_axis(axis: u32, begin: vec4<f32>, one_begin: vec4<f32>, end: vec4<f32>) -> bool {
  let ranks = lay_ranks(axis_stride(axis), axis_ranks[axis], begin, one_begin, end);
  join_groups(axis, ranks.factor, ranks.span);
  return ranks.misfit == 0u;
}

// A group of one NPU.
fn start_group(group: u32) {
  group_factor[group] = vec4<f32>(1.0);
  group_span[group] = vec4<f32>(1.0);
  group_size[group] = 1.0;
}

fn start_groups() {
  start_group(GROUP_TP);
  start_group(GROUP_SP);
  start_group(GROUP_EP);
  start_group(GROUP_DATA);
  start_group(GROUP_EXPERT_DATA);
  start_group(GROUP_PP);
  start_group(GROUP_CONTEXT_RING);
  start_group(GROUP_ETP);
  start_group(GROUP_OUTER_DATA);
}

fn size_group(group: u32) {
  let n = group_factor[group];
  group_size[group] = n.x * n.y * (n.z * n.w);
  dimension_groups |= select(vec4<u32>(0u), vec4<u32>(1u << group), n > vec4<f32>(1.0));
}

fn size_groups() {
  dimension_groups = vec4<u32>(0u);
  size_group(GROUP_TP);
  size_group(GROUP_SP);
  size_group(GROUP_EP);
  size_group(GROUP_DATA);
  size_group(GROUP_EXPERT_DATA);
  size_group(GROUP_PP);
  if (HAS_CONTEXT_RING) {
    size_group(GROUP_CONTEXT_RING);
  }
  if (HAS_EXPERTS_APART) {
    size_group(GROUP_ETP);
  }
  if (HAS_SHARD_GROUPS) {
    size_group(GROUP_OUTER_DATA);
  }
}

// Whether the axes together divide the dimension in which they end, and that is one of the network's.
fn ends_well(begin: vec4<f32>, end: vec4<f32>) -> bool {
  let model = axis_ranks[AXIS_TP] * axis_ranks[AXIS_SP] * axis_ranks[AXIS_EP];
  let size = model * (axis_ranks[AXIS_DP] * axis_ranks[AXIS_PP]);
  let ends = (vec4<f32>(size) > begin) & (vec4<f32>(size) < end);
  return size <= end.w && !any(ends & (whole_quotients(end, vec4<f32>(1.0 / size)) * size != end));
}

// NPUs of the experts' axes inside an axis.
fn expert_stride(axis: u32) -> f32 {
  let place = axis_place[axis];
  let etp = select(1.0, design[SLOT_WORKLOAD_ETP], axis_place[AXIS_TP] < place);
  let ep = select(1.0, design[SLOT_WORKLOAD_EP], axis_place[AXIS_EP] < place);
  let replicas = select(1.0, expert_replicas(), axis_place[AXIS_DP] < place);
  return etp * ep * replicas * select(1.0, design[SLOT_WORKLOAD_PP], axis_place[AXIS_PP] < place);
}

// Lays a group of experts in the place of an axis; tells whether it fits.
fn lay_expert_group(axis: u32, group: u32, size: f32, begin: vec4<f32>, one_begin: vec4<f32>, end: vec4<f32>) -> bool {
  let ranks = lay_ranks(expert_stride(axis), size, begin, one_begin, end);
  join_group(group, ranks.factor, ranks.span);
  return ranks.misfit == 0u;
}

// Lays experts that lie apart: etp in the place of tp, their replicas in that of dp. Stages are the same NPUs for them.
fn lay_experts(begin: vec4<f32>, one_begin: vec4<f32>, end: vec4<f32>) -> bool {
  var fits = lay_expert_group(AXIS_TP, GROUP_ETP, design[SLOT_WORKLOAD_ETP], begin, one_begin, end);
  fits = lay_expert_group(AXIS_EP, GROUP_EP, design[SLOT_WORKLOAD_EP], begin, one_begin, end) && fits;
  fits = lay_expert_group(AXIS_DP, GROUP_EXPERT_DATA, replicas_inside(expert_replicas()), begin, one_begin, end) && fits;
  if (HAS_SHARD_GROUPS && shard_copies() > 1u) {
    let stride = expert_stride(AXIS_DP) * replicas_inside(expert_replicas());
    let outer_stride = axis_stride(AXIS_DP) * replicas_inside(axis_ranks[AXIS_DP]);
    fits = fits && stride == outer_stride && shards_fit(expert_replicas());
  }
  return fits && expert_stride(AXIS_PP) == axis_stride(AXIS_PP);
}

// Lays the axes over the dimensions as mixed radices, innermost first; sets STATUS_MAPPING where they do not fit.
fn lay_axes() {
  start_groups();
  find_axes();
  let begin = product_inside(npus);
  let one_begin = 1.0 / begin;
  let end = begin * npus;
  var fits = lay_axis(AXIS_TP, begin, one_begin, end);
  fits = lay_axis(AXIS_SP, begin, one_begin, end) && fits;
  if (HAS_CONTEXT_RING) {
    fits = lay_context(axis_stride(AXIS_SP), begin, one_begin, end) && fits;
  }
  fits = lay_axis(AXIS_EP, begin, one_begin, end) && fits;
  if (HAS_SHARD_GROUPS) {
    fits = lay_replicas(begin, one_begin, end) && fits;
  } else {
    fits = lay_axis(AXIS_DP, begin, one_begin, end) && fits;
  }
  fits = lay_axis(AXIS_PP, begin, one_begin, end) && fits;
  if (experts_apart()) {
    fits = lay_experts(begin, one_begin, end) && fits;
  }
  fits = ends_well(begin, end) && fits;
  status |= select(STATUS_MAPPING, 0u, fits);
  size_groups();
}

// The groups that have several NPUs in one of the dimensions (bits), as bits; all for all dimensions.
fn groups_in(dimensions: u32) -> u32 {
  if (dimensions == ALL_DIMENSIONS) {
    return ALL_GROUPS;
  }
  let wanted = (vec4<u32>(dimensions) & vec4<u32>(1u, 2u, 4u, 8u)) != vec4<u32>(0u);
  let groups = select(vec4<u32>(0u), dimension_groups, wanted);
  return groups.x | groups.y | (groups.z | groups.w);
}

// Bandwidth per NPU, GB/s, summed over the dimensions that have more than one NPU.
fn bandwidth_per_npu_gbps() -> f32 {
  return dimension_gbps.x + dimension_gbps.y + dimension_gbps.z + dimension_gbps.w;
}
