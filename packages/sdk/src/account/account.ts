import { createAccountKeys, withImportedRsaKey } from '@sotto/crypto'
import { authRequests, type DeviceId } from '@sotto/wire'
import { restoreKeys } from '../account-sync/restore-own.ts'
import type { Commands } from '../api/commands.ts'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import type { SessionView } from '../api/views.ts'
import { pictureOf } from '../published/pictures.ts'
import { loadCode } from '../scheduling/load-code.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { createSerial } from '../scheduling/serial.ts'
import type { EndReason } from '../storage/records/account.ts'
import type { AccountCommands } from './account-commands.ts'
import { devicesSeen, listDevices } from './devices/own-devices.ts'
import { fromCrypto } from './keys/crypto-errors.ts'
import { makeKeys, type NewProfile } from './keys/make-keys.ts'
import { syncManifest } from './keys/manifest.ts'
import { reviewKeys } from './keys/review-keys.ts'
import { sendUnlessWaiting, stopNewKeys } from './keys/waiting-keys.ts'
import { comeBack } from './log-in/come-back.ts'
import { settle } from './log-in/enter.ts'
import { acceptInvitation, createInvitation, signUpPolicy } from './log-in/invitation.ts'
import { createLogIn, endOwnSession } from './log-in/log-in.ts'
import { removePassword } from './log-in/password-log-in.ts'
import { proveUnlessProven } from './log-in/prove-device.ts'
import { createUploads } from './publishing/uploads.ts'
import { loadPendingCode } from './recovery/pending-code.ts'
import { enrollAnew } from './recovery/unlock.ts'
import { type SessionFacts, sessionView } from './session-view.ts'
import type { AccountContext } from './state/account-context.ts'
import { LOG_IN, type LogInEvent, type Stage } from './state/account-stages.ts'
import { endFor } from './state/stored-stages.ts'
import { storageUsage } from './storage-usage.ts'

/** Loaded when they are needed, because the first screen needs none of them. */
const devices = () => loadCode(() => import('./devices/device.ts'))
const recovery = () => loadCode(() => import('./recovery/recovery.ts'))
const ownProfile = () => loadCode(() => import('./publishing/own-profile.ts'))

/** Refusals that may mean: the account has other keys, or this device is not enrolled. */
const REFUSALS: ReadonlySet<string> = new Set([
  'stale_version',
  'bad_signature',
  'device_not_enrolled',
  'device_id_taken',
])

export interface AccountListeners {
  /** The session view may be another one. A command waits for this: afterwards what the view shows works. */
  readonly onChange: () => Promise<void>
  /** Keys were added to those of the account. */
  readonly onKeysAdded: () => void
  /** This device is about to forget or to leave the account. */
  readonly onLeave: () => void
  readonly onError: (error: unknown) => void
}

/**
 * The own account on this device, from signing up to logging out. What is begun is stored before it is
 * sent, so that after a reload `open` goes on where it was.
 */
export class Account {
  readonly commands: AccountCommands
  readonly #context: AccountContext
  readonly #listeners: AccountListeners
  readonly #inTurn = createSerial()
  readonly #sendUploads: () => Promise<void>
  readonly #resuming: Retrying
  #facts: SessionFacts = { isStarting: true, recoveryCode: undefined }
  /** An RSA key that was loaded while the account was locked. */
  #pem: NewProfile['pem'] = null

  static async open(context: AccountContext, listeners: AccountListeners): Promise<Account> {
    const account = new Account(context, listeners)
    if (!context.state.memory.login) await account.#lookForLostStorage()
    await account.#lookForDamage()
    await account.#proceed()
    account.#resuming.start()
    return account
  }

  private constructor(context: AccountContext, listeners: AccountListeners) {
    this.#context = context
    this.#listeners = listeners
    this.#sendUploads = createUploads(context)
    this.#resuming = new Retrying(() => this.#step(() => this.#resume()), listeners.onError)
    this.commands = this.#commands()
  }

  view(): SessionView {
    return sessionView(this.#context.state, this.#facts)
  }

  /** Sends what making, opening or enrolling left to be sent, and proves that this device is one of the account's. */
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
      // Try again later: the state of the account may have changed by then.
      throw new ClientError('unavailable', undefined, { cause: error })
    }
  }

  /** The server says that this device is not enrolled. */
  notEnrolled(): void {
    this.#step(() => this.#review())
      .then(() => this.#resuming.start())
      .catch(this.#listeners.onError)
  }

  /** The session is over. What is kept here waits for the same account to log in again. */
  sessionEnded(reason: EndReason = 'session_ended'): void {
    this.#end(endFor(reason), reason).catch(this.#listeners.onError)
  }

  /** Asks now whether a session goes on that the server had lost. */
  comeBack(): void {
    const { logIn } = this.#context.state
    if (logIn === 'lost' || logIn === 'asking') this.#resuming.start()
  }

  close(): void {
    this.#resuming.stop()
  }

  #commands(): AccountCommands {
    const context = this.#context
    const { verifyPhone, setPassword, logInWithoutPassword, logIn, ...ways } = createLogIn(context)
    return {
      ...ways,
      verifyPhone: (...code) => this.#entering(() => verifyPhone(...code)),
      setPassword: (password) => this.#entering(() => setPassword(password)),
      logInWithoutPassword: () => this.#entering(logInWithoutPassword),
      removePassword: () => this.#step(() => removePassword(context)),
      logIn: (...credentials) => this.#entering(() => logIn(...credentials)),
      logOut: (options) => this.#step(() => this.#logOut(options)),
      createProfile: (profile) => this.#step(() => this.#createProfile(profile)),
      confirmRecovery: (group) => this.#step(() => this.#confirmRecovery(group)),
      unlockWithRecoveryCode: (code) =>
        this.#entering(async () => (await recovery()).unlockWithRecoveryCode(context, code)),
      startWithNewKeys: (profile) => this.#step(() => this.#startWithNewKeys(profile)),
      renewRecoveryCode: () => this.#step(() => this.#renewRecoveryCode()),
      updateProfile: (profile) =>
        this.#step(async () => (await ownProfile()).updateProfile(context, profile)),
      setFindable: (findable) =>
        this.#step(async () => (await ownProfile()).setFindable(context, findable)),
      createRsaKey: () => this.#addingKeys(async () => (await ownProfile()).createRsaKey(context)),
      exportPem: (passphrase) =>
        this.#step(async () => (await ownProfile()).exportPem(context, passphrase)),
      importPem: (...file) => this.#addingKeys(() => this.#importPem(...file)),
      storageUsage: () => storageUsage(context),
      signUpPolicy: () => signUpPolicy(context),
      acceptInvitation: (link) => this.#step(() => acceptInvitation(context, link)),
      createInvitation: (wanted) => createInvitation(context, wanted),
      listInvitations: async () =>
        (await context.authorized(authRequests.listInvitations, {})).invitations,
      revokeInvitation: async (invitationId) => {
        await context.authorized(authRequests.revokeInvitation, { params: { invitationId } })
      },
      stopNewKeys: (identityKey) => this.#step(() => stopNewKeys(context, identityKey)),
      listDevices: () => this.#step(() => listDevices(context)),
      removeDevice: (deviceId) =>
        this.#step(async () => (await devices()).removeDevice(context, deviceId)),
      deviceStolen: (deviceId) => this.#step(() => this.#deviceStolen(deviceId)),
      devicesSeen: (deviceIds) => this.#step(() => devicesSeen(context, deviceIds)),
      listSessions: async () => (await devices()).listSessions(context),
      endSession: async (sessionId) => (await devices()).endSession(context, sessionId),
    }
  }

  /** One thing at a time; afterwards the view is what it has become. */
  #step<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      try {
        return await work()
      } finally {
        await this.#proceed()
      }
    })
  }

  /** Whoever is in has done their part: what a lost connection cut off after that goes on by itself. */
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

  /** Logged in, and there is nothing to do but to wait for the server's answers. */
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

  /** Goes on with what a reload or a lost connection interrupted. */
  async #resume(): Promise<void> {
    await comeBack(this.#context)
    const { logIn, stage } = this.#context.state
    if (logIn !== 'open') return
    if (stage === 'unknown') await settle(this.#context)
    else if (this.#isHalfIn()) await enrollAnew(this.#context)
    if (stage !== 'needs_profile') await this.uploads()
  }

  /** What cannot be sent now is sent later; only what will never be taken is an error. */
  async #uploadsForNow(): Promise<void> {
    try {
      await this.uploads()
    } catch (error) {
      if (!mayPass(error)) throw error
      this.#resuming.start()
    }
  }

  async #createProfile(profile: Parameters<Commands['createProfile']>[0]): Promise<void> {
    this.#expect('needs_profile')
    const picture = profile.picture === null ? null : pictureOf(profile.picture)
    await makeKeys(this.#context, { ...profile, picture, pem: null })
    await this.#uploadsForNow()
  }

  async #startWithNewKeys(profile: Parameters<Commands['startWithNewKeys']>[0]): Promise<void> {
    this.#expect('locked')
    const picture = profile.picture === null ? null : pictureOf(profile.picture)
    await makeKeys(this.#context, { ...profile, picture, withRsa: false, pem: this.#pem })
    this.#pem = null
    await this.#uploadsForNow()
  }

  /** Nothing else writes for the account meanwhile: what is open is closed, and opens again with the new keys. */
  async #deviceStolen(stolen: DeviceId): Promise<void> {
    const { state } = this.#context
    if (stolen === state.me().deviceId) throw new ClientError('forbidden')
    const { renewKeys } = await loadCode(() => import('./keys/renew-keys.ts'))
    await renewKeys(this.#context, stolen, () => {
      // While it starts, nobody opens the conversations.
      this.#facts = { ...this.#facts, isStarting: true }
      this.#listeners.onLeave()
    })
    await this.#uploadsForNow()
  }

  async #confirmRecovery(group: string): Promise<void> {
    // The code proves nothing while the wrap that it opens is not on the server.
    await this.uploads()
    await (await recovery()).confirmRecovery(this.#context, group)
    if (this.#context.state.me().own.hasNewWraps) await syncManifest(this.#context)
  }

  async #renewRecoveryCode(): ReturnType<Commands['renewRecoveryCode']> {
    this.#expect('ready')
    return (await recovery()).renewRecoveryCode(this.#context)
  }

  async #importPem(...[file, passphrase]: Parameters<Commands['importPem']>): Promise<void> {
    if (!this.#isIn('locked')) {
      return (await ownProfile()).importPem(this.#context, file, passphrase)
    }
    await fromCrypto(async () => {
      const empty = await createAccountKeys({ withRsa: false })
      await withImportedRsaKey(empty, file, passphrase)
    })
    this.#pem = { file, passphrase }
  }

  async #logOut({ forget }: { forget: boolean }): Promise<void> {
    const { state } = this.#context
    await state.move({ logIn: 'leave' })
    try {
      await this.#endOnServer({ forget })
      if (!forget) return await this.#end('log_out')
      this.#leave()
      await state.erase()
    } catch (error) {
      // It is not stored: the log-in goes on.
      await state.move({ logIn: 'stay' })
      throw error
    }
  }

  async #endOnServer({ forget }: { forget: boolean }): Promise<void> {
    const { logIn, stage, memory } = this.#context.state
    if (logIn !== 'logging_out') return
    // While its keys wait it is none that could be revoked.
    const isEnrolled = memory.device !== undefined && stage !== 'new_keys_wait'
    const revoke = async () => (await devices()).revokeThisDevice(this.#context)
    if (forget && isEnrolled) await orUnreachable(revoke())
    await orUnreachable(endOwnSession(this.#context))
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
    // Until that is stored there is nothing that one could do.
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

  /** Without keys and profile the server is asked again how far the account is. They are kept, as damaged. */
  async #lookForDamage(): Promise<void> {
    const { state } = this.#context
    const { login, own, keys } = state.memory
    const isMissing = login?.standing === 'unlocked' && !(own && keys)
    if (isMissing) await state.move({ stage: 'set_aside' })
  }

  /**
   * A browser may throw its storage away and keep the cookie. Said plainly then, and that log-in is
   * ended: it belongs to a device whose key and counters are gone.
   */
  async #lookForLostStorage(): Promise<void> {
    const { call, refreshIn } = this.#context
    if (refreshIn !== 'cookie') return
    try {
      const answer = await call(authRequests.refresh, { body: {} })
      // The usual case: no cookie, so nobody was logged in here.
      if ('session' in answer) return
      await this.#context.state.move({ logIn: 'find_cookie' })
      await call(authRequests.logOut, {}, { token: answer.access_token })
    } catch (error) {
      // Without a connection, or with a cookie that has ended, there is nothing to end.
      if (codeOf(error) === undefined) throw error
    }
  }

  #expect(stage: Stage): void {
    if (!this.#isIn(stage)) throw new ClientError('forbidden')
  }

  /** Throws `unauthenticated` unless somebody is logged in. */
  #isIn(stage: Stage): boolean {
    const { state } = this.#context
    state.login()
    return state.stage === stage
  }
}

/** Logging out works without a connection, too. */
async function orUnreachable(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (codeOf(error) === undefined) throw error
  }
}
