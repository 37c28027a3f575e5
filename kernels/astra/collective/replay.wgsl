// Each member of a group followed message by message: twin of replay.ts.

const REPLAY_INJECTED = 0u;
const REPLAY_ARRIVED = 1u;
const REPLAY_RECEIVED = 2u;
const REPLAY_EVENTS = 3u;
const MESSAGE_AWAITED = 1u;
const MESSAGE_THERE = 2u;

// Words of a chunk of a member, before those of its messages.
const RUN_INJECTED = 0u;
const RUN_FREE = 1u;
const RUN_SENT = 2u;
const RUN_RECEIVED = 3u;
const RUN_MESSAGES = 4u;

var<private> replay_plan: u32;
var<private> replay_members: u32;
var<private> replay_chunks: u32;
var<private> replay_messages: u32;
var<private> replay_window: u32;
var<private> replay_kind: u32;
var<private> replay_halving: bool;
var<private> replay_bytes: vec2<u32>;
var<private> at_next: u32;
var<private> at_replay: u32;

fn replay_run(run: u32) -> u32 {
  return at_replay + run * (RUN_MESSAGES + replay_messages);
}

// Bytes of a message, and in a whole number of members how far it goes.
fn replay_message_bytes(message: u32) -> vec2<u32> {
  if (replay_halving) {
    return halving_doubling_message(replay_kind, replay_members, replay_bytes, message).bytes;
  }
  return message_bytes(replay_kind, replay_members, replay_bytes);
}

fn replay_receiver(member: u32, message: u32) -> u32 {
  if (!replay_halving) { return (member + 1u + message % (replay_members - 1u)) % replay_members; }
  let distance = halving_doubling_message(replay_kind, replay_members, replay_bytes, message).distance;
  return select(member - distance, member + distance, (member / distance) % 2u == 0u);
}

fn replay_delay(message: u32) -> vec2<u32> {
  let memory = wide(replay_plan + PLAN_MEMORY_BANDWIDTH);
  var reduced = vec2<u32>(0u, 0u);
  if (replay_halving) {
    if (message < replay_messages) {
      reduced = halving_doubling_message(replay_kind, replay_members, replay_bytes, message).reduced_bytes;
    }
  } else {
    let turn = replay_window * replay_members;
    let reducing = replay_kind == COLLECTIVE_REDUCE_SCATTER || (message / turn) % 2u == 0u;
    if (reduces(replay_kind) && reducing && message % turn >= replay_window) { reduced = replay_message_bytes(message); }
  }
  return sum(vec2<u32>(0u, GROUP_ENDPOINT_NS), reduction_ns(reduced, memory));
}

fn replay_event(kind: u32, run: u32, message: u32) -> u32 {
  return (run * replay_messages + message) * REPLAY_EVENTS + kind;
}

fn replay_send(run: u32) {
  let at = replay_run(run);
  let message = scratch[at + RUN_SENT];
  if (message == replay_messages || scratch[at + RUN_FREE] == 0u) { return; }
  let member = run / replay_chunks;
  let receiver = replay_receiver(member, message);
  let origin = member_at(replay_plan, member);
  let time = route_ns(replay_plan, origin, member_at(replay_plan, receiver), replay_message_bytes(message));
  heap_add(sum(now, time), replay_event(REPLAY_ARRIVED, receiver * replay_chunks + run % replay_chunks, message));
  scratch[at + RUN_SENT]++;
  scratch[at + RUN_FREE]--;
  if (scratch[at + RUN_MESSAGES + message] == MESSAGE_THERE) {
    heap_add(now, replay_event(REPLAY_RECEIVED, run, message));
  } else {
    scratch[at + RUN_MESSAGES + message] = MESSAGE_AWAITED;
  }
}

// A message is ready to leave; true where that ends the chunk.
fn replay_inject(run: u32) -> bool {
  let at = replay_run(run);
  let first_half = select(0u, replay_members - 1u, replay_kind == COLLECTIVE_ALL_REDUCE && !replay_halving);
  scratch[at + RUN_FREE]++;
  var sends = 1u;
  if (first_half > 0u && scratch[at + RUN_SENT] >= first_half) {
    if (scratch[at + RUN_RECEIVED] < first_half) { return false; }
    sends = replay_window;
  }
  for (; sends > 0u; sends--) { replay_send(run); }
  return scratch[at + RUN_SENT] == replay_messages && scratch[at + RUN_FREE] == replay_window;
}

fn lay_out_replay(plan: u32) {
  replay_plan = plan;
  replay_members = plans[plan + PLAN_MEMBERS];
  replay_chunks = plans[plan + PLAN_CHUNKS];
  replay_messages = plans[plan + PLAN_MESSAGES];
  replay_window = plans[plan + PLAN_WINDOW];
  replay_kind = plans[plan + PLAN_KIND];
  replay_halving = plans[plan + PLAN_ALGORITHM] == ALGORITHM_HALVING_DOUBLING;
  replay_bytes = wide(plan + PLAN_MESSAGE_BYTES);
  at_next = plans[plan + PLAN_SCRATCH];
  at_replay = at_next + replay_members * plans[plan + PLAN_LINES];
  heap_base = at_replay + replay_members * replay_chunks * (RUN_MESSAGES + replay_messages);
  for (var at = at_next; at < heap_base; at++) { scratch[at] = 0u; }
  heap_clear();
}

// Time at which the last member ends; the third word is 1, or 0 where they wait for one another for ever.
fn replay(plan: u32) -> vec3<u32> {
  lay_out_replay(plan);
  let lines = plans[plan + PLAN_LINES];
  let servers = plans[plan + PLAN_SERVERS];
  var unfinished = replay_members * replay_chunks;
  var begun = 0u;
  var line = NOBODY;
  var preparing = 0u;
  var run = 0u;
  loop {
    if (line != NOBODY) {
      // The next chunk of a queue begins.
      let chunk = line % lines + lines * scratch[at_next + line];
      if (chunk < replay_chunks) {
        scratch[at_next + line]++;
        run = line / lines * replay_chunks + chunk;
        preparing = replay_window;
      }
      line = NOBODY;
    }
    for (; preparing > 0u; preparing--) {
      let at = replay_run(run) + RUN_INJECTED;
      heap_add(sum(now, replay_delay(scratch[at])), replay_event(REPLAY_INJECTED, run, 0u));
      scratch[at]++;
    }
    if (begun < replay_members * lines * servers) {
      line = begun / servers;
      begun++;
      continue;
    }
    if (unfinished == 0u || heap_size == 0u) { break; }
    let event = heap_take();
    let message = event / REPLAY_EVENTS % replay_messages;
    let kind = event % REPLAY_EVENTS;
    run = event / REPLAY_EVENTS / replay_messages;
    let state = replay_run(run) + RUN_MESSAGES + message;
    if (kind == REPLAY_INJECTED) {
      if (replay_inject(run)) {
        unfinished--;
        line = run / replay_chunks * lines + run % replay_chunks % lines;
      }
    } else if (kind == REPLAY_ARRIVED && scratch[state] != MESSAGE_AWAITED) {
      scratch[state] = MESSAGE_THERE;
    } else {
      scratch[replay_run(run) + RUN_RECEIVED]++;
      preparing = 1u;
    }
  }
  return vec3<u32>(now, select(0u, 1u, unfinished == 0u));
}
