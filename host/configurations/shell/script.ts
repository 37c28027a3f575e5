/** Walks through a shell script without executing anything: its variables, and the commands that it would call. */
import type { ArithmeticExpression, Assignment, Command, CompoundList, PipelineNode, Statement } from 'unbash';
import { parse } from 'unbash';
import { CosmicError, excerpt } from '../../../psa/errors.js';
import { arithmeticValue, assigned } from './arithmetic.js';
import { commandTruth, matches, type Truth, testTruth } from './conditions.js';
import { Variables } from './expand.js';
import type { Field } from './fields.js';
import { slurmVariables } from './jobSize.js';

/** A command as it would be called. */
export interface Call {
  readonly fields: readonly Field[];
  /** Offset of its beginning in the file. */
  readonly at: number;
}

export interface WalkedScript {
  readonly calls: readonly Call[];
  readonly variables: Variables;
  /** Files that it writes as it stands, by their paths. */
  readonly files: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

const DECLARING = ['export', 'declare', 'local', 'readonly', 'typeset'];

/** Functions that call one another for ever end here. */
const DEEPEST_CALL = 16;

class Walk {
  readonly calls: Call[] = [];
  readonly notes: string[] = [];
  readonly files = new Map<string, string>();
  readonly #functions = new Map<string, PipelineNode | CompoundList>();
  #depth = 0;

  constructor(
    readonly variables: Variables,
    readonly lineAt: (offset: number) => number,
  ) {}

  statements(statements: readonly Statement[]): Truth {
    let truth: Truth = true;
    for (const { command } of statements) {
      truth = command.type === 'AndOr' ? this.#chain(command) : this.#node(command);
    }
    return truth;
  }

  /** `a && b || c`: what is not known is taken to succeed, as a training script's commands do. */
  #chain({ commands, operators }: { commands: readonly PipelineNode[]; operators: readonly string[] }): Truth {
    let truth = this.#node(commands[0]!);
    operators.forEach((operator, i) => {
      const goesOn = operator === '&&' ? truth !== false : truth === false;
      if (goesOn) truth = this.#node(commands[i + 1]!);
    });
    return truth;
  }

  #node(node: PipelineNode | CompoundList): Truth {
    switch (node.type) {
      case 'Command':
        return this.#command(node);
      case 'CompoundList':
        return this.statements(node.commands);
      case 'Pipeline':
        for (const command of node.commands) this.#node(command);
        return undefined;
      case 'Redirected':
        return this.#node(node.command);
      case 'Subshell':
      case 'BraceGroup':
        return this.statements(node.body.commands);
      case 'If':
        return this.#branches(
          [{ clause: node.clause, body: node.then }, ...node.elif.map(({ clause, then }) => ({ clause, body: then }))],
          node.else,
        );
      case 'TestCommand':
        return testTruth(node.expression, this.variables);
      case 'ArithmeticCommand':
        return node.expression === undefined ? undefined : this.#arithmetic(node.expression);
      case 'Case':
        return this.#cases(node);
      case 'Function':
        this.#functions.set(node.name.value, node.body);
        return true;
      case 'For':
        return this.#loop(node);
      default:
        this.#note(node.pos, 'a loop is not followed');
        return undefined;
    }
  }

  /** `(( a * b ))`, and `(( c = a * b ))`. */
  #arithmetic(expression: ArithmeticExpression): Truth {
    const assignment = assigned(expression);
    const known = (name: string) => this.variables.number(name) ?? (assignment === undefined ? 0 : undefined);
    const value = arithmeticValue(assignment?.value ?? expression, known);
    if (assignment !== undefined && value !== undefined) this.variables.compute(assignment.name, value);
    return value === undefined ? undefined : value !== 0;
  }

  /** `let "c = a * b"`: each argument is arithmetic. */
  #let(texts: readonly (string | undefined)[]): Truth {
    let truth: Truth;
    for (const text of texts) {
      const command = parse(`((${text ?? ''}))`).commands[0]?.command;
      truth = command === undefined || command.type === 'AndOr' ? undefined : this.#node(command);
    }
    return truth;
  }

  #note(at: number, what: string): void {
    this.notes.push(`line ${this.lineAt(at)}: ${what}`);
  }

  #branches(
    branches: readonly { clause: CompoundList; body: CompoundList }[],
    otherwise: CompoundList | undefined,
  ): Truth {
    for (const { clause, body } of branches) {
      const truth = this.statements(clause.commands);
      if (truth === true) return this.statements(body.commands);
      if (truth === undefined) this.#note(clause.pos, 'a condition that only running it decides is taken as false');
    }
    return otherwise === undefined ? true : this.statements(otherwise.commands);
  }

  #cases({ word, items }: Extract<PipelineNode, { type: 'Case' }>): Truth {
    const text = this.variables.word(word);
    const item = items.find(({ pattern }) =>
      pattern.some((one) => matches(text ?? '', this.variables.word(one) ?? '')),
    );
    return item === undefined ? true : this.statements(item.body.commands);
  }

  /** All rounds of a loop that puts words together; of one that calls something the first: it runs several sizes. */
  #loop({ name, wordlist = [], body, pos }: Extract<PipelineNode, { type: 'For' }>): Truth {
    const rounds = wordlist.flatMap((word) => this.variables.fields(word));
    const before = this.calls.length;
    let truth: Truth = true;
    for (const [i, round] of rounds.entries()) {
      this.variables.set(name.value, [round]);
      truth = this.statements(body.commands);
      if (this.calls.length === before) continue;
      if (i + 1 < rounds.length) this.#note(pos, `of the loop over ${name.value} the first round is read`);
      break;
    }
    return truth;
  }

  #assign(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) this.variables.assign(assignment);
  }

  #command(command: Command): Truth {
    const { name, prefix, args, pos } = command;
    const assignments = prefix.filter((one) => one.type === 'Assignment');
    if (name === undefined) {
      this.#assign(assignments);
      return true;
    }
    if (DECLARING.includes(name.value)) {
      this.#assign(args.filter((one) => one.type === 'Assignment'));
      return true;
    }
    if (name.value === 'let')
      return this.#let(args.map((word) => (word.type === 'Word' ? this.variables.word(word) : word.text)));
    if (name.value === 'source' || name.value === '.')
      this.#note(pos, `${excerpt(command.args[0]?.text ?? '')} is not read: put its text in the place of this line`);
    // Flags such as --seed=1 look like assignments to no parser, NAME=1 behind a command's name does.
    const words = args.flatMap((word) =>
      word.type === 'Word'
        ? this.variables.fields(word)
        : [{ text: word.text, chunks: [{ text: word.text, at: word.pos, quoted: true, uses: [] }] }],
    );
    const fields = [...this.variables.fields(name), ...words];
    this.#written(command, fields);
    const truth = commandTruth(command, this.variables);
    if (truth !== undefined) return truth;
    return this.#called(fields, pos);
  }

  /** `cat <<EOT > file`, `tee file <<EOT`, `echo "…" > file`. */
  #written({ redirects }: Command, [name, ...words]: readonly Field[]): void {
    const document = redirects.find((one) => one.type === 'HereDoc');
    const into = redirects.find((one) => one.type === 'Redirect' && one.operator === '>');
    // Of a path that a command would print in part, what is known: so the file is named elsewhere, too.
    const target = into?.type === 'Redirect' && into.target !== undefined ? this.variables.fields(into.target) : [];
    const path = target[0]?.text ?? (name?.text === 'tee' ? words.at(-1)?.text : undefined);
    const text =
      document !== undefined
        ? this.variables.word(document.body)
        : name?.text === 'echo'
          ? words.map((word) => word.text).join(' ')
          : undefined;
    if (path !== undefined && text !== undefined) this.files.set(path, text);
  }

  #called(fields: readonly Field[], at: number): Truth {
    this.calls.push({ fields, at });
    const body = this.#functions.get(fields[0]?.text ?? '');
    if (body === undefined || this.#depth >= DEEPEST_CALL) return undefined;
    fields.slice(1).forEach((field, i) => {
      this.variables.set(String(i + 1), [field]);
    });
    this.variables.set('@', fields.slice(1));
    this.#depth++;
    const truth = this.#node(body);
    this.#depth--;
    return truth;
  }
}

/**
 * Follows a shell script: variables (plain, defaults, arrays, arithmetic), conditions that they decide, functions. Nothing is
 * executed; what a command would print stays open.
 *
 * @param given variables of the environment
 * @throws CosmicError SCHEMA where it is no script
 * @example
 * walkScript('TP=8; torchrun pretrain_gpt.py --tensor-model-parallel-size $TP', 'run.sh', new Map()).calls;
 */
export function walkScript(text: string, file: string, given: ReadonlyMap<string, string>): WalkedScript {
  const script = parse(text);
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const [error] = script.errors ?? [];
  if (error !== undefined) {
    throw new CosmicError('SCHEMA', `this is no shell script: ${error.message}`, {
      file,
      line: lineAt(error.pos),
      remedy: 'correct that line; give a script that bash can read, or a file of arguments',
    });
  }
  const walk = new Walk(new Variables(new Map([...slurmVariables(text), ...given])), lineAt);
  walk.statements(script.commands);
  return { calls: walk.calls, variables: walk.variables, files: walk.files, notes: walk.notes };
}
