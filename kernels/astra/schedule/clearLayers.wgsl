// Layers that a pass enters with a clear stage: nothing runs and nothing is ready but in the layer itself. What follows until the
// next layer is entered depends on that layer alone. Twin of clearLayers.ts.

// The layer that was entered last with a clear stage, plus 1, and the pass that did; 0 for none.
var<private> entered_layer: u32;
var<private> entered_direction: u32;

// Words of an entry: what the nodes of a layer wait for and which are ready, what runs and for how long yet, what began first.
fn entry_words() -> u32 {
  return layer_width() / 32u * (WAITS_BITS + SLOTS) + ENTRY_SLOT_WORDS;
}

fn waits_words() -> u32 {
  return layer_width() / WAITS_IN_WORD;
}

// The state begins with the last entry, the present one, by directions what is known: whether anything is, the entry, what it leaves,
// how long it takes; and what had passed at the last entry.
fn present_entry() -> u32 {
  return entry_words();
}

fn known_at(direction: u32) -> u32 {
  return 2u * entry_words() + (direction - FORWARD) * (1u + entry_words() + waits_words() + 2u * ELAPSED_TIMES);
}

fn entered_at() -> u32 {
  return known_at(BACKWARD + 1u);
}

fn forget_layers() {
  state[state_at(known_at(FORWARD))] = 0u;
  state[state_at(known_at(BACKWARD))] = 0u;
}

// Reads a layer; false where the stage is not clear beside it.
fn read_entry(first_node: u32, width: u32) -> bool {
  var at = present_entry();
  var ready = 0u;
  for (var slot = 0u; slot < slots(); slot++) {
    let node = running[slot];
    let runs = node != FREE;
    if (runs && (node < first_node || node >= first_node + width)) { return false; }
    state[state_at(at)] = select(FREE, node - first_node, runs);
    put_time(at + 1u, select(vec2<u32>(0u, 0u), difference(ends_ns[slot], elapsed[ELAPSED_NOW]), runs));
    at += 3u;
    for (var i = 0u; i < width / 32u; i++) {
      let bits = state[state_at(bits_at[slot] + first_node / 32u + i)];
      ready += countOneBits(bits);
      state[state_at(at)] = bits;
      at++;
    }
  }
  let both = running[COMPUTE] != FREE && running[COMMUNICATE] != FREE;
  state[state_at(at)] = select(0u, 1u, both && compute_first);
  copy_words(waits_at + first_node / WAITS_IN_WORD, at + 1u, waits_words());
  let any = running[COMPUTE] != FREE || running[COMMUNICATE] != FREE;
  return any && ready == ready_count.x + ready_count.y;
}

fn copy_words(origin: u32, goal: u32, count: u32) {
  for (var i = 0u; i < count; i++) { state[state_at(goal + i)] = state[state_at(origin + i)]; }
}

fn equals_entry(at: u32, other: u32) -> bool {
  let count = entry_words();
  var i = 0u;
  while (i < count && state[state_at(at + i)] == state[state_at(other + i)]) { i++; }
  return i == count;
}

// A pass enters a layer. Where it is known what that does, it is skipped, and so are those behind it. What follows the last of the
// stage is another thing, so its last node is left to end. Tells whether layers are skipped.
fn enter_layer(direction: u32, layer: u32) -> bool {
  let width = layer_width();
  let first_node = first_layer + layer * width;
  let entered = entered_layer;
  entered_layer = 0u;
  if (!read_entry(first_node, width)) { return false; }
  let forward = direction == FORWARD;
  let known = known_at(direction);
  let entry = known + 1u;
  let left = entry + entry_words();
  let took = left + waits_words();
  let follows = entered != 0u && entered == select(layer + 2u, layer, forward) && direction == entered_direction;
  if (follows && equals_entry(present_entry(), 0u)) {
    state[state_at(known)] = 1u;
    copy_words(0u, entry, entry_words());
    copy_words(waits_at + (first_layer + (entered - 1u) * width) / WAITS_IN_WORD, left, waits_words());
    read_elapsed_since(took, entered_at());
  }
  if (state[state_at(known)] == 1u && equals_entry(entry, present_entry())) {
    let count = select(layer + 1u, layers - layer, forward);
    let last = select(first_layer, first_node + (count - 1u) * width, forward) + steps[graph + STEP_GRAPH_ENDS + direction - FORWARD];
    // Behind a backward pass nobody asks what its layers wait for. Of a forward one the first and the last are written.
    for (var i = 0u; i < select(0u, count, forward); i += max(1u, count - 1u)) {
      copy_words(left, waits_at + (first_node + i * width) / WAITS_IN_WORD, waits_words());
    }
    if (forward && count > 2u) { write_later(layer + 1u, layers - 1u, layer); }
    for (var slot = 0u; slot < slots(); slot++) { clear_ready(slot, first_node / 32u, width / 32u); }
    pass_elapsed(took, count);
    end_now(last);
    return true;
  }
  copy_words(present_entry(), 0u, entry_words());
  read_elapsed(entered_at());
  entered_layer = layer + 1u;
  entered_direction = direction;
  return false;
}
