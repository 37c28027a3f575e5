// A flat ring whose links may differ: twin of flatRing.ts.

// Members are a list, or those from the first one on at equal distances.
fn member_at(plan: u32, i: u32) -> u32 {
  let place = i % plans[plan + PLAN_MEMBERS];
  let stride = plans[plan + PLAN_MEMBER_STRIDE];
  let first = plans[plan + PLAN_FIRST_MEMBER];
  if (stride > 0u) { return first + place * stride; }
  return plans[first + place];
}

// With powers of two throughout, a step from one member to the next changes the same digit of an NPU's number by as much: all links are
// alike but the one that closes the ring.
fn closes_alone(plan: u32) -> bool {
  let stride = plans[plan + PLAN_MEMBER_STRIDE];
  let members = plans[plan + PLAN_MEMBERS];
  for (var d = 0u; d < plans[plan + PLAN_DIMENSIONS]; d++) {
    let npus = plans[plans[plan + PLAN_FIRST_DIMENSION] + d * DIMENSION_WORDS + DIMENSION_NPUS];
    if (countOneBits(npus) != 1u) { return false; }
  }
  let powers = countOneBits(stride) == 1u && countOneBits(members) == 1u;
  return powers && plans[plan + PLAN_FIRST_MEMBER] % (stride * members) == 0u;
}

// As longest_ns, with the link that closes the ring apart.
fn longest_closed_ns(plan: u32, count: u32) -> vec2<u32> {
  let members = plans[plan + PLAN_MEMBERS];
  let bytes = wide(plan + PLAN_MESSAGE_BYTES);
  let rest = count % members;
  var links: array<vec2<u32>, 2>;
  for (var i = 0u; i < 2u; i++) {
    let origin = i * (members - 1u);
    links[i] = route_ns(plan, member_at(plan, origin), member_at(plan, origin + 1u), bytes);
  }
  let turn = sum(times(links[0], members - 1u), links[1]);
  var stretch = times(links[0], rest);
  if (rest > 0u && less(links[0], links[1])) { stretch = sum(times(links[0], rest - 1u), links[1]); }
  return sum(times(turn, count / members), stretch);
}

// Time of each link, ns, in the thread's scratch words; do all take the same time?
fn read_links(plan: u32) -> bool {
  let at = plans[plan + PLAN_SCRATCH];
  let bytes = wide(plan + PLAN_MESSAGE_BYTES);
  var alike = true;
  for (var i = 0u; i < plans[plan + PLAN_MEMBERS]; i++) {
    let link = route_ns(plan, member_at(plan, i), member_at(plan, i + 1u), bytes);
    scratch[at + 2u * i] = link.x;
    scratch[at + 2u * i + 1u] = link.y;
    alike = alike && link.x == scratch[at] && link.y == scratch[at + 1u];
  }
  return alike;
}

fn link_ns(plan: u32, i: u32) -> vec2<u32> {
  let at = plans[plan + PLAN_SCRATCH] + 2u * (i % plans[plan + PLAN_MEMBERS]);
  return vec2<u32>(scratch[at], scratch[at + 1u]);
}

// The largest sum of links that follow one another: whole turns, and the longest stretch of the rest.
fn longest_ns(plan: u32, count: u32) -> vec2<u32> {
  if (closes_alone(plan)) { return longest_closed_ns(plan, count); }
  if (read_links(plan)) { return times(link_ns(plan, 0u), count); }
  let members = plans[plan + PLAN_MEMBERS];
  let rest = count % members;
  var stretch = vec2<u32>(0u, 0u);
  for (var i = 0u; i < rest; i++) { stretch = sum(stretch, link_ns(plan, i)); }
  var longest = stretch;
  var turn = vec2<u32>(0u, 0u);
  for (var i = 0u; i < members; i++) {
    let link = link_ns(plan, i);
    turn = sum(turn, link);
    stretch = difference(sum(stretch, link_ns(plan, i + rest)), link);
    if (less(longest, stretch)) { longest = stretch; }
  }
  return sum(times(turn, count / members), longest);
}

fn flat_ring(plan: u32) -> vec3<u32> {
  let steps = plans[plan + PLAN_STEPS];
  let endpoint = vec2<u32>(0u, GROUP_ENDPOINT_NS);
  let endpoints = times(endpoint, steps + plans[plan + PLAN_ROUNDS]);
  let reduction = reduction_ns(wide(plan + PLAN_MESSAGE_BYTES), wide(plan + PLAN_MEMORY_BANDWIDTH));
  let reductions = times(reduction, plans[plan + PLAN_REDUCTIONS]);
  return vec3<u32>(sum(endpoints, sum(reductions, longest_ns(plan, steps))), 1u);
}
