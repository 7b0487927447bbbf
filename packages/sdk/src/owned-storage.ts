import type { Storage } from './storage.ts'

/**
 * A storage that belongs to one client until that is closed: from then on nothing of what it had begun
 * is written any more, so that the next client over the same storage is alone.
 */
export function createOwnedStorage(storage: Storage): Storage {
  const underWay = new Set<Promise<void>>()
  let isClosed = false

  const own = (write: () => Promise<void>): Promise<void> => {
    if (isClosed) return Promise.reject(new Error('this client is closed'))
    const written = write()
    underWay.add(written)
    const done = () => underWay.delete(written)
    written.then(done, done)
    return written
  }
  return {
    keepsPrivateKeys: storage.keepsPrivateKeys,
    get: (...place) => storage.get(...place),
    getMany: (...places) => storage.getMany(...places),
    range: (...range) => storage.range(...range),
    write: (changes) => own(() => storage.write(changes)),
    erase: () => own(() => storage.erase()),
    close: async () => {
      isClosed = true
      await Promise.allSettled(underWay)
      await storage.close()
    },
  }
}
