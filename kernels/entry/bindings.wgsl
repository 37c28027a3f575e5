// All that the host hands to a dispatch. Group 0 is the space and the run of designs, group 1 what is asked of it.
// host/backends/webgpu/structs.ts fills the structs, and reads here how they lie in memory.

struct Request {
  // designs in this dispatch
  count: u32,
  // samples: the key, and the 64-bit number of the first
  seed: u32,
  start_low: u32,
  start_high: u32,
  // sweeps: statuses that make a design infeasible
  infeasible: u32,
  // 1 to keep a Pareto front
  pareto: u32,
  // members of `front` in use
  front_size: u32,
  // the first objective must be below this to be kept for its rank
  threshold: f32,
  // neighbouring designs that a thread walks, each from the one before: ordinals
  run: u32,
  // limits in use
  limit_count: u32,
  // output, factor to the unit of the bound, 1 for an upper or -1 for a lower bound, bound
  limits: array<vec4<f32>, MAX_LIMITS>,
}

@group(0) @binding(0) var<uniform> request: Request;
// tables of the genes, each value in its parameter's unit, see geneProgram.ts
@group(0) @binding(1) var<storage, read> gene_values: array<f32>;
// digits of the first ordinal, or a row per design
@group(0) @binding(2) var<storage, read> digits: array<u32>;

// evaluate: OUTPUT_COUNT numbers and a status for each design; bound: see bound.wgsl
@group(1) @binding(0) var<storage, read_write> result_outputs: array<f32>;
@group(1) @binding(1) var<storage, read_write> result_status: array<u32>;

// sweep, bound: OBJECTIVE_STRIDE numbers for each objective, see kernels/objective
@group(1) @binding(2) var<storage, read> objectives: array<f32>;
// objectives of members of the front so far; unused objectives are 0
@group(1) @binding(3) var<uniform> front: array<vec4<f32>, FRONT_CAPACITY>;
// COUNTER_* counts
@group(1) @binding(4) var<storage, read_write> counters: array<atomic<u32>>;
// CANDIDATE_STRIDE words for each: index of the thread, bits of MAX_OBJECTIVES values
@group(1) @binding(5) var<storage, read_write> candidates: array<u32>;

// Number of this thread over the two-dimensional grid.
fn thread_index(id: vec3<u32>, groups: vec3<u32>) -> u32 {
  return id.y * groups.x * WORKGROUP_SIZE + id.x;
}
