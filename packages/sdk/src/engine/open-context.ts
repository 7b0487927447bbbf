import { proveDevice, proveLogIn } from '../account/log-in/prove-device.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import { openAccountState } from '../account/state/account-state.ts'
import { SeenWraps } from '../account/state/seen-wraps.ts'
import type { StorageProblem } from '../api/views.ts'
import { createSerial, singleFlight } from '../scheduling/serial.ts'
import { openStore } from '../storage/migrations/open-store.ts'
import { createOwnedStorage } from '../storage/owned-storage.ts'
import type { EndReason } from '../storage/records/account.ts'
import { createAuthorizedCall, createCall } from '../transport/http.ts'
import type { Network } from '../transport/network.ts'
import { createTokens } from '../transport/tokens.ts'
import type { ChatClientOptions } from './chat-client-options.ts'

export interface ContextListeners {
  /** Aborted when the client closes. */
  readonly closed: AbortSignal
  readonly onSessionEnd: (reason: EndReason) => void
  /** See `createOwnedStorage`. */
  readonly onStorageProblem: (problem: StorageProblem | null) => void
  /** See `StoreListeners`. */
  readonly onDamaged: (names: readonly string[]) => void
}

/** Opens the storage, and creates everything that the account needs to reach the server. */
export async function openContext(
  options: ChatClientOptions & Network,
  { closed, onSessionEnd, onStorageProblem, onDamaged }: ContextListeners,
): Promise<AccountContext> {
  const { origin, deviceName, refreshIn, password, fetch } = options
  const { now = Date.now, random = Math.random, ownDeviceWaitMs = 2_000 } = options
  const owned = createOwnedStorage(options.storage, onStorageProblem)
  const storage = await openStore(owned, { onDamaged })
  const state = await openAccountState(storage)
  const call = createCall(origin, async (...request) => {
    // After that, another client may use the storage.
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
    onEnd: onSessionEnd,
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
