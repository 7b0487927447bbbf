import { ClientError } from '../api/errors.ts'
import type { StorageProblem } from '../api/views.ts'
import type { Storage } from './storage.ts'

/**
 * A storage owned by one client until that client is closed: no pending write reaches the storage afterwards, so the
 * next client has it to itself.
 *
 * `onProblem` is called with each problem, and with null once a write succeeds again. Every error is a `ClientError`: a
 * caller whose write failed must not treat it as done, and may retry.
 */
export function createOwnedStorage(
  storage: Storage,
  onProblem: (problem: StorageProblem | null) => void,
): Storage {
  const underWay = new Set<Promise<void>>()
  let isClosed = false

  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      const error = problemIn(cause)
      if (!isClosed) onProblem(error.code as StorageProblem)
      throw error
    }
  }
  const own = (write: () => Promise<void>): Promise<void> => {
    if (isClosed) return Promise.reject(new Error('this client is closed'))
    const written = watched(write)
    underWay.add(written)
    const done = () => underWay.delete(written)
    written.then(done, done)
    return written.then(() => onProblem(null))
  }
  storage.whenLost?.then((error) => !isClosed && onProblem(error.code as StorageProblem))
  return {
    keepsPrivateKeys: storage.keepsPrivateKeys,
    get: (...place) => watched(() => storage.get(...place)),
    getMany: (...places) => watched(() => storage.getMany(...places)),
    range: (...range) => watched(() => storage.range(...range)),
    write: (changes) => own(() => storage.write(changes)),
    erase: () => own(() => storage.erase()),
    close: async () => {
      isClosed = true
      await Promise.allSettled(underWay)
      await storage.close()
    },
  }
}

function problemIn(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause
  return new ClientError('storage_failed', undefined, { cause })
}
