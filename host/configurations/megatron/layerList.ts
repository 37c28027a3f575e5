/** Lists of Megatron-LM with a zero or a one for each layer, such as `[0]*3+[1]*58` or `([1]*3+[0])*12`. */

import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { written } from '../row.js';

/**
 * A list of Python in few words, or what a number alone means.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE at the setting, where it is neither or has not as many elements as the model layers
 */
export function readLayerList(
  given: Given,
  setting: string,
  ofNumber: (every: number, layer: number) => boolean,
): boolean[] {
  const layers = given.needed('--num-layers');
  const text = given.text(setting) ?? '1';
  if (/^[1-9]\d*$/.test(text)) return Array.from({ length: layers }, (_, i) => ofNumber(Number(text), i));
  const repeated = text
    .replaceAll(/[\s'"]/g, '')
    .replaceAll(/\(([^()]*)\)\*(\d{1,4})/g, (_, part: string, n: string) =>
      new Array<string>(Number(n)).fill(part).join('+'),
    );
  const plain = repeated.replaceAll(/[()]/g, '');
  const parts = plain.split('+').map((part) => /^\[([\d,]+)\](?:\*(\d+))?$/.exec(part));
  const list = parts.flatMap((part) =>
    part === null ? [] : Array.from({ length: Number(part[2] ?? 1) }, () => part[1]!.split(',').map(Number)).flat(),
  );
  if (parts.includes(null) || list.length !== layers || list.some((one) => one > 1)) {
    throw given.error(setting, `${setting} is '${text}'`, `write a number, or ${layers} zeros and ones`);
  }
  return list.map((one) => one === 1);
}

export function writtenLayerList(setting: string, list: readonly boolean[]): WrittenSetting {
  return written(setting, `[${list.map(Number).join(',')}]`);
}
