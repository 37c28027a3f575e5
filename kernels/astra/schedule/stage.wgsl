// The NPU of a pipeline stage: one slot for computations and one for collectives and sends. Twin of stage.ts.

// The stage that runs: its number, its words among the steps' and its graph's.
var<private> stage: u32;
var<private> stage_words: u32;
var<private> graph: u32;
var<private> nodes_at: u32;
// Its layers: how many, where their nodes begin, their sums and their updates. Each use would be a load of each lane's own.
var<private> layers: u32;
var<private> first_layer: u32;
var<private> first_sum: u32;
var<private> first_update: u32;
// Where its state begins, and how many nodes each one waits for.
var<private> stage_at: u32;
var<private> waits_at: u32;
// Of each slot: when what runs there began and ends.
var<private> starts_ns: array<vec2<u32>, 2>;
var<private> ends_ns: array<vec2<u32>, 2>;
// Where both run, did the computation begin before the communication?
var<private> compute_first: bool;

fn node_word(node: u32) -> u32 {
  return steps[nodes_at + 2u * node];
}

fn row_of(node: u32) -> u32 {
  return (node_word(node) >> NODE_BIT_ROW) & ROW_MASK;
}

fn slot_of(node: u32) -> u32 {
  return (node_word(node) >> NODE_BIT_SLOT) & 1u;
}

fn duration_ns(of_stage: u32, row: u32) -> vec2<u32> {
  let send_row = steps[step + STEP_SEND_ROW];
  let own = steps[step + STEP_ROW_STRIDE] * of_stage + row;
  let send = steps[step + STEP_FIRST_SEND] + steps[step + STEP_SEND_STRIDE] * of_stage + row - send_row;
  return durations_ns[durations_base + select(own, send, row >= send_row)];
}

// The slot whose node ends first, of two that end together the one that began first; FREE where none runs.
fn next_slot() -> u32 {
  if (running[COMPUTE] == FREE) { return select(COMMUNICATE, FREE, running[COMMUNICATE] == FREE); }
  if (running[COMMUNICATE] == FREE) { return COMPUTE; }
  let ahead = less(ends_ns[COMPUTE], ends_ns[COMMUNICATE]);
  let level = all(ends_ns[COMPUTE] == ends_ns[COMMUNICATE]);
  return select(COMMUNICATE, COMPUTE, ahead || (level && compute_first));
}

fn start(slot: u32, node: u32) {
  running[slot] = node;
  starts_ns[slot] = elapsed[ELAPSED_NOW];
  ends_ns[slot] = sum(elapsed[ELAPSED_NOW], duration_ns(stage, row_of(node)));
  // Computations begin first where both begin together.
  compute_first = slot == COMMUNICATE;
  touch(node);
}

// Adds the time since the last event to what the slots were doing.
fn account(now_ns: vec2<u32>) {
  let passed_ns = difference(now_ns, elapsed[ELAPSED_NOW]);
  elapsed[ELAPSED_NOW] = now_ns;
  var part = ELAPSED_IDLE;
  if (running[COMPUTE] != FREE) {
    part = ELAPSED_COMPUTE;
    if ((node_word(running[COMPUTE]) & (1u << NODE_BIT_UPDATES)) != 0u) {
      elapsed[ELAPSED_UPDATE] = sum(elapsed[ELAPSED_UPDATE], passed_ns);
    }
  } else if (running[COMMUNICATE] != FREE) {
    part = ELAPSED_EXPOSED + ((node_word(running[COMMUNICATE]) >> NODE_BIT_GROUP) & 3u);
  }
  elapsed[part] = sum(elapsed[part], passed_ns);
}

// Nothing runs but a node that is about to end.
fn end_now(node: u32) {
  let slot = slot_of(node);
  running = vec2<u32>(FREE, FREE);
  running[slot] = node;
  ends_ns[slot] = elapsed[ELAPSED_NOW];
  starts_ns[slot] = difference(elapsed[ELAPSED_NOW], duration_ns(stage, row_of(node)));
}
