import { z } from 'zod'
import { Wrap, WrapKind } from '../auth.ts'
import { BoxName, SealedBox } from '../box.ts'
import { Statement } from '../text.ts'
import { endpoint } from './endpoint.ts'
import { after, Nothing } from './fields.ts'

/** What an account stores for its own devices: manifest, boxes and wraps. */
export const boxRequests = {
  /** The manifest of the caller's account; null if it has none. */
  getManifest: endpoint({
    method: 'GET',
    path: '/manifest',
    access: 'log-in',
    response: z.strictObject({ manifest: Statement.nullable() }),
  }),
  /**
   * Signed by the published identity key, with a later version (`bad_signature`, `stale_version`).
   */
  putManifest: endpoint({
    method: 'PUT',
    path: '/manifest',
    access: 'log-in',
    body: z.strictObject({ manifest: Statement, after }),
    response: Nothing,
  }),
  getBox: endpoint({
    method: 'GET',
    path: '/boxes/:box',
    access: 'log-in',
    params: z.strictObject({ box: BoxName }),
    response: z.strictObject({ box: SealedBox.nullable() }),
  }),
  /**
   * Accepts only a version that may follow the stored one (`stale_version`), with a `SignedWrite`
   * by the published identity key (`bad_signature`).
   */
  putBox: endpoint({
    method: 'PUT',
    path: '/boxes/:box',
    access: 'log-in',
    params: z.strictObject({ box: BoxName }),
    body: SealedBox.extend({ write: Statement, after }),
    response: Nothing,
  }),
  /**
   * Replaces all wraps. After the root secret changes, the old wraps open nothing that is still in
   * use. Like the other two endpoints, it needs a `SignedWrite` by the published identity key
   * (`bad_signature`) with the next version of the wraps (`stale_version`). The auth service stores
   * and lists the wraps.
   */
  replaceWraps: endpoint({
    method: 'PUT',
    path: '/wraps',
    access: 'log-in',
    body: z.strictObject({ wraps: z.array(Wrap).min(1).max(8), write: Statement }),
    response: Nothing,
  }),
  putWrap: endpoint({
    method: 'PUT',
    path: '/wraps/:kind',
    access: 'log-in',
    params: z.strictObject({ kind: WrapKind }),
    body: z.strictObject({ ciphertext: Wrap.shape.ciphertext, write: Statement }),
    response: Nothing,
  }),
  /**
   * Removes the password and its wrap. After that, a code sent to the address is enough to log in.
   */
  removePassword: endpoint({
    method: 'DELETE',
    path: '/wraps/password',
    access: 'log-in',
    body: z.strictObject({ write: Statement }),
    response: Nothing,
  }),
} as const
