/** Sums over many vectors, a row of an array each. */

/** Each row x of n numbers becomes M·x, M of n × n; also in place. */
export function transformRows(
  rows: Float64Array,
  matrix: Float64Array,
  transformed: Float64Array = new Float64Array(rows.length),
): Float64Array {
  const n = Math.sqrt(matrix.length);
  const x = new Float64Array(n);
  for (let row = 0; row < rows.length; row += n) {
    for (let i = 0; i < n; i++) x[i] = rows[row + i]!;
    for (let i = 0, at = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += matrix[at++]! * x[j]!;
      transformed[row + i] = sum;
    }
  }
  return transformed;
}

/** Σ w·y·yᵀ over the rows y. */
export function weightedOuterProducts(rows: Float64Array, weights: Float64Array, n: number): Float64Array {
  const sum = new Float64Array(n * n);
  for (let k = 0; k < weights.length; k++) {
    for (let i = 0; i < n; i++) {
      const left = weights[k]! * rows[k * n + i]!;
      for (let j = 0; j <= i; j++) sum[i * n + j]! += left * rows[k * n + j]!;
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum[j * n + i] = sum[i * n + j]!;
  return sum;
}
