// A flat ring whose links may differ: twin of flatRing.ts.

fn member_at(plan: u32, i: u32) -> u32 {
  return plans[plans[plan + PLAN_FIRST_MEMBER] + i % plans[plan + PLAN_MEMBERS]];
}

fn link_ns(plan: u32, i: u32) -> vec2<u32> {
  return route_ns(plan, member_at(plan, i), member_at(plan, i + 1u), bitcast<f32>(plans[plan + PLAN_MESSAGE_BYTES]));
}

fn longest_path(plan: u32, count: u32) -> vec2<u32> {
  let members = plans[plan + PLAN_MEMBERS];
  let rest = count % members;
  var window = vec2<u32>(0u, 0u);
  for (var i = 0u; i < rest; i++) { window = sum(window, link_ns(plan, i)); }
  var longest = window;
  var turn = vec2<u32>(0u, 0u);
  for (var i = 0u; i < members; i++) {
    let link = link_ns(plan, i);
    turn = sum(turn, link);
    window = difference(sum(window, link_ns(plan, i + rest)), link);
    if (less(longest, window)) { longest = window; }
  }
  return sum(times(turn, count / members), longest);
}

fn flat_ring(plan: u32) -> vec3<u32> {
  let steps = plans[plan + PLAN_STEPS];
  let endpoint = vec2<u32>(0u, GROUP_ENDPOINT_NS);
  let endpoints = times(endpoint, steps + plans[plan + PLAN_ROUNDS]);
  let memory = bitcast<f32>(plans[plan + PLAN_MEMORY_BYTES_PER_NS]);
  let reduction = reduction_ns(bitcast<f32>(plans[plan + PLAN_MESSAGE_BYTES]), memory);
  let reductions = times(reduction, plans[plan + PLAN_REDUCTIONS]);
  return vec3<u32>(sum(endpoints, sum(reductions, longest_path(plan, steps))), 1u);
}
