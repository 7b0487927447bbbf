#!/bin/sh
# Copies to a folder everything that Node needs to run and nothing else: Node itself, the libraries
# that it is linked to, and the few files that they read. deploy/Dockerfile builds the service image
# from it.
set -eu

target=$1
node=$(command -v node)

mkdir -p "$target/usr/local/bin" "$target/etc" "$target/tmp"
chmod 1777 "$target/tmp"
cp -L "$node" "$target/usr/local/bin/node"

ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$target$(dirname "$library")"
  cp -L "$library" "$target$library"
done

# The container engine's own names first, then the DNS.
echo 'hosts: files dns' > "$target/etc/nsswitch.conf"
echo 'node:x:1000:1000::/app:/usr/sbin/nologin' > "$target/etc/passwd"
echo 'node:x:1000:' > "$target/etc/group"
