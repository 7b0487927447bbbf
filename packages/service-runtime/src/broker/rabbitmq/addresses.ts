import type { InstanceId } from '@sotto/wire'

// Routing keys of events. They are short, because a message carries those of all its events.

export const EVERYBODY = 'a'
export const shardKey = (shard: number) => `s${shard}`
export const instanceKey = (id: InstanceId) => `i${id}`
