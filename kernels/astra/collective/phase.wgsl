// Times of one phase of a collective in ASTRA-sim: twin of lane.ts, phase.ts and window.ts.

// The lane of the phase at hand.
var<private> lane_npus: u32;
var<private> lane_stride: u32;
var<private> lane_topology: u32;
var<private> lane_dimension_npus: u32;
var<private> lane_endpoint: vec2<u32>;
var<private> lane_latency_ns: vec2<u32>;
var<private> lane_bytes_per_ns: vec2<u32>;
var<private> lane_memory_bandwidth: vec2<u32>;
var<private> lane_group: bool;

fn read_lane(phase: u32) {
  lane_npus = plans[phase + PHASE_NPUS];
  lane_stride = plans[phase + PHASE_STRIDE];
  lane_topology = plans[phase + PHASE_TOPOLOGY];
  lane_dimension_npus = plans[phase + PHASE_DIMENSION_NPUS];
  lane_endpoint = vec2<u32>(0u, plans[phase + PHASE_ENDPOINT_NS]);
  lane_latency_ns = wide(phase + PHASE_LATENCY_NS);
  lane_bytes_per_ns = wide(phase + PHASE_BYTES_PER_NS);
  lane_memory_bandwidth = wide(phase + PHASE_MEMORY_BANDWIDTH);
  lane_group = plans[phase + PHASE_GROUP] == 1u;
}

fn lane_message(distance: u32, bytes: vec2<u32>) -> vec2<u32> {
  let hops = hops_of(lane_topology, lane_dimension_npus, distance * lane_stride);
  return message_ns(hops, lane_latency_ns, bytes, lane_bytes_per_ns);
}

fn ring_steps(kind: u32, npus: u32) -> u32 {
  if (kind == COLLECTIVE_ALL_REDUCE) { return 2u * (npus - 1u); }
  return select(npus - 1u, npus * (npus - 1u) / 2u, kind == COLLECTIVE_ALL_TO_ALL);
}

fn reduces(kind: u32) -> bool {
  return kind == COLLECTIVE_ALL_REDUCE || kind == COLLECTIVE_REDUCE_SCATTER;
}

// Of a ring or a direct exchange.
fn message_bytes(kind: u32, npus: u32, bytes: vec2<u32>) -> vec2<u32> {
  if (kind == COLLECTIVE_ALL_GATHER) { return bytes; }
  return quotient(bytes, npus);
}

fn ring_phase(kind: u32, message: vec2<u32>, reduction: vec2<u32>) -> vec2<u32> {
  let step = sum(lane_message(1u, message), lane_endpoint);
  let sends = sum(lane_endpoint, times(step, ring_steps(kind, lane_npus)));
  let reductions = select(0u, lane_npus - 1u, reduces(kind));
  return sum(sends, times(reduction, reductions));
}

// Of a message of halving-doubling: the NPU so much further or before, bytes, and those that are reduced before it leaves.
struct HalvingDoublingMessage {
  distance: u32,
  bytes: vec2<u32>,
  reduced_bytes: vec2<u32>,
}

fn halving_doubling_steps(kind: u32, npus: u32) -> u32 {
  return firstLeadingBit(npus) * select(1u, 2u, kind == COLLECTIVE_ALL_REDUCE);
}

fn halving_doubling_message(kind: u32, npus: u32, bytes: vec2<u32>, message: u32) -> HalvingDoublingMessage {
  let levels = firstLeadingBit(npus);
  let none = vec2<u32>(0u, 0u);
  if (kind == COLLECTIVE_ALL_GATHER) {
    return HalvingDoublingMessage(npus >> (message + 1u), shifted_left(bytes, message), none);
  }
  let halved = shifted_right(bytes, min(message, levels) + 1u);
  if (message < levels) { return HalvingDoublingMessage(1u << message, halved, select(none, halved, message > 0u)); }
  let doublings = message - levels + 1u;
  return HalvingDoublingMessage(npus >> doublings, shifted_left(halved, doublings), none);
}

fn halving_doubling_phase(kind: u32, bytes: vec2<u32>) -> vec2<u32> {
  var total = lane_endpoint;
  for (var i = 0u; i < halving_doubling_steps(kind, lane_npus); i++) {
    let message = halving_doubling_message(kind, lane_npus, bytes, i);
    total = sum(total, sum(lane_message(message.distance, message.bytes), lane_endpoint));
    total = sum(total, reduction_ns(message.reduced_bytes, lane_memory_bandwidth));
  }
  return total;
}

fn window_of(algorithm: u32, npus: u32) -> u32 {
  return select(npus - 1u, min(algorithm - WINDOWED, npus - 1u), algorithm >= WINDOWED);
}

// The exchange of window.ts; what it calls this.… is a variable here.
fn window_phase(kind: u32, window: u32, message: vec2<u32>, to_reduce: vec2<u32>) -> vec2<u32> {
  let peers = lane_npus - 1u;
  var to_send = select(peers, 2u * peers, kind == COLLECTIVE_ALL_REDUCE);
  var received = 0u;
  var inserted = 0u;
  var sent = 0u;
  var free = 0u;
  var plain = 0u;
  var others = 0u;
  var reducing = false;
  var to_insert = window;
  heap_clear();
  loop {
    for (; to_insert > 0u; to_insert--) {
      if (plain == 0u && others == 0u) {
        plain = window;
        others = select(window, peers * window, lane_group);
        reducing = kind == COLLECTIVE_REDUCE_SCATTER || !reducing;
      }
      var delay = lane_endpoint;
      if (plain > 0u) {
        plain--;
      } else {
        others--;
        if (reduces(kind) && reducing) { delay = sum(delay, to_reduce); }
      }
      inserted++;
      heap_add(sum(now, delay), 0u);
    }
    if (heap_size == 0u) { break; }
    if (heap_take() == 1u) {
      received++;
      to_insert = 1u;
      continue;
    }
    free++;
    var sends = 1u;
    if (kind == COLLECTIVE_ALL_REDUCE && to_send <= peers) {
      if (received < peers) { continue; }
      sends = window;
    }
    for (; sends > 0u; sends--) {
      if (sent == inserted || to_send == 0u || free == 0u) { break; }
      heap_add(sum(now, lane_message(1u + sent % peers, message)), 1u);
      sent++;
      to_send--;
      free--;
    }
    if (to_send == 0u && free == window) { break; }
  }
  return now;
}

fn symmetric_phase(phase: u32) -> vec2<u32> {
  let kind = plans[phase + PHASE_KIND];
  let algorithm = plans[phase + PHASE_ALGORITHM];
  let bytes = wide(phase + PHASE_BYTES);
  if (algorithm == ALGORITHM_HALVING_DOUBLING) { return halving_doubling_phase(kind, bytes); }
  // What both others reduce is found here, so that its code stands in the shader once.
  let message = message_bytes(kind, lane_npus, bytes);
  let reduction = reduction_ns(message, lane_memory_bandwidth);
  if (algorithm == ALGORITHM_RING) { return ring_phase(kind, message, reduction); }
  return window_phase(kind, window_of(algorithm, lane_npus), message, reduction);
}
