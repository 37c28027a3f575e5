// The rule of the ready list without times: whenever something ends, each free slot takes the ready node of the lowest number. Twin
// of progress.ts.

var<private> running: vec2<u32>;

fn tell(node: u32) {
  let at = nodes_at + 2u * node;
  let count = steps[at] >> NODE_BIT_SUCCESSORS;
  let first = step + steps[at + 1u];
  for (var i = 0u; i < count; i++) {
    let successor = steps[first + i];
    let shift = WAITS_BITS * (successor % WAITS_IN_WORD);
    let word = state_at(waits_at + successor / WAITS_IN_WORD);
    let left = state[word] - (1u << shift);
    state[word] = left;
    if (((left >> shift) & WAITS_MASK) == 0u) { add_ready(slot_of(successor), successor); }
  }
}

fn issue() {
  for (var slot = 0u; slot < slots(); slot++) {
    if (running[slot] == FREE && ready_count[slot] > 0u) { start(slot, take_ready(slot)); }
  }
}
