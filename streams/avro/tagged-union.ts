/**
 * A union whose values are plain: `null`, or a record that its `type` literal tells apart. On the
 * wire it is a normal Avro union; only avsc would have each value as `{RecordName: value}`.
 */
import avsc from 'avsc';
import type { Resolver, Tap, TypeInternals } from './avsc-internals.ts';

const { types } = avsc;

export class TaggedUnion extends types.WrappedUnionType {
  // biome-ignore lint/suspicious/noExplicitAny: avsc's own options object
  constructor(schema: any, options: any) {
    super(schema, options);
    indexBranches(this);
  }

  _check(value: unknown, flags?: unknown): boolean {
    const index = branchIndex(this, value);
    return index !== undefined && branch(this, index)._check(value, flags);
  }

  _write(tap: Tap, value: unknown): void {
    const index = branchIndex(this, value);
    if (index === undefined) throw new Error('no branch of the union');
    tap.writeLong(index);
    branch(this, index)._write(tap, value);
  }

  _read(tap: Tap): unknown {
    const index = tap.readLong();
    const of = this.types[index];
    if (of === undefined) throw new Error(`the union has no branch ${index}`);
    return (of as TypeInternals)._read(tap);
  }

  /** avsc copies defaults: from JSON (`wrap` 2) they are of the first branch. */
  _copy(value: unknown, options?: { readonly wrap?: number }): unknown {
    const index = options?.wrap === 2 ? 0 : branchIndex(this, value);
    if (index === undefined) throw new Error('no branch of the union');
    return branch(this, index)._copy(value, options);
  }

  /**
   * A branch that only the writer knows fails the records that hold it, not the whole schema: so
   * an older reader goes on with what it does know while a newer writer is being rolled out.
   */
  // biome-ignore lint/suspicious/noExplicitAny: avsc's own resolver type is opaque
  override createResolver(writer: avsc.Type, options?: object): any {
    const resolver: Resolver & { _peek: unknown } = {
      _readerType: this,
      _read: () => undefined,
      _peek: (avsc.Type.prototype as TypeInternals)._peek,
    };
    if (!isUnionType(writer)) {
      resolver._read = branchReader(this, writer, options);
      return resolver;
    }
    const readers = writer.types.map((written) => {
      try {
        return branchReader(this, written, options);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        return failing(`branch '${written.branchName}' of the writer's union: ${reason}`);
      }
    });
    resolver._read = (tap) => {
      const index = tap.readLong();
      const read = readers[index];
      if (read === undefined) throw new Error(`the union has no branch ${index}`);
      return read(tap);
    };
    return resolver;
  }
}

/** The branch of the same name, else, as Avro has it, the first that can read it. */
function branchReader(union: TaggedUnion, writer: avsc.Type, options?: object) {
  const same = union.types.find((type) => type.branchName === writer.branchName);
  for (const candidate of same ? [same] : union.types) {
    try {
      // avsc leaves half-made resolvers of a failed attempt in the registry: each has its own.
      const { registry } = (options ?? {}) as ResolverOptions;
      const attempt: object = { ...options, registry: { ...registry } };
      const resolver = candidate.createResolver(writer, attempt) as unknown as Resolver;
      return (tap: Tap) => resolver._read(tap);
    } catch (error) {
      if (same) throw error;
    }
  }
  throw new Error('it is no branch of the union here');
}

interface ResolverOptions {
  readonly registry?: Readonly<Record<string, unknown>>;
}

function failing(message: string): Resolver['_read'] {
  return () => {
    throw new Error(message);
  };
}

function isUnionType(type: avsc.Type): type is avsc.types.WrappedUnionType {
  return avsc.Type.isType(type, 'union');
}

interface Branches {
  readonly tags: ReadonlyMap<unknown, number>;
  readonly ofNull: number | undefined;
  /** The index of the only branch that is not null. */
  readonly single: number | undefined;
}

const indexed = Symbol('branches');

/** avsc freezes a type as it makes it, but not this object, whose use is overridden above. */
interface Indexed {
  readonly _branchIndices: { [indexed]?: Branches };
}

function indexBranches(union: TaggedUnion): void {
  const tags = new Map<unknown, number>();
  const others: number[] = [];
  let ofNull: number | undefined;
  union.types.forEach((type, index) => {
    if (type.typeName === 'null') {
      ofNull = index;
      return;
    }
    others.push(index);
    const tag = tagOf(type);
    if (tag !== undefined) tags.set(tag, index);
  });
  const single = others.length === 1 ? others[0] : undefined;
  (union as unknown as Indexed)._branchIndices[indexed] = { tags, ofNull, single };
}

function branchIndex(union: TaggedUnion, value: unknown): number | undefined {
  const branches = (union as unknown as Indexed)._branchIndices[indexed];
  if (branches === undefined) return undefined;
  if (value === null) return branches.ofNull;
  if (branches.single !== undefined) return branches.single;
  return branches.tags.get((value as { type?: unknown } | undefined)?.type);
}

function branch(union: TaggedUnion, index: number): TypeInternals {
  return union.types[index] as TypeInternals;
}

function tagOf(type: avsc.Type): string | undefined {
  if (type.typeName !== 'record') return undefined;
  const tag = (type as avsc.types.RecordType).fields.find((field) => field.name === 'type')?.type;
  if (tag?.typeName !== 'enum') return undefined;
  const { symbols } = tag as avsc.types.EnumType;
  return symbols.length === 1 ? symbols[0] : undefined;
}
