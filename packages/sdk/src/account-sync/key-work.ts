import { CryptoError } from '@sotto/crypto'
import type { BoxName } from '@sotto/wire'
import { noteDevices } from '../account/devices/own-devices.ts'
import { isManifestBehind, keepNamedWraps, syncManifest } from '../account/keys/manifest.ts'
import { adoptNewestKeys } from '../account/keys/own-record.ts'
import { noteWaitingKeys } from '../account/keys/waiting-keys.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import { ClientError } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { Protocols } from '../protocols/port.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { Timers } from '../scheduling/timers.ts'
import { type ContactBox, createContactBox } from './contact-box.ts'
import { provideRsaKey, readOwnAccount } from './own-account.ts'

export interface KeyWorkDependencies {
  readonly account: AccountContext
  readonly contacts: Contacts
  readonly conversations: Conversations
  readonly protocols: Protocols
  /** Our account changed; another of its devices may have added keys. */
  readonly onOwnChange: () => void
  readonly onError: (error: unknown) => void
}

/**
 * - `own` checks our account on the server and adopts changes made by its other devices.
 * - `pins` reads and writes the `contacts` box.
 * - `manifest` adopts a newer manifest and publishes the next one.
 * - `rsaKey` makes sure that our RSA key exists and is published once a conversation needs it.
 */
export type KeyWorkName = 'own' | 'pins' | 'manifest' | 'rsaKey'

/**
 * Keeps the keys, pins and manifest in sync across all devices of the account, in the background.
 *
 * - Devices may write at the same time: each write names the version that it replaces, and after a refusal the device
 *   reads, joins both, and tries again. Joining never drops a key.
 * - An answer that our keys haven't signed changes nothing. It is asked for again, because another device may just be
 *   renewing the keys.
 * - Every job may be interrupted anywhere and run again. Errors that retrying can't fix go to `onError`.
 */
export class KeyWork {
  readonly contactBox: ContactBox
  readonly #works: Readonly<Record<KeyWorkName, Retrying>>
  readonly #account: AccountContext
  readonly #contacts: Contacts
  readonly #waits = new Timers()
  #isStarted = false
  /** Jobs whose last answer belonged to other keys: it didn't open, or our keys hadn't signed it. */
  readonly #foreign = new Set<KeyWorkName>()
  #isWaiting = false
  #newestManifest = 0
  /** A device may have stored keys and stopped before publishing them. */
  #isKeyBoxDue = true

  constructor(deps: KeyWorkDependencies) {
    const { account, contacts, conversations, protocols, onOwnChange, onError } = deps
    this.#account = account
    this.#contacts = contacts
    const published = () => this.wake('manifest')
    this.contactBox = createContactBox(account.state, contacts, account.authorized, published)
    const retrying = (name: KeyWorkName, work: () => Promise<void>) =>
      new Retrying(() => this.#lookingTwice(name, work), onError)
    this.#works = {
      own: retrying('own', async () => {
        if (await readOwnAccount(account, contacts)) onOwnChange()
        if (await noteDevices(account, contacts)) onOwnChange()
        if (await noteWaitingKeys(account)) onOwnChange()
        if (await this.#adoptKeyBox()) onOwnChange()
        this.#takenOver()
      }),
      pins: retrying('pins', async () => {
        await this.contactBox.sync()
        this.#takenOver()
      }),
      manifest: retrying('manifest', async () => {
        const before = account.state.me().own.manifest
        await syncManifest(account)
        const { manifest, boxVersions } = account.state.me().own
        // A password may have been set or removed on another device.
        if (manifest.statement !== before.statement) onOwnChange()
        const isKeyBoxNewer = manifest.boxes.keys > boxVersions.keys
        if (isKeyBoxNewer && (await adoptNewestKeys(account))) onOwnChange()
        // One of our messages names a later version, so the server is withholding it.
        if (manifest.version < this.#newestManifest) throw new ClientError('untrusted_answer')
        await keepNamedWraps(account)
      }),
      rsaKey: retrying('rsaKey', async () => {
        if (await provideRsaKey(account, { conversations, protocols })) onOwnChange()
      }),
    }
  }

  /** Runs this job now. Does nothing until we know the server's era, because every job runs then anyway. */
  wake(name: KeyWorkName): void {
    if (this.#isStarted) this.#works[name].start()
  }

  /** One of our messages names this manifest version. */
  manifestSeen(version: number): void {
    if (version <= this.#newestManifest) return
    this.#newestManifest = version
    this.wake('manifest')
  }

  /** The server reports that this version of a box was written. */
  boxSeen(box: BoxName, version: number): void {
    if (version <= this.#account.state.me().own.boxVersions[box]) return
    if (box === 'keys') this.#isKeyBoxDue = true
    this.wake(box === 'contacts' ? 'pins' : 'own')
  }

  start(): void {
    this.#isStarted = true
    this.#isKeyBoxDue = true
    for (const work of Object.values(this.#works)) work.start()
  }

  stop(): void {
    this.#isStarted = false
    this.#waits.clear()
    this.#isWaiting = false
    this.#foreign.clear()
    for (const work of Object.values(this.#works)) work.stop()
  }

  /** Adopts keys stored by another device of the account, published or not. Returns whether there were any. */
  async #adoptKeyBox(): Promise<boolean> {
    if (!this.#isKeyBoxDue) return false
    this.#isKeyBoxDue = false
    const isNew = await adoptNewestKeys(this.#account).catch((error: unknown) => {
      this.#isKeyBoxDue = true
      throw error
    })
    // The other device is probably about to publish them.
    if (isNew) this.#afterMoment(() => this.wake('rsaKey'))
    return isNew
  }

  /**
   * When the person starts over with new keys on another device, the boxes arrive before the record that names them, so
   * for a moment even an honest server shows data that our keys don't open. This device therefore checks twice before
   * it reports a failure. If the record names other keys by then, the person is told about that instead.
   */
  async #lookingTwice(name: KeyWorkName, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#foreign.delete(name)
    } catch (error) {
      if (!isForeign(error)) throw error
      if (this.#foreign.delete(name)) {
        if (await this.#isReplaced()) return
        throw error
      }
      this.#foreign.add(name)
      this.#afterMoment(() => this.wake(name))
    }
  }

  async #isReplaced(): Promise<boolean> {
    // If the record can't be read, report the original failure.
    await readOwnAccount(this.#account, this.#contacts).catch(() => {})
    return this.#account.state.me().own.replaced
  }

  /**
   * The device that wrote what we adopted is probably about to publish the manifest. If it stopped first, or revoked
   * itself, another device has to; until then the server can show a new device the previous state.
   */
  #takenOver(): void {
    const { state } = this.#account
    if (!this.#isStarted || this.#isWaiting || !isManifestBehind(state.me().own)) return
    this.#isWaiting = true
    this.#afterMoment(() => {
      this.#isWaiting = false
      this.wake('manifest')
    })
  }

  #afterMoment(act: () => void): void {
    const { ownDeviceWaitMs, random } = this.#account
    if (this.#isStarted) this.#waits.after(ownDeviceWaitMs * (1 + 1.5 * random()), act)
  }
}

/**
 * Whether the account seems to have other keys than this device: an answer doesn't open, another key signed it, or the
 * server refuses this device's signature.
 */
function isForeign(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false
  if (error.code === 'bad_signature') return true
  return error.code === 'untrusted_answer' && error.cause instanceof CryptoError
}
