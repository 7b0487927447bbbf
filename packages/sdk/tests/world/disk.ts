import { createMemoryStorage } from '../../src/storage/adapters/memory-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { createStore, type Store } from '../../src/storage/store.ts'

/** When the power fails: during one of the next writes, before or after it reaches the disk. */
export interface PowerCut {
  /** How many writes succeed first. */
  readonly after: number
  readonly isWritten: boolean
}

/** A device's store from its start until its end. */
export interface Life {
  readonly store: Store
  /** Resolves when the power fails. Nothing that was in progress completes after that. */
  readonly ended: Promise<'ended'>
  end(): void
}

/** One device's stored bytes. They outlive the device, which can crash at any write. */
export class Disk {
  readonly #storage: Storage = createMemoryStorage()
  #powerCut: PowerCut | undefined

  failAt(powerCut: PowerCut): void {
    this.#powerCut = powerCut
  }

  failNoMore(): void {
    this.#powerCut = undefined
  }

  start(): Life {
    const { promise: ended, resolve } = Promise.withResolvers<'ended'>()
    const never = new Promise<never>(() => {})
    let hasEnded = false
    const end = () => {
      hasEnded = true
      this.#powerCut = undefined
      resolve('ended')
    }
    const whileAlive = <T>(read: () => Promise<T>) => (hasEnded ? never : read())
    const write: Storage['write'] = async (changes) => {
      if (hasEnded) return never
      const left = this.#powerCut?.after
      if (left === undefined) return this.#storage.write(changes)
      if (left > 0) {
        this.#powerCut = { isWritten: false, ...this.#powerCut, after: left - 1 }
        return this.#storage.write(changes)
      }
      if (this.#powerCut?.isWritten) await this.#storage.write(changes)
      end()
      return never
    }
    const storage: Storage = {
      keepsPrivateKeys: true,
      get: (name, key) => whileAlive(() => this.#storage.get(name, key)),
      getMany: (name, keys) => whileAlive(() => this.#storage.getMany(name, keys)),
      range: (name, range) => whileAlive(() => this.#storage.range(name, range)),
      write,
      erase: () => this.#storage.erase(),
      close: async () => end(),
    }
    const onDamaged = (names: readonly string[]) => {
      throw new Error(`damaged: ${names.join(', ')}`)
    }
    return { store: createStore(storage, { onDamaged }), ended, end }
  }
}
