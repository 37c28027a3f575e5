// Generations of designs that stay on the device: children are bred, simulated and ranked where their parents are.

struct Evolution {
  seed: u32,
  islands: u32,
  // slots of an island
  population: u32,
  tournament: u32,
  // shares of 2^32
  crossover: u32,
  migration: u32,
  mutation: u32,
  open_count: u32,
  limit_count: u32,
  // where the best of each workgroup are kept among the reports
  elites: u32,
  // genes with several values: number of the gene, and its NEARNESS_* · 2^16
  open_genes: array<vec4<u32>, OPEN_GENE_VECTORS>,
  // output, factor to the unit of the bound, 1 for an upper or -1 for a lower bound, bound
  limits: array<vec4<f32>, MAX_LIMITS>,
}

struct Generation {
  number: u32,
  // children that are made; the designs of further slots stay
  count: u32,
  // where the rows of parents and of their successors begin
  parents: u32,
  children: u32,
  // where the report begins
  report: u32,
}

// a row for each slot: digits, and the bits of the design's fitness
@group(2) @binding(0) var<storage, read_write> population: array<u32>;
// REPORT_* words for each generation, then fitness and slot of the best of each workgroup
@group(2) @binding(1) var<storage, read_write> reports: array<atomic<u32>>;
@group(2) @binding(2) var<uniform> evolution: Evolution;
@group(2) @binding(3) var<uniform> generation: Generation;

var<workgroup> group_report: array<atomic<u32>, REPORT_FITNESS>;
// complements, so that the largest is the best: memory begins as 0
var<workgroup> group_fitness: atomic<u32>;
var<workgroup> group_slot: atomic<u32>;

// Where the row of a slot begins among the parents.
fn parent_row(slot: u32) -> u32 {
  return generation.parents + slot * (GENE_COUNT + 1u);
}

// Fitness of the design in a slot of the parents; smaller is better.
fn parent_fitness(slot: u32) -> f32 {
  return bitcast<f32>(population[parent_row(slot) + GENE_COUNT]);
}

// Counts a design by its reasons and limits.
fn count_design(reasons: u32, broken: u32) {
  if (reasons == 0u && broken == 0u) {
    atomicAdd(&group_report[REPORT_FEASIBLE], 1u);
    return;
  }
  for (var bit = 0u; bit < STATUS_COUNT; bit++) {
    atomicAdd(&group_report[REPORT_REASONS + bit], (reasons >> bit) & 1u);
  }
  for (var bit = 0u; bit < evolution.limit_count; bit++) {
    atomicAdd(&group_report[REPORT_LIMITS + bit], (broken >> bit) & 1u);
  }
}

// Simulates the design whose digits begin at `row`, and counts it. Its fitness.
fn evaluate_row(row: u32) -> f32 {
  fix_design();
  decode_member(row);
  let reasons = simulate(0u) & request.infeasible;
  count_design(reasons, broken_limits());
  return fitness(objective_value(0u), violation(reasons));
}

// Fills a slot of the next generation: with its child, or with its parent where that is better. Its fitness.
fn succeed(slot: u32) -> f32 {
  let row = generation.children + slot * (GENE_COUNT + 1u);
  let parent = parent_row(slot);
  var best = parent_fitness(slot);
  var stays = true;
  if (slot < generation.count) {
    breed(slot, row);
    let mine = evaluate_row(row);
    // Of equals the younger: neutral steps lead across plateaus.
    stays = best < mine;
    best = select(mine, best, stays);
  }
  if (stays) {
    for (var gene = 0u; gene < GENE_COUNT; gene++) {
      population[row + gene] = population[parent + gene];
    }
  }
  population[row + GENE_COUNT] = bitcast<u32>(best);
  return best;
}

// Offers a design for the best of the workgroup, in two steps: all fitnesses, then the slots that have the best one.
fn offer_fitness(bits: u32) {
  atomicMax(&group_fitness, ~bits);
}

fn offer_slot(bits: u32, slot: u32) {
  if (~bits == atomicLoad(&group_fitness)) {
    atomicMax(&group_slot, ~slot);
  }
}

// One generation, a thread for each slot.
@compute @workgroup_size(WORKGROUP_SIZE)
fn evolve(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group_index = group_id.y * groups.x + group_id.x;
  let slot = group_index * WORKGROUP_SIZE + lane;
  let exists = slot < evolution.islands * evolution.population;
  var bits = bitcast<u32>(NO_DESIGN);
  if (exists) {
    bits = bitcast<u32>(succeed(slot));
  }
  offer_fitness(bits);
  workgroupBarrier();
  offer_slot(bits, slot);
  workgroupBarrier();
  for (var i = lane; i < REPORT_FITNESS; i += WORKGROUP_SIZE) {
    let count = atomicLoad(&group_report[i]);
    if (count != 0u) {
      atomicAdd(&reports[generation.report + i], count);
    }
  }
  if (lane == 0u) {
    atomicStore(&reports[evolution.elites + 2u * group_index], ~atomicLoad(&group_fitness));
    atomicStore(&reports[evolution.elites + 2u * group_index + 1u], ~atomicLoad(&group_slot));
  }
}

// The best design of the generation, of equals the first: one workgroup over the best of all.
@compute @workgroup_size(WORKGROUP_SIZE)
fn elect(@builtin(local_invocation_index) lane: u32) {
  let groups = (evolution.islands * evolution.population + WORKGROUP_SIZE - 1u) / WORKGROUP_SIZE;
  for (var i = lane; i < groups; i += WORKGROUP_SIZE) {
    offer_fitness(atomicLoad(&reports[evolution.elites + 2u * i]));
  }
  workgroupBarrier();
  for (var i = lane; i < groups; i += WORKGROUP_SIZE) {
    offer_slot(atomicLoad(&reports[evolution.elites + 2u * i]), atomicLoad(&reports[evolution.elites + 2u * i + 1u]));
  }
  workgroupBarrier();
  let row = generation.children + ~atomicLoad(&group_slot) * (GENE_COUNT + 1u);
  for (var gene = lane; gene < GENE_COUNT; gene += WORKGROUP_SIZE) {
    atomicStore(&reports[generation.report + REPORT_DIGITS + gene], population[row + gene]);
  }
  if (lane == 0u) {
    atomicStore(&reports[generation.report + REPORT_FITNESS], ~atomicLoad(&group_fitness));
  }
}
