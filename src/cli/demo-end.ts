/** Under npm one Ctrl-C arrives two and three times: from the terminal, from npm, from the TypeScript loader. */
const ONE_CTRL_C_MS = 3_000;

/**
 * Aborted once when the process is asked to end. Whoever asks again after a while is impatient and has their way: the
 * database's own process then closes by itself.
 */
export function untilEnded(): AbortSignal {
  const ending = new AbortController();
  let askedAt = 0;
  const ask = (): void => {
    if (!ending.signal.aborted) {
      askedAt = performance.now();
      process.stdout.write('\nEnding …\n');
      ending.abort();
    } else if (performance.now() - askedAt > ONE_CTRL_C_MS) process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  return ending.signal;
}
