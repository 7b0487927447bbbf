import { z } from 'zod'

/** The content of a stored profile, independent of any format. */
export const ProfileContent = z.strictObject({
  me: z.strictObject({ accountId: z.string(), name: z.string() }),
  contacts: z.array(z.strictObject({ name: z.string(), trust: z.string() })),
  conversations: z.array(
    z.strictObject({
      protocol: z.string(),
      /** The other participant. */
      contact: z.string(),
      state: z.string(),
      unread: z.int(),
      draft: z.string(),
      /** The newest messages, in order. */
      messages: z.array(
        z.strictObject({ text: z.string(), mine: z.boolean(), status: z.string() }),
      ),
    }),
  ),
})
export type ProfileContent = z.infer<typeof ProfileContent>
