import { type Change, ClientError, COLLECTIONS, type Collection } from '@sotto/sdk'
import { deferred } from '../../deferred.ts'
import { type Database, openDatabase } from './open-database.ts'
import { storageErrorOf } from './storage-error.ts'

/** A write whose connection ended before it finished, so nothing of it was stored. */
interface Again {
  readonly turn: number
  readonly work: (database: Database) => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * This browser's database, whose connection may die while the page is alive: when another tab upgrades or deletes it,
 * when site data is cleared, or when the browser ends the process behind it. The database is then reopened and
 * unfinished work is repeated, with writes in order. If it was deleted or upgraded in the meantime, it is left alone
 * and every call throws.
 */
export class LivingDatabase {
  /** Resolves when this page can no longer use it. */
  readonly whenLost: Promise<ClientError>
  readonly #lose: (error: ClientError) => void
  #lost: ClientError | undefined
  #database: Database | undefined
  #opening: Promise<Database> | undefined
  #turn = 0
  readonly #underWay = new Set<Promise<void>>()
  #again: Again[] = []
  #isClosed = false

  constructor(database: Database) {
    const { promise, resolve } = deferred<ClientError>()
    this.whenLost = promise
    this.#lose = resolve
    this.#use(database)
  }

  async read<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.#ready()
    try {
      return await work(database)
    } catch (cause) {
      if (!isOfConnection(cause)) throw storageErrorOf(cause)
    }
    const reopened = await this.#reopen(database)
    return work(reopened).catch(fail)
  }

  write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return Promise.resolve()
    return this.#inTurn((database) => write(database, changes))
  }

  erase(): Promise<void> {
    return this.#inTurn(erase)
  }

  close(): void {
    this.#isClosed = true
    this.#database?.close()
  }

  async #inTurn(work: Again['work']): Promise<void> {
    const database = await this.#ready()
    const turn = ++this.#turn
    const done = work(database)
    this.#underWay.add(done)
    try {
      await done
    } catch (cause) {
      if (!isOfConnection(cause)) throw storageErrorOf(cause)
      const { promise, resolve, reject } = deferred<void>()
      this.#again.push({ turn, work, resolve, reject })
      this.#reopen(database).catch(() => {})
      await promise
    } finally {
      this.#underWay.delete(done)
    }
  }

  async #ready(): Promise<Database> {
    if (this.#lost) throw this.#lost
    return this.#database ?? this.#reopen(undefined)
  }

  /** Reopens it once for all callers that find it dead. */
  #reopen(dead: Database | undefined): Promise<Database> {
    if (this.#database && this.#database !== dead) return Promise.resolve(this.#database)
    this.#database = undefined
    this.#opening ??= this.#openAgain(dead).finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openAgain(dead: Database | undefined): Promise<Database> {
    dead?.close()
    // Everything started on the connection ends with it.
    await Promise.allSettled(this.#underWay)
    try {
      const database = await openDatabase({ mayCreate: false })
      await this.#doAgain(database)
      this.#use(database)
      return database
    } catch (error) {
      for (const { reject } of this.#again.splice(0)) reject(error)
      if (isForGood(error)) {
        this.#lost = error
        this.#lose(error)
      }
      throw error
    }
  }

  /** Runs before any new write. */
  async #doAgain(database: Database): Promise<void> {
    const inOrder = this.#again.splice(0).sort((one, other) => one.turn - other.turn)
    for (const { work, resolve, reject } of inOrder) {
      await work(database).then(resolve, (cause) => reject(storageErrorOf(cause)))
    }
  }

  #use(database: Database): void {
    this.#database = database
    const died = () => {
      if (this.#isClosed || this.#database !== database) return
      // The next caller and `whenLost` report the outcome.
      this.#reopen(database).catch(() => {})
    }
    database.addEventListener('close', died)
    database.addEventListener('versionchange', () => {
      // Another tab is waiting for us to close.
      database.close()
      died()
    })
  }
}

const CONNECTION_ERRORS: readonly string[] = ['InvalidStateError', 'AbortError', 'UnknownError']

/** Whether the connection may be at fault, so that another one may succeed. */
function isOfConnection(cause: unknown): boolean {
  return cause instanceof DOMException && CONNECTION_ERRORS.includes(cause.name)
}

const isForGood = (error: unknown): error is ClientError =>
  error instanceof ClientError && ['storage_cleared', 'storage_newer'].includes(error.code)

function fail(cause: unknown): never {
  throw storageErrorOf(cause)
}

async function write(database: Database, changes: readonly Change[]): Promise<void> {
  const names = [...new Set(changes.map((change) => collectionOf(change)))]
  // `strict`: a message counter lost in a power failure would be used twice.
  const transaction = database.transaction(names, 'readwrite', { durability: 'strict' })
  // `done` rejects with the actual reason; the requests report only that they were aborted.
  const { done } = transaction
  try {
    for (const change of changes) {
      const store = transaction.objectStore(collectionOf(change))
      const request =
        'put' in change ? store.put(change.value, change.key) : store.delete(change.key)
      request.catch(() => {})
    }
  } catch (cause) {
    // A value that can't be copied must not leave the write half done.
    done.catch(() => {})
    transaction.abort()
    throw cause
  }
  await done
}

const collectionOf = (change: Change): Collection => ('put' in change ? change.put : change.remove)

async function erase(database: Database): Promise<void> {
  const transaction = database.transaction([...COLLECTIONS], 'readwrite', { durability: 'strict' })
  await Promise.all([
    ...COLLECTIONS.map((collection) => transaction.objectStore(collection).clear()),
    transaction.done,
  ])
}
