/** The nearest come first; more than these are history. */
const MOST = 20;

/**
 * The ids of what a course or a link was copied from, the nearest first ($Context.id.history, $ResourceLink.id.history;
 * LTI 1.3 core, appendix B: comma separated, each URL-encoded).
 */
export function historyOf(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((id) => decoded(id.trim()))
    .filter((id) => id !== '')
    .slice(0, MOST);
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
