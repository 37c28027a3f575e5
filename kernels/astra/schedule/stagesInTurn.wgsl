// Stages of a step of one micro-batch, each run by itself from what it is sent to what it sends. What they share is one token, which
// goes forward and back: activations, then gradients. Stages that do the same are run once. Twin of stagesInTurn.ts.

// Of the stage that ends last.
var<private> last_stage: u32;
var<private> last_elapsed: array<vec2<u32>, ELAPSED_TIMES>;
var<private> alike_elapsed: array<vec2<u32>, ELAPSED_TIMES>;
var<private> all_compute_ns: vec2<u32>;
// The token: when it began to be sent and arrives, as which of SEND, and where.
var<private> sent_ns: vec2<u32>;
var<private> arrival_ns: vec2<u32>;
var<private> send: u32;
var<private> receiver: u32;
// Is nothing running on the stage that got it?
var<private> clean: bool;
// The stage that runs has begun, and nothing has happened yet.
var<private> beginning: bool;

fn stage_words_of(index: u32) -> u32 {
  return step + steps[step + STEP_FIRST_STAGE] + index * STEP_STAGE_WORDS;
}

fn stage_state_of(index: u32) -> u32 {
  return steps[stage_words_of(index) + STEP_STAGE_STATE];
}

fn is_outer(index: u32) -> bool {
  return steps[stage_words_of(index) + STEP_STAGE_OUTER] == 1u;
}

fn send_ns(index: u32, which: u32) -> vec2<u32> {
  return duration_ns(index, steps[step + STEP_SEND_ROW] + which);
}

// Of results, those of the stage that ends last, of several the first.
fn take_result(index: u32, result: ptr<private, array<vec2<u32>, ELAPSED_TIMES>>) {
  all_compute_ns = sum(all_compute_ns, (*result)[ELAPSED_COMPUTE]);
  let finish = (*result)[ELAPSED_NOW];
  let level = all(finish == last_elapsed[ELAPSED_NOW]);
  if (less(finish, last_elapsed[ELAPSED_NOW]) || (level && index > last_stage)) { return; }
  last_stage = index;
  last_elapsed = *result;
}

// Does a stage between others get activations when all of its gathers have ended? So nothing of it runs.
fn is_clean(index: u32) -> bool {
  if (is_outer(index) || state[state_at(stage_state_of(index) + STAGE_STATE_RECEIVED)] > 0u) { return false; }
  if (steps[step + STEP_GATHER_ROWS] == 0u) { return true; }
  let gathers_ns = sum(duration_ns(index, steps[step + STEP_GATHER_ROWS]), duration_ns(index, steps[step + STEP_GATHER_ROWS + 1u]));
  return less(times(gathers_ns, steps[stage_words_of(index) + STEP_STAGE_LAYERS]), arrival_ns);
}

// The one that stands for a stage, plus 1; 0 where none does.
fn find_alike(index: u32) -> u32 {
  let layers = steps[stage_words_of(index) + STEP_STAGE_LAYERS];
  for (var other = 0u; other < index; other++) {
    if (state[state_at(stage_state_of(other) + STAGE_STATE_ALIKE)] != other + 1u) { continue; }
    if (steps[stage_words_of(other) + STEP_STAGE_LAYERS] != layers) { continue; }
    if (all(send_ns(other, SEND_FORWARD) == send_ns(index, SEND_FORWARD)) && all(send_ns(other, SEND_BACKWARD) == send_ns(index, SEND_BACKWARD))) {
      return other + 1u;
    }
  }
  return 0u;
}

fn open_stage(index: u32) {
  stage = index;
  stage_words = stage_words_of(index);
  graph = step + steps[stage_words + STEP_STAGE_GRAPH];
  nodes_at = step + steps[graph + STEP_GRAPH_NODES];
  layers = steps[stage_words + STEP_STAGE_LAYERS];
  first_layer = steps[graph + STEP_GRAPH_FIRST_LAYER];
  first_sum = steps[graph + STEP_GRAPH_FIRST_SUM];
  first_update = steps[graph + STEP_GRAPH_FIRST_UPDATE];
  stage_at = stage_state_of(index);
  waits_at = stage_at + STAGE_STATE_WORDS;
  bits_at = waits_at + vec2<u32>(steps[graph + STEP_GRAPH_BITS], steps[graph + STEP_GRAPH_BITS + 1u]);
  words_at = waits_at + vec2<u32>(steps[graph + STEP_GRAPH_WORDS], steps[graph + STEP_GRAPH_WORDS + 1u]);
  entered_layer = 0u;
  state[state_at(snapshot_at(SNAPSHOT_LAYER))] = 0u;
  if (steps[step + STEP_STAGES_AGREE] == 0u) { forget_layers(); }
  beginning = state[state_at(stage_at + STAGE_STATE_BEGUN)] == 0u;
  if (!beginning) {
    load_stage();
    return;
  }
  state[state_at(stage_at + STAGE_STATE_BEGUN)] = 1u;
  let image = step + steps[graph + STEP_GRAPH_IMAGE];
  for (var i = 0u; i < steps[graph + STEP_GRAPH_IMAGE_WORDS]; i++) { state[state_at(waits_at + i)] = steps[image + i]; }
  running = vec2<u32>(FREE, FREE);
  ready_count = vec2<u32>(steps[graph + STEP_GRAPH_SOURCES], steps[graph + STEP_GRAPH_SOURCES + 1u]);
  for (var i = 0u; i < elapsed_times(); i++) { elapsed[i] = vec2<u32>(0u, 0u); }
  gathers_begun = 0u;
}

fn load_stage() {
  gathers_begun = state[state_at(stage_at + STAGE_STATE_GATHERS_BEGUN)];
  compute_first = state[state_at(stage_at + STAGE_STATE_COMPUTE_FIRST)] == 1u;
  for (var slot = 0u; slot < slots(); slot++) {
    running[slot] = state[state_at(stage_at + STAGE_STATE_RUNNING + slot)];
    ready_count[slot] = state[state_at(stage_at + STAGE_STATE_READY + slot)];
    starts_ns[slot] = time_at(stage_at + STAGE_STATE_STARTS + 2u * slot);
    ends_ns[slot] = time_at(stage_at + STAGE_STATE_ENDS + 2u * slot);
  }
  for (var i = 0u; i < elapsed_times(); i++) { elapsed[i] = time_at(stage_at + STAGE_STATE_ELAPSED + 2u * i); }
}

fn save_stage() {
  state[state_at(stage_at + STAGE_STATE_GATHERS_BEGUN)] = gathers_begun;
  state[state_at(stage_at + STAGE_STATE_COMPUTE_FIRST)] = select(0u, 1u, compute_first);
  for (var slot = 0u; slot < slots(); slot++) {
    state[state_at(stage_at + STAGE_STATE_RUNNING + slot)] = running[slot];
    state[state_at(stage_at + STAGE_STATE_READY + slot)] = ready_count[slot];
    put_time(stage_at + STAGE_STATE_STARTS + 2u * slot, starts_ns[slot]);
    put_time(stage_at + STAGE_STATE_ENDS + 2u * slot, ends_ns[slot]);
  }
  read_elapsed(stage_at + STAGE_STATE_ELAPSED);
}

// A stage that another one stands for, which has run to its end, gets the gradient.
fn back(index: u32, stands: u32) {
  let at = stage_state_of(stands);
  for (var i = 0u; i < elapsed_times(); i++) { alike_elapsed[i] = time_at(at + STAGE_STATE_ELAPSED + 2u * i); }
  let backward_ns = time_at(at + STAGE_STATE_BACKWARD_NS);
  alike_elapsed[ELAPSED_NOW] = sum(arrival_ns, difference(alike_elapsed[ELAPSED_NOW], backward_ns));
  var busy_ns = alike_elapsed[ELAPSED_COMPUTE];
  for (var i = ELAPSED_EXPOSED; i < elapsed_times(); i++) { busy_ns = sum(busy_ns, alike_elapsed[i]); }
  alike_elapsed[ELAPSED_IDLE] = difference(alike_elapsed[ELAPSED_NOW], busy_ns);
  take_result(index, &alike_elapsed);
  sent_ns = sum(arrival_ns, time_at(at + STAGE_STATE_SENT_NS));
  arrival_ns = sum(sent_ns, send_ns(stands, SEND_BACKWARD));
  send = SEND_BACKWARD;
  receiver = index - 1u;
}

// The token goes on to a stage that has to be run, and opens that; tells whether that one stands for the receiver on its way back.
fn hand_on() -> bool {
  loop {
    let at = stage_state_of(receiver);
    let stands = state[state_at(at + STAGE_STATE_ALIKE)];
    if (stands != 0u) {
      if (state[state_at(stage_state_of(stands - 1u) + STAGE_STATE_DONE)] == 0u) {
        clean = false;
        open_stage(stands - 1u);
        return true;
      }
      back(receiver, stands - 1u);
      continue;
    }
    clean = steps[step + STEP_STAGES_AGREE] == 1u && is_clean(receiver);
    var like = 0u;
    if (clean) { like = find_alike(receiver); }
    if (like == 0u) { break; }
    state[state_at(at + STAGE_STATE_ALIKE)] = like;
    sent_ns = sum(arrival_ns, time_at(stage_state_of(like - 1u) + STAGE_STATE_FORWARD_NS));
    arrival_ns = sum(sent_ns, send_ns(like - 1u, SEND_FORWARD));
    send = SEND_FORWARD;
    receiver++;
  }
  open_stage(receiver);
  return false;
}

// The slot whose node ends before the token arrives, FREE where that comes first; false where their order is not told.
fn meet(slot: ptr<function, u32>) -> bool {
  if (*slot == FREE || less(arrival_ns, ends_ns[*slot])) {
    *slot = FREE;
  } else if (all(ends_ns[*slot] == arrival_ns)) {
    if (all(starts_ns[*slot] == sent_ns)) { return false; }
    if (less(sent_ns, starts_ns[*slot])) { *slot = FREE; }
  }
  return true;
}

// Runs a step; false where the order of two events is not told, so that stages must run together.
fn run_step() -> bool {
  for (var index = 0u; index < steps[step + STEP_STAGES]; index++) {
    let at = stage_state_of(index);
    for (var i = 0u; i < steps[step + STEP_MARKS]; i++) { state[state_at(at + i)] = 0u; }
  }
  last_stage = 0u;
  last_elapsed[ELAPSED_NOW] = vec2<u32>(0u, 0u);
  all_compute_ns = vec2<u32>(0u, 0u);
  receiver = 0u;
  clean = false;
  open_stage(0u);
  forget_layers();
  var arriving = false;
  var returning = false;
  var has_sent = false;
  // When the stage that runs got the token, and who did: it or one that it stands for.
  var got_ns = vec2<u32>(0u, 0u);
  var index = 0u;
  loop {
    let is_last = state[state_at(stage_at + STAGE_STATE_RECEIVED)] == steps[stage_words + STEP_STAGE_EXPECTED];
    var node = FREE;
    var is_over = false;
    if (beginning) {
      beginning = false;
    } else {
      var slot = next_slot();
      if (arriving && !meet(&slot)) { return false; }
      if (slot != FREE) {
        node = running[slot];
        account(ends_ns[slot]);
        running[slot] = FREE;
        if ((node_word(node) & (1u << NODE_BIT_LEAVES)) != 0u) {
          has_sent = true;
          sent_ns = starts_ns[slot];
          arrival_ns = ends_ns[slot];
          send = row_of(node) - steps[step + STEP_SEND_ROW];
          receiver = steps[stage_words + STEP_STAGE_RECEIVERS + send];
        }
      } else if (arriving) {
        arriving = false;
        node = steps[graph + STEP_GRAPH_RECEIVED + send];
        account(arrival_ns);
        state[state_at(stage_at + STAGE_STATE_RECEIVED)]++;
      } else {
        is_over = true;
      }
    }
    let leaves = node != FREE && (node_word(node) & (1u << NODE_BIT_LEAVES)) != 0u;
    if (!is_over) {
      if (node != FREE && !leaves) { tell(node); }
      issue();
      let mark = select(0u, (node_word(node) >> NODE_BIT_MARK) & 7u, node != FREE && !leaves && !arriving);
      if (mark != 0u) { mark_layer(node, mark); }
      if (!leaves || is_last) { continue; }
    }
    if (is_over && !is_last) { return false; }
    save_stage();
    let took_ns = difference(sent_ns, got_ns);
    if (returning) {
      put_time(stage_at + STAGE_STATE_BACKWARD_NS, got_ns);
      put_time(stage_at + STAGE_STATE_SENT_NS, took_ns);
      state[state_at(stage_at + STAGE_STATE_DONE)] = 1u;
      // As any other for which one stands that has run.
      receiver = index;
      arrival_ns = got_ns;
    } else if (is_over) {
      take_result(stage, &elapsed);
    }
    if (clean) {
      put_time(stage_at + STAGE_STATE_FORWARD_NS, took_ns);
      state[state_at(stage_at + STAGE_STATE_ALIKE)] = stage + 1u;
    }
    if (!has_sent) { break; }
    has_sent = false;
    returning = hand_on();
    index = receiver;
    got_ns = arrival_ns;
    arriving = true;
  }
  return true;
}
