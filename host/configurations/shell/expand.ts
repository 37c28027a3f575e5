/** Puts the variables of a shell script into its words; nothing is executed. */
import type { Assignment, DoubleQuotedChild, ParameterExpansionPart, Word, WordPart } from 'unbash';
import { arithmeticValue } from './arithmetic.js';
import { type Chunk, type Field, fieldsOf, type Span, type Token } from './fields.js';

/** A variable's value; an array has several elements. */
type Variable = { readonly chunks: readonly Chunk[] } | { readonly elements: readonly Field[] };

/** Backslashes of a literal are taken out; what is left stands in the file as it is. */
function literal(raw: string, at: number, inQuotes: boolean): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  const push = (end: number, quoted: boolean) => {
    if (end > start) chunks.push({ text: raw.slice(start, end), at: at + start, quoted, uses: [] });
  };
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] !== '\\' || i + 1 >= raw.length) continue;
    const next = raw[i + 1]!;
    if (inQuotes && !'$`"\\\n'.includes(next)) continue;
    push(i, inQuotes);
    start = i + 2;
    if (next !== '\n') chunks.push({ text: next, at: at + i + 1, quoted: true, uses: [] });
    i++;
  }
  push(raw.length, inQuotes);
  return chunks;
}

/** Text that stands nowhere in the file. */
function computed(text: string, quoted: boolean, unknown?: string): Chunk {
  return { text, at: undefined, quoted, uses: [], ...(unknown === undefined ? {} : { unknown }) };
}

const isChunk = (token: Token): token is Chunk => token !== 'break';

/** Is it what a command would print, or an expansion that is not followed? Variables have plain names. */
const isPrinted = ({ unknown }: Chunk): boolean => unknown?.startsWith('$') === true;

/** Variables, as far as a script has come. */
export class Variables {
  readonly #values = new Map<string, Variable>();
  /** Those of the environment that nothing has looked at yet. */
  readonly #unread: Set<string>;
  /** Where the script sets such a one: offsets in the file. */
  readonly #replaced = new Map<string, number>();

  /** @param given what the environment is to have */
  constructor(given: ReadonlyMap<string, string>) {
    for (const [name, text] of given) this.#values.set(name, { chunks: [computed(text, false)] });
    this.#unread = new Set(given.keys());
  }

  isSet(name: string): boolean {
    this.#unread.delete(name);
    return this.#values.has(name);
  }

  /** Where the script sets a variable whatever the environment says; undefined where it looks at it before, or never sets it. */
  replacedAt(name: string): number | undefined {
    return this.#replaced.get(name);
  }

  /** Its text, with elements of an array joined; undefined where the file does not say it. */
  text(name: string): string | undefined {
    const tokens = this.#variable(name, undefined, false);
    if (tokens.some((token) => isChunk(token) && token.unknown !== undefined)) return undefined;
    return tokens.map((token) => (isChunk(token) ? token.text : ' ')).join('');
  }

  /** Sets it to a number that stands nowhere in the file. */
  compute(name: string, value: number): void {
    this.#values.set(name, { chunks: [computed(String(value), false)] });
  }

  set(name: string, fields: readonly Field[]): void {
    this.#values.set(name, { elements: fields });
  }

  assign({ name, value, append, index, pos }: Assignment): void {
    const before = append === true ? this.#values.get(name) : undefined;
    this.#set(name, value, before, index);
    // NNODES=${NNODES:-4} has looked at it by now.
    if (append !== true && this.#unread.delete(name)) this.#replaced.set(name, pos);
  }

  #set(name: string, value: Assignment['value'], before: Variable | undefined, index: Assignment['index']): void {
    if (value.type === 'ArrayValue') {
      const elements = value.elements.flatMap((word) => this.fields(word));
      this.#values.set(name, { elements: [...this.#elements(before), ...elements] });
      return;
    }
    // An element that is set alone: what else the array has cannot be told apart from it.
    if (index !== undefined) {
      this.#values.set(name, { chunks: [computed('', false, name)] });
      return;
    }
    const chunks = this.#tokens(value).map(
      (token): Chunk => (isChunk(token) ? { ...token, quoted: false } : computed(' ', false)),
    );
    if (before !== undefined && 'elements' in before) {
      this.#values.set(name, { elements: [...before.elements, ...fieldsOf(chunks)] });
    } else this.#values.set(name, { chunks: [...(before?.chunks ?? []), ...chunks] });
  }

  /** The arguments that a word becomes. */
  fields(word: Word): Field[] {
    return fieldsOf(this.#tokens(word));
  }

  /** What a word says as one text, where what nothing sets is empty; undefined where a command would say it. */
  word(word: Pick<Word, 'parts' | 'text' | 'pos'>): string | undefined {
    const tokens = this.#tokens(word);
    if (tokens.some((token) => isChunk(token) && isPrinted(token))) return undefined;
    return tokens.map((token) => (isChunk(token) ? token.text : ' ')).join('');
  }

  /** A number, of a variable that has one. */
  number(name: string): number | undefined {
    const text = this.text(name);
    return text !== undefined && /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined;
  }

  #elements(variable: Variable | undefined): readonly Field[] {
    if (variable === undefined) return [];
    return 'elements' in variable ? variable.elements : fieldsOf(variable.chunks);
  }

  #tokens({ parts, text, pos }: Pick<Word, 'parts' | 'text' | 'pos'>): Token[] {
    return parts === undefined ? literal(text, pos, false) : parts.flatMap((part) => this.#part(part, false));
  }

  #part(part: WordPart | DoubleQuotedChild, quoted: boolean): Token[] {
    const tokens = this.#partTokens(part, quoted);
    const isUse =
      part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion' || part.type === 'ArithmeticExpansion';
    if (!isUse) return tokens;
    const use: Span = { start: part.pos, end: part.end };
    return tokens.map((token) => (isChunk(token) ? { ...token, uses: [...token.uses, use] } : token));
  }

  #partTokens(part: WordPart | DoubleQuotedChild, quoted: boolean): Token[] {
    switch (part.type) {
      case 'Literal':
        return literal(part.text, part.pos, quoted);
      case 'SingleQuoted':
        return [{ text: part.value, at: part.pos + 1, quoted: true, uses: [] }];
      case 'AnsiCQuoted':
        return [computed(part.value, true)];
      case 'DoubleQuoted':
      case 'LocaleString': {
        const tokens = part.parts.flatMap((inner) => this.#part(inner, true));
        return tokens.length > 0 ? tokens : [computed('', true)];
      }
      case 'SimpleExpansion':
        return this.#variable(part.text.slice(1), undefined, quoted);
      case 'ParameterExpansion':
        return this.#parameter(part, quoted);
      case 'ArithmeticExpansion': {
        const value = part.expression && arithmeticValue(part.expression, (name) => this.number(name));
        if (value === undefined) return [computed('', quoted, part.text)];
        return [computed(String(value), quoted)];
      }
      case 'CommandExpansion':
      case 'ProcessSubstitution':
        return [computed('', quoted, part.text)];
      default:
        return [{ text: part.text, at: part.pos, quoted, uses: [] }];
    }
  }

  #variable(name: string, index: string | undefined, quoted: boolean): Token[] {
    this.#unread.delete(name);
    const variable = this.#values.get(name);
    if (variable === undefined) return [computed('', quoted, name)];
    if ('chunks' in variable) return variable.chunks.map((chunk) => ({ ...chunk, quoted }));
    const { elements } = variable;
    const chosen = index === undefined || index === '@' || index === '*' ? elements : [elements[Number(index)]];
    const own = index === undefined ? elements.slice(0, 1) : chosen;
    return own.flatMap((element, i): Token[] => [
      ...(i > 0 ? ['break' as const] : []),
      ...(element?.chunks ?? []).map((chunk) => ({ ...chunk, quoted })),
    ]);
  }

  #parameter({ parameter, prefix, index, operation, text }: ParameterExpansionPart, quoted: boolean): Token[] {
    const own = () => this.#variable(parameter, index?.value, quoted);
    if (prefix !== undefined) return [computed('', quoted, text)];
    if (operation === undefined) return own();
    if (operation.type !== 'Default') return [computed('', quoted, text)];
    const { operator, operand } = operation;
    const filled = this.isSet(parameter) && (!operator.startsWith(':') || !this.#isEmpty(parameter));
    if (operator.endsWith('+')) return filled ? this.#operand(operand, quoted) : [];
    if (filled || operator.endsWith('?')) return own();
    const tokens = this.#operand(operand, quoted);
    if (operator.endsWith('=')) this.#values.set(parameter, { chunks: tokens.filter(isChunk) });
    return tokens;
  }

  /** What an environment does not set is empty; what a command prints is taken to be something. */
  #isEmpty(name: string): boolean {
    return this.#variable(name, undefined, false).every(
      (token) => isChunk(token) && token.text === '' && !isPrinted(token),
    );
  }

  #operand(word: Word, quoted: boolean): Token[] {
    return this.#tokens(word).map((token) => (isChunk(token) ? { ...token, quoted: token.quoted || quoted } : token));
  }
}
