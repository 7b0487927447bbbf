/** Runs steps one after the other. */
export type Serial = <T>(step: () => Promise<T>) => Promise<T>

/** A queue in which each step waits for those before it, whether they succeed or fail. */
export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  return (step) => {
    const result = last.then(step)
    last = result.catch(() => {})
    return result
  }
}

/** A separate queue for each id: steps for different ids run in parallel. */
export function createSerialBy<Id>(): <T>(id: Id, step: () => Promise<T>) => Promise<T> {
  const lines = new Map<Id, Serial>()
  return (id, step) => {
    const line = lines.get(id) ?? createSerial()
    lines.set(id, line)
    return line(step)
  }
}

/** Gives all callers that arrive while `work` runs the same promise. */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined
  return () => {
    flight ??= work().finally(() => {
      flight = undefined
    })
    return flight
  }
}

/** Runs `work` for each of `inputs`, at most `width` at a time. Rejects with the first failure. */
export async function forEachAtOnce<T>(
  inputs: readonly T[],
  width: number,
  work: (input: T) => Promise<void>,
): Promise<void> {
  const waiting = inputs.values()
  const worker = async () => {
    for (const input of waiting) await work(input)
  }
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, worker))
}
