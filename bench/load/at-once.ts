/** Runs `act` for every item, at most `atOnce` at a time. */
export async function forEachAtOnce<T>(
  atOnce: number,
  items: readonly T[],
  act: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < items.length) {
      const index = next
      next += 1
      await act(items[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
}
