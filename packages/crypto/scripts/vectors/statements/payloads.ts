import { sealedNameOf } from '../device-names.ts'
import { ecdh, identity, ids, NOW, rsa } from '../people.ts'
import { b64u, sha256, utf8 } from '../primitives.ts'

// Alice's statements, which the cases vary.

export const record = {
  account: ids.alice,
  version: 1,
  name: 'Alice',
  pictureSha256: null,
  identityKey: identity.alice.shown.publicKey,
  ecdhKey: ecdh.alice.shown.spki,
  rsaKey: null,
  revoked: [],
  issuedAt: NOW,
}

export const richRecord = {
  ...record,
  version: 4_294_967_295,
  name: 'Zoë 👩‍🚀',
  pictureSha256: b64u(sha256(utf8('a picture'))),
  rsaKey: rsa.alice.shown.spki,
  revoked: [{ device: ids.bobDevice, at: NOW - 1 }],
}

export const succession = {
  account: ids.alice,
  formerKey: identity.alice.shown.publicKey,
  identityKey: identity.bob.shown.publicKey,
  device: ids.aliceDevice,
  issuedAt: NOW,
}

export const credential = {
  account: ids.alice,
  device: ids.aliceDevice,
  deviceKey: identity.bob.shown.publicKey,
  sealedName: sealedNameOf('usual', 'Kitchen tablet'),
  issuedAt: NOW,
}

export const manifest = {
  account: ids.alice,
  version: 7,
  record: 3,
  boxes: { keys: 2, contacts: 5 },
  wraps: { password: null, recovery_code: b64u(sha256(utf8('a wrap'))) },
  issuedAt: NOW,
}

export const proof = {
  account: ids.alice,
  device: ids.aliceDevice,
  challenge: 'eyJ9_-A.mac',
  issuedAt: NOW,
}
