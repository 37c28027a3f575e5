// Simulates a chunk of designs and reduces it: counters for all, candidates for the few that may be among the best. A
// workgroup takes DESIGNS_PER_THREAD rounds of designs and adds its counters to the chunk's once.

// Number of the thread that begins the workgroup's designs.
fn first_thread(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.y * groups.x + group.x) * WORKGROUP_SIZE * DESIGNS_PER_THREAD;
}

// A design that has nothing in common with others.
fn sweep_design(index: u32) {
  if (index < request.count) {
    decode(index, false);
    reduce_design(index, simulate(skipped_statuses()));
  }
}

// A run of neighbours: computes only what differs.
fn walk_run(run: u32) {
  let begin = run * request.run;
  let end = min(begin + request.run, request.count);
  for (var index = begin; index < end; index++) {
    decode(index, index != begin);
    reduce_design(index, simulate_next(skipped_statuses()));
  }
}

// Designs that have nothing in common. A single round is no loop: drivers would keep the whole state for a next turn.
@compute @workgroup_size(WORKGROUP_SIZE)
fn sweep(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  fix_design();
  let first = first_thread(group, groups) + lane;
  if (DESIGNS_PER_THREAD == 1u) {
    sweep_design(first);
  } else {
    for (var round = 0u; round < DESIGNS_PER_THREAD; round++) {
      sweep_design(first + round * WORKGROUP_SIZE);
    }
  }
  workgroupBarrier();
  flush_counters(lane);
}

// Ordinals: each thread walks a run of neighbours.
@compute @workgroup_size(WORKGROUP_SIZE)
fn walk(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  fix_design();
  let first = first_thread(group, groups) + lane;
  if (DESIGNS_PER_THREAD == 1u) {
    walk_run(first);
  } else {
    for (var round = 0u; round < DESIGNS_PER_THREAD; round++) {
      walk_run(first + round * WORKGROUP_SIZE);
    }
  }
  workgroupBarrier();
  flush_counters(lane);
}
