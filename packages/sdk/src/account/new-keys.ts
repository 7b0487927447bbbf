import { createAccountKeys, withImportedRsaKey } from '@sotto/crypto'
import type { Commands } from '../api/commands.ts'
import { pictureOf } from '../published/pictures.ts'
import { loadCode } from '../scheduling/load-code.ts'
import { fromCrypto } from './keys/crypto-errors.ts'
import type { NewProfile } from './keys/make-keys.ts'
import type { AccountContext } from './state/account-context.ts'
import { expectStage, isInStage } from './state/expect-stage.ts'

// The first screen needs none of it.
const loadMakeKeys = () => loadCode(() => import('./keys/make-keys.ts'))

/** Creates the keys that a person asks for: the account's first ones, or new ones if nothing opens the old ones. */
export class NewKeys {
  readonly #context: AccountContext
  /** An RSA key that was imported while the account was locked. */
  #pem: NewProfile['pem'] = null

  constructor(context: AccountContext) {
    this.#context = context
  }

  async createProfile(profile: Parameters<Commands['createProfile']>[0]): Promise<void> {
    expectStage(this.#context.state, 'needs_profile')
    const picture = profile.picture === null ? null : pictureOf(profile.picture)
    const { makeKeys } = await loadMakeKeys()
    await makeKeys(this.#context, { ...profile, picture, pem: null })
  }

  async startWithNewKeys(profile: Parameters<Commands['startWithNewKeys']>[0]): Promise<void> {
    expectStage(this.#context.state, 'locked')
    const picture = profile.picture === null ? null : pictureOf(profile.picture)
    const { makeKeys } = await loadMakeKeys()
    await makeKeys(this.#context, { ...profile, picture, withRsa: false, pem: this.#pem })
    this.#pem = null
  }

  /** Adds the key to the account's keys or, while it is locked, keeps it in memory for `startWithNewKeys`. */
  async importPem(...[file, passphrase]: Parameters<Commands['importPem']>): Promise<void> {
    if (!isInStage(this.#context.state, 'locked')) {
      const { importPem } = await loadCode(() => import('./publishing/own-profile.ts'))
      return importPem(this.#context, file, passphrase)
    }
    await fromCrypto(async () => {
      const empty = await createAccountKeys({ withRsa: false })
      await withImportedRsaKey(empty, file, passphrase)
    })
    this.#pem = { file, passphrase }
  }
}
