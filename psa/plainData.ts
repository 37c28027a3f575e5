/** Plain data in files and messages: written to be read, and not believed unread. */
import type { z } from 'zod';

/** A whole file of JSON, for people too. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What a text of JSON says; undefined, which no such text is, where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Data as its schema has it.
 *
 * @param refuse makes the error of what is wrong first: `settings.islands: Too big`
 */
export function readPlain<T>(schema: z.ZodType<T>, plain: unknown, refuse: (why: string) => Error): T {
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw refuse(path.length === 0 ? message : `${path.join('.')}: ${message}`);
}
