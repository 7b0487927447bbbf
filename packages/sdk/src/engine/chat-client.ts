import { prepareSignatures } from '@sotto/crypto'
import { Account } from '../account/account.ts'
import { proveDevice, proveLogIn } from '../account/log-in/prove-device.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import { openAccountState } from '../account/state/account-state.ts'
import { SeenWraps } from '../account/state/seen-wraps.ts'
import type {
  ClientPort,
  Commands,
  DoubtView,
  SessionView,
  StorageProblem,
  StorageView,
  ViewKey,
  Views,
} from '../api/commands.ts'
import { ClientError, codeOf } from '../api/errors.ts'
import type { PasswordPort } from '../api/password-port.ts'
import { createUpdates, type Updates } from '../api/updates.ts'
import { type CreateProtocols, createProtocols } from '../protocols/protocols.ts'
import { checkDeviceName } from '../published/names.ts'
import { createSerial, singleFlight } from '../scheduling/serial.ts'
import { openStore } from '../storage/migrations/open-store.ts'
import { createOwnedStorage } from '../storage/owned-storage.ts'
import type { EndReason } from '../storage/records/account.ts'
import type { Storage } from '../storage/storage.ts'
import { doubtAfter, NO_DOUBT } from '../transport/doubt.ts'
import { createAuthorizedCall, createCall } from '../transport/http.ts'
import { createNetwork, type Network } from '../transport/network.ts'
import { createTokens } from '../transport/tokens.ts'
import type { TalkOptions } from './talk-options.ts'
import { Talking } from './talking.ts'

/** What a client is made of. */
export interface ChatClientOptions extends Partial<Network> {
  /** Of the server: `https://chat.example`. */
  readonly origin: string
  /** Where this device keeps what has to survive. One client at a time over one storage. */
  readonly storage: Storage
  /** What the person calls this device. Only own devices learn it. */
  readonly deviceName: string
  /** Browsers leave the refresh token in a cookie that scripts cannot read; others keep it. */
  readonly refreshIn: 'cookie' | 'body'
  /** In Node, `@sotto/sdk/password` itself; in a browser that entry inside a worker. */
  readonly password: PasswordPort
  readonly now?: () => number
  readonly random?: () => number
  /** See `AccountContext`; 2,000 unless given. */
  readonly ownDeviceWaitMs?: number
  /** The protocols behind the port; those of this version unless given. */
  readonly createProtocols?: CreateProtocols
  /** Gets failures that no command waits for; each is a `ClientError` or a bug. */
  readonly failed?: (error: unknown) => void
}

/**
 * A chat client without a screen: the same in a browser and in Node. Everything an app does goes
 * through `commands`, everything it shows comes from `snapshot`.
 */
export class ChatClient implements ClientPort {
  readonly commands: Commands
  readonly #options: ChatClientOptions & Network
  readonly #updates: Updates = createUpdates()
  readonly #context: AccountContext
  readonly #account: Account
  readonly #talking: Talking
  #doubt: DoubtView = NO_DOUBT
  #storage: StorageView = { problem: null, damaged: 0 }
  readonly #closing: AbortController

  /**
   * Reads the storage, and goes on with whatever was begun. Needs no connection. Throws `invalid_name` for what
   * no device may be called.
   */
  static async open(given: ChatClientOptions): Promise<ChatClient> {
    const options = { ...createNetwork(), ...given }
    checkDeviceName(options.deviceName)
    let client: ChatClient | undefined
    const tell = (what: (client: ChatClient) => void) => {
      if (client) what(client)
    }
    await loadSignatures()
    const closing = new AbortController()
    let damaged = 0
    const context = await openContext(options, {
      closed: closing.signal,
      ended: (reason) => tell((one) => one.#account.sessionEnded(reason)),
      storage: (problem) => tell((one) => one.#storageChanged(problem)),
      onDamaged: (names) => {
        damaged += names.length
        tell((one) => one.#damagedFound(damaged))
      },
    })
    const account = await Account.open(context, {
      changed: async () => {
        if (client) await client.#accountChanged()
      },
      keysAdded: () => tell((one) => one.#talking.talk?.retryAll()),
      leaving: () => tell((one) => one.#talking.stop()),
      failed: (error) => tell((one) => one.#failed(error)),
    })
    client = new ChatClient(options, context, account, closing)
    client.#damagedFound(damaged)
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
    this.#talking = new Talking({
      isReady: () => !closing.signal.aborted && account.view().stage === 'ready',
      talkOptions: () => this.#talkOptions(),
      changed: () => this.#talkingChanged(),
      failed: this.#failed,
    })
    this.#updates.define('session', { read: () => this.#session() })
    this.#updates.define('connection', { read: () => ({ state: 'offline' }) })
    this.#updates.define('doubt', { read: () => this.#doubt })
    this.#updates.define('storage', { read: () => this.#storage })
    this.commands = {
      ...account.commands,
      ...this.#talking.commands,
      deviceStolen: async (deviceId) => {
        // What the present keys have to open is here then.
        await this.#talking.readToEnd()
        await account.commands.deviceStolen(deviceId)
      },
      reconnect: () => this.#reconnect(),
    }
  }

  snapshot<K extends ViewKey>(key: K): Views[K['view']] | undefined {
    return this.#updates.snapshot(key)
  }

  subscribe(key: ViewKey, changed: () => void): () => void {
    return this.#updates.subscribe(key, changed)
  }

  /**
   * Ends the connection, asks the server nothing more and lets go of the storage. What waits to be sent stays in
   * the outbox.
   */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#account.close()
    await this.#talking.close()
    await this.#context.storage.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #failed = (error: unknown): void => {
    if (this.#closing.signal.aborted) return
    // Left over from a log-in that has ended, or that ends with this: the session view says so.
    const code = codeOf(error)
    if (code === 'refresh_refused') return
    if (code === 'unauthenticated' && this.#account.view().stage !== 'ready') return
    this.#setDoubt(doubtAfter(this.#doubt, error, this.#context.now()))
    this.#options.failed?.(error)
  }

  #setDoubt(doubt: DoubtView): void {
    if (doubt === this.#doubt) return
    this.#doubt = doubt
    this.#updates.changed({ view: 'doubt' })
  }

  #storageChanged(problem: StorageProblem | null): void {
    if (problem === this.#storage.problem) return
    this.#storage = { ...this.#storage, problem }
    this.#updates.changed({ view: 'storage' })
  }

  #damagedFound(damaged: number): void {
    if (damaged === this.#storage.damaged) return
    this.#storage = { ...this.#storage, damaged }
    this.#updates.changed({ view: 'storage' })
  }

  /** `ready` only once the conversations are open: a view shows what works. */
  #session(): SessionView {
    const view = this.#account.view()
    return view.stage === 'ready' && !this.#talking.talk ? { stage: 'starting' } : view
  }

  async #accountChanged(): Promise<void> {
    const { stage } = this.#account.view()
    if (stage !== 'signed_out') this.#talking.prepare()
    if (stage !== 'ready') this.#talking.stop()
    this.#updates.changed({ view: 'session' })
    if (stage === 'ready') await this.#talking.start()
  }

  async #reconnect(): Promise<void> {
    const { talk } = this.#talking
    if (talk) return talk.reconnect()
    this.#account.comeBack()
    await this.#accountChanged()
  }

  #talkOptions(): TalkOptions {
    const account = this.#account
    const { state, storage, authorized, now } = this.#context
    const { origin, createWebSocket, watchNetwork, suspect } = this.#options
    return {
      account: this.#context,
      createProtocols: this.#options.createProtocols ?? createProtocols,
      context: { storage, call: authorized, updates: this.#updates, now, me: () => state.me() },
      uploads: () => account.uploads(),
      notEnrolled: () => account.notEnrolled(),
      network: {
        origin,
        createWebSocket,
        watchNetwork,
        suspect,
        sessionEnded: () => account.sessionEnded(),
      },
      ownChanged: () => this.#updates.changed({ view: 'session' }),
      failed: (error) => {
        if (codeOf(error) === 'device_not_enrolled') account.notEnrolled()
        else this.#failed(error)
      },
    }
  }

  #talkingChanged(): void {
    this.#updates.changed({ view: 'session' })
    if (this.#talking.talk) return
    for (const view of ['conversations', 'contacts'] as const) {
      this.#updates.define(view, { read: () => undefined })
    }
    this.#updates.define('connection', { read: () => ({ state: 'offline' }) })
    this.#setDoubt(NO_DOUBT)
    this.#updates.defineTimelines(() => ({ read: () => undefined }))
  }
}

/** Whatever is verified later must not fail for want of code: that would look like a forgery. */
async function loadSignatures(): Promise<void> {
  try {
    await prepareSignatures()
  } catch (cause) {
    throw new ClientError('unavailable', undefined, { cause })
  }
}

interface ContextListeners {
  readonly closed: AbortSignal
  /** The session is over. */
  readonly ended: (reason: EndReason) => void
  /** See `createOwnedStorage`. */
  readonly storage: (problem: StorageProblem | null) => void
  /** See `StoreListeners`. */
  readonly onDamaged: (names: readonly string[]) => void
}

async function openContext(
  options: ChatClientOptions & Network,
  { closed, ended, storage: storageChanged, onDamaged }: ContextListeners,
): Promise<AccountContext> {
  const { origin, deviceName, refreshIn, password, fetch } = options
  const { now = Date.now, random = Math.random, ownDeviceWaitMs = 2_000 } = options
  const owned = createOwnedStorage(options.storage, storageChanged)
  const storage = await openStore(owned, { onDamaged })
  const state = await openAccountState(storage)
  const call = createCall(origin, async (...request) => {
    // Another client may have the storage by then.
    closed.throwIfAborted()
    return fetch(...request)
  })
  const tokens = createTokens({
    call,
    now,
    isOwn: (answer) => {
      const { login } = state.memory
      const isSame = login?.accountId === answer.account_id && login.deviceId === answer.device_id
      return isSame && login.sessionId === answer.session_id
    },
    loadRefreshToken: async () => state.login().refreshToken,
    saveRefreshToken: async (refreshToken) => {
      await state.updateLogin((login) => ({ ...login, refreshToken }))
    },
    prove: (challenge) => proveDevice({ state, call, deviceName, now }, challenge),
    ended,
  })
  const proving = singleFlight(() => proveLogIn({ state, call, deviceName, now }))
  const authorized = createAuthorizedCall(call, tokens, proving)
  return {
    state,
    storage,
    call,
    authorized,
    tokens,
    proveLogIn: proving,
    password,
    origin,
    deviceName,
    refreshIn,
    inTurn: { keyBox: createSerial(), record: createSerial(), manifest: createSerial() },
    seenWraps: new SeenWraps(),
    now,
    random,
    ownDeviceWaitMs,
  }
}
