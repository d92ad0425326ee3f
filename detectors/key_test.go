package detectors

import "testing"

func TestKey(t *testing.T) {
	secret := []byte("a secret of 16 b")
	a, b, other, run := StoredKey(secret), StoredKey(secret), StoredKey([]byte("another of 16 by")), NewKey()
	for _, s := range []string{"", "mira", "/login"} {
		if a.String(s) != b.Bytes([]byte(s)) {
			t.Errorf("%q: one secret, two hashes", s)
		}
		if a.String(s) == other.String(s) {
			t.Errorf("%q: another secret, the same hash", s)
		}
		if run.String(s) != run.Bytes([]byte(s)) || run.String(s) == 0 {
			t.Errorf("%q: one run, two hashes", s)
		}
	}
	if run.String("mira") == NewKey().String("mira") {
		t.Error("two runs hash alike")
	}
}
