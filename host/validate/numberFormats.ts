import type { CODE } from '../../psa/parameters.js';

/** A number format of products: `workload.precision`. */
export type NumberFormat = keyof (typeof CODE)['workload']['precision'];

/** Number formats by what public tables call them; the two of 16 bits are as fast, and as wide. */
export const NUMBER_FORMATS = {
  fp16: 'bf16',
  bf16: 'bf16',
  fp8: 'fp8',
  fp8_block: 'fp8Block',
  mxfp8: 'mxfp8',
  int8: 'int8',
  nvfp4: 'nvfp4',
  fp4: 'nvfp4',
} as const satisfies Readonly<Record<string, NumberFormat>>;

export function numberFormatOf(name: string): NumberFormat | undefined {
  return (NUMBER_FORMATS as Readonly<Record<string, NumberFormat>>)[name];
}
