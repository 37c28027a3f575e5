// Messages of ASTRA-sim's analytical network: twin of message.ts. Times and bytes are whole numbers of 64 bits, rates and latencies
// doubles.

// A number of 64 bits of a plan.
fn wide(at: u32) -> vec2<u32> {
  return vec2<u32>(plans[at], plans[at + 1u]);
}

// The last message, for one is followed by others like it: of so many bytes over such a link, and what it takes but for latency.
var<private> sent_bytes: vec2<u32>;
var<private> sent_bytes_per_ns: vec2<u32>;
var<private> sent_transfer: vec2<u32>;
var<private> sent_latency: vec2<u32>;
var<private> sent_hops: u32;
var<private> sent_ns: vec2<u32>;

fn hops_of(topology: u32, npus: u32, distance: u32) -> u32 {
  if (topology == NETWORK_TOPOLOGY_SWITCH) { return 2u; }
  if (topology == NETWORK_TOPOLOGY_FULLY_CONNECTED) { return 1u; }
  let forward = distance % npus;
  return min(forward, npus - forward);
}

fn message_ns(hops: u32, latency_ns: vec2<u32>, bytes: vec2<u32>, bytes_per_ns: vec2<u32>) -> vec2<u32> {
  let same_transfer = all(bytes == sent_bytes) && all(bytes_per_ns == sent_bytes_per_ns);
  if (!same_transfer) {
    sent_bytes = bytes;
    sent_bytes_per_ns = bytes_per_ns;
    sent_transfer = double_quotient(double_of(bytes), bytes_per_ns);
  }
  if (!same_transfer || hops != sent_hops || any(latency_ns != sent_latency)) {
    sent_hops = hops;
    sent_latency = latency_ns;
    let latency = double_product(double_of(vec2<u32>(0u, hops)), latency_ns);
    sent_ns = double_whole(double_sum(latency, sent_transfer));
  }
  return sent_ns;
}

// Charged in the innermost dimension in which the ends differ, and nowhere else.
fn route_ns(plan: u32, origin: u32, goal: u32, bytes: vec2<u32>) -> vec2<u32> {
  var rest = origin;
  var other = goal;
  for (var d = 0u; d < plans[plan + PLAN_DIMENSIONS]; d++) {
    let at = plans[plan + PLAN_FIRST_DIMENSION] + d * DIMENSION_WORDS;
    let npus = plans[at + DIMENSION_NPUS];
    let place = rest % npus;
    let aim = other % npus;
    if (place != aim) {
      let hops = hops_of(plans[at + DIMENSION_TOPOLOGY], npus, max(place, aim) - min(place, aim));
      return message_ns(hops, wide(at + DIMENSION_LATENCY_NS), bytes, wide(at + DIMENSION_BYTES_PER_NS));
    }
    rest /= npus;
    other /= npus;
  }
  return vec2<u32>(0u, 0u);
}

// Two reads and a write of local memory; nothing where no bandwidth is given.
fn reduction_ns(bytes: vec2<u32>, memory_bandwidth: vec2<u32>) -> vec2<u32> {
  if (memory_bandwidth.x == 0u) { return vec2<u32>(0u, 0u); }
  let seconds = double_quotient(double_of(bytes), memory_bandwidth);
  return times(double_whole(double_product(seconds, DOUBLE_GIGA)), 3u);
}
