// Simulates a chunk of designs and reduces it: counters for all, candidates for the few that may be among the best. A
// workgroup takes DESIGNS_PER_THREAD rounds of neighbouring runs of designs and adds its counters to the chunk's once.
@compute @workgroup_size(WORKGROUP_SIZE)
fn sweep(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = (group.y * groups.x + group.x) * WORKGROUP_SIZE * DESIGNS_PER_THREAD;
  for (var round = 0u; round < DESIGNS_PER_THREAD; round++) {
    let begin = (first + round * WORKGROUP_SIZE + lane) * request.run;
    let end = min(begin + request.run, request.count);
    for (var index = begin; index < end; index++) {
      var changed = CHANGED_ALL;
      if (index == begin) {
        decode(index);
      } else {
        changed = decode_next(index);
      }
      reduce_design(index, simulate_changed(changed, request.skip));
    }
  }
  workgroupBarrier();
  flush_counters(lane);
}
