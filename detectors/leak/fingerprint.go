package leak

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Fingerprint is an HMAC-SHA-256 of a credential under the user's key, cut to 128
// bits: whoever lacks the key can't try guesses against it. "" without a key.
func Fingerprint(key, secret []byte) string {
	if len(key) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(secret)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
