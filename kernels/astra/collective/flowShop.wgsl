// Chunks of a collective that pass through the queues of the dimensions: twin of flowShop.ts.

const EVENT_END = 0u;
const EVENT_SEND_UP = 1u;
const EVENT_AT_PARENT = 2u;
const EVENT_REDUCED = 3u;
const EVENT_AT_CHILD = 4u;
const EVENT_PASS_DOWN = 5u;
const EVENTS = 6u;
const NOBODY = 0xffffffffu;
const BEGUN = 1u;
const EARLY = 2u;
const REDUCED = 256u;

var<private> shop_chunks: u32;
var<private> shop_servers: u32;
var<private> shop_phases: u32;
var<private> shop_first_phase: u32;
var<private> shop_followers: u32;
var<private> shop_stations: u32;
var<private> shop_lines: u32;
// Where the thread's scratch holds: durations (two words a phase), queues (running, head, tail), runs (phase, next in the
// queue), and for each run and phase its messages: begun, early ones and reduced ones in one word.
var<private> at_durations: u32;
var<private> at_queues: u32;
var<private> at_runs: u32;
var<private> at_messages: u32;
var<private> remaining: u32;
var<private> last: vec2<u32>;

fn phase_at(phase: u32) -> u32 {
  return shop_first_phase + phase * PHASE_WORDS;
}

fn is_tree(phase: u32) -> bool {
  return plans[phase_at(phase) + PHASE_ALGORITHM] == ALGORITHM_DOUBLE_BINARY_TREE;
}

fn place_of(follower: u32, chunk: u32, phase: u32) -> u32 {
  return (follower * shop_chunks + chunk) * shop_phases + phase;
}

fn run_of(follower: u32, chunk: u32) -> u32 {
  return at_runs + 2u * (follower * shop_chunks + chunk);
}

// Events that the one at hand brings about, and queues that it lets serve: collected, so that the code that adds and serves
// stands in the shader once (compilers inline every call).
var<private> outbox_times: array<vec2<u32>, 8>;
var<private> outbox_items: array<u32, 8>;
var<private> outbox_size: u32;
var<private> serving: array<u32, 2>;
var<private> serving_size: u32;

fn schedule(delay: vec2<u32>, kind: u32, follower: u32, chunk: u32, phase: u32) {
  outbox_times[outbox_size] = sum(now, delay);
  outbox_items[outbox_size] = place_of(follower, chunk, phase) * EVENTS + kind;
  outbox_size++;
}

fn queue_at(follower: u32, chunk: u32, phase: u32) -> u32 {
  let at = phase_at(phase);
  let line = plans[at + PHASE_QUEUE_FIRST] + chunk % plans[at + PHASE_QUEUE_COUNT];
  let station = plans[at + PHASE_STATION];
  return at_queues + 3u * ((follower * shop_stations + station) * shop_lines + line);
}

// A chunk joins the queue of its present phase.
fn join(follower: u32, chunk: u32) {
  let run = run_of(follower, chunk);
  let queue = queue_at(follower, chunk, scratch[run]);
  scratch[run + 1u] = NOBODY;
  if (scratch[queue + 1u] == NOBODY) {
    scratch[queue + 1u] = chunk;
  } else {
    scratch[run_of(follower, scratch[queue + 2u]) + 1u] = chunk;
  }
  scratch[queue + 2u] = chunk;
  serving[serving_size] = queue;
  serving_size++;
}

fn serve(follower: u32, queue: u32) {
  while (scratch[queue] < shop_servers && scratch[queue + 1u] != NOBODY) {
    let chunk = scratch[queue + 1u];
    let run = run_of(follower, chunk);
    scratch[queue]++;
    scratch[queue + 1u] = scratch[run + 1u];
    begin(follower, chunk, scratch[run]);
  }
}

// Of a symmetric phase, or what it takes to reduce a message of a tree.
fn duration(phase: u32) -> vec2<u32> {
  return vec2<u32>(scratch[at_durations + 2u * phase], scratch[at_durations + 2u * phase + 1u]);
}

// A leaf of a tree sends up; others reduce what came before they began.
fn begin(follower: u32, chunk: u32, phase: u32) {
  let at = at_messages + place_of(follower, chunk, phase);
  var delay = duration(phase);
  var kind = EVENT_END;
  var count = 1u;
  if (is_tree(phase)) {
    let leaf = children_of(follower, chunk, phase) == 0u;
    count = select((scratch[at] & (REDUCED - EARLY)) / EARLY, 1u, leaf);
    kind = select(EVENT_REDUCED, EVENT_SEND_UP, leaf);
    delay = processing(phase, !leaf);
    scratch[at] = (scratch[at] & ~(REDUCED - EARLY)) | BEGUN;
  }
  for (var i = 0u; i < count; i++) { schedule(delay, kind, follower, chunk, phase); }
}

// Time at the endpoint, and to reduce a message if it is.
fn processing(phase: u32, with_reduction: bool) -> vec2<u32> {
  let at = phase_at(phase);
  let endpoint = vec2<u32>(0u, plans[at + PHASE_ENDPOINT_NS]);
  if (!with_reduction) { return endpoint; }
  return sum(endpoint, duration(phase));
}

fn leave(follower: u32, chunk: u32, phase: u32) {
  let queue = queue_at(follower, chunk, phase);
  scratch[queue]--;
  scratch[run_of(follower, chunk)] = phase + 1u;
  if (phase + 1u == shop_phases) {
    remaining--;
    last = now;
  } else {
    join(follower, chunk);
  }
  serving[serving_size] = queue;
  serving_size++;
}

fn node_place(follower: u32, phase: u32) -> u32 {
  let at = phase_at(phase);
  return (follower / plans[at + PHASE_RADIX]) % plans[at + PHASE_NPUS];
}

fn node_tree(chunk: u32, phase: u32) -> u32 {
  let at = phase_at(phase);
  return (plans[at + PHASE_TREE_FIRST] + chunk * plans[at + PHASE_TREE_STEP]) % 2u;
}

fn children_of(follower: u32, chunk: u32, phase: u32) -> u32 {
  return tree_children(node_tree(chunk, phase), plans[phase_at(phase) + PHASE_NPUS], node_place(follower, phase));
}

// Sends to the parent, or to the children.
fn send(upwards: bool, follower: u32, chunk: u32, phase: u32) {
  let at = phase_at(phase);
  let npus = plans[at + PHASE_NPUS];
  let radix = plans[at + PHASE_RADIX];
  let tree = node_tree(chunk, phase);
  let place = node_place(follower, phase);
  let bytes = wide(at + PHASE_BYTES);
  let kind = select(EVENT_AT_CHILD, EVENT_AT_PARENT, upwards);
  read_lane(at);
  for (var i = 0u; i < select(tree_children(tree, npus, place), 1u, upwards); i++) {
    let goal = select(tree_child(tree, npus, place, i), tree_parent(tree, npus, place), upwards);
    let distance = max(goal, place) - min(goal, place);
    schedule(lane_message(distance, bytes), kind, follower + (goal - place) * radix, chunk, phase);
  }
}

fn handle(event: u32, follower: u32, chunk: u32, phase: u32) {
  let at = at_messages + place_of(follower, chunk, phase);
  let leaf = is_tree(phase) && children_of(follower, chunk, phase) == 0u;
  var next = EVENTS;
  var up = event == EVENT_SEND_UP;
  var down = event == EVENT_PASS_DOWN;
  if (event == EVENT_AT_PARENT) {
    // A child's message may come before its receiver has begun the phase.
    if ((scratch[at] & BEGUN) != 0u) { next = EVENT_REDUCED; } else { scratch[at] += EARLY; }
  } else if (event == EVENT_REDUCED) {
    scratch[at] += REDUCED;
    if (scratch[at] / REDUCED == children_of(follower, chunk, phase)) {
      let npus = plans[phase_at(phase) + PHASE_NPUS];
      up = tree_parent(node_tree(chunk, phase), npus, node_place(follower, phase)) != NO_PARENT;
      down = !up;
    }
  } else if (event == EVENT_AT_CHILD) {
    next = select(EVENT_PASS_DOWN, EVENT_END, leaf);
  }
  if (next != EVENTS) { schedule(processing(phase, !leaf), next, follower, chunk, phase); }
  if (up || down) { send(up, follower, chunk, phase); }
  if (down || event == EVENT_END) { leave(follower, chunk, phase); }
}

fn lay_out_scratch(base: u32) {
  let runs = shop_followers * shop_chunks;
  at_durations = base;
  at_queues = at_durations + 2u * shop_phases;
  at_runs = at_queues + 3u * shop_followers * shop_stations * shop_lines;
  at_messages = at_runs + 2u * runs;
  heap_base = at_messages + runs * shop_phases;
  for (var phase = 0u; phase < shop_phases; phase++) {
    let at = phase_at(phase);
    read_lane(at);
    var time: vec2<u32>;
    if (is_tree(phase)) {
      time = reduction_ns(wide(at + PHASE_BYTES), lane_memory_bandwidth);
    } else {
      time = symmetric_phase(at);
    }
    scratch[at_durations + 2u * phase] = time.x;
    scratch[at_durations + 2u * phase + 1u] = time.y;
  }
  for (var at = at_queues; at < at_runs; at += 3u) {
    scratch[at] = 0u;
    scratch[at + 1u] = NOBODY;
  }
  for (var at = at_runs; at < heap_base; at++) { scratch[at] = 0u; }
}

// Time at which the last NPU ends; the third word is 1, or 0 where chunks wait for one another for ever.
fn flow_shop(plan: u32) -> vec3<u32> {
  shop_chunks = plans[plan + PLAN_CHUNKS];
  shop_servers = plans[plan + PLAN_SERVERS];
  shop_phases = plans[plan + PLAN_PHASES];
  shop_first_phase = plans[plan + PLAN_FIRST_PHASE];
  shop_followers = plans[plan + PLAN_FOLLOWERS];
  shop_stations = plans[plan + PLAN_STATIONS];
  shop_lines = plans[plan + PLAN_LINES];
  lay_out_scratch(plans[plan + PLAN_SCRATCH]);
  remaining = shop_followers * shop_chunks;
  heap_clear();
  var joined = 0u;
  loop {
    var run = joined;
    outbox_size = 0u;
    serving_size = 0u;
    if (joined < shop_followers * shop_chunks) {
      joined++;
      join(run / shop_chunks, run % shop_chunks);
    } else if (heap_size > 0u) {
      let event = heap_take();
      let place = event / EVENTS;
      run = place / shop_phases;
      handle(event % EVENTS, run / shop_chunks, run % shop_chunks, place % shop_phases);
    } else {
      break;
    }
    for (var i = 0u; i < serving_size; i++) { serve(run / shop_chunks, serving[i]); }
    for (var i = 0u; i < outbox_size; i++) { heap_add(outbox_times[i], outbox_items[i]); }
  }
  return vec3<u32>(last, select(0u, 1u, remaining == 0u));
}
