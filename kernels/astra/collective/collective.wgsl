// How collectives run in ASTRA-sim: twin of collective.ts. A thread plans one after another, at the same place among the plans.

// What a collective is: it has no end, a flow shop, a flat ring, a replay, or more to follow than the thread has words for.
const PLANNED_STOP = 0u;
const PLANNED_SHOP = 1u;
const PLANNED_RING = 2u;
const PLANNED_REPLAY = 3u;
const PLANNED_TOO_LARGE = 4u;

// The thread's system and plan, and what of the scratch words its collectives may use.
var<private> own_system: u32;
var<private> own_plan: u32;
var<private> own_scratch: u32;
var<private> own_scratch_words: u32;

fn put_wide(at: u32, value: vec2<u32>) {
  plans[at] = value.x;
  plans[at + 1u] = value.y;
}

fn system_wide(at: u32) -> vec2<u32> {
  return vec2<u32>(systems[at], systems[at + 1u]);
}

fn dimension_at(dimension: u32) -> u32 {
  return own_system + SYSTEM_FIRST_DIMENSION + dimension * DIMENSION_WORDS;
}

fn algorithm_of(dimension: u32, kind: u32) -> u32 {
  return systems[dimension_at(dimension) + DIMENSION_ALGORITHMS + kind];
}

fn stop_at_once(members: u32) -> bool {
  let npus = systems[own_system + SYSTEM_NPUS];
  return members == npus && members != 1u && systems[own_system + SYSTEM_ENDPOINT_NS] == 0u;
}

// NPUs that run a phase together.
struct Lane {
  dimension: u32,
  algorithm: u32,
  npus: u32,
  stride: u32,
  endpoint_ns: u32,
  group: u32,
}

var<private> lanes: array<Lane, MAX_DIMENSIONS>;
var<private> lane_count: u32;

// Does a collective go through the dimensions and back?
fn comes_back(kind: u32) -> bool {
  return kind == COLLECTIVE_ALL_REDUCE && systems[own_system + SYSTEM_LOCAL_BANDWIDTH_AWARE] == 1u;
}

fn is_paired(npus: u32) -> bool {
  for (var distance = npus >> 1u; distance >= 1u; distance >>= 1u) {
    if (npus % (2u * distance) != 0u) { return false; }
  }
  return true;
}

fn stops(kind: u32, algorithm: u32, npus: u32, bytes: vec2<u32>) -> bool {
  let is_power = countOneBits(npus) == 1u;
  if (algorithm == WINDOWED) { return true; }
  if (algorithm == ALGORITHM_DOUBLE_BINARY_TREE) { return !is_power; }
  if (algorithm != ALGORITHM_HALVING_DOUBLING) { return false; }
  if (kind == COLLECTIVE_ALL_TO_ALL) { return true; }
  if (kind == COLLECTIVE_ALL_GATHER) { return !is_paired(npus); }
  return !is_power || (kind == COLLECTIVE_ALL_REDUCE && less(bytes, vec2<u32>(0u, 2u * npus)));
}

fn put_phase(at: u32, lane: Lane, bytes: vec2<u32>, queues: Queues) {
  let dimension = dimension_at(lane.dimension);
  plans[at + PHASE_NPUS] = lane.npus;
  plans[at + PHASE_STRIDE] = lane.stride;
  plans[at + PHASE_TOPOLOGY] = systems[dimension + DIMENSION_TOPOLOGY];
  plans[at + PHASE_DIMENSION_NPUS] = systems[dimension + DIMENSION_NPUS];
  plans[at + PHASE_ALGORITHM] = lane.algorithm;
  put_wide(at + PHASE_BYTES, bytes);
  plans[at + PHASE_ENDPOINT_NS] = lane.endpoint_ns;
  put_wide(at + PHASE_LATENCY_NS, system_wide(dimension + DIMENSION_LATENCY_NS));
  put_wide(at + PHASE_BYTES_PER_NS, system_wide(dimension + DIMENSION_BYTES_PER_NS));
  put_wide(at + PHASE_MEMORY_BANDWIDTH, system_wide(own_system + SYSTEM_MEMORY_BANDWIDTH));
  plans[at + PHASE_GROUP] = lane.group;
  plans[at + PHASE_QUEUE_FIRST] = queues.first;
  plans[at + PHASE_QUEUE_COUNT] = queues.count;
}

// The flow shop of the lanes, its phases behind the plan's header.
fn plan_lanes(kind: u32, chunk: Chunks) -> u32 {
  let back = comes_back(kind);
  let phases = select(lane_count, 2u * lane_count - 1u, back);
  let first_phase = own_plan + PLAN_WORDS + MAX_DIMENSIONS * DIMENSION_WORDS;
  var radix: array<u32, MAX_DIMENSIONS>;
  var bytes = chunk.bytes;
  var followers = 1u;
  var lines = 0u;
  var largest = 0u;
  for (var i = 0u; i < phases; i++) {
    let second = i >= lane_count;
    var station = select(i, phases - 1u - i, second || kind == COLLECTIVE_ALL_GATHER);
    let lane = lanes[station];
    let twice = back && station != lane_count - 1u;
    var own = kind;
    if (twice) { own = select(COLLECTIVE_REDUCE_SCATTER, COLLECTIVE_ALL_GATHER, second); }
    if (stops(own, lane.algorithm, lane.npus, bytes)) { return PLANNED_STOP; }
    let tree = lane.algorithm == ALGORITHM_DOUBLE_BINARY_TREE;
    if (tree && !second) {
      radix[station] = followers;
      followers *= lane.npus;
    }
    let queues = queues_of(kind, second);
    let at = first_phase + i * PHASE_WORDS;
    put_phase(at, lane, bytes, queues);
    plans[at + PHASE_STATION] = station;
    plans[at + PHASE_RADIX] = radix[station];
    plans[at + PHASE_KIND] = own;
    // A dimension's uses take the two trees in turn, and an all-reduce that comes back uses it twice for each chunk.
    plans[at + PHASE_TREE_FIRST] = select(0u, 1u, twice && second);
    plans[at + PHASE_TREE_STEP] = select(1u, 0u, twice);
    lines = max(lines, queues.first + queues.count);
    largest = max(largest, lane.npus);
    // A tree does an all-reduce whatever it is asked for.
    if (tree) { continue; }
    if (own == COLLECTIVE_REDUCE_SCATTER) { bytes = quotient(bytes, lane.npus); }
    if (own == COLLECTIVE_ALL_GATHER) { bytes = times(bytes, lane.npus); }
  }
  plans[own_plan + PLAN_CHUNKS] = chunk.count;
  plans[own_plan + PLAN_SERVERS] = servers_of();
  plans[own_plan + PLAN_PHASES] = phases;
  plans[own_plan + PLAN_FIRST_PHASE] = first_phase;
  plans[own_plan + PLAN_FOLLOWERS] = followers;
  plans[own_plan + PLAN_STATIONS] = lane_count;
  plans[own_plan + PLAN_LINES] = lines;
  plans[own_plan + PLAN_SCRATCH] = own_scratch;
  if (max(followers, chunk.count) > own_scratch_words) { return PLANNED_TOO_LARGE; }
  let words = shop_scratch_words(followers, chunk.count, phases, lane_count * lines, largest);
  return select(PLANNED_SHOP, PLANNED_TOO_LARGE, words > own_scratch_words);
}

// As scratchWords of planLayout.ts.
fn shop_scratch_words(followers: u32, chunks: u32, phases: u32, queues: u32, largest: u32) -> u32 {
  let runs = followers * chunks;
  return 2u * phases + 3u * followers * queues + runs * (2u + phases) + 16u * (runs + largest);
}

fn plan_all(kind: u32, chunk: Chunks) -> u32 {
  lane_count = 0u;
  for (var d = 0u; d < systems[own_system + SYSTEM_DIMENSIONS]; d++) {
    let algorithm = algorithm_of(d, kind);
    if (algorithm == NO_ALGORITHM) { continue; }
    let npus = systems[dimension_at(d) + DIMENSION_NPUS];
    lanes[lane_count] = Lane(d, algorithm, npus, 1u, systems[own_system + SYSTEM_ENDPOINT_NS], 0u);
    lane_count++;
  }
  return plan_lanes(kind, chunk);
}

fn has_algorithm(algorithm: u32) -> bool {
  return algorithm >= WINDOWED || algorithm == ALGORITHM_RING || algorithm == ALGORITHM_DIRECT ||
    algorithm == ALGORITHM_HALVING_DOUBLING || algorithm == ALGORITHM_DOUBLE_BINARY_TREE;
}

// Members are the NPUs from the first one on at equal distances. What is planned stands at the thread's plan.
fn plan_collective(first: u32, stride: u32, members: u32, kind: u32, bytes: vec2<u32>) -> u32 {
  for (var d = 0u; d < systems[own_system + SYSTEM_DIMENSIONS]; d++) {
    if (!has_algorithm(algorithm_of(d, kind))) { return PLANNED_STOP; }
  }
  let chunk = chunks_of(kind, bytes);
  if (chunk.count == 0u) { return PLANNED_STOP; }
  if (members == systems[own_system + SYSTEM_NPUS]) { return plan_all(kind, chunk); }
  plans[own_plan + PLAN_FIRST_MEMBER] = first;
  plans[own_plan + PLAN_MEMBER_STRIDE] = stride;
  plans[own_plan + PLAN_MEMBERS] = members;
  plans[own_plan + PLAN_SCRATCH] = own_scratch;
  return plan_group(kind, chunk);
}

// With a list of one algorithm a group runs it, however many dimensions there are; else a flat ring.
fn plan_group(kind: u32, chunk: Chunks) -> u32 {
  var listed = 0u;
  var algorithm = ALGORITHM_RING;
  for (var d = 0u; d < systems[own_system + SYSTEM_DIMENSIONS]; d++) {
    let own = algorithm_of(d, kind);
    if (own == NO_ALGORITHM) { continue; }
    if (listed == 0u) { algorithm = own; }
    listed++;
  }
  if (listed > 1u || algorithm == ALGORITHM_RING) { return plan_ring(kind, chunk); }
  if (algorithm == ALGORITHM_DOUBLE_BINARY_TREE) { return PLANNED_STOP; }
  if (group_lane(algorithm)) { return plan_lanes(kind, chunk); }
  if (stops(kind, algorithm, plans[own_plan + PLAN_MEMBERS], chunk.bytes)) { return PLANNED_STOP; }
  return plan_replay(kind, algorithm, chunk);
}

// The ring of a group: flatRingOf of flatRing.ts.
fn plan_ring(kind: u32, chunk: Chunks) -> u32 {
  let npus = plans[own_plan + PLAN_MEMBERS];
  let queues = queues_of(kind, false).count;
  let servers = servers_of();
  let rounds = ((chunk.count + queues - 1u) / queues + servers - 1u) / servers;
  put_wide(own_plan + PLAN_MESSAGE_BYTES, message_bytes(kind, npus, chunk.bytes));
  plans[own_plan + PLAN_ROUNDS] = rounds;
  plans[own_plan + PLAN_STEPS] = rounds * ring_steps(kind, npus);
  plans[own_plan + PLAN_REDUCTIONS] = rounds * select(0u, npus - 1u, reduces(kind));
  return select(PLANNED_RING, PLANNED_TOO_LARGE, 2u * npus > own_scratch_words);
}

// As protocolOf of replay.ts.
fn plan_replay(kind: u32, algorithm: u32, chunk: Chunks) -> u32 {
  let npus = plans[own_plan + PLAN_MEMBERS];
  let halving = algorithm == ALGORITHM_HALVING_DOUBLING;
  let window = select(window_of(algorithm, npus), 1u, halving);
  let direct = (npus - 1u) * select(1u, 2u, kind == COLLECTIVE_ALL_REDUCE);
  let messages = select(direct, halving_doubling_steps(kind, npus), halving);
  let lines = queues_of(kind, false).count;
  put_wide(own_plan + PLAN_MESSAGE_BYTES, chunk.bytes);
  plans[own_plan + PLAN_CHUNKS] = chunk.count;
  plans[own_plan + PLAN_SERVERS] = servers_of();
  plans[own_plan + PLAN_LINES] = lines;
  plans[own_plan + PLAN_MESSAGES] = messages;
  plans[own_plan + PLAN_WINDOW] = window;
  plans[own_plan + PLAN_KIND] = kind;
  plans[own_plan + PLAN_ALGORITHM] = algorithm;
  if (max(npus, max(messages, chunk.count)) > 1024u) { return PLANNED_TOO_LARGE; }
  let runs = npus * chunk.count;
  let words = npus * lines + runs * (4u + messages) + 4u * runs * (messages + 2u * window);
  return select(PLANNED_REPLAY, PLANNED_TOO_LARGE, words > own_scratch_words || runs > own_scratch_words);
}

// Makes the lane of a group that lies in one dimension so that all of its members are alike; false for others.
fn group_lane(algorithm: u32) -> bool {
  let step = plans[own_plan + PLAN_MEMBER_STRIDE];
  let members = plans[own_plan + PLAN_MEMBERS];
  var rest = plans[own_plan + PLAN_FIRST_MEMBER];
  var other = rest + step;
  var below = 1u;
  for (var d = 0u; d < systems[own_system + SYSTEM_DIMENSIONS]; d++) {
    let at = dimension_at(d);
    let npus = systems[at + DIMENSION_NPUS];
    if (rest % npus == other % npus) {
      rest /= npus;
      other /= npus;
      below *= npus;
      continue;
    }
    let stride = step / below;
    let span = members * stride;
    lanes[0] = Lane(d, algorithm, members, stride, GROUP_ENDPOINT_NS, 1u);
    lane_count = 1u;
    let whole = select(span <= npus, span == npus, systems[at + DIMENSION_TOPOLOGY] == NETWORK_TOPOLOGY_RING);
    return step % below == 0u && whole;
  }
  return false;
}
