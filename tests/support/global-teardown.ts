import { rmSync } from 'node:fs';

export default async function end(): Promise<void> {
  const kept = globalThis as { engine?: { close(): Promise<void> }; engineDirectory?: string };
  await kept.engine?.close();
  if (kept.engineDirectory !== undefined) rmSync(kept.engineDirectory, { recursive: true, force: true });
}
