/** What a parser of YAML says is wrong, in words of people who write such files. */

/** How the parser takes `8 "stage": 3`, on one line or over two: as entries of YAML without braces. In JSON a comma is left out. */
const NO_COMMA = /^(Block collections are not allowed within flow|Implicit keys need to be on a single line)/;

/**
 * The parser's first line in plain words; where it was stands beside it.
 *
 * @example
 * plainYamlError('Flow map in block collection must be sufficiently indented and end with a }', 'YAML');
 * // 'a mapping in braces must be sufficiently indented and end with a }'
 */
export function plainYamlError(message: string, kind: 'JSON' | 'YAML'): string {
  if (kind === 'JSON' && NO_COMMA.test(message)) return 'a comma is missing between two entries';
  const words = message
    .split('\n')[0]!
    .replace(/ at line \d+, column \d+:?$/, '')
    .replaceAll(/flow (map|sequence) items/gi, (_, what: string) =>
      what.toLowerCase() === 'map' ? 'entries' : 'elements',
    )
    .replaceAll(/flow (map|sequence)/gi, (_, what: string) => PLAIN[kind][what.toLowerCase() as 'map' | 'sequence']);
  // Indentation is nothing in JSON, and what blocks are is nothing to anybody.
  const indented =
    kind === 'JSON' ? /in block collection must be sufficiently indented and/ : /in block collection must/;
  return words.replace(indented, 'must');
}

const PLAIN = {
  JSON: { map: 'mapping', sequence: 'list' },
  YAML: { map: 'a mapping in braces', sequence: 'a list in brackets' },
} as const;
