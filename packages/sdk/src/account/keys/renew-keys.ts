import {
  type AccountKeys,
  createAccountKeys,
  generateRecoveryCode,
  generateRootSecret,
  type KeyBox,
  keysOf,
  openContacts,
  type Pin,
  publicKeysOf,
  type RecoveryCode,
  type RootSecret,
  sealContacts,
  sealKeyBox,
  signRecord,
  signSuccession,
  vaultSeal,
  vaultSealRootSecret,
  withKeysOf,
  wrapRootSecret,
} from '@sotto/crypto'
import { type AccountRecord, type DeviceId, MAX_SUCCESSIONS, shownName } from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { pinsOf } from '../../contacts/pins/contact-pins.ts'
import { loadContacts } from '../../contacts/pins/kept-pins.ts'
import { withPin } from '../../contacts/pins/merge-pins.ts'
import { ownPin, withOwnFormerKey } from '../../contacts/pins/own-former-keys.ts'
import { hashOfPicture, publishablePicture } from '../../published/pictures.ts'
import { verifyAccount } from '../../published/verify-account.ts'
import { put } from '../../storage/record-kind.ts'
import { type Own, UPLOADS, type Upload } from '../../storage/records/account.ts'
import { type ContactRecord, contactAt } from '../../storage/records/contacts.ts'
import { KEY_BOX, ROOT_SECRET } from '../../storage/records/keys.ts'
import type { Change } from '../../storage/storage.ts'
import type { AccountContext } from '../state/account-context.ts'
import { findBox, findPublished, versionAfter } from '../state/own-answers.ts'
import { askedGroup } from './asked-group.ts'
import { CODE_LABEL } from './device-secrets.ts'
import { asideOf } from './keys-aside.ts'
import { findManifest, signFirstManifest } from './manifest.ts'
import { signOwnCredential } from './own-credential.ts'
import { loadKeyBox } from './own-keys.ts'

/**
 * Gives the account new keys, signed by the current ones, after a device was stolen: the thief has the current ones.
 * Everything is made and stored in one step, together with the list of uploads; a crash after that is handled like with
 * first keys. The server accepts the record first, which revokes every other device.
 *
 * The logs must have been read to their end. `leave` closes everything that is open before anything is stored. Throws
 * `untrusted_answer` if the server's record isn't one of our keys.
 */
export async function renewKeys(
  context: AccountContext,
  stolen: DeviceId,
  leave: () => void,
): Promise<void> {
  const { record, keyBox, manifest } = context.inTurn
  await record(() => keyBox(() => manifest(() => renewNow(context, stolen, leave))))
}

interface Made {
  readonly rootSecret: RootSecret
  readonly keyBox: KeyBox
  readonly keys: AccountKeys
  readonly code: RecoveryCode
}

async function renewNow(
  context: AccountContext,
  stolen: DeviceId,
  leave: () => void,
): Promise<void> {
  const { state, storage, now } = context
  // The slow steps and those that need the server come first, so that the person sees why they fail.
  const made = await makeNext(context)
  const { newest, versions } = await loadNewest(context)
  const pins = await loadPins(context, versions.contacts - 1)
  leave()
  const { accountId, own: before } = state.me()
  const next = publicKeysOf(made.keys).identityKey
  const published = await nextRecord(context, made.keys, {
    newest,
    version: versions.record,
    stolen,
  })
  const boxVersions = { keys: versions.keys, contacts: versions.contacts }
  const wraps = [
    await wrapRootSecret(made.rootSecret, { kind: 'recovery_code', code: made.code }, accountId),
  ]
  const givenUp = before.record.identityKey
  const self = pins.contacts.find((contact) => contact.accountId === accountId)
  const earlier = self?.formerKeys ?? before.formerKeys ?? []
  const named = { ...published, boxVersions, wraps }
  const own: Own = {
    ...before,
    ...named,
    manifest: await signFirstManifest(context, made.keys.identity, named, versions.manifest),
    hasNewWraps: false,
    keysSince: published.record.issuedAt,
    formerIdentityKeys: [givenUp, ...(before.formerIdentityKeys ?? [])],
    knownDevices: [],
    successions: await nextSuccessions(context, next),
    formerKeys: await withOwnFormerKey(storage, { givenUp, next, earlier }, now()),
    replaced: false,
  }
  await store(context, { own: withoutPast(own), made, pins: pins.said, more: pins.changes })
}

/** Drops what belongs to the previous keys: wraps, waiting keys and unfinished versions. */
function withoutPast({ removedWrap: _, waitingKeys: __, isNamingUnsure: ___, ...own }: Own): Own {
  return own
}

/** The record on the server, and the next version of each object. */
async function loadNewest(context: AccountContext) {
  const { own } = context.state.me()
  const published = await findPublished(context)
  const shown = published && (await verifyAccount(published, own.record.account))
  if (shown?.record.identityKey !== own.record.identityKey)
    throw new ClientError('untrusted_answer')
  const boxes = await Promise.all([findBox(context, 'keys'), findBox(context, 'contacts')])
  const manifest = await findManifest(context, own.record.identityKey)
  const [keys, contacts] = boxes.map((box) => box?.version ?? 0) as [number, number]
  const versions = {
    record: versionAfter(shown.record.version, own.record.version),
    keys: versionAfter(keys, own.boxVersions.keys),
    contacts: versionAfter(contacts, own.boxVersions.contacts),
    manifest: versionAfter(manifest?.version ?? 0, own.manifest.version),
  }
  return { newest: shown, versions }
}

/** New keys, followed by the former ones, which still open earlier data. */
async function makeNext(context: AccountContext): Promise<Made> {
  const { keyBox: former } = await loadKeyBox(context)
  const withRsa = context.state.me().keys.rsa.length > 0
  const keyBox = withKeysOf(await createAccountKeys({ withRsa }), former)
  const keys = await keysOf(keyBox)
  return { rootSecret: generateRootSecret(), keyBox, keys, code: await generateRecoveryCode() }
}

async function nextRecord(
  { now }: AccountContext,
  keys: AccountKeys,
  {
    newest: { record: before, picture: shown },
    version,
    stolen,
  }: { newest: Pick<Own, 'record' | 'picture'>; version: number; stolen: DeviceId },
) {
  const picture = publishablePicture(shown)
  const issuedAt = Math.max(now(), before.issuedAt + 1)
  const record: AccountRecord = {
    account: before.account,
    version,
    name: shownName(before.name),
    pictureSha256: await hashOfPicture(picture),
    ...publicKeysOf(keys),
    // The new key has no other devices yet, and the stolen one must never enroll under it.
    revoked: [{ device: stolen, at: issuedAt }],
    issuedAt,
  }
  return { record, statement: await signRecord(keys.identity, record), picture }
}

async function nextSuccessions({ state, now }: AccountContext, next: string): Promise<string[]> {
  const { accountId, deviceId, own, keys } = state.me()
  const succession = await signSuccession(keys.identity, {
    account: accountId,
    formerKey: own.record.identityKey,
    identityKey: next,
    device: deviceId,
    issuedAt: now(),
  })
  return [succession, ...(own.successions ?? [])].slice(0, MAX_SUCCESSIONS)
}

/** This device's pins, merged with anything that another device has written to the box since. */
async function loadPins(context: AccountContext, version: number) {
  const { state, storage, now } = context
  const { accountId, own } = state.me()
  const contacts = new Map((await loadContacts(storage)).map((one) => [one.accountId, one]))
  const changes: Change[] = []
  for (const pin of version > own.boxVersions.contacts ? await readPins(context) : []) {
    if (pin.account === accountId) continue
    const next = withPin(contacts.get(pin.account), pin, now())
    if (!next) continue
    contacts.set(pin.account, next)
    changes.push(put<ContactRecord>(contactAt(pin.account), next))
  }
  const all = [...contacts.values()]
  const others = all.filter((contact) => contact.accountId !== accountId)
  return { contacts: all, said: pinsOf(others), changes }
}

async function readPins(context: AccountContext): Promise<Pin[]> {
  const { state } = context
  const box = await findBox(context, 'contacts')
  if (!box) return []
  const { accountId } = state.me()
  return openContacts(await state.rootSecret(), accountId, box).catch((cause: unknown) => {
    throw new ClientError('untrusted_answer', undefined, { cause })
  })
}

interface Renewal {
  readonly own: Own
  readonly made: Made
  readonly pins: readonly Pin[]
  readonly more: readonly Change[]
}

async function store(context: AccountContext, { own, made, pins, more }: Renewal): Promise<void> {
  const { state } = context
  const { accountId, device, own: before } = state.me()
  const { rootSecret, keyBox, keys, code } = made
  const vault = await state.vault()
  const sealedKeys = await sealKeyBox(rootSecret, accountId, own.boxVersions.keys, keyBox)
  const all = [...pins, ...ownPin(own)]
  const contacts = await sealContacts(rootSecret, accountId, own.boxVersions.contacts, all)
  const givesUp = before.record.identityKey
  const uploads: Upload[] = [
    // First, because the server accepts the rest only from the published identity key.
    { kind: 'user', statement: own.statement, picture: own.picture, givesUp },
    { kind: 'box', box: 'keys', sealed: sealedKeys },
    { kind: 'box', box: 'contacts', sealed: contacts },
    { kind: 'wraps', wraps: own.wraps },
    // A copy may be on the stolen device. It opens nothing of the new keys.
    ...(before.manifest.wraps.password === null ? [] : [{ kind: 'no_password' } as const]),
    { kind: 'manifest', statement: own.manifest.statement },
    await signOwnCredential(context, { keys, rootSecret, device }),
  ]
  const [wrap] = own.wraps
  if (!wrap) throw new ClientError('internal')
  const sealedCode = await vaultSeal(vault, CODE_LABEL, new TextEncoder().encode(code))
  const pendingCode = {
    purpose: 'setup',
    sealedCode,
    askedGroup: askedGroup(context),
    wrap,
  } as const
  await state.move({ stage: 'renew_keys' }, { own, keys, pendingCode }, [
    // Kept until the server has accepted the new keys, because another device may have been faster.
    ...(await asideOf(context)),
    put(UPLOADS, uploads),
    put(ROOT_SECRET, await vaultSealRootSecret(vault, accountId, rootSecret)),
    put(KEY_BOX, sealedKeys),
    ...more,
  ])
}
