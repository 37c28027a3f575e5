/**
 * Rotation of queries and keys (RoPE, arXiv 2104.09864) where it is no kernel but an operation each, as in Megatron-Core's
 * rope_utils.py: its fused kernel knows no factor of YaRN (arXiv 2309.00071, 3.4), which models of longer contexts have. And heads of
 * latent attention that are joined anew behind it, as NeMo AutoModel's are (deepseek_v3/layers.py); Megatron-Core's kernel for them
 * writes whole heads.
 */
import type { ModelPhase } from '../../psa/space.js';
import type { Operation } from './operation.js';
import { elementwise, under, type When } from './rows.js';

/**
 * Of a rotation: a half is negated, the halves are joined, either is multiplied, both are added, and joined with what is not rotated.
 * Backward: the same but the last, slices of the input are put into zeros, and three gradients are added.
 */
const FORWARD = { reads: 6.5, writes: 5.5 } as const;
const BACKWARD = { reads: 8.5, writes: 8.5 } as const;

/** Of latent attention a part of each head is rotated, and joined with the rest; all heads share the key's. */
function rotated(m: ModelPhase, suffix: string, { reads, writes }: typeof FORWARD | typeof BACKWARD): Operation[] {
  if (m.phase !== 'training' || m.learnedPositions) return [];
  const latent = m.kvRank > 0;
  const queries = m.seq * m.heads * (latent ? m.ropeDim : m.headDim);
  const keys = m.seq * m.kvHeads * m.headDim;
  const joined = m.seq * m.heads * m.headDim;
  const apart: When = { rotaryApart: true };
  const rotateQueries = `rotate ${latent ? 'parts of ' : ''}queries${suffix}`;
  return [
    ...under(apart, [elementwise(rotateQueries, queries, 'tokensRotated', reads, writes)]),
    ...(latent
      ? under({ rotaryCopied: true }, [elementwise(`join rotated heads${suffix}`, joined, 'tokensRotated', 2, 2)])
      : under(apart, [elementwise(`rotate keys${suffix}`, keys, 'tokensKvRotated', reads, writes)])),
  ];
}

export function rotate(m: ModelPhase): Operation[] {
  return rotated(m, '', FORWARD);
}

export function rotateBackward(m: ModelPhase): Operation[] {
  return rotated(m, ' bwd', BACKWARD);
}
