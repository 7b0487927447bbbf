import {
  type AccountKeys,
  createAccountKeys,
  generateDeviceKey,
  generateRecoveryCode,
  generateRootSecret,
  type KeyBox,
  keysOf,
  publicKeysOf,
  type RecoveryCode,
  type RootSecret,
  sealContacts,
  sealKeyBox,
  signRecord,
  vaultSeal,
  vaultSealRootSecret,
  withImportedRsaKey,
  wrapRootSecret,
} from '@sotto/crypto'
import type { AccountRecord, Wrap } from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { chosenName } from '../../published/names.ts'
import { hashOfPicture } from '../../published/pictures.ts'
import { pastRecordsOf, verifyAccount } from '../../published/verify-account.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { type Own, type PendingCode, UPLOADS, type Upload } from '../../storage/records/account.ts'
import { EXPORT_KEY, KEY_BOX, ROOT_SECRET } from '../../storage/records/keys.ts'
import type { Change } from '../../storage/storage.ts'
import type { AccountContext } from '../state/account-context.ts'
import {
  beginningIn,
  findBox,
  findEra,
  findPublished,
  loadReachability,
  versionAfter,
} from '../state/own-answers.ts'
import { whenUnlocked } from '../state/stored-stages.ts'
import { askedGroup } from './asked-group.ts'
import { CODE_LABEL, loadExportKey } from './device-secrets.ts'
import { findManifest, signFirstManifest } from './manifest.ts'
import { signOwnCredential } from './own-credential.ts'

/** The starting point for new keys. */
export interface NewProfile {
  readonly name: string
  /** Base64url of the picture's bytes. */
  readonly picture: string | null
  readonly withRsa: boolean
  /** Whether others can find the account by its number or address; undefined keeps the server's setting. */
  readonly findable?: boolean | undefined
  /** An RSA key from a file, in place of a new one. */
  readonly pem: {
    readonly file: string | Uint8Array<ArrayBuffer>
    readonly passphrase: string | null
  } | null
}

/**
 * Makes the root secret, keys, device key, record, credential, boxes and wraps, and stores them in one step together
 * with the list of uploads. Nothing is made twice after that: uploading resumes after a crash. Returns the recovery
 * code to show.
 */
export async function makeKeys(
  context: AccountContext,
  profile: NewProfile,
): Promise<RecoveryCode> {
  const name = chosenName(profile.name)
  const era = await findEra(context)
  const { next, former } = await loadVersions(context)
  const reachability = await loadReachability(context)
  const rootSecret = generateRootSecret()
  const keyBox = await newKeyBox(profile)
  const made = {
    rootSecret,
    keyBox,
    keys: await keysOf(keyBox),
    device: await generateDeviceKey({ extractable: !context.storage.keepsPrivateKeys }),
    code: await generateRecoveryCode(),
  }
  const record = await newRecord(context, made.keys, { ...profile, name }, next.record)
  const boxVersions = { keys: next.keys, contacts: next.contacts }
  const wraps = await wrapsFor(context, rootSecret, made.code)
  const published = { ...record, boxVersions, wraps }
  const { identity } = made.keys
  const own: Own = {
    ...published,
    ...reachability,
    ...(profile.findable !== undefined && { findable: profile.findable }),
    picture: profile.picture,
    manifest: await signFirstManifest(context, identity, published, next.manifest),
    hasNewWraps: false,
    keysSince: former.length > 0 ? record.record.issuedAt : null,
    formerIdentityKeys: former,
    knownDevices: [],
    replaced: false,
  }
  await store(context, own, { ...made, findable: profile.findable }, era)
  return made.code
}

interface Made {
  readonly rootSecret: RootSecret
  readonly keyBox: KeyBox
  readonly keys: AccountKeys
  readonly device: Awaited<ReturnType<typeof generateDeviceKey>>
  readonly code: RecoveryCode
  readonly findable: boolean | undefined
}

/**
 * The next version of each object on the server, and the account's former identity keys: a sign-up may have been
 * interrupted, or the person may be starting over with new keys.
 */
async function loadVersions(context: AccountContext) {
  const published = await findPublished(context)
  const [keys, contacts] = await Promise.all([
    findBox(context, 'keys'),
    findBox(context, 'contacts'),
  ])
  const record = published && (await verifyAccount(published, published.accountId)).record
  const manifest = record && (await findManifest(context, record.identityKey))
  const next = {
    record: versionAfter(record?.version ?? 0),
    keys: versionAfter(keys?.version ?? 0),
    contacts: versionAfter(contacts?.version ?? 0),
    manifest: versionAfter(manifest?.version ?? 0),
  }
  const past = record ? await pastRecordsOf(record.account, published.pastRecords) : []
  const records = record ? [record, ...past] : []
  return { next, former: [...new Set(records.map((one) => one.identityKey))] }
}

async function newKeyBox({ withRsa, pem }: NewProfile): Promise<KeyBox> {
  const keyBox = await createAccountKeys({ withRsa: withRsa && !pem })
  return pem ? withImportedRsaKey(keyBox, pem.file, pem.passphrase) : keyBox
}

async function newRecord(
  { state, now }: AccountContext,
  keys: AccountKeys,
  { name, picture }: NewProfile,
  version: number,
) {
  const record: AccountRecord = {
    account: state.login().accountId,
    version,
    name,
    pictureSha256: await hashOfPicture(picture),
    ...publicKeysOf(keys),
    revoked: [],
    issuedAt: now(),
  }
  return { record, statement: await signRecord(keys.identity, record) }
}

async function store(context: AccountContext, own: Own, made: Made, era: string): Promise<void> {
  const { state } = context
  const { accountId } = state.login()
  const { rootSecret, keyBox, keys, device, code, findable } = made
  const vault = await state.vault()
  const { wraps } = own
  const sealedKeys = await sealKeyBox(rootSecret, accountId, own.boxVersions.keys, keyBox)
  // A device that had other keys before knows the person's contacts and which numbers were compared.
  const { keptPins } = await loadCode(() => import('../../contacts/pins/kept-pins.ts'))
  const pins = await keptPins(context.storage, accountId)
  const contacts = await sealContacts(rootSecret, accountId, own.boxVersions.contacts, pins)
  const uploads: Upload[] = [
    // First, because the server accepts the rest only from the published identity key.
    { kind: 'user', statement: own.statement, picture: own.picture },
    { kind: 'box', box: 'keys', sealed: sealedKeys },
    { kind: 'box', box: 'contacts', sealed: contacts },
    { kind: 'wraps', wraps },
    { kind: 'manifest', statement: own.manifest.statement },
    await signOwnCredential(context, made),
    // Last, because a device that hasn't proven itself can't change the account.
    ...(findable === undefined ? [] : [{ kind: 'findable', findable } as const]),
  ]
  const more: Change[] = [
    put(UPLOADS, uploads),
    put(ROOT_SECRET, await vaultSealRootSecret(vault, accountId, rootSecret)),
    put(KEY_BOX, sealedKeys),
    ...(await beginningIn(context, era)),
    remove(EXPORT_KEY),
  ]
  const pendingCode: PendingCode = {
    purpose: 'setup',
    sealedCode: await vaultSeal(vault, CODE_LABEL, new TextEncoder().encode(code)),
    askedGroup: askedGroup(context),
    wrap: recoveryWrapOf(wraps),
  }
  const changes = { login: whenUnlocked, own, keys, device, pendingCode }
  await state.move({ stage: 'make_keys' }, changes, more)
}

async function wrapsFor(context: AccountContext, rootSecret: RootSecret, code: RecoveryCode) {
  const { accountId } = context.state.login()
  const wraps = [await wrapRootSecret(rootSecret, { kind: 'recovery_code', code }, accountId)]
  const exportKey = await loadExportKey(context)
  if (exportKey) {
    wraps.push(await wrapRootSecret(rootSecret, { kind: 'password', exportKey }, accountId))
  }
  return wraps
}

function recoveryWrapOf(wraps: readonly Wrap[]): Wrap {
  const wrap = wraps.find(({ kind }) => kind === 'recovery_code')
  if (!wrap) throw new ClientError('internal')
  return wrap
}
