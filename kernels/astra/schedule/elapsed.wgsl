// What has passed on a stage, ns: all time, and of it what its slots did. Twin of elapsed.ts; times are whole numbers (high, low).

// Of the stage that runs, in the order of ELAPSED.
var<private> elapsed: array<vec2<u32>, ELAPSED_TIMES>;

// Since the run began, to the state.
fn read_elapsed(at: u32) {
  for (var i = 0u; i < elapsed_times(); i++) { put_time(at + 2u * i, elapsed[i]); }
}

// Since an earlier time of the run, which the state has.
fn read_elapsed_since(at: u32, before: u32) {
  for (var i = 0u; i < elapsed_times(); i++) { put_time(at + 2u * i, difference(elapsed[i], time_at(before + 2u * i))); }
}

// The same passes so many times.
fn pass_elapsed(at: u32, count: u32) {
  let passed_ns = times(time_at(at + 2u * ELAPSED_NOW), count);
  for (var slot = 0u; slot < slots(); slot++) {
    starts_ns[slot] = sum(starts_ns[slot], passed_ns);
    ends_ns[slot] = sum(ends_ns[slot], passed_ns);
  }
  for (var i = 0u; i < elapsed_times(); i++) { elapsed[i] = sum(elapsed[i], times(time_at(at + 2u * i), count)); }
}
