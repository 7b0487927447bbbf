import { prepareSignatures } from '@sotto/crypto'
import { Account } from '../account/account.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import type { ClientPort } from '../api/client-port.ts'
import type { Commands } from '../api/commands.ts'
import { ClientError, codeOf } from '../api/errors.ts'
import { createUpdates, type Updates } from '../api/updates.ts'
import type { DoubtView, SessionView, StorageView, ViewKey, Views } from '../api/views.ts'
import { checkDeviceName } from '../published/names.ts'
import { doubtAfter, NO_DOUBT } from '../transport/doubt.ts'
import { createNetwork, type Network } from '../transport/network.ts'
import type { ChatClientOptions } from './chat-client-options.ts'
import { EngineLoader } from './engine-loader.ts'
import type { EngineOptions } from './engine-options.ts'
import { openContext } from './open-context.ts'

/**
 * A chat client without a user interface, for browsers and Node. An app does everything through `commands`, and
 * displays what `snapshot` returns.
 *
 * It connects the account with the engine of an unlocked device: while the account is `ready`, the engine is open.
 * It works without a network: commands that need one throw `offline`, or store what is sent later. Errors that no
 * command is waiting for go to `onError`, and those that mean a wrong answer by the server also to the view `doubt`.
 */
export class ChatClient implements ClientPort {
  readonly commands: Commands
  readonly #options: ChatClientOptions & Network
  readonly #updates: Updates = createUpdates()
  readonly #context: AccountContext
  readonly #account: Account
  readonly #engines: EngineLoader
  #doubt: DoubtView = NO_DOUBT
  #storage: StorageView = { problem: null, damaged: 0 }
  readonly #closing: AbortController

  /**
   * Reads the storage, and continues whatever was interrupted. Needs no connection. Throws `invalid_name` if the
   * device's name isn't allowed.
   */
  static async open(given: ChatClientOptions): Promise<ChatClient> {
    const options = { ...createNetwork(), ...given }
    checkDeviceName(options.deviceName)
    let client: ChatClient | undefined
    /** Nothing that happens while the account is opened needs the client: `open` reads the result. */
    const tell = (what: (client: ChatClient) => void) => {
      if (client) what(client)
    }
    await loadSignatures()
    const closing = new AbortController()
    let damaged = 0
    const context = await openContext(options, {
      closed: closing.signal,
      onSessionEnd: (reason) => tell((one) => one.#account.sessionEnded(reason)),
      onStorageProblem: (problem) => tell((one) => one.#setStorage({ problem })),
      onDamaged: (names) => {
        damaged += names.length
        tell((one) => one.#setStorage({ damaged }))
      },
    })
    const account = await Account.open(context, {
      onChange: async () => {
        if (client) await client.#accountChanged()
      },
      onKeysAdded: () => tell((one) => one.#engines.engine?.keysAdded()),
      onLeave: () => tell((one) => one.#engines.stop()),
      onError: (error) => tell((one) => one.#onError(error)),
    })
    client = new ChatClient(options, context, account, closing)
    client.#setStorage({ damaged })
    await client.#accountChanged()
    return client
  }

  private constructor(
    options: ChatClientOptions & Network,
    context: AccountContext,
    account: Account,
    closing: AbortController,
  ) {
    this.#closing = closing
    this.#options = options
    this.#context = context
    this.#account = account
    this.#engines = new EngineLoader({
      isReady: () => !closing.signal.aborted && account.view().stage === 'ready',
      engineOptions: () => this.#engineOptions(),
      onChange: () => this.#engineChanged(),
      onError: this.#onError,
    })
    this.#updates.define('session', { read: () => this.#session() })
    this.#updates.define('connection', { read: () => ({ state: 'offline' }) })
    this.#updates.define('doubt', { read: () => this.#doubt })
    this.#updates.define('storage', { read: () => this.#storage })
    this.commands = {
      ...account.commands,
      ...this.#engines.commands,
      deviceStolen: async (deviceId) => {
        // Afterwards nothing is left that only the present keys open.
        await this.#engines.readToEnd()
        await account.commands.deviceStolen(deviceId)
      },
      reconnect: () => this.#reconnect(),
    }
  }

  snapshot<K extends ViewKey>(key: K): Views[K['view']] | undefined {
    return this.#updates.snapshot(key)
  }

  subscribe(key: ViewKey, onChange: () => void): () => void {
    return this.#updates.subscribe(key, onChange)
  }

  /** Closes the connection and the storage. Messages that wait to be sent stay in the outbox. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#account.close()
    await this.#engines.close()
    await this.#context.storage.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #onError = (error: unknown): void => {
    if (this.#closing.signal.aborted) return
    // The log-in has ended, or ends with this error: the session view says so.
    const code = codeOf(error)
    if (code === 'refresh_refused') return
    if (code === 'unauthenticated' && this.#account.view().stage !== 'ready') return
    this.#setDoubt(doubtAfter(this.#doubt, error, this.#context.now()))
    this.#options.onError?.(error)
  }

  #setDoubt(doubt: DoubtView): void {
    if (doubt === this.#doubt) return
    this.#doubt = doubt
    this.#updates.changed({ view: 'doubt' })
  }

  #setStorage(change: Partial<StorageView>): void {
    const next = { ...this.#storage, ...change }
    if (next.problem === this.#storage.problem && next.damaged === this.#storage.damaged) return
    this.#storage = next
    this.#updates.changed({ view: 'storage' })
  }

  /** `ready` only once the engine is open, so that everything the view promises works. */
  #session(): SessionView {
    const view = this.#account.view()
    return view.stage === 'ready' && !this.#engines.engine ? { stage: 'starting' } : view
  }

  async #accountChanged(): Promise<void> {
    const { stage } = this.#account.view()
    if (stage !== 'signed_out') this.#engines.prepare()
    if (stage !== 'ready') this.#engines.stop()
    this.#updates.changed({ view: 'session' })
    if (stage === 'ready') await this.#engines.start()
  }

  async #reconnect(): Promise<void> {
    const { engine } = this.#engines
    if (engine) return engine.reconnect()
    this.#account.comeBack()
    await this.#accountChanged()
  }

  #engineOptions(): EngineOptions {
    const account = this.#account
    const { state, storage, authorized, now } = this.#context
    const { origin, createWebSocket, watchNetwork, suspect } = this.#options
    return {
      account: this.#context,
      createProtocols: this.#options.createProtocols,
      context: { storage, call: authorized, updates: this.#updates, now, me: () => state.me() },
      uploads: () => account.uploads(),
      onNotEnrolled: () => account.notEnrolled(),
      network: {
        origin,
        createWebSocket,
        watchNetwork,
        suspect,
        onSessionEnd: () => account.sessionEnded(),
      },
      onOwnChange: () => this.#updates.changed({ view: 'session' }),
      onError: (error) => {
        if (codeOf(error) === 'device_not_enrolled') account.notEnrolled()
        else this.#onError(error)
      },
    }
  }

  #engineChanged(): void {
    this.#updates.changed({ view: 'session' })
    if (this.#engines.engine) return
    for (const view of ['conversations', 'contacts'] as const) {
      this.#updates.define(view, { read: () => undefined })
    }
    this.#updates.define('connection', { read: () => ({ state: 'offline' }) })
    this.#setDoubt(NO_DOUBT)
    this.#updates.defineTimelines(() => ({ read: () => undefined }))
  }
}

/** Loads the code ahead of time: if it were missing when a signature is verified, that would look like a forgery. */
async function loadSignatures(): Promise<void> {
  try {
    await prepareSignatures()
  } catch (cause) {
    throw new ClientError('unavailable', undefined, { cause })
  }
}
