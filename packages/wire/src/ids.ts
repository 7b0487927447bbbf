import { z } from 'zod'

// Lower case only: ids are repeated inside the ciphertext and compared byte by byte, so there must
// be one way to write each.
const uuid = () => z.uuid().regex(/^[0-9a-f-]{36}$/)

/** A person's registration. Chosen by the auth service. */
export const AccountId = uuid().brand<'AccountId'>()
export type AccountId = z.infer<typeof AccountId>

/** One browser profile or one terminal. Chosen by the device itself, new at every enrolment. */
export const DeviceId = uuid().brand<'DeviceId'>()
export type DeviceId = z.infer<typeof DeviceId>

/** A log-in with its refresh tokens. Chosen by the auth service. */
export const SessionId = uuid().brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** Chosen by the device that creates the conversation; bound into every derived key. */
export const ConversationId = uuid().brand<'ConversationId'>()
export type ConversationId = z.infer<typeof ConversationId>

/** Chosen by the sender, so that a retry is recognised as the same envelope. */
export const EnvelopeId = uuid().brand<'EnvelopeId'>()
export type EnvelopeId = z.infer<typeof EnvelopeId>
