/**
 * Writes the schemas that a schema refers to into it. Avro itself knows no references: a name must
 * be defined where it is used first, and only there.
 */
import { isUnion } from '../definition.ts';
import { isPrimitive, namespaceOf, qualify } from '../parsed-schema.ts';
import type { AvroJson } from '../registry.ts';

/** Schemas by the full name under which they are referred to. */
export type Referenced = Map<string, AvroJson>;

interface Scope {
  readonly referenced: ReadonlyMap<string, AvroJson>;
  readonly defined: Set<string>;
}

type Attributes = Exclude<AvroJson, string | readonly AvroJson[]>;

export function withReferences(schema: AvroJson, referenced: Referenced): AvroJson {
  return written(schema, '', { referenced, defined: new Set() });
}

function written(schema: AvroJson, namespace: string, scope: Scope): AvroJson {
  if (typeof schema === 'string') return writtenName(schema, namespace, scope);
  if (isUnion(schema)) return schema.map((branch) => written(branch, namespace, scope));

  switch (schema.type) {
    case 'array':
      return { ...schema, items: written(schema.items as AvroJson, namespace, scope) };
    case 'map':
      return { ...schema, values: written(schema.values as AvroJson, namespace, scope) };
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return writtenDefinition(schema, namespace, scope);
    default:
      if (typeof schema.type === 'string' && isPrimitive(schema.type)) return schema;
      return written(schema.type as AvroJson, namespace, scope);
  }
}

function writtenName(name: string, namespace: string, scope: Scope): AvroJson {
  if (isPrimitive(name)) return name;
  const fullName = qualify(name, namespace);
  const definition = scope.referenced.get(fullName);
  if (definition === undefined || scope.defined.has(fullName)) return name;
  return written(definition, '', scope);
}

/** With its full name, which means the same wherever it is put. */
function writtenDefinition(schema: Attributes, outer: string, scope: Scope): AvroJson {
  const name = qualify(String(schema.name), (schema.namespace as string | undefined) ?? outer);
  if (scope.defined.has(name)) return name;
  scope.defined.add(name);
  const namespace = namespaceOf(name);
  if (!Array.isArray(schema.fields)) return { ...schema, name, namespace };
  const fields = (schema.fields as readonly Attributes[]).map((field) => ({
    ...field,
    type: written(field.type as AvroJson, namespace, scope),
  }));
  return { ...schema, name, namespace, fields };
}
