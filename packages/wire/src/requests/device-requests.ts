import { z } from 'zod'
import { DeviceId } from '../ids.ts'
import { Statement } from '../text.ts'
import { endpoint } from './endpoint.ts'
import { Nothing } from './fields.ts'

/** Enrollment of devices. */
export const deviceRequests = {
  /**
   * Enrolls the access token's device, or renames it. The credential must be signed by the
   * published identity key (`bad_signature`). A device id keeps its key for life
   * (`device_id_taken`).
   */
  putDevice: endpoint({
    method: 'PUT',
    path: '/devices/:deviceId',
    access: 'log-in',
    params: z.strictObject({ deviceId: DeviceId }),
    body: z.strictObject({ credential: Statement }),
    response: Nothing,
  }),
  /**
   * Proves that this device belongs to the account, by its signature over a challenge.
   * `logInChallenge` opens the endpoints that a log-in alone may not use. The challenge from
   * `refresh_refused` restores a session that the auth service has lost. The published identity key
   * must have signed the credential, and the credential's device key the proof (`bad_signature`);
   * the device must not be revoked (`device_not_enrolled`).
   */
  proveDevice: endpoint({
    method: 'POST',
    path: '/devices/:deviceId/proof',
    access: 'anyone',
    params: z.strictObject({ deviceId: DeviceId }),
    body: z.strictObject({ credential: Statement, proof: Statement }),
    response: Nothing,
  }),
} as const
