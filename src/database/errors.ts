import mongoose from 'mongoose';

const { MongoServerError, MongoNetworkError, MongoServerSelectionError, MongoNotConnectedError } =
  mongoose.mongo;
const DUPLICATE_KEY = 11_000;
/**
 * NotWritablePrimary, PrimarySteppedDown, InterruptedAtShutdown, InterruptedDueToReplStateChange,
 * NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, ShutdownInProgress, WriteConcernTimeout, HostUnreachable.
 */
const NOT_PRIMARY = new Set<unknown>([10107, 189, 11600, 11602, 13435, 13436, 91, 64, 6]);
/** Errors of the driver that it does not export as classes, and one of the engine as it goes. */
const AWAY_NAMES = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoPoolClosedError',
]);
const AWAY_WORDS = /buffering timed out|pool was cleared|initial connection|engine is closed/i;

/** A unique index refused a row: somebody else was first. Also true of a bulk write that met nothing worse. */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) return false;
  const writes = (error as { writeErrors?: unknown }).writeErrors;
  return !Array.isArray(writes) || writes.every((write: WriteFault) => codeOf(write) === DUPLICATE_KEY);
}

type WriteFault = { readonly code?: unknown; readonly err?: { readonly code?: unknown } };

/** Mongoose copies the faults of an unordered insertMany, which loses the driver's getter; the raw one is beside it. */
function codeOf({ code, err }: WriteFault): unknown {
  return code ?? err?.code;
}

/** The database does not answer or may not write just now; worth a retry, though the write may have been done. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof MongoServerError) return NOT_PRIMARY.has(error.code);
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    error instanceof mongoose.Error.MongooseServerSelectionError ||
    (error instanceof Error && (AWAY_NAMES.has(error.name) || AWAY_WORDS.test(error.message)))
  );
}
