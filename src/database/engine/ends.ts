/** How the engine's process says why it could not serve. */
export const ENGINE_ENDS = { notLoaded: 3, inUse: 4, notOpened: 5 } as const;

/** What the engine calls the private folder of its socket. */
export const ENGINE_FOLDER = 'embedded-mongodb-';

/** The directory is served by another process, or no engine can open it; the message is for the operator. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
}

/** The engine does not run on this machine; another may. */
export class EngineUnfit extends Error {
  override readonly name = 'EngineUnfit';
}
