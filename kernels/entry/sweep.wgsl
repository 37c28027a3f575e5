// Simulates a chunk of designs and reduces it: counters for all, candidates for the few that may be among the best.
@compute @workgroup_size(WORKGROUP_SIZE)
fn sweep(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = thread_index(id);
  if (index < request.count) {
    decode(index);
    reduce_design(index, simulate());
  }
  workgroupBarrier();
  flush_counters(lane);
}
