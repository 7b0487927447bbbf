export { openSqliteStorage } from './storage/adapters/sqlite-storage.ts'
