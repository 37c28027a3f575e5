// Runs a section of an op graph once, in the order of its rows. Twin of chain.ts, which says what it sets; each
// section is a function such as chain_layer_forward, see chainProgram.ts. Times in us; three components are the groups tp, sp, ep.

// when compute, the last collective and the one before it end; and the same beside other traffic
var<private> compute_us: f32;
var<private> communication_us: f32;
var<private> previous_us: f32;
var<private> compute_loaded_us: f32;
var<private> communication_loaded_us: f32;
var<private> previous_loaded_us: f32;
var<private> host_us: f32;
// what travels beside another micro-batch
var<private> beside_us: f32;
var<private> exposed_us: vec3<f32>;
// What other traffic ends later by for those of them that share its links.
var<private> shared_us: vec3<f32>;
var<private> last_group: u32;
var<private> previous_group: u32;

// Whether any design of the space lets compute run beside a collective.
const HAS_OVERLAP = HAS_TENSOR_OVERLAP || HAS_CONTEXT_RING;

// The component of a group: a ring of context parallelism counts as sp, ranks that split experts as tp.
fn waited_as(group: u32) -> u32 {
  return select(select(group, GROUP_SP, group == GROUP_CONTEXT_RING), GROUP_TP, group == GROUP_ETP);
}

// The components of a group.
fn of_group(group: u32) -> vec3<bool> {
  return vec3<u32>(waited_as(group)) == vec3<u32>(GROUP_TP, GROUP_SP, GROUP_EP);
}

// Whether compute may run beside the last collective of a section, of that group.
fn overlaps_last(last: u32) -> bool {
  let tensor = HAS_TENSOR_OVERLAP && design_count(SLOT_WORKLOAD_TENSOR_OVERLAP) == 1u;
  return tensor || (HAS_CONTEXT_RING && last == GROUP_CONTEXT_RING);
}

// Whether a collective of the group travels beside another micro-batch's compute.
fn travels_beside(group: u32) -> bool {
  return HAS_EXPERT_OVERLAP && group == GROUP_EP && design_count(SLOT_WORKLOAD_EXPERT_OVERLAP) == 1u;
}

// Share of a collective that no product hides: those of tensor parallelism travel in pieces beside products.
fn unhidden(pipelined: bool) -> f32 {
  let overlaps = pipelined && design_count(SLOT_WORKLOAD_TENSOR_OVERLAP) == 1u;
  return select(1.0, 1.0 - design[SLOT_WORKLOAD_TENSOR_PIPELINING], HAS_TENSOR_PIPELINING && overlaps);
}

// Counts as exposed what compute waits for a collective of a group, us.
fn expose(group: u32, waited_us: f32) {
  if (EVERY_OUTPUT) {
    exposed_us += select(vec3<f32>(0.0), vec3<f32>(max(waited_us, 0.0)), of_group(group));
  }
}

// Compute waits for all collectives: of those of two groups, each group's wait is its own.
fn wait_last(last: u32, previous: u32) {
  if (HAS_OVERLAP) {
    if (EVERY_OUTPUT && last != previous) {
      expose(previous, previous_us - compute_us);
      compute_us = max(compute_us, previous_us);
    }
    expose(last, communication_us - compute_us);
    compute_us = max(compute_us, communication_us);
    compute_loaded_us = max(compute_loaded_us, communication_loaded_us);
  }
}

// Compute waits for all but the last collective, if others may run beside it.
fn wait_previous(last: u32, previous: u32) {
  if (!overlaps_last(last)) {
    wait_last(last, previous);
    return;
  }
  expose(previous, previous_us - compute_us);
  compute_us = max(compute_us, previous_us);
  compute_loaded_us = max(compute_loaded_us, previous_loaded_us);
}

// Compute does not wait, if it may run beside collectives.
fn wait_none(last: u32, previous: u32) {
  if (!overlaps_last(last)) {
    wait_last(last, previous);
  }
}

// Computes for so long, us.
fn compute(us: f32) {
  compute_us += us;
  compute_loaded_us += us;
}

// Whether collectives share links with other traffic.
fn shares_links() -> bool {
  return HAS_SHARED_LINKS && design_count(SLOT_COLLECTIVE_SCHEDULING_POLICY) == COLLECTIVE_SCHEDULING_POLICY_SHARED;
}

// When a collective of so many us would have to begin at the full rate, us: see beginUs.
fn begin_us(us: f32, waited: u32, loaded_us: f32, queue_us: f32, starts: bool) -> f32 {
  if (shares_links()) {
    let delay_us = select(0.0, min(us, max(queue_us + shared_us[waited] - loaded_us, 0.0)), starts);
    shared_us[waited] += delay_us;
    return loaded_us + delay_us;
  }
  return max(loaded_us, queue_us);
}

// Starts a collective of so many us beside compute.
fn start_collective(us: f32, group: u32, starts: bool, queue_us: f32) {
  previous_us = select(previous_us, communication_us, starts);
  previous_loaded_us = select(previous_loaded_us, communication_loaded_us, starts);
  previous_group = select(previous_group, last_group, starts);
  last_group = select(last_group, group, starts);
  let loaded_us = max(compute_loaded_us, communication_loaded_us);
  communication_us = select(communication_us, max(compute_us, communication_us) + us, starts);
  let ended_us = begin_us(us, waited_as(group), loaded_us, queue_us, starts) + us;
  communication_loaded_us = select(communication_loaded_us, ended_us, starts);
}

// Runs a collective of so many us, for which compute waits: what it comes to where none of the space's designs overlaps them.
fn run_collective(us: f32, group: u32, starts: bool, queue_us: f32) {
  let exposed = select(0.0, us, starts);
  compute_us += exposed;
  expose(group, exposed);
  let ended_us = begin_us(us, waited_as(group), compute_loaded_us, queue_us, starts) + us;
  compute_loaded_us = select(compute_loaded_us, ended_us, starts);
}

// A collective begins when compute and the one before have ended and, beside other traffic, as the policy says, us.
// `share`: how often it runs in a layer; `pipelined`: whether it may travel in pieces beside a product.
fn communicate(call: u32, group: u32, share: f32, pipelined: bool, happens: bool, queue_us: vec3<f32>) {
  let us = share * unhidden(pipelined) * call_us[call];
  let starts = happens && us > 0.0;
  let waits = starts && !travels_beside(group);
  if (HAS_EXPERT_OVERLAP) {
    beside_us += select(0.0, us, starts && !waits);
  }
  if (HAS_OVERLAP) {
    start_collective(us, group, waits, queue_us[waited_as(group)]);
  } else {
    run_collective(us, group, waits, queue_us[waited_as(group)]);
  }
  if (HAS_HOST_TIME) {
    host_us += select(0.0, share * design[SLOT_COMPUTE_HOST_LAUNCH_US], starts);
  }
}

// Nothing has run yet.
fn start_chain(section: u32) {
  compute_us = 0.0;
  communication_us = 0.0;
  previous_us = 0.0;
  compute_loaded_us = 0.0;
  communication_loaded_us = 0.0;
  previous_loaded_us = 0.0;
  host_us = section_launch_us[section];
  beside_us = 0.0;
  exposed_us = vec3<f32>(0.0);
  shared_us = vec3<f32>(0.0);
  last_group = 0u;
  previous_group = 0u;
}

// What travels beside another micro-batch takes no less than itself, and multiprocessors that compute then lacks: see waitBeside.
fn wait_beside(section: u32) {
  if (HAS_EXPERT_OVERLAP) {
    let taken_us = design[SLOT_WORKLOAD_EXCHANGE_SHARE] * beside_us;
    section_alone_us[section] = min(compute_us, beside_us - taken_us);
    let together_us = max(compute_us + taken_us, beside_us);
    expose(GROUP_EP, together_us - compute_us);
    compute_us = together_us;
    compute_loaded_us = max(compute_loaded_us + taken_us, beside_us);
  }
}

// Ends a section: what it comes to.
fn end_chain(section: u32) {
  wait_beside(section);
  section_us[section] = compute_us;
  section_loaded_us[section] = compute_loaded_us;
  section_host_us[section] = host_us;
  section_exposed_us[section] = exposed_us;
  stale_stages = true;
}
