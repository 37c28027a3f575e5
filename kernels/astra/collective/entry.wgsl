// Runs collectives of the astra-sim profile, one plan a thread.

@group(0) @binding(0) var<storage, read> plans: array<u32>;
@group(0) @binding(1) var<storage, read_write> scratch: array<u32>;
// Time (high, low) of each plan, and 1 where it comes to an end.
@group(0) @binding(2) var<storage, read_write> times_ns: array<u32>;

@compute @workgroup_size(COLLECTIVES_WORKGROUP_SIZE)
fn collectives(@builtin(global_invocation_id) id: vec3<u32>) {
  let count = arrayLength(&times_ns) / 3u;
  if (id.x >= count) { return; }
  let plan = id.x * PLAN_WORDS;
  var result: vec3<u32>;
  if (plans[plan + PLAN_MESSAGES] > 0u) {
    result = replay(plan);
  } else if (plans[plan + PLAN_MEMBERS] > 0u) {
    result = flat_ring(plan);
  } else {
    result = flow_shop(plan);
  }
  times_ns[3u * id.x] = result.x;
  times_ns[3u * id.x + 1u] = result.y;
  times_ns[3u * id.x + 2u] = result.z;
}
