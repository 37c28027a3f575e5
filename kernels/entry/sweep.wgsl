// Simulates a chunk of designs and reduces it: counters for all, candidates for the few that may be among the best. A
// workgroup takes DESIGNS_PER_THREAD rounds of designs and adds its counters to the chunk's once.

// Number of the thread that begins the workgroup's designs.
fn first_thread(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.y * groups.x + group.x) * WORKGROUP_SIZE * DESIGNS_PER_THREAD;
}

// Designs that have nothing in common.
@compute @workgroup_size(WORKGROUP_SIZE)
fn sweep(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  fix_design();
  for (var round = 0u; round < DESIGNS_PER_THREAD; round++) {
    let index = first_thread(group, groups) + round * WORKGROUP_SIZE + lane;
    if (index < request.count) {
      decode(index, false);
      reduce_design(index, simulate(skipped_statuses()));
    }
  }
  workgroupBarrier();
  flush_counters(lane);
}

// Ordinals: each thread walks a run of neighbours, and computes only what differs.
@compute @workgroup_size(WORKGROUP_SIZE)
fn walk(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  fix_design();
  for (var round = 0u; round < DESIGNS_PER_THREAD; round++) {
    let begin = (first_thread(group, groups) + round * WORKGROUP_SIZE + lane) * request.run;
    let end = min(begin + request.run, request.count);
    for (var index = begin; index < end; index++) {
      decode(index, index != begin);
      reduce_design(index, simulate_next(skipped_statuses()));
    }
  }
  workgroupBarrier();
  flush_counters(lane);
}
