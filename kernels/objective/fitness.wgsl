// How good a design is, for those that evolve. Twin of fitness.ts; reads `outputs` and `design` of the simulator.

// From 0 … ∞ to 0 … 1: a distance (a share, without unit) never outweighs a reason.
fn squash(distance: f32) -> f32 {
  return select(0.0, 1.0 - 1.0 / (1.0 + distance), distance > 0.0);
}

// By which share of its bound the design breaks limit k; 0 where it keeps it.
fn excess(k: u32) -> f32 {
  let limit = request.limits[k];
  let value = quantity(u32(limit.x)) * limit.y;
  let over = limit.z * (value - limit.w);
  return select(0.0, min(over / max(abs(limit.w), SMALLEST_NORMAL), LARGEST), over > 0.0);
}

// The limits that the design breaks, one bit each in their order.
fn broken_limits() -> u32 {
  var broken = 0u;
  for (var k = 0u; k < request.limit_count; k++) {
    broken |= select(0u, 1u << k, excess(k) > 0.0);
  }
  return broken;
}

// How far the design is from feasible: 0 where it is, else one and a share for each reason and limit, without unit.
fn violation(reasons: u32) -> f32 {
  var sum = f32(countOneBits(reasons));
  if ((reasons & STATUS_MEMORY) != 0u) {
    sum += squash(min(outputs[OUTPUT_RESERVED_MB] / max(usable_mb(), SMALLEST_NORMAL), LARGEST) - 1.0);
  }
  for (var k = 0u; k < request.limit_count; k++) {
    let share = excess(k);
    if (share > 0.0) {
      sum += 1.0 + squash(share);
    }
  }
  return sum;
}

// Objective (in its own unit) and violation as one number by Deb's rules; smaller is better, never negative.
fn fitness(objective: f32, violation: f32) -> f32 {
  return select(INFEASIBLE * (1.0 + violation), min(objective, INFEASIBLE), violation == 0.0);
}
