/** OPAQUE where it is called: in Node, or inside a web app's worker. Loads WebAssembly. */
export * from '@sotto/crypto/password'
