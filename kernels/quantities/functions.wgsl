// Functions that formulas are made of. Twin of functions.ts; nothing is below 0.

// What cannot be divided has no value, which is 0. Units of the arguments.
fn quotient(a: f32, b: f32) -> f32 {
  return select(a / b, 0.0, b == 0.0 || a == 0.0);
}

// 1/x, and 0 where x is unknown.
fn inverse(x: f32) -> f32 {
  return quotient(1.0, x);
}

// The first where it has a value, else the second, of the same unit.
fn given(x: f32, otherwise: f32) -> f32 {
  return select(otherwise, x, x > 0.0);
}

// What the first exceeds the second by, of the same unit.
fn excess_of(x: f32, y: f32) -> f32 {
  return max(x - y, 0.0);
}

// 1 of more than one, else 0.
fn several(x: f32) -> f32 {
  return select(0.0, 1.0, x > 1.0);
}
