// What has passed on a stage, ns: all time, and of it what its slots did. Twin of elapsed.ts; times are whole numbers (high, low).

// Of the stage that runs, in the order of ELAPSED.
var<private> elapsed: array<vec2<u32>, ELAPSED_TIMES>;
// When a layer was entered.
var<private> entered_at: array<vec2<u32>, ELAPSED_TIMES>;

fn read_elapsed() {
  entered_at = elapsed;
}

// Since a layer was entered, to the state.
fn read_elapsed_since(at: u32) {
  for (var i = 0u; i < ELAPSED_TIMES; i++) { put_time(at + 2u * i, difference(elapsed[i], entered_at[i])); }
}

// The same passes so many times.
fn pass_elapsed(at: u32, count: u32) {
  for (var i = 0u; i < ELAPSED_TIMES; i++) { elapsed[i] = sum(elapsed[i], times(time_at(at + 2u * i), count)); }
}
