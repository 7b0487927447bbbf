import type { BoxName } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { type ContactBox, createContactBox } from './contact-box.ts'
import { ClientError } from './errors.ts'
import { isManifestBehind, syncManifest } from './manifest.ts'
import { provideRsaKey, readOwnAccount } from './own-account.ts'
import { adoptKeysSince } from './own-record.ts'
import { Retrying } from './retrying.ts'
import { unlessStartedOver } from './started-over.ts'
import type { TalkParts } from './talk-parts.ts'
import { Timers } from './timers.ts'

export interface KeyWorkDependencies {
  readonly account: AccountContext
  readonly parts: TalkParts
  /** The own account changed; other own devices may have added keys. */
  readonly ownChanged: () => void
  readonly failed: (error: unknown) => void
}

/**
 * - `own` checks the own account on the server, and adopts what other own devices changed.
 * - `pins` reads and writes the `contacts` box.
 * - `manifest` takes over a newer manifest, and publishes the next one.
 * - `rsaKey` sees to it that the own RSA key is there when a conversation needs it, and published.
 */
export type KeyWorkName = 'own' | 'pins' | 'manifest' | 'rsaKey'

/** Keeps keys, pins and manifest of the account the same on all its devices, in the background. */
export class KeyWork {
  readonly contactBox: ContactBox
  readonly #works: Readonly<Record<KeyWorkName, Retrying>>
  readonly #account: AccountContext
  readonly #waits = new Timers()
  #isStarted = false
  #isWaiting = false
  #newestManifest = 0
  #newestKeyBox = 0

  constructor({ account, parts, ownChanged, failed }: KeyWorkDependencies) {
    const { contacts, conversations } = parts
    this.#account = account
    const published = () => this.wake('manifest')
    this.contactBox = createContactBox(account.state, contacts, account.authorized, published)
    const retrying = (work: () => Promise<void>) =>
      new Retrying(() => unlessStartedOver(account, work), failed)
    this.#works = {
      own: retrying(async () => {
        const isOther = await readOwnAccount(account, contacts)
        if ((await adoptKeysSince(account, this.#newestKeyBox)) || isOther) ownChanged()
        this.#takenOver()
      }),
      pins: retrying(async () => {
        await this.contactBox.sync()
        this.#takenOver()
      }),
      manifest: retrying(async () => {
        await syncManifest(account)
        const { version, boxes } = account.state.me().own.manifest
        if (await adoptKeysSince(account, boxes.keys)) ownChanged()
        // An own message names a later one, so the server is withholding it.
        if (version < this.#newestManifest) throw new ClientError('untrusted_answer')
      }),
      rsaKey: retrying(async () => {
        if (await provideRsaKey(account, conversations)) ownChanged()
      }),
    }
  }

  /** Does this now. Not before it is known in which era the server is: then everything is done. */
  wake(name: KeyWorkName): void {
    if (this.#isStarted) this.#works[name].start()
  }

  /** An own message names this version of the manifest. */
  manifestSeen(version: number): void {
    if (version <= this.#newestManifest) return
    this.#newestManifest = version
    this.wake('manifest')
  }

  /** The server says that this version of a box was written. */
  boxSeen(box: BoxName, version: number): void {
    if (version <= this.#account.state.me().own.boxVersions[box]) return
    if (box === 'keys') this.#newestKeyBox = Math.max(this.#newestKeyBox, version)
    this.wake(box === 'contacts' ? 'pins' : 'own')
  }

  start(): void {
    this.#isStarted = true
    for (const work of Object.values(this.#works)) work.start()
  }

  stop(): void {
    this.#isStarted = false
    this.#waits.clear()
    this.#isWaiting = false
    for (const work of Object.values(this.#works)) work.stop()
  }

  /**
   * The device that wrote what was taken over is probably about to publish the manifest. If it stopped
   * before that, or has revoked itself, another own device must: until then the server can show a new
   * device what was there before.
   */
  #takenOver(): void {
    const { state, random, manifestWaitMs } = this.#account
    if (!this.#isStarted || this.#isWaiting || !isManifestBehind(state.me().own)) return
    this.#isWaiting = true
    this.#waits.after(manifestWaitMs * (1 + 1.5 * random()), () => {
      this.#isWaiting = false
      this.wake('manifest')
    })
  }
}
