import { z } from 'zod';
import type { Path, Place, SourceDocument } from './document.js';
import { CosmicError, excerpt } from './errors.js';
import { STACKS } from './parameters.js';
import { suggest } from './suggest.js';

type Issue = z.core.$ZodIssue;

/** An unknown key explains the missing one beside it, which may be a misspelling. */
function firstOf(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
}

/** Of a union that no branch fits, the branch that got furthest is the one that was meant. */
function deepest(issue: Issue, prefix: Path, data: unknown): { issue: Issue; path: Path } {
  const path = [...prefix, ...(issue.path as Path)];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { issue, path };
  const value = valueAt(data, issue.path as Path);
  const branches = issue.errors.map((branch) => deepest(firstOf(branch), path, value));
  const progress = (branch: { issue: Issue; path: Path }) =>
    progressOf(branch, valueAt(value, branch.path.slice(path.length)));
  return branches.reduce((best, branch) => (progress(branch) > progress(best) ? branch : best));
}

/** How far a branch of a union got: the depth of its complaint; at equal depth a complaint about a value beats one about a type. */
function progressOf({ issue, path }: { issue: Issue; path: Path }, value: unknown): number {
  const isWord = typeof value === 'string' && Number.isNaN(Number(value));
  const ofType = issue.code === 'invalid_type' || (issue.code === 'invalid_value' && !isWord);
  return 2 * path.length + (ofType ? 0 : 1) + (issue.code === 'unrecognized_keys' ? 1 : 0);
}

function isStack(key: unknown): boolean {
  return (STACKS as readonly unknown[]).includes(key);
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], data);
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return excerpt(JSON.stringify(value) ?? 'nothing', 60);
}

function dotted(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${excerpt(key)}`),
    '',
  );
}

/** Names that would have been right where an unknown key stands, as far as the schema tells. */
function knownKeys(schema: z.ZodType, path: Path): string[] {
  let json: unknown = z.toJSONSchema(schema, { io: 'input' });
  for (const key of path) {
    const { properties, items } = json as { properties?: Record<string, unknown>; items?: unknown };
    json = typeof key === 'number' ? items : properties?.[key];
    if (json === undefined) return [];
  }
  return Object.keys((json as { properties?: Record<string, unknown> }).properties ?? {});
}

/** A list where a parameter takes one value: more likely than not what to choose from. */
function isListOfValues({ code }: Issue, path: Path, value: unknown): boolean {
  return path.length === 2 && isStack(path[0]) && Array.isArray(value) && /^invalid_(type|value)$/.test(code);
}

/** Names of what a mapping may have, and of what it has to. */
export function keysOf(schema: z.ZodType): { readonly known: readonly string[]; readonly needed: readonly string[] } {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return { known: Object.keys(properties), needed: required };
}

interface Complaint {
  readonly code: 'SCHEMA' | 'UNKNOWN_PARAMETER' | 'VALUE_OUT_OF_RANGE';
  readonly message: string;
  readonly remedy: string;
}

function unknownKey(schema: z.ZodType, path: Path, key: string): Complaint {
  const inStack = path.length === 1 && isStack(path[0]);
  const keys = knownKeys(schema, path);
  return {
    code: inStack ? 'UNKNOWN_PARAMETER' : 'SCHEMA',
    message: inStack
      ? `there is no parameter '${path[0]}.${excerpt(key)}'`
      : `'${excerpt(key)}' is not known here${path.length > 0 ? ` (in ${dotted(path)})` : ''}`,
    remedy:
      keys.length > 0
        ? suggest(key, keys)
        : 'use values, range or powersOfTwo; perDimension only where a parameter has a value per network dimension',
  };
}

/** Types as people who write YAML call them. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'whole number',
  array: 'list',
  object: 'mapping',
  string: 'text',
};

function wrongType(name: string, expected: string, value: unknown): { message: string; remedy: string } {
  const type = TYPE_NAMES[expected] ?? expected;
  if (value === undefined) return { message: `${name} is missing`, remedy: `add ${name}` };
  if (value === null) return { message: `${name} is empty`, remedy: `write a ${type} there, or leave it out` };
  return { message: `${name} is ${show(value)}, which is no ${type}`, remedy: `write a ${type}` };
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const { inclusive = true } = issue;
  if (issue.code === 'too_small') return `${inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  return `${inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
}

function complain(schema: z.ZodType, issue: Issue, path: Path, value: unknown): Complaint {
  const name = dotted(path) || 'the file';
  if (isListOfValues(issue, path, value)) {
    const message = `${name} is a list, where it takes one value`;
    return { code: 'SCHEMA', message, remedy: `write { values: ${show(value)} } to choose among them` };
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKey(schema, path, issue.keys[0]!);
    case 'too_small':
    case 'too_big': {
      const bound = boundOf(issue);
      const what = typeof value === 'number' ? 'a number of' : 'a length of';
      return {
        code: 'VALUE_OUT_OF_RANGE',
        message: `${name} is ${show(value)}, which is out of range`,
        remedy: `use ${what} ${bound}`,
      };
    }
    case 'invalid_value': {
      if (value === undefined) {
        return { code: 'SCHEMA', message: `${name} is missing`, remedy: `add ${name}: ${issue.values.join(' or ')}` };
      }
      const [word, ...others] = issue.values;
      if (others.length === 0 && typeof word === 'string' && typeof value === 'string' && /^\s*[-+.\d]/.test(value)) {
        // The word stands beside a number, and the text is one with something behind it.
        return {
          code: 'SCHEMA',
          message: `${name} cannot be ${show(value)}`,
          remedy: `write a number alone, or ${word}`,
        };
      }
      // Beside a list of names, `values` takes one word.
      const remedy =
        path.at(-1) === 'values'
          ? `write a list, such as [${excerpt(String(value))}], or ${issue.values.join(' or ')}`
          : suggest(String(value), issue.values.map(String));
      return { code: 'SCHEMA', message: `${name} cannot be ${show(value)}`, remedy };
    }
    case 'invalid_type':
      return { code: 'SCHEMA', ...wrongType(name, issue.expected, value) };
    default:
      return { code: 'SCHEMA', message: `${name} cannot be ${show(value)}`, remedy: issue.message };
  }
}

/** Of a file that is read once, the compiler that Zod has for mappings costs more than it saves. */
const READ_ONCE = { jitless: true };

/**
 * Checks a document against a schema.
 *
 * @throws CosmicError SCHEMA, UNKNOWN_PARAMETER or VALUE_OUT_OF_RANGE, with line, offending value and remedy
 */
export function validated<Output>(schema: z.ZodType<Output>, source: SourceDocument): Output {
  const result = schema.safeParse(source.data, READ_ONCE);
  if (result.success) return result.data;
  const { issue, path } = deepest(firstOf(result.error.issues), [], source.data);
  const { code, message, remedy } = complain(schema, issue, path, valueAt(source.data, path));
  const place = issue.code === 'unrecognized_keys' ? source.keyPlace(path, issue.keys[0]!) : source.place(path);
  throw new CosmicError(code, message, { ...place, remedy });
}

/**
 * Checks a value that does not come from a file: an argument of the command line, a call of the builder.
 *
 * @param name what the value is for, in messages
 * @throws CosmicError SCHEMA or VALUE_OUT_OF_RANGE
 */
export function validatedValue<Output>(schema: z.ZodType<Output>, value: unknown, name: string, place: Place): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issue, path } = deepest(firstOf(result.error.issues), [], value);
  const { code, message, remedy } = complain(
    z.object({ [name]: schema }),
    issue,
    [name, ...path],
    valueAt(value, path),
  );
  throw new CosmicError(code, message, { ...place, remedy });
}
