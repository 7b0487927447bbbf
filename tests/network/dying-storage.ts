import type { Storage } from '@sotto/sdk'

/** A storage whose device dies after `n` more writes. From then on, every operation fails. */
export function dyingStorage(storage: Storage) {
  let writesLeft = Number.POSITIVE_INFINITY
  const check = () => {
    if (writesLeft <= 0) throw new Error('This device is dead')
  }
  const dying: Storage = {
    ...storage,
    write: async (changes) => {
      check()
      writesLeft -= 1
      await storage.write(changes)
    },
    erase: async () => {
      check()
      await storage.erase()
    },
    close: async () => {},
  }
  return {
    storage: dying,
    dieAfter: (writes: number) => {
      writesLeft = writes
    },
    revive: () => {
      writesLeft = Number.POSITIVE_INFINITY
    },
    isDead: () => writesLeft <= 0,
  }
}
