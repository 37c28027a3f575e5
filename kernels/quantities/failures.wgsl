// What failures cost a job that writes checkpoints. Twin of failures.ts, which says where it is from.

// e^x - 1 without unit, exact of small x: its series, whose terms fall fast below a half.
fn exp_minus_one(x: f32) -> f32 {
  var sum = 1.0;
  for (var term = 10.0; term > 1.0; term -= 1.0) {
    sum = 1.0 + x / term * sum;
  }
  return select(exp(x) - 1.0, x * sum, x < 0.5);
}

// Time between checkpoints that loses least, s.
fn daly_interval(write_s: f32, mtbf_s: f32) -> f32 {
  let share = write_s / (2.0 * mtbf_s);
  let root = sqrt(share);
  return select(2.0 * mtbf_s * root * (1.0 + root / 3.0 + share / 9.0 - root), mtbf_s, share >= 1.0);
}

// Share of the time in which steps are made that count, of times in s.
fn daly_goodput(write_s: f32, restart_s: f32, mtbf_s: f32) -> f32 {
  let lost = exp(-min(restart_s / mtbf_s, MOST_EXPONENT_OF_LOSS));
  let period = daly_interval(write_s, mtbf_s) / mtbf_s;
  let whole = exp_minus_one(min(period + write_s / mtbf_s, MOST_EXPONENT_OF_LOSS));
  return select(lost, lost * period / whole, period > 0.0);
}

// Chance that no more nodes are under repair than there are spares; both in nodes.
fn available(spares: f32, away_in_all: f32) -> f32 {
  let away = min(away_in_all, HOPELESSLY_AWAY + 2.0 * spares);
  var rest = max(away - REPAIR_PIECE, 0.0);
  var term = exp(-min(away, REPAIR_PIECE));
  var sum = term;
  for (var nodes = 1.0; nodes <= spares; nodes += 1.0) {
    term *= away / nodes;
    sum += term;
    if (sum > 1.0 && rest > 0.0) {
      let piece = min(rest, REPAIR_PIECE);
      let factor = select(exp(-piece), LEFT_BY_PIECE, piece == REPAIR_PIECE);
      term *= factor;
      sum *= factor;
      rest -= piece;
    }
  }
  return clamp(sum * exp(-rest), exp(-MOST_EXPONENT_OF_LOSS), 1.0);
}
