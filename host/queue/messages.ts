/** What travels over a queue: texts of bounded size, signed, that nobody believes unread. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { CosmicError } from '../../psa/errors.js';

/** Characters of a message: a part, or what it comes to. */
export const MOST_CHARACTERS = 100_000;

/** What a message unpacks to at most: more is no message of ours. */
const MOST_BYTES = 64 * MOST_CHARACTERS;

/** Goes up when messages change. */
export const PROTOCOL = 3;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const messageSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  body: z.base64().max(MOST_CHARACTERS),
  seal: hash,
});

/** A packed text, and the seal that tells who wrote it for what. */
export type Message = z.infer<typeof messageSchema>;

/** The message is too long; a smaller part has a shorter one. */
export const TOO_LARGE = 'the result is larger than a message may be';

/** What the message of a result is for: the seal holds for what a part of a run came to, done by this evaluator. */
export function resultPurpose(run: string, part: string, provenance: string): string {
  return `${run}/${part}/result\n${provenance}`;
}

/** A seal over a text and what it is for, by those who know the secret; without one it shows accidents alone. */
function sealOf(secret: string, purpose: string, body: string): string {
  return createHmac('sha256', `cosmic ${secret}`).update(`${purpose}\n${body}`).digest('hex');
}

/**
 * Packs bytes.
 *
 * @param purpose what it is the message of, such as a run and a part of it: elsewhere the seal does not fit
 * @returns undefined where it would be too long
 */
export function pack(secret: string, purpose: string, bytes: string | Uint8Array): Message | undefined {
  const body = deflateRawSync(bytes).toString('base64');
  if (body.length > MOST_CHARACTERS) return undefined;
  return { protocol: PROTOCOL, body, seal: sealOf(secret, purpose, body) };
}

/**
 * Unpacks a message.
 *
 * @param what of it, for the error
 * @throws CosmicError QUEUE where it is none, or not as it was written
 */
export function unpack(secret: string, purpose: string, plain: unknown, what: string): Buffer {
  const complain = (why: string) =>
    new CosmicError('QUEUE', `${what} ${why}`, {
      remedy: 'see who else writes to the server; COSMIC_QUEUE_SECRET must be the same for all who work on a run',
    });
  const parsed = messageSchema.safeParse(plain);
  if (!parsed.success) throw complain('is no message of this version');
  const { body, seal } = parsed.data;
  const own = sealOf(secret, purpose, body);
  if (!timingSafeEqual(Buffer.from(seal), Buffer.from(own))) throw complain('is not as it was written');
  try {
    return inflateRawSync(Buffer.from(body, 'base64'), { maxOutputLength: MOST_BYTES });
  } catch {
    throw complain('cannot be unpacked');
  }
}
