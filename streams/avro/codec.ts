/** Avro binary for one schema: encode, decode, and decode what another schema wrote. */
import avsc from 'avsc';
import { asBuffer } from '../bytes.ts';
import { StreamsError } from '../errors.ts';
import { changedMeanings, incompatibilities } from './compatibility.ts';
import { canonicalText, invalid } from './definition.ts';
import { misfit, shapeCheck } from './misfit.ts';
import { parseSchema } from './parsed-schema.ts';
import type { AvroJson } from './registry.ts';
import { strictType } from './strict-types.ts';

/** Decodes from `start` to the end of the bytes. */
export type Decode = (bytes: Uint8Array, start: number) => unknown;

export interface Codec {
  /**
   * `prefix` followed by the value's Avro bytes, in memory of its own.
   *
   * @throws StreamsError `STREAMS_RECORD_UNENCODABLE` with the path of the field that does not fit.
   */
  encode(value: unknown, prefix: Uint8Array): Uint8Array;

  /** @throws StreamsError `STREAMS_RECORD_UNDECODABLE` for bytes that are not of this schema. */
  readonly decode: Decode;

  /**
   * Decodes what `writer` wrote.
   *
   * @throws StreamsError `STREAMS_RECORD_UNDECODABLE` when this schema cannot read that one.
   */
  decoderOf(writer: AvroJson): Decode;
}

const codecs = new Map<string, Codec>();

/** Making a codec takes milliseconds, so each schema has one for the life of the process. */
export function codecFor(avro: AvroJson): Codec {
  const text = canonicalText(avro);
  let codec = codecs.get(text);
  if (codec === undefined) {
    codec = makeCodec(avro);
    codecs.set(text, codec);
  }
  return codec;
}

function makeCodec(avro: AvroJson): Codec {
  const type = avscType(avro);
  const parsed = parseSchema(avro);
  const fits = shapeCheck(parsed) ?? (() => true);
  const name = type.name ?? type.typeName.replace(/:.*/, '');

  function refuse(value: unknown, cause?: unknown): StreamsError {
    const reason = misfit(parsed, value) ?? (cause instanceof Error ? cause.message : 'no reason');
    const message = `cannot encode '${name}': ${reason}`;
    return new StreamsError('STREAMS_RECORD_UNENCODABLE', message, { cause });
  }

  return {
    encode(value, prefix) {
      if (!fits(value)) throw refuse(value);
      try {
        return write(type, value, prefix);
      } catch (cause) {
        throw refuse(value, cause);
      }
    },

    decode: decoder(name, type, undefined),

    decoderOf(writer) {
      const cannot = `'${name}' cannot read what its writer's schema wrote`;
      const changed = changedMeanings(avro, writer);
      if (changed.length > 0) throw undecodable(`${cannot}: ${changed.join('; ')}`);
      const written = avscType(writer);
      try {
        return decoder(name, type, type.createResolver(written));
      } catch (cause) {
        const reasons = incompatibilities(avro, writer);
        if (cause instanceof Error && reasons.length === 0) reasons.push(cause.message);
        throw undecodable(`${cannot}: ${reasons.join('; ')}`, cause);
      }
    },
  };
}

function decoder(name: string, type: avsc.Type, resolver: object | undefined): Decode {
  return (bytes, start) => {
    const buffer = asBuffer(bytes);
    let decoded: { value: unknown; offset: number };
    try {
      decoded = type.decode(buffer, start, resolver as never);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw undecodable(`cannot decode '${name}': ${reason}`, cause);
    }
    const { value, offset } = decoded;
    if (offset === buffer.length) return value;
    const found =
      offset < 0
        ? `its ${buffer.length - start} bytes are truncated`
        : `${buffer.length - offset} bytes follow the value`;
    throw undecodable(`cannot decode '${name}': ${found}; another schema may have written it`);
  };
}

export function undecodable(message: string, cause?: unknown): StreamsError {
  return new StreamsError('STREAMS_RECORD_UNDECODABLE', message, { cause });
}

function avscType(avro: AvroJson): avsc.Type {
  const registry: Record<string, avsc.Type> = {};
  let type: avsc.Type;
  try {
    type = avsc.Type.forSchema(avro as avsc.Schema, {
      typeHook: strictType,
      omitRecordMethods: true,
      registry,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`not an Avro schema: ${reason}: ${JSON.stringify(avro)}`, cause);
  }
  for (const named of Object.values(registry)) {
    if (avsc.Type.isType(named, 'record', 'error')) {
      // What is decoded is then a plain object, equal to one that was written down.
      (named as avsc.types.RecordType).recordConstructor.prototype = Object.prototype;
    }
  }
  return type;
}

/** Where values are written before they are copied out; grows to the largest value so far. */
let scratch = Buffer.allocUnsafeSlow(16 * 1024);

/** A larger buffer than this is not kept for the next value. */
const keptScratchBytes = 1024 * 1024;

function write(type: avsc.Type, value: unknown, prefix: Uint8Array): Uint8Array {
  let buffer = scratch;
  let end = type.encode(value, buffer, prefix.length);
  if (end < 0) {
    // avsc answers how many bytes were missing.
    buffer = Buffer.allocUnsafeSlow(2 * (buffer.length - end));
    if (buffer.length <= keptScratchBytes) scratch = buffer;
    end = type.encode(value, buffer, prefix.length);
  }
  buffer.set(prefix, 0);
  return Buffer.from(buffer.subarray(0, end));
}
