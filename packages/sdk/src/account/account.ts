import type { DeviceId } from '@sotto/wire'
import { restoreKeys } from '../account-sync/restore-own.ts'
import type { Commands } from '../api/commands.ts'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import type { SessionView } from '../api/views.ts'
import { loadCode } from '../scheduling/load-code.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { createSerial } from '../scheduling/serial.ts'
import type { EndReason } from '../storage/records/account.ts'
import { type AccountCommands, type AccountSteps, accountCommands } from './account-commands.ts'
import { syncManifest } from './keys/manifest.ts'
import { reviewKeys } from './keys/review-keys.ts'
import { sendUnlessWaiting } from './keys/waiting-keys.ts'
import { comeBack } from './log-in/come-back.ts'
import { settle } from './log-in/enter.ts'
import { leaveServer } from './log-in/leave-server.ts'
import { proveUnlessProven } from './log-in/prove-device.ts'
import { NewKeys } from './new-keys.ts'
import { createUploads } from './publishing/uploads.ts'
import { loadPendingCode } from './recovery/pending-code.ts'
import { enrollAnew } from './recovery/unlock.ts'
import { type SessionFacts, sessionView } from './session-view.ts'
import type { AccountContext } from './state/account-context.ts'
import { LOG_IN, type LogInEvent } from './state/account-stages.ts'
import { expectStage } from './state/expect-stage.ts'
import { findLosses } from './state/find-losses.ts'
import { endFor } from './state/stored-stages.ts'

// Loaded when it is needed, because the first screen doesn't need it.
const recovery = () => loadCode(() => import('./recovery/recovery.ts'))

/** Refusals that may mean that the account has other keys, or that this device isn't enrolled. */
const REFUSALS: ReadonlySet<string> = new Set([
  'stale_version',
  'bad_signature',
  'device_not_enrolled',
  'device_id_taken',
])

export interface AccountListeners {
  /** The session view may have changed. Commands wait for this, so that everything the view promises works. */
  readonly onChange: () => Promise<void>
  /** The account has more keys. */
  readonly onKeysAdded: () => void
  /** This device is about to leave the account, or to get new keys: nothing else may write for it. */
  readonly onLeave: () => void
  readonly onError: (error: unknown) => void
}

/**
 * Our account on this device, from signing up to logging out.
 *
 * - Its states are in `state/account-stages.ts`. `AccountState` stores them, with the keys that belong to them.
 * - Everything is stored before it is sent, so `open` continues where a crash or a reload interrupted it.
 * - Commands run one at a time. When a command resolves, the session view shows its result.
 * - A person who logged in or chose keys has done their part: if the connection is lost after that, the rest is retried
 *   in the background. Only an error that retrying can't fix makes the command fail.
 */
export class Account {
  readonly commands: AccountCommands
  readonly #context: AccountContext
  readonly #listeners: AccountListeners
  readonly #inTurn = createSerial()
  readonly #sendUploads: () => Promise<void>
  readonly #resuming: Retrying
  readonly #newKeys: NewKeys
  #facts: SessionFacts = { isStarting: true, recoveryCode: undefined }

  static async open(context: AccountContext, listeners: AccountListeners): Promise<Account> {
    const account = new Account(context, listeners)
    await findLosses(context)
    await account.#proceed()
    account.#resuming.start()
    return account
  }

  private constructor(context: AccountContext, listeners: AccountListeners) {
    this.#context = context
    this.#listeners = listeners
    this.#sendUploads = createUploads(context)
    this.#newKeys = new NewKeys(context)
    this.#resuming = new Retrying(() => this.#step(() => this.#resume()), listeners.onError)
    this.commands = accountCommands(context, this.#steps())
  }

  view(): SessionView {
    return sessionView(this.#context.state, this.#facts)
  }

  /** Sends the uploads left by creating or opening keys, and proves that this device belongs to the account. */
  async uploads(): Promise<void> {
    try {
      await sendUnlessWaiting(this.#context, this.#sendUploads)
      const { keys, device } = this.#context.state.memory
      if (keys && device) await proveUnlessProven(this.#context)
    } catch (error) {
      if (codeOf(error) === 'new_keys_wait') {
        throw new ClientError('unavailable', undefined, { cause: error })
      }
      if (codeOf(error) === 'new_keys_stopped') return settle(this.#context)
      if (!REFUSALS.has(codeOf(error) ?? '')) throw error
      await this.#review()
      // Retried later, because the account's state may have changed.
      throw new ClientError('unavailable', undefined, { cause: error })
    }
  }

  /** The server says that this device isn't enrolled. */
  notEnrolled(): void {
    this.#step(() => this.#review())
      .then(() => this.#resuming.start())
      .catch(this.#listeners.onError)
  }

  /** The session is over. The stored data stays until the same account logs in again. */
  sessionEnded(reason: EndReason = 'session_ended'): void {
    this.#end(endFor(reason), reason).catch(this.#listeners.onError)
  }

  /** If the server has lost the session, asks now whether it is valid again. */
  comeBack(): void {
    const { logIn } = this.#context.state
    if (logIn === 'lost' || logIn === 'asking') this.#resuming.start()
  }

  close(): void {
    this.#resuming.stop()
  }

  #steps(): AccountSteps {
    return {
      step: (work) => this.#step(work),
      entering: (enter) => this.#entering(enter),
      addingKeys: (add) => this.#addingKeys(add),
      createProfile: async (profile) => {
        await this.#newKeys.createProfile(profile)
        await this.#uploadsForNow()
      },
      startWithNewKeys: async (profile) => {
        await this.#newKeys.startWithNewKeys(profile)
        await this.#uploadsForNow()
      },
      confirmRecovery: (group) => this.#confirmRecovery(group),
      renewRecoveryCode: () => this.#renewRecoveryCode(),
      importPem: (...file) => this.#newKeys.importPem(...file),
      deviceStolen: (deviceId) => this.#deviceStolen(deviceId),
      logOut: (options) => this.#logOut(options),
    }
  }

  /** Runs one command at a time, and then updates the session view. */
  #step<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      try {
        return await work()
      } finally {
        await this.#proceed()
      }
    })
  }

  /** Once the person is logged in, they have done their part: anything interrupted after that is retried. */
  #entering(enter: () => Promise<void>): Promise<void> {
    return this.#step(async () => {
      try {
        await enter()
      } catch (error) {
        if (!mayPass(error) || !this.#isHalfIn()) throw error
        return this.#resuming.start()
      }
      await this.#uploadsForNow()
    })
  }

  /** Logged in, and only waiting for the server's answers. */
  #isHalfIn(): boolean {
    const { logIn, stage, memory } = this.#context.state
    const isEnrolling = memory.keys !== undefined && memory.device === undefined
    return logIn === 'open' && (stage === 'unknown' || isEnrolling)
  }

  #addingKeys(add: () => Promise<void>): Promise<void> {
    return this.#step(async () => {
      await add()
      this.#listeners.onKeysAdded()
    })
  }

  async #proceed(): Promise<void> {
    const code = await loadPendingCode(this.#context)
    this.#facts = { ...this.#facts, isStarting: false, recoveryCode: code }
    await this.#listeners.onChange()
  }

  /** Continues whatever a reload or a lost connection interrupted. */
  async #resume(): Promise<void> {
    await comeBack(this.#context)
    const { logIn, stage } = this.#context.state
    if (logIn !== 'open') return
    if (stage === 'unknown') await settle(this.#context)
    else if (this.#isHalfIn()) await enrollAnew(this.#context)
    if (stage !== 'needs_profile') await this.uploads()
  }

  /** Uploads that can't be sent now are sent later. Only a final refusal is an error. */
  async #uploadsForNow(): Promise<void> {
    try {
      await this.uploads()
    } catch (error) {
      if (!mayPass(error)) throw error
      this.#resuming.start()
    }
  }

  /** Nothing else may write for the account meanwhile, so the engine is closed, and opens again with the new keys. */
  async #deviceStolen(stolen: DeviceId): Promise<void> {
    const { state } = this.#context
    if (stolen === state.me().deviceId) throw new ClientError('forbidden')
    const { renewKeys } = await loadCode(() => import('./keys/renew-keys.ts'))
    await renewKeys(this.#context, stolen, () => {
      // While the view says `starting`, the engine stays closed.
      this.#facts = { ...this.#facts, isStarting: true }
      this.#listeners.onLeave()
    })
    await this.#uploadsForNow()
  }

  async #confirmRecovery(group: string): Promise<void> {
    // Confirming the code is worth nothing until the server has the wrap that it opens.
    await this.uploads()
    await (await recovery()).confirmRecovery(this.#context, group)
    if (this.#context.state.me().own.hasNewWraps) await syncManifest(this.#context)
  }

  async #renewRecoveryCode(): ReturnType<Commands['renewRecoveryCode']> {
    expectStage(this.#context.state, 'ready')
    return (await recovery()).renewRecoveryCode(this.#context)
  }

  async #logOut({ forget }: { forget: boolean }): Promise<void> {
    const { state } = this.#context
    await state.move({ logIn: 'leave' })
    try {
      await leaveServer(this.#context, { forget })
      if (!forget) return await this.#end('log_out')
      this.#leave()
      await state.erase()
    } catch (error) {
      // Nothing was stored, so the log-in continues.
      await state.move({ logIn: 'stay' })
      throw error
    }
  }

  async #end(event: LogInEvent, reason?: EndReason): Promise<void> {
    const { state } = this.#context
    if (LOG_IN.next(state.logIn, event) === null) return
    this.#leave()
    try {
      await state.move({ logIn: event }, reason && { reason })
    } finally {
      await this.#proceed()
    }
    this.comeBack()
  }

  #leave(): void {
    // Until that is stored, the person can't do anything.
    this.#facts = { ...this.#facts, isStarting: true }
    this.#resuming.stop()
    this.#listeners.onLeave()
    this.#context.tokens.drop()
  }

  async #review(): Promise<void> {
    switch (await reviewKeys(this.#context)) {
      case 'revoked':
        return this.#end('told_of_end', 'session_ended')
      case 'set aside':
        return this.#listeners.onLeave()
      case 'wound back':
        return restoreKeys(this.#context)
      case 'enroll again':
    }
  }
}
