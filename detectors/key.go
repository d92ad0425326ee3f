package detectors

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/maphash"

	"github.com/dchest/siphash"
)

// A Key hashes names, paths and user agents, so that nobody outside can aim at a
// hash, nor guess a name from one. A new key is good for one run; a stored one gives
// the same hashes in every run and on every machine that has it.
type Key struct {
	seed   maphash.Seed
	k0, k1 uint64
	stored bool
}

// NewKey returns a key of this run alone.
func NewKey() *Key { return &Key{seed: maphash.MakeSeed()} }

// StoredKey returns the key that comes of a secret of 16 bytes at least. It hashes
// by SipHash-2-4, which takes some times longer than a key of one run.
func StoredKey(secret []byte) *Key {
	h := sha256.Sum256(append([]byte("why401 state\x00"), secret...))
	return &Key{k0: binary.LittleEndian.Uint64(h[:]), k1: binary.LittleEndian.Uint64(h[8:]), stored: true}
}

// Bytes returns the hash of b, never 0.
func (k *Key) Bytes(b []byte) uint64 {
	if k.stored {
		return siphash.Hash(k.k0, k.k1, b) | 1
	}
	return maphash.Bytes(k.seed, b) | 1
}

// String returns the hash of s, which is that of its bytes.
func (k *Key) String(s string) uint64 {
	if k.stored {
		return siphash.Hash(k.k0, k.k1, []byte(s)) | 1
	}
	return maphash.String(k.seed, s) | 1
}

// Stored says that the key outlives the run.
func (k *Key) Stored() bool { return k.stored }
