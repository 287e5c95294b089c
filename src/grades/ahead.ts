/** The same items, with the next one on its way while the last is used; one ahead, so memory stays as it is. */
export async function* ahead<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let next = begin(iterator);
  for (;;) {
    const { done, value } = await next;
    if (done === true) return;
    next = begin(iterator);
    yield value;
  }
}

/** A fault is met where the item is awaited; until then nobody listens, which must not end the process. */
function begin<T>(iterator: AsyncIterator<T, unknown>): Promise<IteratorResult<T, unknown>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}
